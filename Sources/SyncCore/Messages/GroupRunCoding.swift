/// Runs of new records, by columns: what stands in the same place of each record stands side by side, and is compressed better.
///
/// `run = [number, time, table, area, [field…], [step…], ids, [value…], [value…], …]`: groups of consecutive numbers, each of which
/// makes one record of the same table in the same area with the same fields. `time` is that of the first, each step the
/// difference to the one before; `ids` are 16 bytes for each; then one array of values for each field.
enum GroupRun {
    /// Shorter ones are not worth their head.
    private static let smallestCount = 4
    /// The items before the columns.
    private static let headCount = 7
    /// How many items a run has at least; a group has three.
    static let itemCounts = headCount...(headCount + Field.largestNumber)

    /// Writes groups as runs where they make some, else as they are.
    static func encode(_ groups: [ChangeGroup], to writer: inout CBORWriter) {
        let pieces = pieces(of: groups)
        writer.array(count: pieces.count)
        for piece in pieces {
            if piece.count == 1 {
                groups[piece.lowerBound].encode(to: &writer)
            } else {
                encode(groups[piece], to: &writer)
            }
        }
    }

    /// Ranges of groups, in order: one group, or a run.
    private static func pieces(of groups: [ChangeGroup]) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = 0
        while start < groups.count {
            var end = start + 1
            if isNew(groups[start]) {
                while end < groups.count, isNew(groups[end]), follows(groups[end], groups[end - 1]) { end += 1 }
            }
            if end - start >= smallestCount {
                pieces.append(start..<end)
            } else {
                for index in start..<end { pieces.append(index..<(index + 1)) }
            }
            start = end
        }
        return pieces
    }

    /// Whether a group makes one record and does nothing else.
    private static func isNew(_ group: ChangeGroup) -> Bool {
        guard group.changes.count == 1 else { return false }
        let change = group.changes[0]
        guard let creation = change.creation, change.existence == nil, change.decisions.isEmpty else { return false }
        return change.fields.allSatisfy { $0.base == .none && $0.time == creation.time }
    }

    private static func follows(_ group: ChangeGroup, _ before: ChangeGroup) -> Bool {
        let (change, other) = (group.changes[0], before.changes[0])
        guard group.number == before.number &+ 1, change.table == other.table,
            change.creation?.area == other.creation?.area, change.fields.count == other.fields.count
        else { return false }
        return zip(change.fields, other.fields).allSatisfy { $0.field == $1.field }
    }

    private static func encode(_ groups: ArraySlice<ChangeGroup>, to writer: inout CBORWriter) {
        guard let first = groups.first?.changes.first, let creation = first.creation else { return }
        writer.array(count: headCount + first.fields.count)
        writer.unsigned(groups[groups.startIndex].number)
        writer.unsigned(creation.time)
        writer.unsigned(UInt64(first.table))
        writer.unsigned(UInt64(creation.area))
        writer.array(count: first.fields.count)
        for field in first.fields { writer.unsigned(UInt64(field.field)) }
        var last = creation.time
        writer.array(count: groups.count - 1)
        for group in groups.dropFirst() {
            let time = group.changes[0].creation?.time ?? last
            writer.time(time, origin: last)
            last = time
        }
        writer.bytes(groups.flatMap { $0.changes[0].record.bytes })
        for column in first.fields.indices {
            writer.array(count: groups.count)
            for group in groups { writer.value(group.changes[0].fields[column].value) }
        }
    }

    /// Reads a group or a run, and adds its groups to others.
    ///
    /// - Parameter largestCount: the most groups that there may be then.
    static func decode(
        from reader: inout CBORReader, into groups: inout [ChangeGroup], largestCount: Int
    ) throws(CBORError) {
        var ahead = reader
        guard try ahead.readArray(3...itemCounts.upperBound) > 3 else {
            groups.append(try ChangeGroup(numberedFrom: &reader))
            return
        }
        let count = try reader.readArray(itemCounts)
        let number = try reader.readNumber()
        var time = try reader.readUnsigned()
        let table = try reader.readSmall()
        let area = try reader.readSmall()
        let fieldCount = count - headCount
        _ = try reader.readArray(fieldCount...fieldCount)
        var fields: [Int] = []
        for _ in 0..<fieldCount { fields.append(try reader.readField()) }
        let stepCount = try reader.readArray(0...largestCount)
        guard groups.count + stepCount < largestCount, number > 0 else {
            throw reader.unexpectedItem()
        }
        var times = [time]
        for _ in 0..<stepCount {
            time = try reader.readTime(origin: time)
            times.append(time)
        }
        let ids = try reader.readBytes()
        guard ids.count == 16 * times.count else { throw reader.unexpectedItem() }
        var changes: [Change] = []
        changes.reserveCapacity(times.count)
        for (index, time) in times.enumerated() {
            guard let id = RecordID(bytes: ids[16 * index..<16 * (index + 1)]) else { throw reader.unexpectedItem() }
            var change = Change(table: table, record: id, creation: Creation(area: area, time: time), fields: [])
            change.fields.reserveCapacity(fieldCount)
            changes.append(change)
        }
        for field in fields {
            _ = try reader.readArray(times.count...times.count)
            for index in changes.indices {
                changes[index].fields.append(
                    FieldChange(field: field, value: try reader.readValue(), time: times[index], base: .none))
            }
        }
        for (index, change) in changes.enumerated() {
            groups.append(ChangeGroup(number: number + UInt64(index), changes: [change]))
        }
    }
}
