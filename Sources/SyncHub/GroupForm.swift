import SyncCore

/// Tells whether a group is well formed, by itself and without a look at what is stored.
struct GroupForm: Sendable {
    /// The types of the fields of each table that this version knows, by their numbers.
    private let types: [Int: [FieldType?]]

    init(_ schema: Schema) {
        var types: [Int: [FieldType?]] = [:]
        for table in schema.tables {
            var numbered = [FieldType?](repeating: nil, count: Field.largestNumber + 1)
            for field in table.fields { numbered[field.number] = field.type }
            types[table.number] = numbered
        }
        self.types = types
    }

    func isWellFormed(_ group: ChangeGroup) -> Bool {
        guard group.changes.count <= ChangeGroup.largestCount else { return false }
        var bytes = 0
        for change in group.changes {
            guard isWellFormed(change, bytes: &bytes) else { return false }
        }
        return bytes <= ChangeGroup.largestBytes && (group.changes.count < 2 || touchesEachRecordOnce(group))
    }

    private func touchesEachRecordOnce(_ group: ChangeGroup) -> Bool {
        if areDistinct(group.changes) { return true }
        var seen = Set<RecordID>(minimumCapacity: group.changes.count)
        for change in group.changes where !seen.insert(change.record).inserted {
            if group.changes.filter({ $0.record == change.record && $0.table == change.table }).count > 1 {
                return false
            }
        }
        return true
    }

    /// Whether all ids differ, for sure: by the halves of them that are random, which costs less than a set of the ids. False
    /// where that can't be told so.
    private func areDistinct(_ changes: [Change]) -> Bool {
        var places = 16
        while places < 4 * changes.count { places *= 2 }
        // 0 stands for a place that is free.
        var seen = [UInt64](repeating: 0, count: places)
        var steps = 0
        for change in changes {
            let number = change.record.low
            var place = Int(truncatingIfNeeded: number) & (places - 1)
            while seen[place] != 0 {
                steps += 1
                if seen[place] == number || steps > changes.count { return false }
                place = (place + 1) & (places - 1)
            }
            if number == 0 { return false }
            seen[place] = number
        }
        return true
    }

    private func isWellFormed(_ change: Change, bytes: inout Int) -> Bool {
        guard change.table >= 1, change.creation.map({ $0.area >= 1 }) ?? true else { return false }
        let types = types[change.table]
        var last = Field.existence
        for field in change.fields {
            guard field.field > last, field.field <= Field.largestNumber, field.value.byteCount <= Value.largestBytes,
                Self.isStorable(field.value), types?[field.field]?.accepts(field.value) ?? true,
                change.creation.map({ $0.time <= field.time }) ?? true
            else { return false }
            last = field.field
            bytes += field.value.byteCount
        }
        let seen = change.existence?.seen ?? []
        guard FieldNumbers.areDistinct(seen.map(\.field)) else { return false }
        return change.decisions.allSatisfy { ($0.why?.utf8.count ?? 0) <= Value.largestBytes }
    }

    /// SQL has no "not a number": it would come back as null.
    static func isStorable(_ value: Value) -> Bool {
        if case .real(let number) = value { return !number.isNaN }
        return true
    }
}
