/// Changing a device's token: part 12.
///
/// A device keeps its next token on its disk before it tells it. The server keeps a hash of it beside that of the present
/// one, and says so; from then on both are good, until the next one is used for the first time. So no cut at any moment
/// leaves a device without a token that the server takes.
extension SyncRequest {
    /// The token that the device will show from one of the next syncs on: `[token]`; nil where it keeps the one that it has.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func nextToken() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.token] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let token = try reader.readBytes(exactly: Self.tokenLength)
        try reader.finish()
        return token
    }

    /// Tells the token that the device will show.
    package mutating func set(nextToken token: [UInt8]) {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(token)
        parts[.token] = writer.bytes
    }
}

extension SyncReply {
    /// Whether the server takes the next token that the request told: `[true]`; false where it says nothing.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func isNextTokenTaken() throws(CBORError) -> Bool {
        guard let part = parts[.token] else { return false }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let isTaken = try reader.readBool()
        try reader.finish()
        return isTaken
    }

    /// Says that the next token of the request is taken.
    package mutating func setNextTokenTaken() {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bool(true)
        parts[.token] = writer.bytes
    }
}
