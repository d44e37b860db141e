import SyncCore

/// What a device says of the audit log.
package struct AuditWitness: Hashable, Sendable {
    package var device: UInt32
    /// The last head that it was told.
    package var head: AuditHead
    /// When it said so, in milliseconds since 1970.
    package var milliseconds: Int64

    package init(device: UInt32, head: AuditHead, milliseconds: Int64) {
        self.device = device
        self.head = head
        self.milliseconds = milliseconds
    }
}

/// What is wrong with the audit log.
package enum AuditFault: Hashable, Sendable {
    /// The line does not say what it said when the next one was written.
    case changed(UInt64)
    /// There are no such lines.
    case missing(ClosedRange<UInt64>)
    /// A device was told of a line that is not here, or says something else here.
    case witnessed(device: UInt32, number: UInt64)
}

/// The audit log: append-only, chained, written in the transaction of what it tells of. A hub without a signer keeps none.
extension Hub {
    /// The most lines that one reading holds at once.
    private static let auditPageCount = 10_000

    /// Adds a line; inside a transaction that the caller has opened.
    ///
    /// - Parameters:
    ///   - actor: the device that did it; the office where none is named.
    ///   - subject: an id, or what `digest(of:)` gives; never a name.
    package func audit(
        _ kind: AuditEntry.Kind, by actor: UInt32 = DeviceRecord.office, subject: [UInt8] = [], detail: UInt64 = 0
    ) throws {
        guard signer != nil else { return }
        let last = try store.lastAuditEntry()
        try store.addAuditEntry(
            AuditEntry(
                number: (last?.number ?? 0) + 1, time: clock(), kind: kind.rawValue, actor: actor,
                subject: Array(subject.prefix(AuditEntry.largestSubjectBytes)), detail: detail,
                previous: last?.hash(hash) ?? 0))
    }

    /// Adds a line in a transaction of its own.
    package func auditAlone(
        _ kind: AuditEntry.Kind, by actor: UInt32 = DeviceRecord.office, subject: [UInt8] = [], detail: UInt64 = 0
    ) throws {
        try store.transaction { try audit(kind, by: actor, subject: subject, detail: detail) }
    }

    /// A digest of a text that nobody can try names against who has not the office's key.
    package func digest(of text: String) throws -> [UInt8] {
        guard let signer else { return [] }
        // Ed25519 gives the same signature each time, and nobody else can make it: so it serves as a secret of this office.
        let secret = try signer.sign(Array("kith audit digest 1\n".utf8))
        return Self.subject(hash(secret + Array(text.utf8)))
    }

    /// The bytes of a number, as subjects have them.
    package static func subject(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    /// The bytes of a 128-bit id or hash, as subjects have them.
    package static func subject(_ number: UInt128) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: number >> UInt128(120 - 8 * $0)) }
    }

    /// The lines behind a number, in order, at most `limit`.
    package func auditEntries(after number: UInt64, limit: Int) throws -> [AuditEntry] {
        try store.readTransaction { try store.auditEntries(after: number, limit: limit) }
    }

    /// Where the log ends; nil for an empty one.
    func auditHead() throws -> AuditHead? {
        try store.lastAuditEntry().map { AuditHead(number: $0.number, hash: $0.hash(hash)) }
    }

    /// Takes note of what a device holds of the log, and of that it is not what is here; inside a transaction.
    ///
    /// Of a device the highest line counts; one that does not hold here is kept for good, for the device takes the new
    /// end of the log with the same reply. It is compared whatever its number: whoever changes the log can change what the
    /// table of witnesses says too. What it was told in another history counts for nothing: that a server was put back is in its log, and everybody is told.
    /// - Parameter history: the epoch in which the device was told.
    package func note(auditHead head: AuditHead, of device: UInt32, in history: [UInt8]) throws {
        guard signer != nil, head.number > 0, try history == epoch else { return }
        let known = try store.auditWitnesses().first { $0.device == device }
        if try known?.head == head || known.map({ try !holds($0.head) }) == true { return }
        let isHeld = try holds(head)
        if isHeld, let known, known.head.number > head.number { return }
        try store.setAuditWitness(AuditWitness(device: device, head: head, milliseconds: clock()))
        if !isHeld {
            try audit(.mismatch, by: device, subject: Self.subject(UInt64(device)), detail: head.number)
        }
    }

    private func holds(_ head: AuditHead) throws -> Bool {
        try store.auditEntries(after: head.number - 1, limit: 1).first.map {
            $0.number == head.number && $0.hash(hash) == head.hash
        } ?? false
    }

    /// Reads the whole log and compares it with what devices hold of it; empty where all is well.
    package func auditFaults() throws -> [AuditFault] {
        try store.readTransaction {
            var faults: [AuditFault] = []
            var last: AuditEntry?
            while true {
                let page = try store.auditEntries(after: last?.number ?? 0, limit: Self.auditPageCount)
                if page.isEmpty { break }
                for entry in page {
                    let expected = (last?.number ?? 0) + 1
                    if entry.number != expected {
                        faults.append(.missing(expected...max(expected, entry.number - 1)))
                    } else if entry.previous != (last?.hash(hash) ?? 0) {
                        faults.append(.changed(max(1, entry.number - 1)))
                    }
                    last = entry
                }
            }
            for witness in try store.auditWitnesses() where try !holds(witness.head) {
                faults.append(.witnessed(device: witness.device, number: witness.head.number))
            }
            return faults
        }
    }
}

extension Hub {
    /// The number of the last line of the audit log; 0 where there is none.
    package func lastAuditNumber() throws -> UInt64 {
        try store.readTransaction { try store.lastAuditEntry()?.number ?? 0 }
    }

    /// When the last line of the audit log was written, in milliseconds since 1970; nil where there is none.
    package func lastAuditTime() throws -> Int64? { try store.readTransaction { try store.lastAuditEntry()?.time } }

    /// What devices hold of the audit log.
    package func auditWitnesses() throws -> [AuditWitness] {
        try store.readTransaction { try store.auditWitnesses() }
    }
}
