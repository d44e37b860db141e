/// A part of an area's feed through which a device is brought page by page, each record once.
///
/// Behind `after` and up to `through` entries are left out whose record or conflict has a later entry up to `through`; that
/// one says what they would have said. So until a device has come to `through`, what it holds may lack fields of entries that
/// its cursor has passed: whoever goes on must know where the stretch began.
package struct FeedStretch: Hashable, Sendable {
    package var area: Int
    /// The sequence where the device stood when the stretch began.
    package var after: UInt64
    /// The last sequence of the stretch.
    package var through: UInt64

    /// - Parameters:
    ///   - after: the sequence where the device stood when it began.
    ///   - through: the last sequence of it.
    package init(area: Int, after: UInt64, through: UInt64) {
        self.area = area
        self.after = after
        self.through = through
    }
}

/// `stretches = [area, after, through, …]`, part 17 of a request and of a reply.
extension SyncRequest {
    /// The stretches that the device is in the middle of.
    ///
    /// - Throws: for a part that can't be read.
    package func stretches() throws(CBORError) -> [FeedStretch] { try FeedStretch.list(parts) }

    /// Whether the device can be brought through a stretch.
    package var knowsStretches: Bool { parts[.stretches] != nil }

    /// Says it; an empty list says that the device knows of stretches.
    package mutating func set(stretches: [FeedStretch]) { parts[.stretches] = FeedStretch.encode(stretches) }
}

extension SyncReply {
    /// The stretches that are not at their end with this reply's pages; one of an area that is not named is over.
    ///
    /// - Throws: for a part that can't be read.
    package func stretches() throws(CBORError) -> [FeedStretch] { try FeedStretch.list(parts) }

    /// Says it; an empty list takes no place.
    package mutating func set(stretches: [FeedStretch]) {
        parts[.stretches] = stretches.isEmpty ? nil : FeedStretch.encode(stretches)
    }
}

extension FeedStretch {
    fileprivate static func list(_ parts: MessageParts) throws(CBORError) -> [FeedStretch] {
        guard let item = parts[.stretches] else { return [] }
        var reader = CBORReader(item)
        let count = try reader.readArray(0...3 * SyncRequest.largestCursorCount)
        guard count.isMultiple(of: 3) else { throw reader.unexpectedItem() }
        var list: [FeedStretch] = []
        for _ in 0..<count / 3 {
            let area = try reader.readSmall()
            let after = try reader.readNumber()
            list.append(FeedStretch(area: area, after: after, through: try reader.readNumber()))
        }
        try reader.finish()
        return list
    }

    fileprivate static func encode(_ list: [FeedStretch]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3 * list.count)
        for stretch in list {
            writer.unsigned(UInt64(stretch.area))
            writer.unsigned(stretch.after)
            writer.unsigned(stretch.through)
        }
        return writer.bytes
    }
}
