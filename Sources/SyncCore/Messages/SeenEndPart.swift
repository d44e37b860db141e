/// `ends = [area, sequence, mark, …]`, part 22 of a request and of a reply: ends of feeds.
///
/// A page that does not come to the end of its feed tells records as they are at that end. A device that applies it has seen
/// what its cursor does not say: values of later entries. A server that is put back to a time between the two knows
/// that cursor, and lacks those values; by the end it is shown that something is lost.
extension SyncRequest {
    /// How far the feeds had come of which the device holds something beyond its cursors.
    ///
    /// - Throws: for a part that can't be read.
    package func seenEnds() throws(CBORError) -> [Cursor] { try Cursor.ends(parts) }

    /// Says it; an empty list takes no place.
    package mutating func set(seenEnds ends: [Cursor]) { parts[.seenEnds] = Cursor.encode(ends: ends) }
}

extension SyncReply {
    /// The ends of the feeds that this reply's pages do not come to.
    ///
    /// - Throws: for a part that can't be read.
    package func seenEnds() throws(CBORError) -> [Cursor] { try Cursor.ends(parts) }

    /// Says it; an empty list takes no place.
    package mutating func set(seenEnds ends: [Cursor]) { parts[.seenEnds] = Cursor.encode(ends: ends) }
}

extension Cursor {
    /// The farthest end of each area's feed that a device has seen, where its cursor has not come to it.
    ///
    /// - Parameters:
    ///   - ends: all that it was told, in any order; of several of an area the farthest counts.
    ///   - cursors: where it stands.
    package static func unreached(_ ends: [Cursor], from cursors: [Cursor]) -> [Cursor] {
        cursors.compactMap { cursor in
            let farthest = ends.filter { $0.area == cursor.area }.max { $0.sequence < $1.sequence }
            return farthest.flatMap { $0.sequence > cursor.sequence ? $0 : nil }
        }
    }

    fileprivate static func ends(_ parts: MessageParts) throws(CBORError) -> [Cursor] {
        guard let item = parts[.seenEnds] else { return [] }
        var reader = CBORReader(item)
        let count = try reader.readArray(0...3 * SyncRequest.largestCursorCount)
        guard count.isMultiple(of: 3) else { throw reader.unexpectedItem() }
        var ends: [Cursor] = []
        for _ in 0..<count / 3 {
            let area = try reader.readSmall()
            let sequence = try reader.readNumber()
            ends.append(Cursor(area: area, sequence: sequence, mark: try reader.readUnsigned()))
        }
        try reader.finish()
        return ends
    }

    fileprivate static func encode(ends: [Cursor]) -> [UInt8]? {
        if ends.isEmpty { return nil }
        var writer = CBORWriter()
        writer.array(count: 3 * ends.count)
        for end in ends {
            writer.unsigned(UInt64(end.area))
            writer.unsigned(end.sequence)
            writer.unsigned(end.mark)
        }
        return writer.bytes
    }
}
