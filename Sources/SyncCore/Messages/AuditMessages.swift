/// What an auditor's or admin's device asks for: lines of the office's audit log.
package struct AuditRequest: Hashable, Sendable {
    /// The version of the protocol that the sender speaks.
    package var protocolVersion: Int
    /// The number of the last line that is not wanted any more; 0 from the first on.
    package var after: UInt64

    /// Asks in the protocol of this version.
    package init(after: UInt64) {
        protocolVersion = SyncRequest.currentProtocol
        self.after = after
    }

    /// `[protocol, after]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(protocolVersion))
        writer.unsigned(after)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        protocolVersion = try reader.readSmall()
        after = try reader.readNumber()
        try reader.finish()
    }
}

/// Lines of the audit log, in order.
package struct AuditReply: Hashable, Sendable {
    /// The most lines of one reply.
    package static let largestCount = 1_000

    /// The history in which they were written last.
    package var epoch: [UInt8]
    /// None behind the last line.
    package var entries: [AuditEntry]

    package init(epoch: [UInt8], entries: [AuditEntry]) {
        self.epoch = epoch
        self.entries = entries
    }

    /// `[epoch, [line…]]`, each line as a byte string of what its hash covers.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.bytes(epoch)
        writer.array(count: entries.count)
        for entry in entries { writer.bytes(entry.encoded()) }
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        epoch = try reader.readBytes()
        var entries: [AuditEntry] = []
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) {
            entries.append(try AuditEntry(decoding: try reader.readBytes()))
        }
        try reader.finish()
        self.entries = entries
    }
}
