import Database
import SyncCore
import SyncReplica

/// What this laptop remembers from one sync to the next: how large pages may be on its line, and what its person was told.
///
/// None of it waits for the disk: what a loss of power takes back is measured, or told, once more.
extension Laptop {
    /// The size that pages had at the end of the last sync.
    func pageSize() throws -> PageSize { try settings.pageBytes().map { PageSize(bytes: $0) } ?? PageSize() }

    /// Keeps the size for the next sync.
    func keep(_ size: PageSize) throws {
        guard try pageSize().bytes != size.bytes else { return }
        try database.transaction(isSynced: false) { try settings.keep(pageBytes: size.bytes) }
    }

    /// Makes what remembers the conflicts and decisions that were told, once: those that are here before this laptop's next
    /// sync count as told.
    func beginTelling() throws {
        if try settings.toldDevice() == nil { try keepToldDevice() }
        let names = try database.query(
            "SELECT name FROM sqlite_schema WHERE name IN ('told_conflict', 'told_decision', 'conflict_verdict')")
        let (hasConflicts, hasDecisions, hasIndex) = (
            names.contains([.text("told_conflict")]), names.contains([.text("told_decision")]),
            names.contains([.text("conflict_verdict")])
        )
        guard !hasConflicts || !hasDecisions || !hasIndex else { return }
        try database.transaction(isSynced: false) {
            // Every sync looks for decisions; the words of all conflicts are many times larger.
            try database.execute(
                """
                DROP INDEX IF EXISTS conflict_by_verdict;
                CREATE INDEX IF NOT EXISTS conflict_verdict ON conflict (verdict_time, verdict_device, id)
                WHERE verdict_time NOT NULL
                """)
            try database.execute("CREATE TABLE IF NOT EXISTS told_conflict (id BLOB PRIMARY KEY) WITHOUT ROWID")
            try database.execute(
                "CREATE TABLE IF NOT EXISTS told_decision (id BLOB PRIMARY KEY, time INTEGER, device INTEGER) WITHOUT ROWID"
            )
            guard !hasDecisions else { return }
            // A version before this one told of conflicts alone.
            try database.execute(
                """
                INSERT OR IGNORE INTO told_decision SELECT id, verdict_time, verdict_device FROM conflict c
                WHERE verdict_time NOT NULL AND EXISTS (SELECT 1 FROM told_conflict t WHERE t.id = c.id)
                """)
        }
        if !hasConflicts, !hasDecisions { try noteTold() }
    }

    /// Whether this laptop has become another device, because its records were copied, and nobody was told: that sync was cut.
    func isUntoldDevice() throws -> Bool {
        guard let told = try settings.toldDevice() else { return false }
        return try replica.device != told
    }

    private func keepToldDevice() throws {
        guard let device = try replica.device else { return }
        try database.transaction(isSynced: false) { try settings.keep(toldDevice: device) }
    }

    /// The open conflicts that nobody was told of: a sync that was cut had brought them, or this one.
    func untoldConflicts() throws -> [Conflict] { try untoldConflictsHere().filter { $0.status == .open } }

    /// The conflicts that somebody has decided, or opened again, since their last decision was told.
    func untoldDecisions() throws -> [Conflict] { try conflictsHere(Self.untoldDecision) }

    /// Remembers that all conflicts that are here were told, or need not be, and so was what the office decided.
    func noteTold() throws {
        try replica.forgetUntoldNews()
        if try isUntoldDevice() { try keepToldDevice() }
        let untold = try untoldConflictsHere()
        let decided = try untoldDecisions()
        // Those that went with their record, or were explained: looked for only where the numbers show that there are some.
        let hasGone = try database.integer(
            "SELECT (SELECT count(*) FROM told_conflict) + ? > (SELECT count(*) FROM conflict)",
            .integer(Int64(untold.count)))
        guard hasGone == 1 || !untold.isEmpty || !decided.isEmpty else { return }
        try database.transaction(isSynced: false) {
            for conflict in untold {
                try database.run("INSERT OR IGNORE INTO told_conflict VALUES (?)", .blob(conflict.id.bigEndianBytes))
            }
            for conflict in decided {
                guard let stamp = conflict.verdict?.stamp else { continue }
                try database.run(
                    "INSERT OR REPLACE INTO told_decision VALUES (?, ?, ?)", .blob(conflict.id.bigEndianBytes),
                    .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device)))
            }
            if hasGone == 1 {
                for table in ["told_conflict", "told_decision"] {
                    try database.run("DELETE FROM \(table) WHERE id NOT IN (SELECT id FROM conflict)")
                }
            }
        }
    }

    private static let untoldDecision =
        """
        verdict_time NOT NULL AND NOT EXISTS (SELECT 1 FROM told_decision t
        WHERE t.id = c.id AND t.time = c.verdict_time AND t.device = c.verdict_device)
        """

    /// The conflicts that were not told, whatever became of them.
    private func untoldConflictsHere() throws -> [Conflict] {
        try conflictsHere("NOT EXISTS (SELECT 1 FROM told_conflict t WHERE t.id = c.id)")
    }

    /// The conflicts that a condition lets through, whose records are here. However many there are in all, only these are
    /// read: every sync asks.
    private func conflictsHere(_ condition: String) throws -> [Conflict] {
        try replica.reading {
            let rows = try database.query("SELECT id FROM conflict c WHERE \(condition)")
            return try rows.compactMap { row in
                guard case .blob(let bytes) = row[0], bytes.count == 16,
                    let conflict = try replica.conflict(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }),
                    try replica.record(table: conflict.table, id: conflict.record) != nil
                else { return nil }
                return conflict
            }
        }
    }
}
