import SyncCore

/// Tells a group that is sent again from another group under the same number.
struct GroupFingerprint {
    private let hash: Hash128
    private var bytes: [UInt8] = []

    init(hash: Hash128) { self.hash = hash }

    /// The hash of a group's content without its times and bases, which a copy of a database may share or not.
    mutating func of(_ group: ChangeGroup) -> UInt128 {
        bytes.removeAll(keepingCapacity: true)
        for change in group.changes {
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
            for decision in change.decisions { append(decision) }
        }
        return hash(bytes)
    }

    private mutating func append(_ existence: ExistenceChange?) {
        guard let existence else { return bytes.append(0) }
        bytes.append(existence.isAlive ? 1 : 2)
        append(UInt64(existence.seen.count))
        for seen in existence.seen { append(UInt64(truncatingIfNeeded: seen.field)) }
    }

    private mutating func append(_ decision: Decision) {
        append(UInt64(truncatingIfNeeded: decision.conflict >> 64))
        append(UInt64(truncatingIfNeeded: decision.conflict))
        bytes.append(UInt8(truncatingIfNeeded: decision.action.rawValue))
        append(decision.why.map { Value.text($0) } ?? .null)
    }

    private mutating func append(_ value: Value) {
        switch value {
        case .null: bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            append(UInt64(bitPattern: number))
        case .real(let number):
            bytes.append(2)
            append(number.bitPattern)
        case .text(let text):
            bytes.append(3)
            append(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        case .blob(let content):
            bytes.append(4)
            append(UInt64(content.count))
            bytes.append(contentsOf: content)
        }
    }

    private mutating func append(_ number: UInt64) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
