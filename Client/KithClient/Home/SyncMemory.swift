import Database
import SyncCore
import SyncReplica

/// What this laptop remembers from one sync to the next: how large pages may be on its line, and what its person was told.
extension Laptop {
    /// The size that pages had at the end of the last sync.
    func pageSize() throws -> PageSize { try settings.pageBytes().map { PageSize(bytes: $0) } ?? PageSize() }

    /// Keeps the size for the next sync.
    func keep(_ size: PageSize) throws {
        guard try pageSize().bytes != size.bytes else { return }
        try database.transaction { try settings.keep(pageBytes: size.bytes) }
    }

    /// Makes what remembers the conflicts that were told, once: those that are here before this laptop's next sync count
    /// as told.
    func beginTelling() throws {
        guard try database.integer("SELECT 1 FROM sqlite_schema WHERE name = 'told_conflict'") == nil else { return }
        try database.transaction {
            try database.execute("CREATE TABLE IF NOT EXISTS told_conflict (id BLOB PRIMARY KEY) WITHOUT ROWID")
        }
        try noteTold()
    }

    /// The open conflicts that nobody was told of: a sync that was cut had brought them, or this one.
    func untoldConflicts() throws -> [Conflict] {
        let told = try toldConflicts()
        return try replica.conflicts(openOnly: true).filter { !told.contains($0.id) }
    }

    /// Remembers that all conflicts that are here were told, or need not be, and so was what the office decided.
    func noteTold() throws {
        try replica.forgetUntoldNews()
        let here = Set(try replica.conflicts(openOnly: false).map(\.id))
        let told = try toldConflicts()
        guard here != told else { return }
        try database.transaction {
            for id in told.subtracting(here) {
                try database.run("DELETE FROM told_conflict WHERE id = ?", .blob(id.bigEndianBytes))
            }
            for id in here.subtracting(told) {
                try database.run("INSERT OR IGNORE INTO told_conflict VALUES (?)", .blob(id.bigEndianBytes))
            }
        }
    }

    private func toldConflicts() throws -> Set<UInt128> {
        var ids: Set<UInt128> = []
        for row in try database.query("SELECT id FROM told_conflict") {
            guard case .blob(let bytes) = row[0], bytes.count == 16 else { continue }
            ids.insert(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
        }
        return ids
    }
}
