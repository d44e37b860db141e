/// `[receipt]`, `[receipt, 1, [entry…], directory|null]`, `[receipt, 2, through, [group…], corrections, rows]`,
/// `[receipt, 3, [[area, [hash…]]…]]`, `[receipt, 4, rows]` or `[receipt, 5]`.
extension HealingRequest {
    private static let largestGroupCount = 100_000
    private static let largestAreaCount = 10_000

    func encoded() -> [UInt8] {
        var writer = CBORWriter()
        let counts = [1: 4, 2: 6, 3: 3, 4: 3, 5: 2]
        writer.array(count: step.flatMap { counts[$0.number] } ?? 1)
        writer.unsigned(receipt)
        guard let step else { return writer.bytes }
        writer.unsigned(UInt64(step.number))
        switch step {
        case .ledger(let entries, let directory):
            writer.array(count: entries.count)
            for entry in entries { entry.encode(to: &writer) }
            if let directory { directory.encode(to: &writer) } else { writer.null() }
        case .groups(let through, let groups, let corrections, let rows):
            writer.unsigned(through)
            writer.array(count: groups.count)
            for group in groups { group.encode(to: &writer) }
            GroupCorrection.encode(corrections, to: &writer)
            rows.encode(to: &writer)
        case .buckets(let areas):
            writer.array(count: areas.count)
            for area in areas { area.encode(to: &writer) }
        case .rows(let rows): rows.encode(to: &writer)
        case .done: break
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(1...6)
        self.init(receipt: try reader.readNumber())
        if count > 1 { step = try Self.step(from: &reader, count: count) }
        try reader.finish()
    }

    private static func step(from reader: inout CBORReader, count: Int) throws(CBORError) -> Step {
        let number = try reader.readSmall()
        switch (number, count) {
        case (1, 4):
            var entries: [LedgerEntry] = []
            for _ in 0..<(try reader.readArray(0...LedgerNews.largestCount)) {
                entries.append(try LedgerEntry(from: &reader))
            }
            let directory = try reader.readOptional { (reader) throws(CBORError) in try Directory(from: &reader) }
            return .ledger(entries, directory: directory)
        case (2, 6):
            let through = try reader.readNumber()
            var groups: [ChangeGroup] = []
            for _ in 0..<(try reader.readArray(0...largestGroupCount)) {
                groups.append(try ChangeGroup(numberedFrom: &reader))
            }
            let corrections = try GroupCorrection.decode(from: &reader)
            return .groups(through: through, groups, corrections: corrections, rows: try VouchedRows(from: &reader))
        case (3, 3):
            var areas: [AreaBuckets] = []
            for _ in 0..<(try reader.readArray(0...largestAreaCount)) { areas.append(try AreaBuckets(from: &reader)) }
            return .buckets(areas)
        case (4, 3): return .rows(try VouchedRows(from: &reader))
        case (5, 2): return .done
        default: throw reader.unexpectedItem()
        }
    }
}

/// `rows = [[page…], [table, id, field, time, device…]]`.
extension VouchedRows {
    private static let largestCount = 1_000_000

    fileprivate func encode(to writer: inout CBORWriter) {
        writer.array(count: 2)
        writer.array(count: pages.count)
        for page in pages { page.encode(to: &writer) }
        writer.array(count: 5 * seen.count)
        for version in toldFirst {
            writer.unsigned(UInt64(version.table))
            writer.id(version.record)
            writer.unsigned(UInt64(version.field))
            writer.stamp(version.stamp, origin: 0)
        }
    }

    fileprivate init(from reader: inout CBORReader) throws(CBORError) {
        self.init()
        _ = try reader.readArray(2...2)
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) { pages.append(try FeedPage(from: &reader)) }
        let count = try reader.readArray(0...Self.largestCount)
        guard count.isMultiple(of: 5) else { throw reader.unexpectedItem() }
        for _ in 0..<count / 5 {
            let table = try reader.readSmall()
            let record = try reader.readID()
            let field = try reader.readField(allowingExistence: true)
            seen.append(Seen(table: table, record: record, field: field, stamp: try reader.readStamp(origin: 0)))
        }
    }
}

/// Part 9, `[value…]`: what the versions that were seen replaced said, in the order of the rows; those at the end that it
/// does not reach are told by another request, or not known.
extension VouchedRows {
    /// The versions with a value, then the others.
    fileprivate var toldFirst: [Seen] { seen.filter { $0.value != nil } + seen.filter { $0.value == nil } }

    /// Nil where there are none.
    var encodedValues: [UInt8]? {
        let values = toldFirst.compactMap(\.value)
        guard !values.isEmpty else { return nil }
        var writer = CBORWriter()
        writer.array(count: values.count)
        for value in values { writer.value(value) }
        return writer.bytes
    }

    mutating func readValues(_ bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        for index in 0..<(try reader.readArray(0...seen.count)) { seen[index].value = try reader.readValue() }
        try reader.finish()
    }
}

/// `[step, [[area, [bucket…]]…]]`.
extension HealingAnswer {
    private static let largestAreaCount = 10_000

    func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(step))
        writer.array(count: differing.count)
        for (area, buckets) in differing {
            writer.array(count: 2)
            writer.unsigned(UInt64(area))
            writer.array(count: buckets.count)
            for bucket in buckets { writer.unsigned(UInt64(bucket)) }
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        self.init(step: try reader.readSmall())
        for _ in 0..<(try reader.readArray(0...Self.largestAreaCount)) {
            _ = try reader.readArray(2...2)
            let area = try reader.readSmall()
            var buckets: [Int] = []
            for _ in 0..<(try reader.readArray(0...AreaBuckets.largestCount)) { buckets.append(try reader.readSmall()) }
            differing.append((area, buckets))
        }
        try reader.finish()
    }
}
