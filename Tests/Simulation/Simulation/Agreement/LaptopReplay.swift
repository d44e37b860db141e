import SyncCore
import SyncHub
import SyncReplica
import Terminal

/// Makes the model's edits on shipped laptops, which sync with the shipped server as the model's devices do.
struct LaptopReplay {
    /// A message did not come through.
    private struct Cut: Error {}

    private let office: AgreementOffice
    private let devices: [SimulatedDevice]

    init(_ world: ModelWorld, in office: AgreementOffice, on stage: Stage) throws {
        self.office = office
        guard world.clockErrors.count == world.deviceCount else { throw ModelWorld.Unreadable() }
        devices = try world.clockErrors.indices.map { index in
            let number = UInt32(index + 1)
            let device = try stage.makeDevice(
                number, family: number, role: .worker, schema: Ledger.old, keys: .pretended, office: office.clock,
                dice: Dice(Dice.mix(UInt64(world.seed)) &+ UInt64(number)))
            device.setClock(error: world.clockErrors[index])
            let hub = office.server.hub
            var reply = JoinReply(
                device: number, token: SimulatedServer.token(number), epoch: try hub.epoch,
                directory: try hub.directory(for: number))
            if let key = hub.officeKey { reply.setOfficeKey(key) }
            try device.replica.install(reply)
            return device
        }
        for device in devices { try sync(device, pushes: []) }
    }

    /// Does one step.
    ///
    /// - Throws: `AgreementOffice.Difference` where the engine does something else than the model.
    func perform(_ step: [JSONValue]) throws {
        guard case .string(let kind)? = step.first, step.count > 2 else { throw ModelWorld.Unreadable() }
        let number = try step[1].number()
        switch kind {
        case "accept": try office.accept(device: UInt32(number), number: UInt64(step[2].number()))
        case "write" where step.count == 8:
            let numbers = try step[1...].map { try $0.number() }
            office.now = Int64(numbers[1])
            try write(
                on: devices[number - 1], record: numbers[2], field: numbers[3], value: numbers[4],
                held: numbers[5] == 1 ? UInt64(numbers[6]) : nil)
        case "sync" where step.count == 5:
            office.now = Int64(try step[2].number())
            let device = devices[number - 1]
            let shown = try step[4].items().map { try $0.numbers() }
            let isWhole = try sync(device, pushes: try step[3].items().map { try $0.numbers() })
            if isWhole { try compare(device, with: shown) }
        default: throw ModelWorld.Unreadable()
        }
    }

    // MARK: Edits

    /// - Parameter held: the number of the group, where the server is to hold it.
    private func write(on device: SimulatedDevice, record: Int, field: Int, value: Int, held: UInt64?) throws {
        let id = AgreementOffice.id(record)
        try device.replica.write { work in
            if field != Field.existence {
                let value = AgreementOffice.value(value, field: field)
                try work.edit(table: Ledger.book, record: id, values: [(field, value)])
            } else if value == 1 {
                try work.restore(table: Ledger.book, record: id)
            } else {
                try work.delete(table: Ledger.book, record: id)
            }
            guard let held else { return }
            let forbidden = AgreementOffice.forbiddenID(device: device.number, number: held)
            if try work.record(table: Ledger.book, id: forbidden) != nil { return }
            try work.create(table: Ledger.book, area: Ledger.everyone, values: [], id: forbidden)
        }
    }

    // MARK: Syncs

    /// Syncs, with the messages lost that the model lost; false where that cut the sync.
    ///
    /// - Parameter pushes: the numbers of the groups that reach the server, each with 1 where the reply comes back.
    @discardableResult
    private func sync(_ device: SimulatedDevice, pushes: [[Int]]) throws -> Bool {
        var left = pushes[...]
        do {
            // One group a page, as in the model.
            let summary = try SyncSession(replica: device.replica, limitCount: 1).run { request in
                if let group = request.groups.first {
                    guard let push = left.popFirst() else { throw Cut() }
                    guard group.number == push[0], request.groups.count == 1 else {
                        throw AgreementOffice.Difference(
                            text: "device \(device.number) sends group \(group.number), the model \(push[0])")
                    }
                    let reply = try office.exchange(request, from: device.number)
                    if push[1] == 0 { throw Cut() }
                    return reply
                }
                return try office.exchange(request, from: device.number)
            }
            guard summary.matches, summary.repairs.isEmpty else {
                throw AgreementOffice.Difference(text: "the records of device \(device.number) differ after a sync")
            }
        } catch is Cut {
            guard left.isEmpty else {
                throw AgreementOffice.Difference(text: "device \(device.number) stops before the model does")
            }
            return false
        }
        guard left.isEmpty else {
            throw AgreementOffice.Difference(text: "device \(device.number) sends less than the model")
        }
        return true
    }

    /// What the person sees, unsent and held work included.
    private func compare(_ device: SimulatedDevice, with shown: [[Int]]) throws {
        var seen: [[Int]] = []
        for number in AgreementOffice.records {
            guard let state = try device.replica.record(table: Ledger.book, id: AgreementOffice.id(number)) else {
                throw AgreementOffice.Difference(text: "device \(device.number) lacks record \(number)")
            }
            if let existence = state.existence { seen.append([number, Field.existence, existence.isAlive ? 1 : 0]) }
            for field in state.fields {
                guard let value = AgreementOffice.number(field.value) else { continue }
                seen.append([number, field.number, value])
            }
        }
        try AgreementOffice.compare(seen, shown, "on the screen of device \(device.number)")
    }

    /// Compares what laptops hold in the end, with its times.
    func compare(with world: ModelWorld) throws {
        for device in devices {
            var rows: [ModelWorld.Version] = []
            for number in AgreementOffice.records {
                guard let state = try device.replica.record(table: Ledger.book, id: AgreementOffice.id(number)),
                    state.isLiving == world.living[number]
                else {
                    throw AgreementOffice.Difference(
                        text: "record \(number) lives on one side, not on device \(device.number)")
                }
                let existence = state.existence.map {
                    FieldState(number: Field.existence, value: .integer($0.isAlive ? 1 : 0), stamp: $0.stamp)
                }
                for field in state.fields + (existence.map { [$0] } ?? []) where field.stamp != state.created {
                    guard let value = AgreementOffice.number(field.value) else { continue }
                    rows.append(
                        ModelWorld.Version(record: number, field: field.number, value: value, stamp: field.stamp))
                }
            }
            try AgreementOffice.compare(rows, world.current, "among the rows of device \(device.number)")
        }
    }
}
