/// What the server says to a database that was copied or put back: `[agreed]` or `[agreed, number]`.
package struct IdentityAnswer: Hashable, Sendable {
    /// The groups of the request up to this number are those that the server knows.
    package var agreed: UInt64
    /// The number of the new device, where one was asked for.
    package var device: UInt32?

    package init(agreed: UInt64, device: UInt32? = nil) {
        self.agreed = agreed
        self.device = device
    }
}

extension SyncRequest {
    /// The bytes of a token.
    package static let tokenLength = 32

    /// The token that a copied database wants to show from now on, where it asks for an identity of its own: `[token]`.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func wantedToken() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.identity] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let token = try reader.readBytes(exactly: Self.tokenLength)
        try reader.finish()
        return token
    }

    /// Asks for an identity of its own.
    package mutating func set(wantedToken token: [UInt8]) {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(token)
        parts[.identity] = writer.bytes
    }
}

extension SyncReply {
    /// What the server says to a database that was copied; nil where it says nothing.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func identity() throws(CBORError) -> IdentityAnswer? {
        guard let part = parts[.identity] else { return nil }
        var reader = CBORReader(part)
        let count = try reader.readArray(1...2)
        var answer = IdentityAnswer(agreed: try reader.readNumber())
        if count == 2 { answer.device = try reader.readUInt32() }
        try reader.finish()
        return answer
    }

    package mutating func set(_ answer: IdentityAnswer) {
        var writer = CBORWriter()
        writer.array(count: answer.device == nil ? 1 : 2)
        writer.unsigned(answer.agreed)
        if let device = answer.device { writer.unsigned(UInt64(device)) }
        parts[.identity] = writer.bytes
    }
}
