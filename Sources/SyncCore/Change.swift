/// What the writer of a value had seen in that field before.
package enum Base: Hashable, Sendable {
    /// Nothing: the field had never been written.
    case none
    /// The final stamp of an acknowledged value.
    case stamp(Stamp)
    /// A value of the device's own group with this number, proposed with this time, that it has not heard of yet.
    case own(number: UInt64, time: UInt64)
}

/// A new value for one field.
package struct FieldChange: Hashable, Sendable {
    /// The field's number, 1 to 62; the schema of this version need not know it.
    package var field: Int
    package var value: Value
    /// The proposed packed time of the edit.
    package var time: UInt64
    package var base: Base

    package init(field: Int, value: Value, time: UInt64, base: Base) {
        self.field = field
        self.value = value
        self.time = time
        self.base = base
    }
}

/// A delete or a restore: an edit of the reserved existence field.
package struct ExistenceChange: Hashable, Sendable {
    /// What a delete saw of one field.
    package struct Seen: Hashable, Sendable {
        package var field: Int
        package var base: Base

        package init(field: Int, base: Base) {
            self.field = field
            self.base = base
        }
    }

    /// False for a delete, true for a restore.
    package var isAlive: Bool
    package var time: UInt64
    package var base: Base
    /// For a delete: what it saw of each field whose value is not the one that the record was created with.
    package var seen: [Seen]

    package init(isAlive: Bool, time: UInt64, base: Base, seen: [Seen]) {
        self.isAlive = isAlive
        self.time = time
        self.base = base
        self.seen = seen
    }
}

/// A word on a conflict: it is settled, or open again.
package struct Decision: Hashable, Sendable {
    package enum Action: Int, Sendable {
        case resolve = 0
        case reopen = 1
    }

    /// The id of the conflict: a hash of record, field and both stamps.
    package var conflict: UInt128
    package var action: Action
    /// Why, in the decider's words; at most `Value.largestBytes`.
    package var why: String?
    package var time: UInt64

    package init(conflict: UInt128, action: Action, why: String?, time: UInt64) {
        self.conflict = conflict
        self.action = action
        self.why = why
        self.time = time
    }
}

/// What a record's first appearance says beside its fields.
package struct Creation: Hashable, Sendable {
    /// The area that the record belongs to for good.
    package var area: Int
    /// The proposed packed time; fields that the change does not name are null since then.
    package var time: UInt64

    package init(area: Int, time: UInt64) {
        self.area = area
        self.time = time
    }
}

/// What one local transaction, or several joined ones, did to one record.
package struct Change: Hashable, Sendable {
    package var table: Int
    package var record: RecordID
    /// Set where the record was made by this change.
    package var creation: Creation?
    /// At most one for each field, by ascending number.
    package var fields: [FieldChange]
    package var existence: ExistenceChange?
    package var decisions: [Decision]

    package init(
        table: Int, record: RecordID, creation: Creation? = nil, fields: [FieldChange],
        existence: ExistenceChange? = nil, decisions: [Decision] = []
    ) {
        self.table = table
        self.record = record
        self.creation = creation
        self.fields = fields
        self.existence = existence
        self.decisions = decisions
    }
}

/// The changes of one local transaction: accepted or held as a whole.
package struct ChangeGroup: Hashable, Sendable {
    /// The most changes in one group.
    package static let largestCount = 1_000
    /// The largest encoded size of one group in bytes.
    package static let largestBytes = 4 << 20

    /// 1, 2, 3 … for each device, without gaps.
    package var number: UInt64
    package var changes: [Change]

    package init(number: UInt64, changes: [Change]) {
        self.number = number
        self.changes = changes
    }
}
