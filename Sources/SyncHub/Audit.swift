import SyncCore

/// What a device says of the audit log.
package struct AuditWitness: Hashable, Sendable {
    package var device: UInt32
    /// The last head that it was told.
    package var head: AuditHead
    /// When it said so, in milliseconds since 1970.
    package var milliseconds: Int64
    /// The office's word that it was told so, as the device has it.
    package var told: ToldMark?

    /// The history in which a device was told, and the office's signature over that and the head.
    package struct ToldMark: Hashable, Sendable {
        package var epoch: [UInt8]
        package var signature: [UInt8]

        package init(epoch: [UInt8], signature: [UInt8]) {
            self.epoch = epoch
            self.signature = signature
        }
    }

    package init(device: UInt32, head: AuditHead, milliseconds: Int64, told: ToldMark? = nil) {
        self.device = device
        self.head = head
        self.milliseconds = milliseconds
        self.told = told
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

    /// How long what a device made up stands in the way of what it says later, in milliseconds: so that it can't fill the log.
    private static let madeUpMilliseconds: Int64 = 86_400_000

    /// What a device's word on the log is worth.
    private enum Weight {
        /// The line is here.
        case holds
        /// It is not here as the office told it.
        case differs
        /// It is not here, and nothing shows that the office told it.
        case unsigned
    }

    /// Takes note of what a device holds of the log, and of that it is not what is here; inside a transaction.
    ///
    /// Of a device the highest line counts; one that the office told and that does not hold here is kept for good, for the
    /// device takes the new end of the log with the same reply. It is compared whatever its number: whoever changes the log can
    /// change what the table of witnesses says too. What it was told in another history counts for nothing: that a server was
    /// put back is in its log, and everybody is told. A line that is not here, without the office's word for it, is noted once
    /// a day, and is no witness.
    /// - Parameters:
    ///   - signature: the office's word for it, where the device has that.
    ///   - history: the epoch in which the device was told.
    package func note(
        auditHead head: AuditHead, signature: [UInt8]?, of device: UInt32, in history: [UInt8]
    ) throws {
        guard signer != nil, head.number > 0, try history == epoch else { return }
        let known = try store.auditWitnesses().first { $0.device == device }
        if let known, known.head == head, let told = known.told, told.signature == signature ?? told.signature {
            return
        }
        var witness = AuditWitness(
            device: device, head: head, milliseconds: clock(),
            told: signature.map { AuditWitness.ToldMark(epoch: history, signature: $0) })
        let earlier = try known.map(weight)
        if earlier == .differs { return }
        switch try weight(of: witness) {
        case .differs:
            try store.setAuditWitness(witness)
            try audit(.mismatch, by: device, subject: Self.subject(UInt64(device)), detail: head.number)
        case .unsigned:
            if earlier == .unsigned { return }
            try store.setAuditWitness(witness)
            try audit(.unsignedHead, by: device, subject: Self.subject(UInt64(device)), detail: head.number)
        case .holds:
            // A device need not say the office's word for what is here; once it is here no more, the word must be.
            witness.told = try toldMark(of: head, in: history)
            if let known {
                let isMadeUp = earlier == .unsigned && clock() - known.milliseconds < Self.madeUpMilliseconds
                let isKnown = known.head.number > head.number || known.head == head && known.told == witness.told
                if isMadeUp || earlier == .holds && isKnown { return }
            }
            try store.setAuditWitness(witness)
        }
    }

    private func toldMark(of head: AuditHead, in epoch: [UInt8]) throws -> AuditWitness.ToldMark? {
        // The same key gives the same signature each time.
        try signer.map {
            AuditWitness.ToldMark(
                epoch: epoch, signature: try $0.sign(AuditSignature.signedBytes(of: head, in: epoch)))
        }
    }

    private func weight(of witness: AuditWitness) throws -> Weight {
        if try holds(witness.head) { return .holds }
        guard let told = witness.told else { return .unsigned }
        return try toldMark(of: witness.head, in: told.epoch) == told ? .differs : .unsigned
    }

    private func holds(_ head: AuditHead) throws -> Bool {
        try store.auditEntries(after: head.number - 1, limit: 1).first.map {
            $0.number == head.number && $0.hash(hash) == head.hash
        } ?? false
    }

    /// The devices that say they were told a line which is not here, without the office's word for it: an earlier version
    /// gave none, and anybody can make one up.
    package func unsignedAuditWitnesses() throws -> [AuditWitness] {
        try store.readTransaction { try store.auditWitnesses().filter { try weight(of: $0) == .unsigned } }
    }

    /// Reads the whole log and compares it with what the office told devices of it; empty where all is well.
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
            for witness in try store.auditWitnesses() where try weight(of: witness) == .differs {
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
