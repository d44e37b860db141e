/// That the server which asks a device to hand over all that it holds is the office's own: part 19 of the reply that asks.
///
/// Who has the key of the line alone can answer in the server's place. What is handed over is more than a sync ever sends, so
/// the office's key must have signed the invitation, for this very request.
package enum HandoverInvitation {
    private static let domain = Array("kith handover 1\n".utf8)

    /// What the office signs: a fixed word, then `[epoch, device, clock]`.
    ///
    /// - Parameters:
    ///   - epoch: the new history.
    ///   - device: who is asked.
    ///   - clock: what the request says that the device's clock shows.
    package static func signedBytes(epoch: [UInt8], device: UInt32, clock: Int64) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.bytes(epoch)
        writer.unsigned(UInt64(device))
        writer.integer(clock)
        return domain + writer.bytes
    }
}

extension SyncReply {
    private static let signatureLength = 64

    /// The office's signature over an invitation to hand over: `[signature]`; nil where there is none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func handoverSignature() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.handover] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let signature = try reader.readBytes(exactly: Self.signatureLength)
        try reader.finish()
        return signature
    }

    /// Signs the invitation.
    package mutating func set(handoverSignature signature: [UInt8]) {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(signature)
        parts[.handover] = writer.bytes
    }
}
