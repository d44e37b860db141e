import SyncCore

/// A record as it is compared with others of its kind.
package struct NamedRecord: Sendable {
    /// The record that stands for it.
    package let id: RecordID
    /// The number of its area: records of different areas are never merged.
    package let area: Int
    let sound: NameSound
    /// In the form of `TextMatch.key`; empty where there is none.
    let district: String

    /// Makes one; a record that goes by several names is given once for each.
    package init(id: RecordID, area: Int, name: String, district: String? = nil) {
        self.id = id
        self.area = area
        sound = NameSound(name)
        self.district = district.map(TextMatch.key) ?? ""
    }

    /// Whether the two may be one; places in two districts are not.
    func isLike(_ other: NamedRecord) -> Bool {
        guard district == other.district || district.isEmpty || other.district.isEmpty else { return false }
        return sound.isLike(other.sound)
    }
}

/// Records that may be the same person or place; people decide.
package enum ProbableDuplicates {
    /// Two records that may be one.
    package struct Pair: Hashable, Sendable {
        /// The record with the lesser id.
        package let first: RecordID
        /// The other.
        package let second: RecordID
    }

    /// Up to so many records with a part of their names in common are all compared with each other; of more, each is
    /// compared with its neighbours alone. So the cost grows with the number of records, not with its square.
    private static let largestBlock = 16

    /// The records that sound like a name, by id.
    package static func like(_ name: String, district: String?, in records: [NamedRecord]) -> [RecordID] {
        let record = NamedRecord(id: RecordID(high: 0, low: 0), area: 0, name: name, district: district)
        return Set(records.filter(record.isLike).map(\.id)).sorted()
    }

    /// Pairs of records of one area that may be one, by the ids of their records.
    package static func pairs(among records: [NamedRecord]) -> [Pair] {
        var keys: [(hash: UInt64, index: Int)] = []
        keys.reserveCapacity(records.count * 16)
        for (index, record) in records.enumerated() {
            for hash in record.sound.blockingHashes { keys.append((hash, index)) }
        }
        keys.sort { ($0.hash, $0.index) < ($1.hash, $1.index) }
        var pairs: Set<Pair> = []
        var start = 0
        while start < keys.count {
            var end = start + 1
            while end < keys.count, keys[end].hash == keys[start].hash { end += 1 }
            if end - start > 1 { compare(keys[start..<end].map { records[$0.index] }, &pairs) }
            start = end
        }
        return pairs.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
    }

    private static func compare(_ block: [NamedRecord], _ pairs: inout Set<Pair>) {
        let sorted = block.sorted { ($0.area, $0.district, $0.id) < ($1.area, $1.district, $1.id) }
        for (offset, record) in sorted.enumerated() {
            for other in sorted[(offset + 1)...].prefix(largestBlock)
            where record.id != other.id && record.area == other.area && record.isLike(other) {
                pairs.insert(Pair(first: min(record.id, other.id), second: max(record.id, other.id)))
            }
        }
    }
}
