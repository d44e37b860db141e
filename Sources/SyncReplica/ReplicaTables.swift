import Database

/// The tables that a replica keeps beside the records.
enum ReplicaTables {
    /// Makes what is missing, in a transaction.
    static func create(in database: Database) throws {
        try database.execute(script)
        // What files of earlier versions lack.
        try add("records INTEGER NOT NULL DEFAULT 1", to: "kept_run", in: database)
        try add("former BLOB", to: "new_identity", in: database)
        try add("heard INTEGER", to: "returned_group", in: database)
        try add("stretch_after INTEGER", to: "fetch", in: database)
        try add("stretch_through INTEGER", to: "fetch", in: database)
        try add("own INTEGER", to: "sync_mark", in: database)
        try add("seen_end INTEGER", to: "fetch", in: database)
        try add("seen_mark INTEGER", to: "fetch", in: database)
        try add("is_of_member INTEGER NOT NULL DEFAULT 0", to: "directory_area", in: database)
    }

    private static func add(_ column: String, to table: String, in database: Database) throws {
        let name = column.prefix { $0 != " " }
        let known = try database.query("SELECT 1 FROM pragma_table_info('\(table)') WHERE name = '\(name)'")
        if known.isEmpty { try database.execute("ALTER TABLE \(table) ADD COLUMN \(column)") }
    }

    /// Conflicts, former values and kept changes stand in the order in which they came, with their keys in an index: a sync touches
    /// records all over the file, and beside each other what it says of them takes a fifth of the pages. Files of earlier versions
    /// hold them in the order of their keys.
    static func keepInOrderOfArrival(in database: Database) throws {
        let tables = ["conflict", "history", "kept_change"]
        let inKeyOrder = try tables.filter { table in
            try database.integer(
                "SELECT count(*) FROM sqlite_schema WHERE name = ? AND sql LIKE '%) WITHOUT ROWID'", .text(table)) == 1
        }
        guard !inKeyOrder.isEmpty else { return }
        // The tables may be larger than what a program may keep in memory.
        try database.execute("PRAGMA cache_spill = ON")
        for table in inKeyOrder {
            let indexes = try database.query(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql NOT NULL",
                [.text(table)])
            try database.execute("ALTER TABLE \(table) RENAME TO \(table)_by_key")
            // An index keeps its name when its table gets another one.
            for case .text(let name) in indexes.map({ $0[0] }) { try database.execute("DROP INDEX \(name)") }
            try database.execute(script)
            try database.execute("INSERT INTO \(table) SELECT * FROM \(table)_by_key; DROP TABLE \(table)_by_key")
            for row in indexes {
                guard case .text(let name) = row[0], case .text(let sql) = row[1] else { continue }
                let isThere = try database.integer("SELECT 1 FROM sqlite_schema WHERE name = ?", .text(name)) == 1
                if !isThere { try database.execute(sql) }
            }
        }
        try database.execute("PRAGMA cache_spill = OFF")
    }

    /// Each statement may run again on a file that has the tables.
    private static let script = """
        -- What this device is and how far it has come; one row.
        CREATE TABLE IF NOT EXISTS replica_standing (
            only INTEGER PRIMARY KEY CHECK (only = 1), device INTEGER NOT NULL, epoch BLOB NOT NULL,
            clock INTEGER NOT NULL, last_group INTEGER NOT NULL, frozen INTEGER NOT NULL, receipt INTEGER NOT NULL,
            lowest_own INTEGER NOT NULL, directory_version INTEGER NOT NULL, role INTEGER NOT NULL,
            person TEXT NOT NULL);
        -- What the server's clock showed at the last sync less what this device's did, where that is much.
        CREATE TABLE IF NOT EXISTS clock_error (
            only INTEGER PRIMARY KEY CHECK (only = 1), milliseconds INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS directory_device (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL, person TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS directory_area (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL, can_read INTEGER NOT NULL, can_write INTEGER NOT NULL,
            twin_of INTEGER);
        -- A row: the log still holds records that were removed for good.
        CREATE TABLE IF NOT EXISTS unemptied_log (only INTEGER PRIMARY KEY CHECK (only = 1));
        -- A row: so do gaps of pages in the file.
        CREATE TABLE IF NOT EXISTS unclean_file (only INTEGER PRIMARY KEY CHECK (only = 1));
        -- Groups that are not settled. The number is given at once, without gaps; up to `frozen` it is final.
        CREATE TABLE IF NOT EXISTS outbox_group (
            number INTEGER PRIMARY KEY, state INTEGER NOT NULL, reason INTEGER, changes INTEGER NOT NULL,
            bytes INTEGER NOT NULL);
        -- An empty detail: a creation whose values stand in the record's row.
        CREATE TABLE IF NOT EXISTS outbox_change (
            group_number INTEGER NOT NULL, table_number INTEGER NOT NULL, record_key INTEGER NOT NULL,
            previous INTEGER, detail BLOB NOT NULL,
            PRIMARY KEY (group_number, table_number, record_key)) WITHOUT ROWID;
        -- The server's version of records with own groups that are not settled, where the server has one.
        CREATE TABLE IF NOT EXISTS shadow (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, state BLOB NOT NULL,
            PRIMARY KEY (table_number, record_key)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS cursor (
            area INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, mark INTEGER NOT NULL, digest BLOB NOT NULL);
        -- How areas are fetched from the start: the horizon that their cursor began under, and why they are fetched
        -- again (null: they are not). A repair that did not help leaves the difference of the digests. In the middle of a
        -- stretch, where it began and where it ends. The end of the feed that was seen, where the cursor has not come to it.
        CREATE TABLE IF NOT EXISTS fetch (
            area INTEGER PRIMARY KEY, horizon INTEGER NOT NULL DEFAULT 0, purpose INTEGER,
            at_end INTEGER NOT NULL DEFAULT 0, difference BLOB, report INTEGER, stretch_after INTEGER,
            stretch_through INTEGER, seen_end INTEGER, seen_mark INTEGER);
        -- How far this device had seen feeds of histories before the present one, until it has fetched the area in that one.
        CREATE TABLE IF NOT EXISTS former_end (
            area INTEGER NOT NULL, sequence INTEGER NOT NULL, mark INTEGER NOT NULL,
            PRIMARY KEY (area, sequence, mark)) WITHOUT ROWID;
        -- Acknowledged records of an area that is fetched again, until the server has sent them.
        CREATE TABLE IF NOT EXISTS unconfirmed (
            area INTEGER NOT NULL, table_number INTEGER NOT NULL, record_key INTEGER NOT NULL,
            PRIMARY KEY (area, table_number, record_key)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS conflict (
            id BLOB PRIMARY KEY NOT NULL, table_number INTEGER NOT NULL, record_id BLOB NOT NULL, area INTEGER NOT NULL,
            field INTEGER NOT NULL, a_deletes INTEGER NOT NULL, a_value, a_time INTEGER NOT NULL,
            a_device INTEGER NOT NULL, b_deletes INTEGER NOT NULL, b_value, b_time INTEGER NOT NULL,
            b_device INTEGER NOT NULL, before, kept INTEGER NOT NULL, status INTEGER NOT NULL, verdict_time INTEGER,
            verdict_device INTEGER, verdict_action INTEGER, why TEXT, local_status INTEGER,
            decided_in INTEGER);
        CREATE INDEX IF NOT EXISTS conflict_of_record ON conflict (table_number, record_id);
        -- Versions that this device saw replaced, and its own in-between ones, which never left it: also those of records that were
        -- sent without a word.
        CREATE TABLE IF NOT EXISTS history (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, field INTEGER NOT NULL, time INTEGER NOT NULL,
            device INTEGER NOT NULL, value, kind INTEGER NOT NULL, base_group INTEGER, base_time INTEGER,
            base_device INTEGER, PRIMARY KEY (table_number, record_key, field, time, device));
        -- Own groups that left the outbox, for 90 days: as sent; as runs of new records, read from their rows: one in each
        -- group, or so many in one; and their final times where those differ from the proposed ones.
        CREATE TABLE IF NOT EXISTS kept_change (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, group_number INTEGER NOT NULL,
            detail BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (table_number, record_key, group_number));
        CREATE TABLE IF NOT EXISTS kept_run (
            first INTEGER NOT NULL, table_number INTEGER NOT NULL, first_key INTEGER NOT NULL, last INTEGER NOT NULL,
            at INTEGER NOT NULL, records INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (first, table_number, first_key)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS kept_time (
            group_number INTEGER NOT NULL, proposed INTEGER NOT NULL, final INTEGER NOT NULL,
            PRIMARY KEY (group_number, proposed)) WITHOUT ROWID;
        -- What groups said as they were sent, by the lower half of their fingerprints: of those that are held, and of the last one
        -- that has a receipt.
        CREATE TABLE IF NOT EXISTS receipt_check (group_number INTEGER PRIMARY KEY, fingerprint INTEGER NOT NULL);
        -- The token of an identity of its own for a copied database; `agreed` while it is asked for: the last number that
        -- both copies share.
        CREATE TABLE IF NOT EXISTS new_identity (
            only INTEGER PRIMARY KEY CHECK (only = 1), agreed INTEGER, token BLOB NOT NULL,
            former BLOB);
        -- The office's public key; one row.
        CREATE TABLE IF NOT EXISTS office (
            only INTEGER PRIMARY KEY CHECK (only = 1), public_key BLOB NOT NULL);
        -- Who was let in, given and taken what, shut out: signed by the office, ids alone.
        CREATE TABLE IF NOT EXISTS ledger (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, entry BLOB NOT NULL);
        -- Own work that is not in force: not taken by the office, or taken back; its words are kept for 90 days.
        CREATE TABLE IF NOT EXISTS returned_group (
            number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, reason INTEGER NOT NULL, why TEXT, at INTEGER NOT NULL,
            replacement INTEGER, changes INTEGER NOT NULL, heard INTEGER);
        CREATE TABLE IF NOT EXISTS returned_change (
            number INTEGER NOT NULL, table_number INTEGER NOT NULL, record_id BLOB NOT NULL, area INTEGER NOT NULL,
            change BLOB NOT NULL, PRIMARY KEY (number, table_number, record_id)) WITHOUT ROWID;
        -- How far this device had come at earlier syncs, by the server's clock and by its own; forgetting goes by these.
        CREATE TABLE IF NOT EXISTS sync_mark (
            day INTEGER PRIMARY KEY, server INTEGER NOT NULL, operation INTEGER NOT NULL, receipt INTEGER NOT NULL,
            time INTEGER NOT NULL, own INTEGER);
        -- Held groups that were taken back here, until the server has confirmed it.
        CREATE TABLE IF NOT EXISTS withdrawal (number INTEGER PRIMARY KEY, replacement INTEGER);
        -- How far this device has heard what became of held groups; one row.
        CREATE TABLE IF NOT EXISTS held_standing (
            only INTEGER PRIMARY KEY CHECK (only = 1), epoch BLOB NOT NULL, last_outcome INTEGER NOT NULL);
        -- Until when decisions on held groups were told, under this history of the server and under earlier ones; one row.
        CREATE TABLE IF NOT EXISTS held_told (
            only INTEGER PRIMARY KEY CHECK (only = 1), epoch BLOB NOT NULL, former INTEGER NOT NULL,
            latest INTEGER NOT NULL);
        -- Fields of held changes that later own work, acknowledged already, has written again.
        CREATE TABLE IF NOT EXISTS held_cover (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, group_number INTEGER NOT NULL,
            mask INTEGER NOT NULL, PRIMARY KEY (table_number, record_key, group_number)) WITHOUT ROWID;
        -- What commands did here, one row for each of their transactions; all but the first name the first.
        CREATE TABLE IF NOT EXISTS operation (
            id INTEGER PRIMARY KEY, command INTEGER, at INTEGER NOT NULL, words TEXT NOT NULL, undone INTEGER,
            changes BLOB NOT NULL);
        -- Orders of erasure, and what they name: ids alone. `fields` is null for a whole record.
        CREATE TABLE IF NOT EXISTS erasure (
            id BLOB PRIMARY KEY, body BLOB NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,
            records INTEGER NOT NULL, all_records INTEGER NOT NULL, own_changes INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS erased (
            record BLOB NOT NULL, table_number INTEGER NOT NULL, erasure BLOB NOT NULL, fields INTEGER,
            time INTEGER NOT NULL, PRIMARY KEY (record, table_number, erasure)) WITHOUT ROWID;
        """
}
