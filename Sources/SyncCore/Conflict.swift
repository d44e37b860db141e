/// Two different values of one field whose writers had not seen each other.
package struct Conflict: Hashable, Sendable {
    /// One of the two values.
    package struct Side: Hashable, Sendable {
        /// What was written; nil where this side deleted the record.
        package var value: Value?
        package var stamp: Stamp

        package init(value: Value?, stamp: Stamp) {
            self.value = value
            self.stamp = stamp
        }
    }

    package enum Kept: Int, Sendable {
        case a = 0
        case b = 1
    }

    package enum Status: Int, Sendable {
        case open = 0
        case resolved = 1
        /// A link that arrived late showed that one writer had seen the other.
        case withdrawn = 2
    }

    /// Who settled or reopened the conflict last.
    package struct Verdict: Hashable, Sendable {
        package var stamp: Stamp
        package var action: Decision.Action
        package var why: String?

        package init(stamp: Stamp, action: Decision.Action, why: String?) {
            self.stamp = stamp
            self.action = action
            self.why = why
        }
    }

    /// A hash of record, field and both stamps: the same wherever and in whatever order it is found.
    package var id: UInt128
    package var table: Int
    package var record: RecordID
    package var area: Int
    /// The field, or 0 where both sides are about existence.
    package var field: Int
    /// The side with the smaller stamp.
    package var a: Side
    /// The side with the greater stamp.
    package var b: Side
    /// The newest value that both writers had seen.
    package var before: Value
    /// Which side the merge left in force.
    package var kept: Kept
    package var status: Status
    package var verdict: Verdict?

    package init(
        id: UInt128, table: Int, record: RecordID, area: Int, field: Int, a: Side, b: Side, before: Value, kept: Kept,
        status: Status = .open, verdict: Verdict? = nil
    ) {
        self.id = id
        self.table = table
        self.record = record
        self.area = area
        self.field = field
        self.a = a
        self.b = b
        self.before = before
        self.kept = kept
        self.status = status
        self.verdict = verdict
    }

    /// The stamp of the deletion that stands against an edit here, or nil where neither side deletes.
    package var deletion: Stamp? { a.value == nil ? a.stamp : b.value == nil ? b.stamp : nil }

    /// The open conflicts that the same deletion is in, this one left out: who lets the deletion stand settles them all.
    package func siblings(among conflicts: some Sequence<Conflict>) -> [Conflict] {
        guard let deletion else { return [] }
        return conflicts.filter {
            $0.id != id && $0.record == record && $0.table == table && $0.status == .open && $0.deletion == deletion
        }
    }

    /// The id of the conflict between two stamps on one field.
    ///
    /// The hashed bytes: 16 of the record, one of the field, then both stamps, smaller first, each as eight bytes of
    /// time and four of device, big-endian.
    package static func id(record: RecordID, field: Int, stamps: (Stamp, Stamp), hash: Hash128) -> UInt128 {
        var bytes = record.bytes
        bytes.append(UInt8(truncatingIfNeeded: field))
        for stamp in [min(stamps.0, stamps.1), max(stamps.0, stamps.1)] { stamp.append(to: &bytes) }
        return hash(bytes)
    }

    /// Takes note of a decision; of several the one with the greatest stamp counts.
    package mutating func apply(_ decision: Decision, stamp: Stamp) {
        if let verdict, verdict.stamp >= stamp { return }
        verdict = Verdict(stamp: stamp, action: decision.action, why: decision.why)
        if status != .withdrawn { status = decision.action == .resolve ? .resolved : .open }
    }
}
