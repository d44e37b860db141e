import Database
import SyncCore

/// Groups that the server said it has, and of which everything is still here: what the office holds, and what has not come
/// back as rows.
///
/// They are all that there is of that work, should the server be put back: so each sync begins by saying what its receipts were
/// for. Where the server has something else under such a number, it has lost something, and is healed.
extension Replica {
    /// The latest of these, with about as many changes as a page has: what a server lost, it lost from some moment on.
    func openGroups() throws -> [OpenGroup] {
        var fingerprint = GroupFingerprint(hash: hash)
        return try latestWholeGroups().map { OpenGroup(number: $0.number, fingerprint: fingerprint.of($0)) }
    }

    private func latestWholeGroups() throws -> [ChangeGroup] {
        try reading {
            let numbers = try outbox.latestWhole(
                through: standing().receipt, limitCount: SyncRequest.largestPageCount,
                limitGroups: SyncRequest.largestOpenGroupCount)
            return try numbers.map { number in
                let changes = try outbox.entries(in: number...number).map { try content(of: $0) }
                return ChangeGroup(number: UInt64(clamping: number), changes: changes)
            }
        }
    }

    /// Shows the server groups of which it does not know whether it has them, page by page.
    ///
    /// Nothing changes here: what it lacks shows it that it has lost something, which the next reply says.
    ///
    /// - Throws: what the transport throws, but for `ShutOut`: then nothing but what is unsent is taken any more.
    func show(
        _ doubted: [UInt64], limitCount: Int, limitBytes: Int, _ transport: (SyncRequest) throws -> SyncReply
    ) throws {
        // Another command may have taken some back meanwhile.
        let groups = try latestWholeGroups().filter { doubted.contains($0.number) }
        var page = HandoverPage(through: 0)
        for group in groups {
            page.add(group)
            guard page.isFull(limitCount, limitBytes) || group.number == groups.last?.number else { continue }
            var request = try makeRequest(limitCount: 1, limitBytes: 1)
            request.groups = page.groups
            page = HandoverPage(through: 0)
            do {
                if try transport(request).notice == .otherHistory { return }
            } catch is ShutOut {
                return
            }
        }
    }
}

extension Outbox {
    /// Groups of which nothing has left this file, of those that the server has, ascending.
    ///
    /// - Parameters:
    ///   - limitCount: about the most changes; the latest group is always among them.
    ///   - limitGroups: the most groups.
    fileprivate func latestWhole(through receipt: Int64, limitCount: Int, limitGroups: Int) throws -> [Int64] {
        let statement = try database.statement(
            """
            SELECT number, changes FROM outbox_group g WHERE number <= ? AND state IN (1, 2) AND changes > 0
            AND changes = (SELECT count(*) FROM outbox_change c WHERE c.group_number = g.number)
            ORDER BY number DESC LIMIT ?
            """)
        defer { statement.reset() }
        try statement.bind(1, receipt)
        try statement.bind(2, Int64(limitGroups))
        var numbers: [Int64] = []
        var count = 0
        while count < limitCount, try statement.step() {
            numbers.append(statement.integer(0))
            count += Int(statement.integer(1))
        }
        return numbers.reversed()
    }
}
