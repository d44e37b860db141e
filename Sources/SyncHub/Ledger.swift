import SyncCore

/// The office's ledger: each change of who may do what leaves a signed line, written in the transaction of the change.
///
/// A hub without a signer keeps none.
extension Hub {
    /// The office's public key; nil for a hub that keeps no ledger.
    package var officeKey: [UInt8]? { signer?.publicKey }

    /// Writes the lines for everything that stands already, where the ledger is empty: for a new server, and for one
    /// of a version that kept none.
    package func beginLedger() throws {
        guard signer != nil, try store.readTransaction({ try store.lastLedgerEntry() }) == nil else { return }
        try store.transaction {
            // Another process may have been first.
            guard try store.lastLedgerEntry() == nil else { return }
            try recordEverything()
        }
    }

    /// Adds an entry of any kind, in the transaction that the caller has opened.
    ///
    /// - Parameters:
    ///   - kind: what the entry speaks of.
    ///   - payload: one CBOR item, ids alone; at most `LedgerEntry.largestPayloadBytes`.
    /// - Returns: the entry; nil where this hub has no key to sign with.
    /// - Throws: what signing and the store throw.
    @discardableResult
    package func order(_ kind: LedgerEntry.Kind, payload: [UInt8]) throws -> LedgerEntry? {
        try append(kind: kind.rawValue, payload: payload)
    }

    /// The entries behind a number, in order, at most `limit`.
    package func ledger(after number: UInt64, limit: Int = LedgerNews.largestCount) throws -> [LedgerEntry] {
        try store.readTransaction { try store.ledgerEntries(after: number, limit: limit) }
    }

    @discardableResult
    func append(kind: Int, payload: [UInt8], time: Int64? = nil) throws -> LedgerEntry? {
        guard let signer else { return nil }
        var last = try store.lastLedgerEntry()
        if last == nil {
            try recordEverything()
            last = try store.lastLedgerEntry()
        }
        let entry = try sign(
            kind: kind, payload: payload, time: time ?? freeTime(for: kind, payload), after: last, signer)
        if let kind = AuditEntry.Kind(rawValue: kind) { try audit(kind, subject: Self.subject(entry.number)) }
        return entry
    }

    /// Now, or the first millisecond after it at which the ledger does not say the same yet: a restored server knows
    /// an entry by what it says and when, wherever it stands.
    private func freeTime(for kind: Int, _ payload: [UInt8]) throws -> Int64 {
        var time = clock()
        // Few lines are as late as now: those of this moment, or all since a clock that was fast.
        let late = try store.ledgerEntries(ofKind: kind).filter { $0.time >= time && $0.payload == payload }
        while late.contains(where: { $0.time == time }) { time += 1 }
        return time
    }

    private func sign(
        kind: Int, payload: [UInt8], time: Int64? = nil, after last: LedgerEntry?, _ signer: OfficeSigner
    ) throws -> LedgerEntry {
        var entry = LedgerEntry(
            number: (last?.number ?? 0) + 1, kind: kind, time: time ?? clock(), previous: last?.hash(hash) ?? 0,
            payload: payload)
        entry.signature = try signer.sign(entry.signedBytes)
        try store.addLedgerEntry(entry)
        return entry
    }

    // MARK: What is recorded

    func recordArea(_ area: Area) throws {
        try append(
            kind: LedgerEntry.Kind.area.rawValue,
            payload: LedgerContent.MadeArea(number: area.number, twinOf: area.twinOf).encoded())
    }

    func recordEnrolment(_ device: DeviceRecord) throws {
        let enrolment = LedgerContent.Enrolment(
            device: device.number, person: try firstDevice(of: device.person) ?? device.number, role: device.role,
            tokenHash: try store.tokenHash(ofDevice: device.number) ?? [])
        try append(kind: LedgerEntry.Kind.enrolment.rawValue, payload: enrolment.encoded())
    }

    /// - Parameter kind: `grant` or `take`.
    func recordGrant(_ kind: LedgerEntry.Kind, person: String, area: Int) throws {
        guard let first = try firstDevice(of: person) else { return }
        try append(kind: kind.rawValue, payload: LedgerContent.Grant(person: first, area: area).encoded())
    }

    func recordRole(_ role: Role, ofPerson person: String) throws {
        guard let first = try firstDevice(of: person) else { return }
        try append(
            kind: LedgerEntry.Kind.role.rawValue,
            payload: LedgerContent.RoleChange(person: first, role: role).encoded())
    }

    func recordRevocation(_ device: UInt32) throws {
        try append(
            kind: LedgerEntry.Kind.revocation.rawValue, payload: LedgerContent.Revocation(device: device).encoded())
    }

    /// The number that stands for a person: that of their first device.
    private func firstDevice(of person: String) throws -> UInt32? {
        try store.devices().filter { $0.person == person }.map(\.number).min()
    }

    /// The lines for all areas, devices and grants that there are.
    ///
    /// Nobody knows when each was decided: they bear the time 0, so that none overrules what a device's ledger says.
    private func recordEverything() throws {
        guard let signer else { return }
        var last: LedgerEntry?
        func add(_ kind: LedgerEntry.Kind, _ payload: [UInt8]) throws {
            last = try sign(kind: kind.rawValue, payload: payload, time: 0, after: last, signer)
        }
        for area in try store.areas() {
            try add(.area, LedgerContent.MadeArea(number: area.number, twinOf: area.twinOf).encoded())
        }
        for device in try store.devices() {
            let person = try firstDevice(of: device.person) ?? device.number
            try add(
                .enrolment,
                LedgerContent.Enrolment(
                    device: device.number, person: person, role: device.role,
                    tokenHash: try store.tokenHash(ofDevice: device.number) ?? []
                ).encoded())
            if person == device.number {
                for area in device.areas.sorted() {
                    try add(.grant, LedgerContent.Grant(person: person, area: area).encoded())
                }
            }
            if device.isRevoked { try add(.revocation, LedgerContent.Revocation(device: device.number).encoded()) }
        }
    }

    // MARK: What a device is told

    /// The entries that a device lacks, and the office's key where it has none; nil where there is nothing to say.
    ///
    /// A device whose last entry is not of this ledger is told nothing here: healing sees to that.
    func ledgerNews(for request: SyncRequest) throws -> LedgerNews? {
        guard let signer, let progress = try request.ledgerProgress() else { return nil }
        let key = progress.hasKey ? nil : signer.publicKey
        var entries: [LedgerEntry] = []
        if try isOurs(progress) {
            entries = try ledgerPage(after: progress.count)
        }
        return key == nil && entries.isEmpty ? nil : LedgerNews(publicKey: key, entries: entries)
    }

    /// The entries behind a number that fit in one message; read a few at a time, for each may be large.
    func ledgerPage(after number: UInt64) throws -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        while true {
            let more = try store.ledgerEntries(after: entries.last?.number ?? number, limit: Self.ledgerReadCount)
            entries += more
            let page = LedgerNews.page(of: entries)
            if more.count < Self.ledgerReadCount || page.count < entries.count { return page }
        }
    }

    /// How many entries are read at once.
    private static var ledgerReadCount: Int { 100 }

    /// Notes how far a device has the ledger, by its own word; inside a transaction.
    package func note(_ progress: LedgerProgress, of number: UInt32) throws {
        guard try store.device(number)?.ledgerCount != progress.count else { return }
        try store.setLedgerCount(isOurs(progress) ? progress.count : 0, ofDevice: number)
    }

    /// Whether the last entry of a device is one of this ledger.
    func isOurs(_ progress: LedgerProgress) throws -> Bool {
        if progress.count == 0 { return progress.hash == 0 }
        return try store.ledgerEntries(after: progress.count - 1, limit: 1).first?.hash(hash) == progress.hash
    }
}
