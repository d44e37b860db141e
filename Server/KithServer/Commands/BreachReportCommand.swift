import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server breach-report`: what a lost device holds, for the report to the authority.
enum BreachReportCommand {
    static let command = Command<ServerContext>(
        name: "breach-report",
        summary: "Tell whose records a lost device holds, since when, and how they are protected.",
        discussion:
            "It names people: keep it as the records themselves. See docs/privacy.md for what must be told within "
            + "72 hours.",
        example: "kith-server breach-report 3 --data office",
        arguments: [Argument("device", "The number or the name of the device.")], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let connection = try context.folder.open()
        let device = try RevokeCommand.find(arguments.argument("device") ?? "", in: try connection.hub.devices())
        let report = try BreachReport(device, connection)
        try context.note(connection) {
            try connection.hub.auditAlone(.breachReport, subject: Hub.subject(UInt64(device.number)))
        }
        if context.console.settings.isJSON { return try context.console.show(report.json) }
        for line in report.lines { try context.console.show(line) }
    }
}

/// What one device holds, as far as the office knows.
private struct BreachReport {
    private let device: DeviceRecord
    private let joined: Int64?
    private let shutOut: Int64?
    private let ordered: Int64?
    private let standing: ReportedStanding?
    private let areas: [String]
    private let held: Holding
    /// What was deleted so long before the last contact that the laptop has dropped it, if a sync came to its end since.
    private let dropped: Holding
    /// How many orders of erasure it has not confirmed: it may still hold what they name.
    private let ordersLeft: Int

    /// How many records, of which kinds, and of whom.
    private struct Holding {
        private var counts: [Int: Int] = [:]
        private var held = HeldPeople()

        var count: Int { counts.values.reduce(0, +) }

        mutating func add(_ record: RecordState) {
            counts[record.table, default: 0] += 1
            held.add(record)
        }

        /// Those that few may read first: they are asked about first.
        private var kinds: [(kind: RecordKind, count: Int)] {
            let there = RecordKind.all.compactMap { kind in counts[kind.number].map { (kind: kind, count: $0) } }
            return there.filter(\.kind.isRestricted) + there.filter { !$0.kind.isRestricted }
        }

        /// - Parameter heading: what stands before the numbers.
        func lines(_ heading: String) -> [String] {
            let people = held.people()
            let whom = people.count == 1 ? "1 person" : "\(people.count) people"
            let parts = kinds.map { "\($0.count) \($0.count == 1 ? $0.kind.name : $0.kind.plural)" }
            let what = parts.isEmpty ? [] : ["  Of these \(parts.joined(separator: ", "))"]
            return ["\(heading): \(count), about \(whom):"] + what
                + people.map { person in
                    let names = person.formerNames.joined(separator: ", ")
                    return "  \(person.name) (\(person.id.description.prefix(8)))"
                        + (names.isEmpty ? "" : ", also \(names)")
                }
        }

        var kindsJSON: JSONValue { .object(kinds.map { JSONValue.Member($0.kind.name, JSONValue($0.count)) }) }

        var peopleJSON: JSONValue {
            .array(
                held.people().map { person in
                    [
                        "id": .string(person.id.description), "name": .string(person.name),
                        "former_names": .array(person.formerNames.map { .string($0) }),
                    ]
                })
        }
    }

    init(_ device: DeviceRecord, _ connection: HubConnection) throws {
        let hub = connection.hub
        self.device = device
        let ledger = try hub.ledger(after: 0, limit: .max)
        joined = ledger.first { entry in
            // A line that can't be read says nothing of this device.
            entry.kind == LedgerEntry.Kind.enrolment.rawValue
                && (try? LedgerContent.Enrolment(decoding: entry.payload))?.device == device.number
        }.map(\.time)
        shutOut = ledger.last { entry in
            entry.kind == LedgerEntry.Kind.revocation.rawValue
                && (try? LedgerContent.Revocation(decoding: entry.payload))?.device == device.number
        }.map(\.time)
        ordered = try hub.wipeOrder(for: device.number)?.time
        standing = try hub.standing(of: device.number)
        ordersLeft = try hub.erasures().count { erasure, confirmations in
            device.number <= erasure.highestDevice
                && !confirmations.contains { $0.device == device.number && $0.state == .confirmed }
        }
        // Once it was shut out a laptop goes on asking, and is told nothing any more.
        let contact = min(device.seenMilliseconds ?? 0, shutOut ?? .max)
        let grants = device.areas.union(try Self.areasTaken(from: device, ledger, hub))
        let readable = try hub.areas().filter { area in
            AreaAccess.of(role: device.role, in: area, grants: grants, tablesInEveryone: []).canRead
        }
        areas = readable.map(\.name)
        let numbers = Set(readable.map(\.number))
        var (held, dropped) = (Holding(), Holding())
        let begin = joined ?? 0
        try connection.store.readTransaction {
            for kind in RecordKind.all {
                try connection.store.forEachRecord(table: kind.number) { stored in
                    guard numbers.contains(stored.state.area) else { return }
                    if Self.isHeld(stored.state, since: contact) {
                        held.add(stored.state)
                    } else if Self.isHeld(stored.state, since: begin) {
                        dropped.add(stored.state)
                    }
                }
            }
        }
        (self.held, self.dropped) = (held, dropped)
    }

    /// The areas that its person has lost, and of which it has not said that it knows: it holds them still. That it has asked since
    /// says nothing, for the answer may have been lost.
    private static func areasTaken(
        from device: DeviceRecord, _ ledger: [LedgerEntry], _ hub: Hub
    ) throws -> Set<Int> {
        let person = try hub.devices().filter { $0.person == device.person }.map(\.number).min()
        let takes = ledger.filter { entry in
            entry.kind == LedgerEntry.Kind.take.rawValue && entry.number > device.ledgerCount
        }
        // A line that can't be read says nothing of this person.
        return Set(
            takes.compactMap { try? LedgerContent.Grant(decoding: $0.payload) }.filter { $0.person == person }
                .map(\.area))
    }

    /// Whether a laptop has a record with its values: also what was deleted, for as long as laptops keep that.
    private static func isHeld(_ record: RecordState, since contact: Int64) -> Bool {
        guard !record.isLiving, let existence = record.existence else { return true }
        let deleted = StampTime.milliseconds(existence.stamp.time)
        return deleted >= contact - FeedCollection.tombstoneMilliseconds
    }

    private var disk: String {
        switch standing?.standing.disk {
        case 1: "encrypted"
        case 2: "not encrypted: whoever has it can read the records"
        default: "not known whether it is encrypted"
        }
    }

    var lines: [String] {
        func time(_ milliseconds: Int64?) -> String { milliseconds.map(TimeText.local) ?? "never" }
        var lines = [
            "Device \(device.number): \(device.name) of \(device.person), \(Roles.name(of: device.role))",
            "Joined: \(joined == 0 ? "before this was written down" : time(joined))",
            "Last contact: \(time(device.seenMilliseconds))",
            "Shut out: \(time(shutOut))",
            "Ordered to remove everything: \(time(ordered))"
                + (standing?.standing.isWiped == true
                    ? "; done, it says of itself since \(time(standing?.milliseconds))" : ""),
            "Its disk: \(disk)",
            "Teams whose records it may hold: \(areas.isEmpty ? "none" : areas.joined(separator: ", "))",
        ]
        lines += held.lines("Records there, as of the last contact or later, deleted ones too")
        lines.append("Who is named in texts alone is not counted")
        if ordersLeft > 0 {
            lines.append(
                "It has not confirmed \(ordersLeft == 1 ? "an order" : "\(ordersLeft) orders") of erasure: it may hold who "
                    + "was erased, and whom this list can't name. See kith-server erase status")
        }
        if dropped.count > 0 {
            lines += dropped.lines("Deleted over 180 days before that, and there only if its last syncs were cut")
        }
        return lines
    }

    var json: JSONValue {
        func time(_ milliseconds: Int64?) -> JSONValue { milliseconds.map { .string(TimeText.rfc3339($0)) } ?? .null }
        return [
            "device": .integer(Int64(device.number)), "name": .string(device.name), "person": .string(device.person),
            "joined": time(joined), "last_contact": time(device.seenMilliseconds), "shut_out": time(shutOut),
            "wipe_ordered": time(ordered), "wiped": .boolean(standing?.standing.isWiped == true),
            "disk_encrypted": standing?.standing.disk == 1
                ? true : standing?.standing.disk == 2 ? false : .null,
            "areas": .array(areas.map { .string($0) }), "records": JSONValue(held.count),
            "kinds": held.kindsJSON, "people": held.peopleJSON, "erasures_not_confirmed": JSONValue(ordersLeft),
            "deleted_long_before": ["records": JSONValue(dropped.count), "people": dropped.peopleJSON],
        ]
    }
}
