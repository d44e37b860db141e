/// One line of the office's audit log: who did what to what, by ids and keyed digests alone.
///
/// Each line covers the hash of the one before it; devices hold the hash of the last line that they were told. So a line that
/// was changed or removed breaks the chain, and one that was cut off the end is missed by a device.
package struct AuditEntry: Hashable, Sendable {
    /// What happened; other numbers are of a later version. Below 20: the ledger says the same, and the subject is the number
    /// of its line.
    package enum Kind: Int, Sendable, CaseIterable {
        case enrolment = 1, grant, take, revocation, area, erasure, wipe, deviceKey, serverKey, role
        /// The office invited somebody; the subject is a keyed digest of the name.
        case invitation = 20
        /// Somebody tried to join without an invitation that is good.
        case invitationRefused = 21
        /// A device was heard of after a while.
        case signIn = 22
        /// Somebody showed a token that nobody has, or a revoked one; the subject is the device, where it is known.
        case signInRefused = 23
        /// A conflict was decided or opened again; the subject is the conflict.
        case decision = 24
        /// The office put a held group into force; the subject is its device and number.
        case heldAccepted = 25
        /// The office or the author dropped a held group.
        case heldDropped = 26
        /// Records were exported at the office; the detail says of which kind, and whether all of them.
        case export = 27
        /// A backup was finished.
        case backup = 28
        /// This server was put back from an older copy: a new history begins.
        case restored = 29
        /// A device holds a line that this log does not have; the subject is the device, the detail the number of the line.
        case mismatch = 30
        /// A copy of a device's database asked for an identity of its own; the subject is its number.
        case copied = 31
        /// A device used its next token for the first time: the one before is good no more.
        case tokenChanged = 32
        /// A device whose token nobody knew showed by its key who it is; from then on that token is its own.
        case tokenProved = 33
        /// The office took back invitations that nobody had used; the detail is how many.
        case invitationCancelled = 35
        /// A device says that it was told a line which this log does not have, without the office's word for it; the subject is
        /// the device, the detail the number of the line.
        case unsignedHead = 36
        /// A new history began at the word of a device alone.
        case historyClaimed = 37
        /// The office looked what a device holds; the subject is the device.
        case breachReport = 38
        /// The office brought a deleted record back; the subject is its id.
        case recordRestored = 39
    }

    /// 1, 2, 3 … without gaps.
    package var number: UInt64
    /// Milliseconds since 1970.
    package var time: Int64
    /// A `Kind`, or a number that only a later version knows.
    package var kind: Int
    /// The device that did it; 0 for the office.
    package var actor: UInt32
    /// An id or a keyed digest; at most 32 bytes.
    package var subject: [UInt8]
    /// A number more, such as how often.
    package var detail: UInt64
    /// The hash of the line before; 0 for the first.
    package var previous: UInt128

    package init(
        number: UInt64, time: Int64, kind: Int, actor: UInt32, subject: [UInt8], detail: UInt64, previous: UInt128
    ) {
        self.number = number
        self.time = time
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.detail = detail
        self.previous = previous
    }

    /// The most bytes of a subject.
    package static let largestSubjectBytes = 32

    /// `[number, time, kind, actor, subject, detail, previous]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 7)
        writer.unsigned(number)
        writer.integer(time)
        writer.unsigned(UInt64(kind))
        writer.unsigned(UInt64(actor))
        writer.bytes(subject)
        writer.unsigned(detail)
        writer.hash(previous)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(7...7)
        number = try reader.readNumber()
        time = try reader.readInteger()
        kind = try reader.readSmall()
        actor = try reader.readUInt32()
        subject = try reader.readBytes()
        guard subject.count <= Self.largestSubjectBytes else { throw reader.unexpectedItem() }
        detail = try reader.readUnsigned()
        previous = try reader.readHash()
        try reader.finish()
    }

    /// The hash that the next line covers.
    package func hash(_ hash: Hash128) -> UInt128 { hash(encoded()) }
}

/// Where the audit log ends: the number of its last line and the hash of that.
package struct AuditHead: Hashable, Sendable {
    package var number: UInt64
    package var hash: UInt128

    package init(number: UInt64, hash: UInt128) {
        self.number = number
        self.hash = hash
    }

    /// `[number, hash]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(number)
        writer.hash(hash)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        number = try reader.readNumber()
        hash = try reader.readHash()
        try reader.finish()
    }
}

/// Part 10: in a request the last head that the device was told (0 and 0 for none), in a reply the present one, where the
/// request has the part and the two differ.
extension SyncRequest {
    /// The head that the device holds; nil from a client that keeps none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func auditHead() throws(CBORError) -> AuditHead? {
        guard let part = parts[.audit] else { return nil }
        return try AuditHead(decoding: part)
    }

    package mutating func set(auditHead head: AuditHead) { parts[.audit] = head.encoded() }
}

extension SyncReply {
    /// Where the audit log ends; nil where the device holds that already.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func auditHead() throws(CBORError) -> AuditHead? {
        guard let part = parts[.audit] else { return nil }
        return try AuditHead(decoding: part)
    }

    package mutating func set(auditHead head: AuditHead) { parts[.audit] = head.encoded() }
}
