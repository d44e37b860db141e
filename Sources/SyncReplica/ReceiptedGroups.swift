import Database
import SyncCore

/// What groups said as they were sent: of those that the office holds, and of the last one that has a receipt.
///
/// They are all that there is of that work, should the server be put back: so each sync begins by saying what its receipts were
/// for. Where the server has something else under such a number, it has lost something, and is healed. What is in the rows by then
/// is no proof, for a disk may have damaged it; so the fingerprint is that of the request.
struct ReceiptChecks {
    let database: Database

    func note(_ group: OpenGroup) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO receipt_check VALUES (?, ?)")
        try statement.bind(1, Int64(clamping: group.number))
        try statement.bind(2, Int64(bitPattern: group.check))
        try statement.run()
    }

    /// What a group said as it was sent; nil where that is not kept.
    func note(of number: UInt64) throws -> OpenGroup? {
        let statement = try database.statement("SELECT fingerprint FROM receipt_check WHERE group_number = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(clamping: number))
        guard try statement.step() else { return nil }
        return OpenGroup(number: number, check: UInt64(bitPattern: statement.integer(0)))
    }

    /// SQL: whether nothing of a group has left this file since it was sent.
    private static let isWholeSQL =
        "changes = (SELECT count(*) FROM outbox_change c WHERE c.group_number = g.number)"

    /// Those of groups of which nothing has left this file, and of held ones that were taken back, which the server has not
    /// heard yet; ascending.
    ///
    /// - Parameter limit: the most; what a server lost, it lost from some moment on, so the latest.
    func open(limit: Int) throws -> [OpenGroup] {
        let statement = try database.statement(
            """
            SELECT group_number, fingerprint FROM receipt_check
            WHERE EXISTS (SELECT 1 FROM outbox_group g WHERE number = group_number AND state IN (1, 2)
                AND \(Self.isWholeSQL))
            OR EXISTS (SELECT 1 FROM withdrawal WHERE number = group_number)
            ORDER BY group_number DESC LIMIT ?
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(limit))
        var groups: [OpenGroup] = []
        while try statement.step() {
            groups.append(
                OpenGroup(
                    number: UInt64(clamping: statement.integer(0)), check: UInt64(bitPattern: statement.integer(1))))
        }
        return groups.reversed()
    }

    /// Forgets all but those that are named, or will be: a hash of what has left this file would tell of it.
    ///
    /// - Parameter last: the last group that has a receipt; other ones are named only where they are held.
    func keepOpen(last: UInt64) throws {
        try database.run(
            """
            DELETE FROM receipt_check WHERE NOT EXISTS (
                SELECT 1 FROM outbox_group g WHERE number = group_number AND (state = 2 OR number = ?)
                AND \(Self.isWholeSQL))
            AND NOT EXISTS (SELECT 1 FROM withdrawal WHERE number = group_number)
            """, .integer(Int64(clamping: last)))
    }

    func remove(_ numbers: [UInt64]) throws {
        for number in numbers {
            try database.run("DELETE FROM receipt_check WHERE group_number = ?", .integer(Int64(clamping: number)))
        }
    }

    /// Forgets those of groups behind a number.
    func remove(after number: Int64, through last: Int64 = .max) throws {
        try database.run(
            "DELETE FROM receipt_check WHERE group_number > ? AND group_number <= ?", .integer(number), .integer(last))
    }
}

extension Replica {
    var receiptChecks: ReceiptChecks { ReceiptChecks(database: database) }

    /// Keeps what groups said that a reply is about, inside the transaction that applies it.
    func keepChecks(of sent: [ChangeGroup], _ reply: SyncReply) throws {
        let held = Set(reply.held.map(\.number))
        var fingerprint = GroupFingerprint(hash: hash)
        for group in sent
        where group.number == reply.receipt || (group.number < reply.receipt && held.contains(group.number)) {
            try receiptChecks.note(OpenGroup(number: group.number, fingerprint: fingerprint.of(group)))
        }
        try receiptChecks.keepOpen(last: reply.receipt)
    }

    /// What a sync begins with: of at most as many groups as a request may name.
    func openGroups() throws -> [OpenGroup] {
        try receiptChecks.open(limit: SyncRequest.largestOpenGroupCount)
    }

    /// Shows the server groups of which it does not know whether it has them, page by page, as far as they are here as they were
    /// sent.
    ///
    /// What it lacks shows it that it has lost something, which the next reply says. What it knows after all is not asked about
    /// again: an erasure took something out of it. A held group that was taken back here is not shown; but what the server has
    /// under its number is not taken back.
    ///
    /// - Throws: what the transport throws, but for `ShutOut`: then nothing but what is unsent is taken any more.
    func show(
        _ doubted: [UInt64], limitCount: Int, limitBytes: Int, _ transport: (SyncRequest) throws -> SyncReply
    ) throws {
        let groups = try asSent(doubted)
        try transaction { for number in doubted { try heldLog.removeWithdrawal(number) } }
        var page = HandoverPage(through: 0)
        for group in groups {
            page.add(group)
            guard page.isFull(limitCount, limitBytes) || group.number == groups.last?.number else { continue }
            var request = try makeRequest(limitCount: 1, limitBytes: 1)
            request.groups = page.groups
            // It shows groups, and nothing else: what it says beside them is said once.
            (request.parts[.heldGroups], request.parts[.erasure]) = (nil, nil)
            request.setFetchReport(FetchReport(horizons: try request.fetchReport().horizons))
            page = HandoverPage(through: 0)
            do {
                if try transport(request).notice == .otherHistory { return }
            } catch is ShutOut {
                return
            }
        }
        try transaction { try receiptChecks.remove(doubted) }
    }

    /// Of some open groups those that are still here as they were sent. Another command may have taken some back, and a disk may
    /// have damaged their rows.
    private func asSent(_ numbers: [UInt64]) throws -> [ChangeGroup] {
        try reading {
            var fingerprint = GroupFingerprint(hash: hash)
            return try openGroups().filter { numbers.contains($0.number) }.compactMap { open in
                let number = Int64(clamping: open.number)
                let group = ChangeGroup(
                    number: open.number, changes: try outbox.entries(in: number...number).map { try content(of: $0) })
                return OpenGroup(number: open.number, fingerprint: fingerprint.of(group)) == open ? group : nil
            }
        }
    }
}
