/// Tells a group that is sent again from another group under the same number.
package struct GroupFingerprint {
    private let hash: Hash128
    private var bytes: [UInt8] = []

    /// - Parameter hash: BLAKE2b with 16 bytes of output.
    package init(hash: Hash128) { self.hash = hash }

    /// The hash of a group's content without its times and bases, which a copy of a database may share or not.
    package mutating func of(_ group: ChangeGroup) -> UInt128 {
        bytes.fill(count: group.changes.reduce(0) { $0 + $1.fingerprintBytes }) { bytes in
            for change in group.changes { bytes.append(change) }
        }
        return hash(bytes)
    }
}

extension Change {
    /// Table, id, area, and how many fields and decisions: eight bytes each but for the id.
    private static let headBytes = 48

    /// How many bytes stand for the change in a fingerprint.
    fileprivate var fingerprintBytes: Int {
        var count = Self.headBytes + (existence.map { 9 + 8 * $0.seen.count } ?? 1)
        for field in fields { count += 8 + field.value.filledBytes }
        for decision in decisions { count += 17 + decision.wordsValue.filledBytes }
        return count
    }
}

extension Decision {
    fileprivate var wordsValue: Value { why.map { .text($0) } ?? .null }
}

extension ByteFiller {
    fileprivate mutating func append(_ change: Change) {
        append(UInt64(change.table))
        append(change.record.high)
        append(change.record.low)
        append(change.creation.map { UInt64(truncatingIfNeeded: $0.area) + 1 } ?? 0)
        append(UInt64(change.fields.count))
        for field in change.fields {
            append(UInt64(truncatingIfNeeded: field.field))
            append(field.value)
        }
        append(change.existence)
        append(UInt64(change.decisions.count))
        for decision in change.decisions {
            append(UInt64(truncatingIfNeeded: decision.conflict >> 64))
            append(UInt64(truncatingIfNeeded: decision.conflict))
            append(UInt8(truncatingIfNeeded: decision.action.rawValue))
            append(decision.wordsValue)
        }
    }

    private mutating func append(_ existence: ExistenceChange?) {
        guard let existence else { return append(UInt8(0)) }
        append(UInt8(existence.isAlive ? 1 : 2))
        append(UInt64(existence.seen.count))
        for seen in existence.seen { append(UInt64(truncatingIfNeeded: seen.field)) }
    }
}
