/// What a device and its server both hold, and a request in short form leaves out.
package struct CommonGround: Hashable, Sendable {
    /// The server's history: 16 bytes.
    package var epoch: [UInt8]
    /// Of each cursor of the request.
    package var cursors: [Cursor]
    /// How far the device has the ledger, and the last line of the audit log that it was told.
    package var ledger: LedgerProgress
    package var audit: AuditHead?

    /// - Parameter cursors: those of the request, with their marks.
    package init(epoch: [UInt8], cursors: [Cursor], ledger: LedgerProgress, audit: AuditHead?) {
        self.epoch = epoch
        self.cursors = cursors
        self.ledger = ledger
        self.audit = audit
    }

    /// What stands for all of it: the upper half of a hash. It tells honest histories apart; whoever could make another history
    /// with the same one would have to try about 2^64 of them.
    func check(_ hash: Hash128) -> UInt64 {
        var writer = CBORWriter()
        writer.array(count: 6)
        writer.bytes(epoch)
        writer.array(count: 3 * cursors.count)
        for cursor in cursors {
            writer.unsigned(UInt64(cursor.area))
            writer.unsigned(cursor.sequence)
            writer.unsigned(cursor.mark)
        }
        writer.unsigned(ledger.count)
        writer.hash(ledger.hash)
        writer.unsigned(audit?.number ?? 0)
        writer.hash(audit?.hash ?? 0)
        return UInt64(truncatingIfNeeded: hash(Array("kith short request 1\n".utf8) + writer.bytes) >> 64)
    }
}

/// Part 20 of a request in short form: `[check, ledger count, has key, audit number|null]`.
///
/// Such a request has the protocol number 2, no epoch, cursors without marks, neither part 1 nor part 10, and no signature in part 21; its page may have
/// runs of new records in place of groups. So a server that does not know the form refuses it by its number.
extension SyncRequest {
    /// The protocol number of a request in short form.
    package static let shortProtocol = 2

    /// Whether it is in short form.
    package var isShort: Bool { protocolVersion == Self.shortProtocol }

    /// The request in short form; nil where it has something else to say than that all is as it was.
    package func shortened(_ hash: Hash128) throws(CBORError) -> SyncRequest? {
        guard protocolVersion == Self.currentProtocol, !epoch.isEmpty, let ledger = try ledgerProgress(),
            // Who hands over does so because the server lacks what is here.
            try healing()?.step == nil
        else { return nil }
        let audit = try auditHead()
        let ground = CommonGround(epoch: epoch, cursors: cursors, ledger: ledger, audit: audit)
        var writer = CBORWriter()
        writer.array(count: 4)
        writer.unsigned(ground.check(hash))
        writer.unsigned(ledger.count)
        writer.bool(ledger.hasKey)
        if let audit { writer.unsigned(audit.number) } else { writer.null() }
        var short = self
        short.protocolVersion = Self.shortProtocol
        short.epoch = []
        for index in short.cursors.indices { short.cursors[index].mark = 0 }
        short.parts[.ledger] = nil
        short.parts[.audit] = nil
        // Where the server holds that very line, it needs nobody's word for it.
        if try auditSignature() != nil { short.parts[.auditSignature] = nil }
        short.parts[.commonGround] = writer.bytes
        return short
    }

    /// The whole of a request in short form; nil where the other side does not hold what it leaves out.
    ///
    /// - Parameter complete: fills in epoch, marks and hashes as they are held here; false where something is not there.
    /// - Throws: for a part that can't be read, and what `complete` throws.
    package func lengthened(_ hash: Hash128, _ complete: (inout CommonGround) throws -> Bool) throws -> SyncRequest? {
        guard isShort, let item = parts[.commonGround] else { return nil }
        var reader = CBORReader(item)
        _ = try reader.readArray(4...4)
        let check = try reader.readUnsigned()
        let count = try reader.readNumber()
        let hasKey = try reader.readBool()
        let audit = try reader.readOptional { (reader) throws(CBORError) in
            AuditHead(number: try reader.readNumber(), hash: 0)
        }
        try reader.finish()
        var ground = CommonGround(
            epoch: [], cursors: cursors, ledger: LedgerProgress(count: count, hash: 0, hasKey: hasKey),
            audit: audit)
        guard try complete(&ground), ground.check(hash) == check else { return nil }
        var whole = self
        whole.protocolVersion = Self.currentProtocol
        whole.epoch = ground.epoch
        whole.cursors = ground.cursors
        whole.parts[.commonGround] = nil
        whole.set(ground.ledger)
        if let audit = ground.audit { whole.set(auditHead: audit) }
        return whole
    }
}
