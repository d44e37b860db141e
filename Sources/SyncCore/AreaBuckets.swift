/// The acknowledged records of an area, deleted ones included, in buckets by their ids, each with one sum of hashes: two
/// sides find out what differs between them by comparing a few kilobytes.
package struct AreaBuckets: Hashable, Sendable {
    /// The most buckets.
    package static let largestCount = 4_096
    /// About how many records share one.
    private static let recordsInBucket = 8

    package var area: Int
    /// As many as a power of two says.
    package private(set) var sums: [UInt128]

    /// Empty buckets.
    ///
    /// - Parameter recordCount: about how many records there are.
    package init(area: Int, recordCount: Int) {
        var count = 16
        while count < Self.largestCount, count * Self.recordsInBucket < recordCount { count *= 2 }
        self.init(area: area, count: count)
    }

    /// - Parameter count: a power of two.
    package init(area: Int, count: Int) {
        self.area = area
        sums = [UInt128](repeating: 0, count: count)
    }

    /// The bucket of a record.
    package func bucket(of record: RecordID) -> Int { Int(record.low & UInt64(sums.count - 1)) }

    /// Adds a record as it is, deleted or not.
    package mutating func add(_ record: RecordState, hash: Hash128, scratch: inout [UInt8]) {
        var living = record
        living.isLiving = true
        let sum = RecordDigest.hash(of: living, hash: hash, scratch: &scratch)
        sums[bucket(of: record.id)] &+= record.isLiving ? sum &+ 1 : sum
    }

    /// The buckets in which two sides differ.
    package func differing(from other: AreaBuckets) -> [Int] {
        guard sums.count == other.sums.count else { return Array(sums.indices) }
        return sums.indices.filter { sums[$0] != other.sums[$0] }
    }
}

/// `[area, [hash…]]`.
extension AreaBuckets {
    func encode(to writer: inout CBORWriter) {
        writer.array(count: 2)
        writer.unsigned(UInt64(area))
        writer.array(count: sums.count)
        for sum in sums { writer.hash(sum) }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        _ = try reader.readArray(2...2)
        let area = try reader.readSmall()
        let count = try reader.readArray(1...Self.largestCount)
        guard count & (count - 1) == 0 else { throw reader.unexpectedItem() }
        self.init(area: area, count: count)
        for index in 0..<count { sums[index] = try reader.readHash() }
    }
}
