/// The office's word that it told a device where its audit log ends: part 21, beside part 10.
///
/// A device keeps it and says it back. So a server can tell a line that it told, and that somebody took out of its log since, from
/// one that was made up.
package enum AuditSignature {
    /// The bytes of a signature.
    package static let length = 64

    private static let domain = Array("kith audit head 1\n".utf8)

    /// What the office signs: a fixed word, then `[epoch, number, hash]`.
    ///
    /// - Parameter epoch: the history in which the device is told.
    package static func signedBytes(of head: AuditHead, in epoch: [UInt8]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.bytes(epoch)
        writer.unsigned(head.number)
        writer.hash(head.hash)
        return domain + writer.bytes
    }

    static func encoded(_ signature: [UInt8]?) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 1)
        if let signature { writer.bytes(signature) } else { writer.null() }
        return writer.bytes
    }

    static func read(_ part: [UInt8]) throws(CBORError) -> [UInt8]? {
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let signature = try reader.readOptional { (reader) throws(CBORError) in
            try reader.readBytes(exactly: length)
        }
        try reader.finish()
        return signature
    }
}

/// In a request `[signature]` as it was told, `[null]` where the device knows such signatures and holds none.
extension SyncRequest {
    /// The signature over the head that the device holds; nil where it has none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func auditSignature() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.auditSignature] else { return nil }
        return try AuditSignature.read(part)
    }

    /// Whether the device would keep a signature over the head that it holds and has none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func wantsAuditSignature() throws(CBORError) -> Bool {
        guard let part = parts[.auditSignature] else { return false }
        return try AuditSignature.read(part) == nil
    }

    package mutating func set(auditSignature signature: [UInt8]?) {
        parts[.auditSignature] = AuditSignature.encoded(signature)
    }
}

/// In a reply `[signature]`.
extension SyncReply {
    /// The signature over the head of the audit log that the reply tells; nil where there is none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func auditSignature() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.auditSignature] else { return nil }
        return try AuditSignature.read(part)
    }

    package mutating func set(auditSignature signature: [UInt8]) {
        parts[.auditSignature] = AuditSignature.encoded(signature)
    }
}
