import Cryptography
import Database
import SyncCore
import SyncReplica

/// What this laptop holds of the office's audit log: its last line, so that nobody can change or cut what came before.
extension Laptop {
    private static let epochLength = 16

    /// What was told in a history; number 0 where nothing was.
    func auditHead(in epoch: [UInt8]) throws -> AuditHead {
        guard let kept = try settings.auditHead(), kept.count > Self.epochLength, kept.starts(with: epoch),
            epoch.count == Self.epochLength
        else { return AuditHead(number: 0, hash: 0) }
        return try AuditHead(decoding: Array(kept.dropFirst(Self.epochLength)))
    }

    /// The last line that was told, and in which history; nil before the first.
    func heldAuditHead() throws -> (epoch: [UInt8], head: AuditHead)? {
        guard let kept = try settings.auditHead(), kept.count > Self.epochLength else { return nil }
        return (
            Array(kept.prefix(Self.epochLength)), try AuditHead(decoding: Array(kept.dropFirst(Self.epochLength)))
        )
    }

    /// The office's signature over what was told in a history; nil where it gave none.
    func auditSignature(in epoch: [UInt8]) throws -> [UInt8]? {
        try auditHead(in: epoch).number > 0 ? settings.auditSignature() : nil
    }

    /// Takes what a reply says of the log, unless it can't be what comes after what is held.
    ///
    /// What the office did not sign is taken only where nothing that it signed is held: an earlier version of the server signs
    /// none, and whoever has the key of the line alone can't.
    /// - Returns: false where the log has become shorter, or its last line another: somebody has changed it.
    func take(auditHead head: AuditHead, signature: [UInt8]?, in epoch: [UInt8]) throws -> Bool {
        guard epoch.count == Self.epochLength else { return true }
        let held = try auditHead(in: epoch)
        guard head.number > held.number || head == held else { return false }
        let signature = try signature.flatMap { try isSigned(head, in: epoch, by: $0) ? $0 : nil }
        if try signature == nil && auditSignature(in: epoch) != nil { return true }
        // What a loss of power takes back the office tells again.
        try database.transaction(isSynced: false) {
            try settings.keep(auditHead: epoch + head.encoded(), signature: signature)
        }
        return true
    }

    private func isSigned(_ head: AuditHead, in epoch: [UInt8], by signature: [UInt8]) throws -> Bool {
        guard let key = try replica.ledger.officeKey() else { return false }
        return OfficeKey.verify(signature, over: AuditSignature.signedBytes(of: head, in: epoch), publicKey: key)
    }
}
