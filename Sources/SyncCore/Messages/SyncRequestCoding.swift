/// `request = [protocol, schema, epoch, clock, lowest own group, directory version, page bytes, [cursor…], [group…], parts]`,
/// `cursor = [area, sequence, mark]`; in short form a place of `group` may have a run of groups.
extension SyncRequest {
    /// The most cursors in one request.
    package static let largestCursorCount = 10_000

    /// The deterministic encoding of the request.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 9 + parts.elementCount)
        writer.unsigned(UInt64(protocolVersion))
        writer.unsigned(UInt64(schemaVersion))
        writer.bytes(epoch)
        writer.integer(clockMilliseconds)
        writer.unsigned(lowestOwnGroup)
        writer.unsigned(directoryVersion)
        writer.unsigned(UInt64(pageBytes))
        writer.array(count: cursors.count)
        for cursor in cursors {
            writer.array(count: 3)
            writer.unsigned(UInt64(cursor.area))
            writer.unsigned(cursor.sequence)
            writer.unsigned(cursor.mark)
        }
        if isShort {
            GroupRun.encode(groups, to: &writer)
        } else {
            writer.array(count: groups.count)
            for group in groups { group.encode(to: &writer) }
        }
        parts.encode(to: &writer)
        return writer.bytes
    }

    /// Reads a request; anything that is not exactly one is an error, and nothing is allocated beyond its size.
    ///
    /// - Parameter largestGroupCount: the most groups: those of a page, or of a bundle.
    package init(
        decoding bytes: [UInt8], largestGroupCount: Int = Self.largestPageCount
    ) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(9...10)
        let version = try reader.readSmall()
        let schema = try reader.readSmall()
        let epoch = try reader.readBytes()
        guard epoch.isEmpty || epoch.count == 16 else { throw reader.unexpectedItem() }
        let clock = try reader.readInteger()
        let lowest = try reader.readUnsigned()
        let directory = try reader.readUnsigned()
        let pageBytes = try reader.readSmall()
        var cursors: [Cursor] = []
        for _ in 0..<(try reader.readArray(0...Self.largestCursorCount)) {
            _ = try reader.readArray(3...3)
            let area = try reader.readSmall()
            let sequence = try reader.readNumber()
            cursors.append(Cursor(area: area, sequence: sequence, mark: try reader.readUnsigned()))
        }
        var groups: [ChangeGroup] = []
        for _ in 0..<(try reader.readArray(0...largestGroupCount)) {
            if version == Self.shortProtocol {
                try GroupRun.decode(from: &reader, into: &groups, largestCount: largestGroupCount)
            } else {
                groups.append(try ChangeGroup(numberedFrom: &reader))
            }
        }
        let parts = try MessageParts(from: &reader, isPresent: count == 10)
        try reader.finish()
        self.init(
            protocolVersion: version, schemaVersion: schema, epoch: epoch, clockMilliseconds: clock,
            lowestOwnGroup: lowest, directoryVersion: directory, pageBytes: pageBytes, cursors: cursors,
            groups: groups, parts: parts)
    }
}
