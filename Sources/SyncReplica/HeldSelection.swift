import SyncCore

/// Held work that goes together: one group, and what lives by the records that it makes.
struct HeldSelection {
    struct Part {
        let number: Int64
        /// Nil where it is no more in the outbox.
        let state: Outbox.State?
        let reason: HoldReason
        let changes: [Change]

        /// What it makes, where its making was held because an id is taken elsewhere.
        var takenElsewhere: [RecordReference] {
            reason == .areaChanged ? changes.filter { $0.creation != nil }.map(\.reference) : []
        }

        func makes(anyOf records: Set<RecordReference>) -> Bool {
            changes.contains { $0.creation != nil && records.contains($0.reference) }
        }

        /// Whether it changes what another group makes.
        func changesRecords(of maker: Part) -> Bool {
            maker.makes(anyOf: Set(changes.filter { $0.creation == nil }.map(\.reference)))
        }
    }

    /// In the order in which they were written.
    private(set) var parts: [Part] = []
    /// The records that these groups make.
    private(set) var made: Set<RecordReference> = []
    /// Those of them of which one at least has an id that is taken in an area of others.
    private(set) var takenElsewhere: Set<RecordReference> = []

    /// - Parameters:
    ///   - followsReferences: whether work that only names such a record goes along, as a note about a visit.
    ///   - goesBack: whether the groups go along that make what this one only changes.
    /// - Throws: `ReplicaError.heldNotFound`.
    init(_ number: UInt64, in replica: Replica, followsReferences: Bool, goesBack: Bool) throws {
        guard let item = try replica.heldItem(number) else { throw ReplicaError.heldNotFound(number) }
        let first = Int64(clamping: number)
        let others = try replica.outbox.unacknowledged().filter { $0.number != first }.map { group in
            Part(
                number: group.number, state: group.state, reason: group.reason,
                changes: try replica.outbox.entries(in: group.number...group.number).map { try replica.content(of: $0) }
            )
        }
        let named = Part(
            number: first, state: try replica.outbox.state(of: first), reason: item.reason, changes: item.changes)
        if goesBack {
            let changed = Set(named.changes.filter { $0.creation == nil }.map(\.reference))
            for part in others where part.number < first && part.makes(anyOf: changed) { add(part) }
        }
        add(named)
        // What names a record that gets another id has to name it anew.
        let followsReferences = followsReferences || goesBack && !takenElsewhere.isEmpty
        // Makers come before what lives by them, so one pass in order finds all.
        for part in others where !parts.contains(where: { $0.number == part.number }) {
            let isPart = part.changes.contains { change in
                change.creation == nil && made.contains(change.reference) || followsReferences && names(change)
            }
            if isPart { add(part) }
        }
        parts.sort { $0.number < $1.number }
        // What came back before this device got its identity has a greater number than new work.
        if let last = parts.last, last.state == nil, parts.contains(where: { $0.changesRecords(of: last) }) {
            parts.insert(parts.removeLast(), at: 0)
        }
    }

    private mutating func add(_ part: Part) {
        parts.append(part)
        for change in part.changes where change.creation != nil {
            made.insert(change.reference)
        }
        takenElsewhere.formUnion(part.takenElsewhere)
    }

    /// Whether a change names one of the records that are made here.
    private func names(_ change: Change) -> Bool {
        change.fields.contains { field in
            guard case .blob(let bytes) = field.value, let id = RecordID(bytes: bytes) else { return false }
            return made.contains { $0.id == id }
        }
    }
}

extension Change {
    /// Which record it changes.
    var reference: RecordReference { RecordReference(table: table, id: record) }
}
