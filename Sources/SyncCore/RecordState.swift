/// The current version of one field: its value, who wrote it when, and what that writer had seen.
package struct FieldState: Hashable, Sendable {
    package var number: Int
    package var value: Value
    package var stamp: Stamp
    /// What the writer had seen; nil for a first value. Only the server keeps it.
    package var base: Stamp?

    package init(number: Int, value: Value, stamp: Stamp, base: Stamp? = nil) {
        self.number = number
        self.value = value
        self.stamp = stamp
        self.base = base
    }
}

/// The last delete or restore of a record.
package struct ExistenceState: Hashable, Sendable {
    /// What a delete saw of one field, in final stamps.
    package struct Seen: Hashable, Sendable {
        package var field: Int
        package var stamp: Stamp

        package init(field: Int, stamp: Stamp) {
            self.field = field
            self.stamp = stamp
        }
    }

    package var isAlive: Bool
    package var stamp: Stamp
    package var base: Stamp?
    /// Fields that are not named were seen as the record was created.
    package var seen: [Seen]

    package init(isAlive: Bool, stamp: Stamp, base: Stamp?, seen: [Seen]) {
        self.isAlive = isAlive
        self.stamp = stamp
        self.base = base
        self.seen = seen
    }
}

/// Everything that a replica knows of one record.
///
/// A field that is not in `fields` is null since the creation.
package struct RecordState: Hashable, Sendable {
    /// How long a deletion stays in the feed and on devices, in milliseconds: 180 days.
    package static let tombstoneMilliseconds: Int64 = 180 * 86_400_000

    package var table: Int
    package var id: RecordID
    package var area: Int
    /// The stamp of the creation, shared by all fields that were not written since.
    package var created: Stamp
    /// By ascending number: fields with a value, and fields that were written after the creation.
    package var fields: [FieldState]
    package var existence: ExistenceState?
    /// Whether the record is shown: never deleted, restored, or deleted without having seen a later edit.
    package var isLiving: Bool

    package init(
        table: Int, id: RecordID, area: Int, created: Stamp, fields: [FieldState],
        existence: ExistenceState? = nil, isLiving: Bool = true
    ) {
        self.table = table
        self.id = id
        self.area = area
        self.created = created
        self.fields = fields
        self.existence = existence
        self.isLiving = isLiving
    }

    /// The current version of a field; null at the creation where nothing was written.
    package func field(_ number: Int) -> FieldState {
        for state in fields where state.number == number { return state }
        return FieldState(number: number, value: .null, stamp: created)
    }

    /// Whether a version of a field is as the creation left it: nobody wrote that it is empty, however old it is.
    ///
    /// A record that a laptop has made anew, by a clock that was far behind, has fields that are older than its creation here.
    package func isUnwritten(_ version: FieldState) -> Bool { version.value == .null && version.stamp == created }

    /// Replaces or adds the version of one field, keeping the order.
    package mutating func set(_ state: FieldState) {
        for index in fields.indices where fields[index].number >= state.number {
            if fields[index].number == state.number {
                fields[index] = state
            } else {
                fields.insert(state, at: index)
            }
            return
        }
        fields.append(state)
    }
}

/// A set of field numbers as bits; bit 0 is existence.
package struct FieldMask: Hashable, Sendable {
    package var bits: UInt64

    package init(bits: UInt64 = 0) { self.bits = bits }

    /// Every field, as for a record that was created.
    package static let all = FieldMask(bits: .max)

    package func contains(_ field: Int) -> Bool { bits & (1 << UInt64(field)) != 0 }
    package mutating func insert(_ field: Int) { bits |= 1 << UInt64(field) }
    package mutating func formUnion(_ other: FieldMask) { bits |= other.bits }
    package var isEmpty: Bool { bits == 0 }
}
