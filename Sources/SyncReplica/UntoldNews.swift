import Database

/// What replies brought of the office's decisions and orders that this device's person was not told yet: a sync that was
/// cut tells nothing, and no later reply says it again.
package struct UntoldNews: Sendable {
    /// Groups that were held and came into force by the office's decision, by ascending number.
    package fileprivate(set) var accepted: [UInt64] = []
    /// Groups that were held and that the office did not take, by ascending number.
    package fileprivate(set) var discarded: [UInt64] = []
    /// Groups that were taken back here after the office had accepted them, by ascending number.
    package fileprivate(set) var takenMeanwhile: [UInt64] = []
    /// What orders of erasure removed here.
    package fileprivate(set) var erased = ErasureOutcome()
}

/// The news are kept in the transaction that applies a reply, in a table that is made with the first of them: on most
/// devices there never are any.
extension Replica {
    private enum News: Int64 {
        case accepted = 1
        case discarded = 2
        case takenMeanwhile = 3
        case erasedRecords = 4
        case erasedChanges = 5
    }

    /// Keeps what a reply brought, inside its transaction.
    func keepUntold(_ applied: AppliedReply) throws {
        let groups = [
            (News.accepted, applied.accepted), (.discarded, applied.discarded),
            (.takenMeanwhile, applied.takenMeanwhile),
        ]
        if groups.contains(where: { !$0.1.isEmpty }) { try makeUntoldTable() }
        for (news, numbers) in groups {
            for number in numbers { try keep(news, number: Int64(clamping: number), count: 1) }
        }
        try keepUntold(applied.erased)
    }

    /// Keeps what orders of erasure did here, inside the transaction that carries them out.
    func keepUntold(_ erased: ErasureOutcome) throws {
        let counts = [(News.erasedRecords, erased.records), (.erasedChanges, erased.ownChanges)].filter { $0.1 > 0 }
        if !counts.isEmpty { try makeUntoldTable() }
        for (news, count) in counts { try keep(news, number: 0, count: Int64(count)) }
    }

    private func makeUntoldTable() throws {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS untold_news (
                kind INTEGER NOT NULL, number INTEGER NOT NULL, count INTEGER NOT NULL,
                PRIMARY KEY (kind, number)) WITHOUT ROWID
            """)
    }

    private func keep(_ news: News, number: Int64, count: Int64) throws {
        try database.run(
            """
            INSERT INTO untold_news VALUES (?1, ?2, ?3)
            ON CONFLICT (kind, number) DO UPDATE SET count = count + excluded.count
            """, .integer(news.rawValue), .integer(number), .integer(count))
    }

    /// What was not told yet, whichever reply brought it.
    package func untoldNews() throws -> UntoldNews {
        var untold = UntoldNews()
        guard try hasUntoldTable() else { return untold }
        for row in try database.query("SELECT kind, number, count FROM untold_news ORDER BY kind, number") {
            guard case .integer(let kind) = row[0], case .integer(let number) = row[1],
                case .integer(let count) = row[2], let news = News(rawValue: kind)
            else { throw ReplicaError.damaged("what was not told yet") }
            switch news {
            case .accepted: untold.accepted.append(UInt64(clamping: number))
            case .discarded: untold.discarded.append(UInt64(clamping: number))
            case .takenMeanwhile: untold.takenMeanwhile.append(UInt64(clamping: number))
            case .erasedRecords: untold.erased.records = Int(clamping: count)
            case .erasedChanges: untold.erased.ownChanges = Int(clamping: count)
            }
        }
        return untold
    }

    /// What came back and was not told yet goes by the number that it has now; in the transaction that moves it.
    func moveUntold(by distance: Int64) throws {
        guard try hasUntoldTable() else { return }
        try database.run(
            "UPDATE untold_news SET number = number + ?1 WHERE kind = ?2 AND number < ?1", .integer(distance),
            .integer(News.discarded.rawValue))
    }

    /// Forgets all of it: it was told, and is told again after a loss of power. The caller sees to it that no reply comes in
    /// between.
    package func forgetUntoldNews() throws {
        guard try hasUntoldTable(), try database.integer("SELECT 1 FROM untold_news LIMIT 1") != nil else { return }
        try transaction(isSynced: false) { try database.run("DELETE FROM untold_news") }
    }

    /// Forgets what orders of erasure did, which was told.
    package func forgetUntoldErasures() throws {
        guard try hasUntoldTable() else { return }
        try transaction(isSynced: false) {
            try database.run(
                "DELETE FROM untold_news WHERE kind IN (?1, ?2)", .integer(News.erasedRecords.rawValue),
                .integer(News.erasedChanges.rawValue))
        }
    }

    private func hasUntoldTable() throws -> Bool {
        try database.integer("SELECT 1 FROM sqlite_schema WHERE name = 'untold_news'") != nil
    }
}
