import SyncCore
import SyncHub
import Terminal

/// Gives the shipped server what the model's devices sent, and fetches what they fetched.
struct ServerReplay {
    /// A device in its simplest form: the rows that it was sent.
    private final class Device {
        let number: UInt32
        var rows: [Place: ModelWorld.Version] = [:]
        var cursors: [Cursor] = []
        var directory: UInt64 = 0

        init(_ number: UInt32) { self.number = number }
    }

    private struct Place: Hashable {
        let record: Int
        let field: Int
    }

    /// The size of pages in bytes: small, so that most pulls take several.
    private static let pageBytes = 200
    private static let largestPageCount = 1_000

    private let office: AgreementOffice
    private let devices: [Device]

    init(_ world: ModelWorld, in office: AgreementOffice) {
        self.office = office
        devices = (1...world.deviceCount).map { Device(UInt32($0)) }
    }

    /// Does one step.
    ///
    /// - Throws: `AgreementOffice.Difference` where the engine does something else than the model.
    func perform(_ step: [JSONValue]) throws {
        guard case .string(let kind)? = step.first, step.count > 2 else { throw ModelWorld.Unreadable() }
        let number = try step[1].number()
        switch kind {
        case "accept": try office.accept(device: UInt32(number), number: UInt64(step[2].number()))
        case "pull" where step.count == 4:
            office.now = Int64(try step[2].number())
            try pull(devices[number - 1], expecting: ModelWorld.versions(step[3]))
        case "push" where step.count == 8:
            office.now = Int64(try step[2].number())
            try push(step, from: devices[number - 1])
        default: throw ModelWorld.Unreadable()
        }
    }

    // MARK: Push

    private func push(_ step: [JSONValue], from device: Device) throws {
        let number = UInt64(try step[4].number())
        // 1 where the model held it, 2 where that happens now.
        let held = try step[5].number()
        var group = ChangeGroup(number: number, changes: try changes(step[6]))
        if held > 0, let time = try step[6].items().map({ UInt64(try $0.items()[3].number()) }).min() {
            group.changes.append(AgreementOffice.forbidden(device: device.number, number: number, time: time))
        }
        var request = request(of: device, clock: Int64(try step[3].number()))
        request.groups = [group]
        let reply = try office.exchange(request, from: device.number)
        device.directory = reply.directory?.version ?? device.directory
        guard reply.notice == .none, reply.receipt >= number else {
            throw AgreementOffice.Difference(text: "group \(number) of device \(device.number) is not taken")
        }
        if held == 2, !reply.held.contains(where: { $0.number == number }) {
            throw AgreementOffice.Difference(text: "group \(number) of device \(device.number) is not held")
        }
        let final = try reply.corrections().map { "\($0.proposed) became \($0.final)" }
        let expected = try step[7].items().map { try $0.numbers() }.map { "\($0[0]) became \($0[1])" }
        try AgreementOffice.compare(final, expected, "among the final times")
    }

    private func request(of device: Device, clock: Int64) -> SyncRequest {
        SyncRequest(
            schemaVersion: Ledger.old.version, epoch: [], clockMilliseconds: clock, lowestOwnGroup: .max,
            directoryVersion: device.directory, pageBytes: Self.pageBytes, cursors: device.cursors, groups: [])
    }

    /// The model's edits as changes, one for each record.
    private func changes(_ list: JSONValue) throws -> [Change] {
        var changes: [Int: Change] = [:]
        for item in try list.items().map({ try $0.items() }) {
            let (record, field, value) = (try item[0].number(), try item[1].number(), try item[2].number())
            let time = UInt64(try item[3].number())
            var change =
                changes[record] ?? Change(table: Ledger.book, record: AgreementOffice.id(record), fields: [])
            if field == Field.existence {
                let seen = item.count == 6 ? try seen(item[5]) : []
                change.existence = ExistenceChange(
                    isAlive: value == 1, time: time, base: try base(item[4], ofExistence: true), seen: seen)
            } else {
                change.fields.append(
                    FieldChange(
                        field: field, value: AgreementOffice.value(value, field: field), time: time,
                        base: try base(item[4], ofExistence: false)))
                change.fields.sort { $0.field < $1.field }
            }
            changes[record] = change
        }
        return changes.sorted { $0.key < $1.key }.map(\.value)
    }

    /// A field that nobody has written was seen as the record was made.
    private func base(_ item: JSONValue, ofExistence isExistence: Bool) throws -> Base {
        guard item != .null else {
            let created = StampTime.packed(milliseconds: AgreementOffice.setUp)
            return isExistence ? .none : .stamp(Stamp(time: created, device: UInt32(devices.count + 1)))
        }
        let numbers = try item.numbers()
        guard numbers.count == 3 else { throw ModelWorld.Unreadable() }
        return numbers[0] == 0
            ? .stamp(ModelWorld.stamp(numbers[1], numbers[2]))
            : .own(number: UInt64(numbers[1]), time: UInt64(numbers[2]))
    }

    private func seen(_ list: JSONValue) throws -> [ExistenceChange.Seen] {
        try list.items().map { try $0.items() }.map {
            ExistenceChange.Seen(field: try $0[0].number(), base: try base($0[1], ofExistence: false))
        }.sorted { $0.field < $1.field }
    }

    // MARK: Pull

    private func pull(_ device: Device, expecting expected: [ModelWorld.Version]) throws {
        for _ in 0..<Self.largestPageCount {
            let reply = try office.exchange(request(of: device, clock: office.now), from: device.number)
            device.directory = reply.directory?.version ?? device.directory
            device.cursors = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
            device.cursors.removeAll { $0.sequence == 0 }
            for update in reply.pages.flatMap(\.records) { apply(update, to: device) }
            if reply.pages.allSatisfy(\.isComplete) { break }
        }
        try AgreementOffice.compare(
            Array(device.rows.values), expected, "among the rows of device \(device.number)")
    }

    private func apply(_ update: RecordUpdate, to device: Device) {
        guard let record = AgreementOffice.record(update.record) else { return }
        func take(_ field: Int, _ value: Int?, _ stamp: Stamp) {
            guard let value, stamp != update.created else { return }
            device.rows[Place(record: record, field: field)] = ModelWorld.Version(
                record: record, field: field, value: value, stamp: stamp)
        }
        for field in update.fields { take(field.number, AgreementOffice.number(field.value), field.stamp) }
        if let existence = update.existence {
            take(Field.existence, existence.isAlive ? 1 : 0, existence.stamp)
        }
    }
}
