import Database
import RecordStorage
import SyncCore

/// This device's groups that a server may have lost.
struct OwnGroups {
    let device: UInt32
    /// The number up to which the server had groups; what is told up to it is settled here.
    let receipt: UInt64
    /// Ascending.
    let numbers: [Int64]
    let parts: [Int64: [KeptGroups.Part]]
    /// Those that did not come into force, by ascending number: those that the server still has are told too.
    let returned: [ReturnedGroup]
    /// Every group up to this number was on the server's disk.
    let through: UInt64
    let corrections: [GroupCorrection]
}

/// What a device reads of itself to heal a server, and what changes here afterwards.
extension Replica {
    /// Refuses a server that bears another office's key, or does not show that it has it; nothing is changed.
    func checkOffice(_ reply: SyncReply, to request: SyncRequest) throws {
        guard verifier != nil, try reading({ try ledger.officeKey() }) != nil else { throw ReplicaError.otherHistory }
        guard try isSigned(reply, to: request, for: reading { try standing().device }) else {
            throw ReplicaError.anotherOffice
        }
    }

    /// Whether the office's signature is under an invitation to hand over for a device.
    private func isSigned(_ reply: SyncReply, to request: SyncRequest, for device: UInt32) throws -> Bool {
        guard let verifier, let key = try reading({ try ledger.officeKey() }),
            try reply.ledgerNews()?.publicKey == key, let signature = try reply.handoverSignature()
        else { return false }
        let signed = HandoverInvitation.signedBytes(
            epoch: reply.epoch, device: device, clock: request.clockMilliseconds)
        return verifier.verify(signature, over: signed, publicKey: key)
    }

    /// Goes on under the number that the office knows this device by, where that is another one than it was given.
    ///
    /// It was given its own in a history that is lost. Meanwhile another copy of its database, with the same token, has asked for an
    /// identity, so that this one is a copy of that device; what it had sent is others' work from now on, which it hands over.
    /// - Returns: whether that was done.
    func takeKnownNumber(from reply: SyncReply, to request: SyncRequest) throws -> Bool {
        guard let device = try reply.identity()?.device, try device != reading({ try standing().device }),
            try identityToken() != nil, try isSigned(reply, to: request, for: device)
        else { return false }
        try transaction {
            try goOnWithFormerToken()
            try renumber(as: device)
        }
        return true
    }

    /// A request that brings nothing but one step.
    func request(handingOver step: HealingRequest.Step, epoch: [UInt8]) throws -> SyncRequest {
        try reading {
            let standing = try standing()
            var request = SyncRequest(
                schemaVersion: schema.version, epoch: epoch, clockMilliseconds: clock(), lowestOwnGroup: UInt64.max,
                directoryVersion: standing.directoryVersion, cursors: [], groups: [])
            request.set(try ledger.progress())
            request.set(HealingRequest(receipt: UInt64(clamping: standing.receipt), step: step))
            return request
        }
    }

    /// A request of the history that this device is of, which shows how far it had seen feeds of those before; nil where it has
    /// fetched everything since.
    func requestShowingFormerEnds() throws -> SyncRequest? {
        try reading {
            let ends = try fetches.formerEnds()
            if ends.isEmpty { return nil }
            let standing = try standing()
            var request = SyncRequest(
                schemaVersion: schema.version, epoch: standing.epoch, clockMilliseconds: clock(),
                lowestOwnGroup: UInt64.max, directoryVersion: standing.directoryVersion, cursors: [], groups: [])
            request.set(seenEnds: ends)
            request.set(try ledger.progress())
            request.set(HealingRequest(receipt: UInt64(clamping: standing.receipt)))
            return request
        }
    }

    /// A request that shows the ledger to a server that does not know this device's token any more: it was restored
    /// from a backup of before this device joined, or before it changed its token. nil where there is no ledger to show.
    package func introduction() throws -> SyncRequest? {
        guard verifier != nil else { return nil }
        guard let standing = try reading({ try Standing.load(from: database) }) else { return nil }
        // What the server must see is how this device was let in and which key it has, with what had led to it as far as there
        // is room; the rest it learns while it is healed.
        let entries = try reading { try ledger.entries(after: 0) }
        let own = try entries.lastIndex { entry in
            switch LedgerEntry.Kind(rawValue: entry.kind) {
            case .enrolment: try LedgerContent.Enrolment(decoding: entry.payload).device == standing.device
            case .deviceKey: try LedgerContent.DeviceKey(decoding: entry.payload).device == standing.device
            default: false
            }
        }
        guard let own else { return nil }
        var page = LedgerNews.page(of: entries)
        if page.count <= own { page = Array(LedgerNews.page(of: entries[...own].reversed()).reversed()) }
        return try request(handingOver: .ledger(page, directory: try directory()), epoch: standing.epoch)
    }

    /// Takes over the server's ledger from where it parts from the one here.
    ///
    /// Everything must bear the office's signature, follow what is common, and say all that was said here: a server that
    /// dropped a line is not believed.
    ///
    /// - Parameter entries: all of them to the end.
    func adopt(ledger entries: [LedgerEntry]) throws {
        guard let verifier, let first = entries.first else { return }
        try transaction {
            guard let key = try ledger.officeKey() else { return }
            let own = try ledger.entries(after: 0)
            var last = own.last { $0.number < first.number }
            let dropped = own.filter { $0.number >= first.number }
            for entry in entries {
                guard entry.follows(last, hash: hash), verifier.verify(entry, publicKey: key) else {
                    throw ReplicaError.unexpectedReply("its ledger does not bear the office's signature")
                }
                last = entry
            }
            let lost = dropped.filter { old in !entries.contains { $0.says(as: old) } }
            guard lost.isEmpty else {
                throw ReplicaError.unexpectedReply("its ledger leaves out what the office had signed")
            }
            try database.run("DELETE FROM ledger WHERE number >= ?", .integer(Int64(clamping: first.number)))
            for entry in entries {
                try ledger.add(entry)
                if dropped.contains(where: { $0.says(as: entry) }) { continue }
                if entry.kind == LedgerEntry.Kind.erasure.rawValue { try take(erasure: entry.payload) }
                try onLedgerEntry?(entry)
            }
        }
    }

    // MARK: Own groups

    /// What is kept here of this device's groups behind a number, those that wait for their rows included.
    ///
    /// - Parameter lost: those up to it that come too.
    func ownGroups(after number: Int64, and lost: Set<Int64>) throws -> OwnGroups {
        try reading {
            let standing = try standing()
            let returned = try returnedGroups(through: standing.receipt)
            let givenUp = Set(returned.map { Int64(clamping: $0.group.number) })
            let first = (lost.min() ?? number + 1) - 1
            var parts = try kept.parts(after: first).filter {
                !givenUp.contains($0.key) && ($0.key > number || lost.contains($0.key))
            }
            if number < standing.receipt {
                for entry in try outbox.entries(in: (number + 1)...standing.receipt)
                where !givenUp.contains(entry.group) {
                    var part = KeptGroups.Part(row: entry.row, detail: entry.detail)
                    if part.detail.isEmpty, let state = try records.load(table: entry.row.table, key: entry.row.key) {
                        part.detail = outboxDetail(try change(in: entry, state: state), group: entry.group)
                    }
                    parts[entry.group, default: []].append(part)
                }
            }
            return OwnGroups(
                device: standing.device, receipt: UInt64(clamping: number),
                numbers: parts.keys.filter { $0 <= standing.receipt }.sorted(), parts: parts, returned: returned,
                through: UInt64(clamping: standing.receipt),
                corrections: try kept.corrections(after: first))
        }
    }

    /// Groups up to a number that are held, or that wait for their rows, as they were sent. Of one of which a part is here no
    /// more nothing could be compared.
    ///
    /// - Returns: the groups, and of those whose rows a disk has damaged since what they said.
    func openGroups(through number: UInt64) throws -> (groups: [ChangeGroup], damaged: [OpenGroup]) {
        try reading {
            var fingerprint = GroupFingerprint(hash: hash)
            var (groups, damaged): ([ChangeGroup], [OpenGroup]) = ([], [])
            for group in try outbox.receipted(through: Int64(clamping: number)) {
                let changes = try outbox.entries(in: group.number...group.number).map { try content(of: $0) }
                guard try !changes.isEmpty && outbox.size(of: group.number)?.changes == changes.count else { continue }
                let open = ChangeGroup(number: UInt64(clamping: group.number), changes: changes)
                let now = OpenGroup(number: open.number, fingerprint: fingerprint.of(open))
                if let sent = try receiptChecks.note(of: open.number), sent != now {
                    damaged.append(sent)
                } else {
                    groups.append(open)
                }
            }
            return (groups, damaged)
        }
    }

    /// The latest groups up to a number that left the outbox: as many as a request may well name. Empty where there are none.
    func settledGroups(through number: Int64) throws -> [Int64: [KeptGroups.Part]] {
        try reading {
            guard let last = try kept.last(through: number) else { return [:] }
            let parts = try kept.parts(after: max(0, last - Self.comparedCount), through: last)
            let numbers = try parts.keys.filter { try outbox.size(of: $0) == nil }.sorted(by: >)
            var page: [Int64: [KeptGroups.Part]] = [:]
            var count = 0
            for number in numbers where count < SyncRequest.largestPageCount {
                page[number] = parts[number]
                count += parts[number]?.count ?? 0
            }
            // All of these wait: on behind them.
            return try page.isEmpty ? settledGroups(through: last - Self.comparedCount) : page
        }
    }

    /// How many numbers are looked at for one page; an import has many records under each.
    private static let comparedCount: Int64 = 250

    /// What settled groups said, as far as it is kept.
    func checks(of groups: [Int64: [KeptGroups.Part]]) throws -> [OpenGroup] {
        try reading {
            let device = try standing().device
            var fingerprint = GroupFingerprint(hash: hash)
            return try groups.sorted { $0.key < $1.key }.compactMap { number, parts in
                try rebuild(number, parts, device: device).map {
                    OpenGroup(number: $0.number, fingerprint: fingerprint.of($0))
                }
            }
        }
    }

    /// Own groups that the office discarded or that were taken back here: they are not offered again.
    private func returnedGroups(through receipt: Int64) throws -> [ReturnedGroup] {
        try heldLog.returned().filter { $0.number <= receipt && $0.kind != .accepted }.map { returned in
            let group = ChangeGroup(
                number: UInt64(clamping: returned.number), changes: try heldLog.changes(of: returned.number))
            return ReturnedGroup(
                group, kind: returned.kind, reason: returned.reason, why: returned.why,
                milliseconds: returned.milliseconds)
        }
    }

    /// A record that a group changes and that others made, whole: a restored server may have lost it.
    func foreignRecord(_ change: Change) throws -> HandedRecord? {
        let reference = RecordReference(table: change.table, id: change.record)
        guard let area = try area(of: reference) else { return nil }
        return try vouched(reference, area: area)
    }

    private func area(of record: RecordReference) throws -> Int? {
        try reading { try records.find(table: record.table, id: record.id)?.state.area }
    }

    // MARK: Others' work

    /// Hashes of all acknowledged records, by area.
    func buckets() throws -> [AreaBuckets] {
        try reading {
            try cursors().map(\.area).map { area in
                let references = try records(of: area)
                var buckets = AreaBuckets(area: area, recordCount: references.count)
                for reference in references {
                    guard let state = try acknowledged(reference) else { continue }
                    buckets.add(state, hash: hash, scratch: &scratch)
                }
                return buckets
            }
        }
    }

    /// All records of an area.
    func records(of area: Int) throws -> [RecordReference] {
        var references: [RecordReference] = []
        for table in schema.tables.map(\.number) + [0] {
            try records.forEach(table: table, where: "area = ?1", integers: [Int64(area)]) { _, state in
                references.append(RecordReference(table: state.table, id: state.id))
                return true
            }
        }
        return references
    }

    /// A record as the server had it, whole, with the versions that were seen replaced; nil where it had none.
    func vouched(_ record: RecordReference, area: Int) throws -> HandedRecord? {
        try reading {
            guard let state = try acknowledged(record), state.area == area,
                let key = try records.find(table: record.table, id: record.id)?.key
            else { return nil }
            let update = RecordUpdate(
                table: record.table, record: record.id, created: state.created, isWhole: true, fields: state.fields,
                existence: state.existence, isLiving: state.isLiving)
            let seen = try localHistory.versions(RowKey(table: record.table, key: key)).filter {
                $0.kind == .acknowledged
            }
            return HandedRecord(
                area: area, update: update,
                seen: seen.map {
                    VouchedRows.Seen(
                        table: record.table, record: record.id, field: $0.version.number, stamp: $0.version.stamp,
                        value: $0.version.value)
                })
        }
    }

    func acknowledged(_ record: RecordReference) throws -> RecordState? {
        guard let (key, state) = try records.find(table: record.table, id: record.id) else { return nil }
        let row = RowKey(table: record.table, key: key)
        guard try pending(row) != nil else { return state }
        return try shadow.load(row, id: record.id)
    }

    func acknowledgedConflicts(of area: Int) throws -> [Conflict] {
        try reading { try conflictLog.acknowledged(area: area) }
    }

    // MARK: Afterwards

    /// Goes over to the server's new history: all areas are fetched again from the start. What the server refused, such
    /// as what was erased, leaves this device at the end of that, as after any refetch.
    ///
    /// - Parameters:
    ///   - agreed: the number up to which the server's groups are those of this database.
    ///   - receipt: the number up to which it had groups before this device handed any over.
    ///   - lost: the numbers of settled ones under which it has something else.
    func beginNewHistory(_ epoch: [UInt8], agreed: UInt64, receipt: UInt64, lost: Set<Int64>) throws {
        try transaction {
            var standing = try standing()
            standing.epoch = epoch
            standing.directoryVersion = 0
            for area in try cursors().map(\.area) {
                try mark(area, for: .horizon, &standing)
                // All that was seen is handed over; but this server may be put back to before that.
                try fetches.endHistory(of: area)
            }
            standing.lowestOwn = standing.lastGroup + 1
            try standing.save(to: database)
            try erasures.confirmAgain()
            if !lost.isEmpty { try rebaseOutbox(without: lost) }
            guard agreed < receipt else { return }
            // Under these numbers the office has another copy's work.
            try receiptChecks.remove(after: Int64(clamping: agreed), through: Int64(clamping: receipt))
            try database.run(
                "DELETE FROM withdrawal WHERE number > ? AND number <= ?", .integer(Int64(clamping: agreed)),
                .integer(Int64(clamping: receipt)))
            try goOn(asCopyAfter: Int64(clamping: agreed), through: Int64(clamping: receipt))
        }
    }
}

extension LedgerEntry {
    /// Whether two entries say the same, wherever in a ledger they stand.
    fileprivate func says(as other: LedgerEntry) -> Bool {
        kind == other.kind && time == other.time && payload == other.payload
    }
}
