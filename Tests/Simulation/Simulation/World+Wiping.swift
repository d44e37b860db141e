import SyncCore
import SyncHub
import SyncReplica

/// What leaves a laptop for good: everything by the office's order, and what it has had for 90 days.
extension World {
    /// How often somebody saves something after all was handed in, in a thousand orders.
    private static let lateSavePerMille = 300

    // MARK: Orders to remove everything

    /// The office shuts a laptop out, and its copies, and orders them to remove everything.
    func orderWipe(of device: SimulatedDevice) throws {
        // After a restore the office may not know a number that was given since.
        guard try server.hub.devices().contains(where: { $0.number == device.number }) else { return }
        note(.wipeOrdered)
        revoked.insert(device.number)
        try inOffice { try server.hub.orderWipe(of: device.number) }
        revoked.formUnion(try server.hub.devices().filter(\.isRevoked).map(\.number))
    }

    /// Does what came with a refusal, as the shipped client does: what is left is handed in first, and as long as
    /// something is here that the office does not take, nothing is removed.
    func obeyOrder(_ device: SimulatedDevice, isQuiet: Bool) throws {
        guard let order = device.wipeOrder else { return }
        device.wipeOrder = nil
        do {
            guard try isOrder(order, for: device) else {
                return find("G8: device \(device.number) was sent what is no order for it")
            }
            if !isQuiet, device.disk.armed == nil, dice.happens(perMille: Self.lateSavePerMille) {
                try edit(on: device, fieldCount: 1)
            }
            guard try handInRest(of: device, isQuiet: isQuiet), let report = try confirmation(of: device) else {
                return
            }
            try wipe(device)
            // It is done; whether the office hears of it is another matter.
            _ = try? deliver(report, of: device, isQuiet: isQuiet)
        } catch is Cut {
            return
        } catch {
            guard try recover(device) else { return find("an order to device \(device.number): \(error)") }
        }
    }

    private func isOrder(_ order: [UInt8], for device: SimulatedDevice) throws -> Bool {
        let entry = try LedgerEntry(decoding: order)
        let keys = settings.isSigned ? stage.keys : .pretended
        return try entry.kind == LedgerEntry.Kind.wipe.rawValue
            && keys.verifier.verify(entry, publicKey: keys.signer.publicKey)
            && LedgerContent.Revocation(decoding: entry.payload).device == device.replica.device
    }

    /// Whether nothing is here alone any more.
    private func handInRest(of device: SimulatedDevice, isQuiet: Bool) throws -> Bool {
        var left = try device.replica.unsentCount
        while left > 0 {
            do {
                _ = try runSession(device, isWhole: true, isQuiet: isQuiet)
            } catch is ShutOut {
                // That is how handing in ends.
            }
            let rest = try device.replica.unsentCount
            guard rest < left else {
                find("G8: device \(device.number) can't hand in \(rest) changes")
                return false
            }
            left = rest
        }
        return true
    }

    /// What tells the office that everything was removed; nil where something is here that was not handed in.
    private func confirmation(of device: SimulatedDevice) throws -> SimulatedServer.Message? {
        var request = try device.replica.makeRequest(limitCount: 1, limitBytes: 1)
        request.groups = []
        request.set(DeviceStanding(disk: 0, isWiped: true))
        guard try device.replica.unsentCount == 0 else { return nil }
        return SimulatedServer.Message(bytes: try carry(request.encoded()), token: try device.token())
    }

    private func wipe(_ device: SimulatedDevice) throws {
        narrate?("    device \(device.number) removes everything")
        note(.wiped)
        try device.wipe(to: stage.newImage(of: device.schema))
    }

    private func deliver(_ report: SimulatedServer.Message, of device: SimulatedDevice, isQuiet: Bool) throws {
        if !isQuiet, dice.happens(perMille: settings.lossPerMille) { return note(.requestLost) }
        _ = try serve(report, of: device, isQuiet: isQuiet)
    }

    /// Families of which nothing may be lost though they were shut out: they removed what they had by order, so all of it
    /// was handed in before.
    func obedient() -> Set<Int> {
        if isRestored { return [] }
        let wiped = Set(devices.filter(\.isWiped).map(\.family))
        return Set(wiped.subtracting(copied).map(Int.init))
    }

    /// The office believes nobody that they removed everything who did not.
    func lookAtStandings() throws {
        for device in devices where !device.isWiped && !copied.contains(device.family) {
            if try server.hub.standing(of: device.number)?.standing.isWiped == true {
                find("G8: the office takes device \(device.number) for empty, and it is not")
            }
        }
    }

    // MARK: Forgetting

    /// Lets go of what is old, and looks whether anything else is gone.
    func forgetOld(on device: SimulatedDevice, at milliseconds: Int64) throws {
        let before = try shown(on: device)
        if try Self.forget(on: device, at: milliseconds) { note(.forgotten) }
        let after = try shown(on: device)
        if before.unsent != after.unsent || before.held != after.held {
            find("G1: device \(device.number) forgot work that is not in force yet")
        }
        if before.records != after.records { find("G2: device \(device.number) forgot what it shows") }
    }

    /// A process of its own: nothing of it is left where it ends early.
    @inline(never)
    private static func forget(on device: SimulatedDevice, at milliseconds: Int64) throws -> Bool {
        try device.replica.forgetOld(serverMilliseconds: milliseconds)
    }

    private func shown(
        on device: SimulatedDevice
    ) throws -> (unsent: Int, held: [HeldGroup], records: [RecordState?]) {
        let known = items.filter { device.schema.table($0.table) != nil }
        return (
            try device.replica.unsentCount, try device.replica.heldGroups(),
            try known.map { try device.replica.record(table: $0.table, id: $0.id) }
        )
    }
}
