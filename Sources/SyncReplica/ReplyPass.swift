import Database
import RecordStorage
import SyncCore

/// pull → apply: what one reply changes, in one transaction.
///
/// Order: what the server took and holds, the directory, groups that stand as sent, records, conflicts, then what is
/// settled because this reply says everything, and last cursors and digests.
struct ReplyPass {
    let replica: Replica
    let overlay: RecordOverlay
    private let standingBefore: Standing
    var standing: Standing
    var applied = AppliedReply()
    /// Records with own groups that this reply touches; written at the end.
    var works: [RowKey: RecordWork] = [:]
    /// Groups of which a change was dropped.
    var dropped: Set<Int64> = []
    /// The conflicts that this reply tells of: as they are with all that it has a receipt for.
    var toldConflicts: Set<UInt128> = []
    /// What is added to the digest of each area, modulo 2^128.
    var digestChange: [Int: UInt128] = [:]
    /// The areas that are fetched again.
    var refetched: [Int: Refetch] = [:]
    /// The groups that this reply says for the first time are on the server's disk.
    var newlyReceipted: ClosedRange<Int64>?
    /// Groups that will not come into force and are still in the outbox; known once a record asks.
    var droppedGroups: Set<Int64>?
    /// Whether no record has a kept version of the server's beside its row; known once a record asks.
    var isWithoutShadows: Bool?
    /// What the server's clock shows, as far as it is known, in milliseconds since 1970.
    var moment: Int64
    /// The largest packed time among the stamps that arrived.
    var highestTime: UInt64 = 0

    init(_ replica: Replica) throws {
        self.replica = replica
        standingBefore = try replica.standing()
        standing = standingBefore
        overlay = RecordOverlay(device: standing.device)
        moment = try replica.latestKnownMoment()
    }

    mutating func run(_ reply: SyncReply) throws -> AppliedReply {
        try check(reply)
        moment = reply.clockMilliseconds
        try takeLedger(reply)
        try takeReceipts(reply)
        try replica.kept.note(try reply.corrections())
        if let directory = reply.directory { try adopt(directory) }
        try takeOutcomes(reply)
        let readable = try replica.directoryTable.readableAreas()
        try beginFetches(reply, readable: readable)
        for page in reply.pages {
            guard readable.contains(page.area) else {
                throw ReplicaError.unexpectedReply("a page for area \(page.area), which this device may not read")
            }
            try apply(page)
        }
        try countReceipted()
        let complete = Set(reply.pages.filter(\.isComplete).map(\.area))
        applied.isComplete =
            reply.notice == .none && readable.isSubset(of: complete) && !applied.hasMoreOutcomes
            && !applied.hasMoreLedger
        if applied.isComplete {
            try settleReceipted()
            try leaveLostAreas()
        }
        for work in works.values { try flush(work) }
        try endFetches(reply.pages)
        if applied.isComplete {
            try dropOldTombstones(reply)
            try dropOrphanedConflicts(reply)
        }
        try replica.operations.forget(replica.removed)
        try dropGroups()
        try moveCursors(reply)
        setClock(reply)
        // A sync that brings nothing writes nothing, and so waits for no disk.
        if standing != standingBefore { try standing.save(to: replica.database) }
        return applied
    }

    /// Refuses what must not change anything here.
    private func check(_ reply: SyncReply) throws {
        switch reply.notice {
        case .otherHistory: throw ReplicaError.otherHistory
        case .fork: throw ReplicaError.forked
        case .none, .gap: break
        }
        guard standing.epoch.isEmpty || standing.epoch == reply.epoch else { throw ReplicaError.otherHistory }
        // A number that was never given here was given by another copy of this database.
        guard reply.receipt <= UInt64(clamping: standing.frozen) else { throw ReplicaError.forked }
    }

    // MARK: Receipts

    private mutating func takeReceipts(_ reply: SyncReply) throws {
        let outbox = replica.outbox
        let receipt = Int64(clamping: reply.receipt)
        if receipt > standing.receipt {
            newlyReceipted = (standing.receipt + 1)...receipt
            try outbox.markReceipted(through: receipt)
        } else if receipt < standing.receipt {
            let again = (receipt + 1)...standing.receipt
            guard try outbox.markWaiting(again) else {
                throw ReplicaError.groupsGone(UInt64(clamping: again.lowerBound)...UInt64(clamping: again.upperBound))
            }
        }
        standing.receipt = receipt
        standing.epoch = reply.epoch
        try outbox.replaceHeld(with: reply.held)
        applied.held = reply.held
        applied.isGap = reply.notice == .gap
    }

    /// Counts the records of groups that the server has taken; those that left the outbox already are counted there.
    private mutating func countReceipted() throws {
        guard let newlyReceipted else { return }
        for row in try replica.outbox.rows(in: newlyReceipted) {
            guard let id = try replica.records.id(table: row.table, key: row.key) else { continue }
            applied.acknowledged.append(RecordReference(table: row.table, id: id))
        }
    }

    /// Ends the wait of everything that the server has accepted: its word on it has arrived.
    private mutating func settleReceipted() throws {
        for entry in try replica.outbox.receiptedEntries(through: standing.receipt) {
            try withWork(entry.row) { work in work.mark(entry.group, as: .settled) }
        }
    }

    /// Lets go of held work on what this device may read no more: the office has it, and nothing of it stays here.
    private mutating func leaveLostAreas() throws {
        guard !applied.held.isEmpty else { return }
        let areas = try replica.directoryTable.areasOfOwnWork()
        for group in applied.held {
            let number = Int64(clamping: group.number)
            for entry in try replica.outbox.entries(in: number...number) {
                try withWork(entry.row) { work in
                    if !areas.keep(work.view.area, isOwn: work.standsOnOwnMaking) { work.mark(number, as: .settled) }
                }
            }
        }
    }

    mutating func dropGroups() throws {
        let highest = try replica.outbox.dropSettled(dropped)
        standing.lowestOwn = max(standing.lowestOwn, highest + 1)
    }

    // MARK: Directory

    private mutating func adopt(_ directory: Directory) throws {
        let before = try replica.directoryTable.readableAreas()
        let after = Set(directory.areas.filter(\.canRead).map(\.number))
        let isNamed = Set(directory.devices.map(\.number))
        if try !replica.directoryTable.load(standing).devices.allSatisfy({ isNamed.contains($0.number) }) {
            // A name is gone that this device may not know any more.
            try replica.noteRemoval()
        }
        try replica.directoryTable.replace(with: directory)
        standing.adopt(directory)
        try replica.heldLog.forgetContent(outside: replica.directoryTable.areasOfOwnWork())
        for area in before.subtracting(after).sorted() {
            try replica.removeArea(area)
            applied.lostAreas.append(area)
        }
        for area in after.subtracting(before).sorted() {
            try replica.addCursor(area)
            // Groups that were dropped here must come back as rows.
            standing.lowestOwn = standing.lastGroup + 1
        }
    }

    // MARK: Cursors, digests, clock

    fileprivate mutating func moveCursors(_ reply: SyncReply) throws {
        let pages = reply.pages
        let (told, open) = (try reply.openStretches(), try replica.fetches.stretches())
        let ends = try reply.unreachedEnds() + replica.fetches.seenEnds()
        // Settling may touch an area whose page said nothing.
        var digests: [Int: UInt128] = [:]
        for area in Set(digestChange.keys).union(pages.map(\.area)) { digests[area] = try addToDigest(of: area) }
        for page in pages {
            try replica.database.run(
                "UPDATE cursor SET sequence = ?1, mark = ?2 WHERE area = ?3 AND (sequence <> ?1 OR mark <> ?2)",
                .integer(Int64(bitPattern: page.sequence)), .integer(Int64(bitPattern: page.mark)),
                .integer(Int64(page.area)))
            try replica.fetches.setStretch(
                FeedStretch.open(
                    open.first { $0.area == page.area }, told: told.first { $0.area == page.area }, at: page.sequence),
                of: page.area)
            let place = Cursor(area: page.area, sequence: page.sequence, mark: page.mark)
            try replica.fetches.setSeenEnd(Cursor.unreached(ends, from: [place]).first, of: page.area)
            if page.isComplete, let server = page.digest {
                if digests[page.area] == server { try forgetDifference(of: page.area) }
                applied.digests.append(AreaDigests(area: page.area, own: digests[page.area] ?? 0, server: server))
            }
        }
    }

    private func addToDigest(of area: Int) throws -> UInt128 {
        guard let stored = try replica.storedDigest(of: area) else { return 0 }
        guard let change = digestChange[area], change != 0 else { return stored }
        let digest = stored &+ change
        try replica.database.run(
            "UPDATE cursor SET digest = ? WHERE area = ?", .blob(digest.bigEndianBytes), .integer(Int64(area)))
        return digest
    }

    private mutating func setClock(_ reply: SyncReply) {
        if reply.isClockCorrected {
            applied.isClockCorrected = true
            // What was saved meanwhile keeps its times: set back below them, the clock would give one of them twice.
            if standing.receipt == standing.lastGroup { standing.clock.correct(to: reply.highestTime) }
        }
        standing.clock.observe(highestTime)
    }
}

extension Replica {
    /// Applies a reply of the server: all of it, or nothing where it throws.
    ///
    /// - Parameters:
    ///   - sent: the groups of the request that it answers.
    ///   - isSynced: false for a reply that another one follows at once. Should the power fail before that one is
    ///     applied, this device stands where it stood, as after a reply that was lost.
    /// - Throws: `ReplicaError` for another history, a fork, a gap that cannot be filled, or a reply that breaks the
    ///   protocol; in all of these everything here stays as it was.
    package func apply(
        _ reply: SyncReply, to sent: [ChangeGroup] = [], isSynced: Bool = true
    ) throws -> AppliedReply {
        #if PlantedBugs
            if PlantedBug.isChosen(.cursorBeforeRows) {
                try transaction {
                    var pass = try ReplyPass(self)
                    try pass.moveCursors(reply)
                }
            }
        #endif
        let applied = try transaction(isSynced: isSynced) {
            removed = []
            knowsErasures = try !erasures.isEmpty()
            var pass = try ReplyPass(self)
            var applied = try pass.run(reply)
            try keepChecks(of: sent, reply)
            try erasures.acknowledge(reply.confirmedErasures())
            applied.erased = try carryOutArrivedErasures()
            try keepUntold(applied)
            return applied
        }
        return applied
    }

    func storedDigest(of area: Int) throws -> UInt128? {
        let statement = try database.statement("SELECT digest FROM cursor WHERE area = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        return try statement.step() ? UInt128(bigEndianBytes: statement.blob(0)) : nil
    }
}
