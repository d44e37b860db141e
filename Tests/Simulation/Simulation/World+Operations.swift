import Database
import SyncCore
import SyncHub
import SyncReplica

/// What each kind of operation does.
extension World {
    /// How far clocks go wrong, in milliseconds: up to ten years.
    private static let clockErrors: [Int64] = [
        0, 0, 500, -500, 90_000, -90_000, 180_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000, 31_536_000_000,
        -31_536_000_000, 315_360_000_000, -315_360_000_000,
    ]
    /// 1969 and 2099.
    private static let farOff: [Int64] = [-3_600_000, 4_070_908_800_000]
    /// How many storage calls pass at most before a fault.
    private static let longestFuse = 60

    func perform(_ kind: Operation.Kind) throws {
        guard let device = pickDevice(), !device.isWiped else { return }
        narrate?("\(operation) \(kind), laptop \(device.machine), device \(device.number), \(device.role)")
        switch kind {
        case .create: try create(on: device)
        case .edit: try edit(on: device, fieldCount: 1)
        case .editMany: try edit(on: device, fieldCount: 2 + dice.below(3))
        case .delete: try delete(on: device)
        case .restore: try restore(on: device)
        case .group: try saveGroup(on: device)
        case .look: try look(on: device)
        case .editShown: try saveWhatWasShown(on: device)
        case .decide: try decide(on: device)
        case .undo: try undo(on: device)
        case .sync: try sync(device, isWhole: false)
        case .syncWhole: try sync(device, isWhole: true)
        default: try performFault(kind, device)
        }
    }

    private func performFault(_ kind: Operation.Kind, _ device: SimulatedDevice) throws {
        switch kind {
        case .clock: changeClock(of: device)
        case .partition: device.partitionLeft = dice.roll(1...4)
        case .lateMessage: try deliverLate(from: device)
        case .checkpoint: try checkpoint(device)
        case .crashDevice:
            note(.deviceCrash)
            device.disk.losePower(dice)
            try device.restart()
        case .crashServer:
            note(.serverCrash)
            server.disk.losePower(dice)
            try server.restart()
            try noteAttemptedDiscards()
            // A machine that has lost its power may not know the time.
            if settings.serverClockError != nil, let error = crowd.pick(Settings.serverClockErrors) {
                setServerClock(error: error, as: .serverClockJumped)
            }
        case .stopDevice: device.disk.arm(.stop, afterCalls: dice.below(Self.longestFuse))
        case .stopServer: server.disk.arm(.stop, afterCalls: dice.below(Self.longestFuse))
        case .failDevice:
            device.disk.arm(dice.below(2) == 0 ? .full : .error, afterCalls: dice.below(Self.longestFuse))
        case .failServer:
            server.disk.arm(dice.below(2) == 0 ? .full : .error, afterCalls: dice.below(Self.longestFuse))
        case .acceptHeld: try decideHeld(accepts: true)
        case .discardHeld: try decideHeld(accepts: false)
        case .withdraw: try takeBack(on: device, resends: false)
        case .resend: try takeBack(on: device, resends: true)
        case .collect: try collect()
        case .erase: try erase(on: device)
        case .backUpServer: backUpServer()
        case .restoreServer: try restoreServer(besides: device)
        case .damage: try damage(device)
        case .copyDevice: try copyLaptop(device)
        case .useCopy: try useLaptopCopy()
        case .writeBundle: _ = try writeBundle(on: device)
        case .handInBundle: try handInBundle()
        case .readAnswer: try readAnswer()
        default: try performOfficeFault(kind, device)
        }
    }

    private func performOfficeFault(_ kind: Operation.Kind, _ device: SimulatedDevice) throws {
        let person = "person \(device.family)"
        let area = dice.below(2) == 0 ? Ledger.main : Ledger.south
        switch kind {
        case .takeArea where device.role != .admin:
            note(.areaLost)
            bereft.insert(Int(device.family))
            try inOffice { try server.hub.take(person: person, area: area) }
        case .giveArea where device.role != .admin:
            note(.areaGiven)
            try inOffice { try server.hub.give(person: person, area: area) }
        case .revoke where device.family > 1:
            // After a restore the office may not know a number that was given since.
            guard try server.hub.devices().contains(where: { $0.number == device.number }) else { return }
            note(.revoked)
            revoked.insert(device.number)
            try inOffice { try server.hub.revoke(device.number) }
            // Numbers that were given to its copies go with it.
            revoked.formUnion(try server.hub.devices().filter(\.isRevoked).map(\.number))
        case .orderWipe where device.family > 1: try orderWipe(of: device)
        case .upgradeDevice where device.schema.version < Ledger.new.version:
            note(.upgrade)
            _ = try recover(device)
            try device.upgrade()
        case .upgradeServer where server.schema.version < Ledger.new.version:
            note(.upgrade)
            _ = try recoverServer()
            try server.upgrade()
        default: return
        }
    }

    private func changeClock(of device: SimulatedDevice) {
        switch dice.below(6) {
        case 0:
            note(.clockStopped)
            device.stopClock()
        case 1:
            note(.clockFarOff)
            device.setClock(error: (dice.pick(Self.farOff) ?? 0) - now)
        default:
            let before = device.clock
            device.setClock(error: dice.pick(Self.clockErrors) ?? 0)
            if device.clock < before { note(.clockBack) }
            note(.clockOff)
        }
    }

    private func checkpoint(_ device: SimulatedDevice) throws {
        do {
            if dice.below(3) == 0 {
                try server.database.checkpoint(dice.below(2) == 0 ? .truncate : .passive)
            } else {
                try device.database.checkpoint(dice.below(2) == 0 ? .truncate : .passive)
            }
        } catch {
            let isServer = try recoverServer()
            let isDevice = try recover(device)
            if !isServer, !isDevice { find("a checkpoint failed: \(error)") }
        }
    }
}
