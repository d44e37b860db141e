import Database

/// The SQL of the server's own tables, beside those of the records.
enum HubTables {
    /// Makes what is missing, in a transaction.
    static func create(in database: Database) throws {
        try database.execute(script)
        // What files of earlier versions lack.
        try add("last_group INTEGER NOT NULL DEFAULT 0", to: "sealed_bundle", in: database)
        try add("is_forked INTEGER NOT NULL DEFAULT 0", to: "sealed_bundle", in: database)
        try add("file BLOB", to: "bundle_standing", in: database)
        if try add("lost INTEGER NOT NULL DEFAULT 0", to: "former_epoch", in: database) {
            // What is shown of a history before this may have marks that nobody can tell from made up ones.
            try database.execute(
                "INSERT OR REPLACE INTO server (name, value) VALUES ('marks_keyed', 1000 * CAST(strftime('%s', 'now') AS INTEGER))"
            )
        }
        if try add("ledger INTEGER NOT NULL DEFAULT 0", to: "device", in: database) {
            // Laptops are told whose names they know anew: of members that is less than it was.
            try database.execute("UPDATE server SET value = value + 1 WHERE name = 'directory_version'")
        }
        // Together, so that a row has both or neither.
        try add("told_epoch BLOB", to: "audit_witness", in: database)
        try add("told_signature BLOB", to: "audit_witness", in: database)
        try add("arrived INTEGER", to: "fingerprint", in: database)
        if try add("highest_time INTEGER", to: "fingerprint", in: database) {
            // When each push before came is not known; the last one of each device says up to which time that holds.
            try database.execute(
                """
                UPDATE fingerprint SET highest_time = (SELECT highest_time FROM device d WHERE d.number = device)
                WHERE first = (SELECT max(first) FROM fingerprint f WHERE f.device = fingerprint.device)
                """)
        }
        // What a version before has erased may stand in gaps of pages.
        try database.execute(
            """
            INSERT OR IGNORE INTO server (name, value) SELECT '\(removalLeft)', 1
            WHERE EXISTS (SELECT 1 FROM erasure) AND NOT EXISTS (SELECT 1 FROM server WHERE name = '\(removals)');
            INSERT OR IGNORE INTO server (name, value) VALUES ('\(removals)', 1)
            """)
        // A version before left fingerprints of groups with words that it had erased: which ones nobody can tell.
        try database.execute(
            """
            UPDATE fingerprint SET hashes = zeroblob(length(hashes)) WHERE EXISTS (SELECT 1 FROM erasure)
            AND NOT EXISTS (SELECT 1 FROM server WHERE name = '\(fingerprintsErased)');
            INSERT OR IGNORE INTO server (name, value) SELECT '\(removalLeft)', 1
            WHERE EXISTS (SELECT 1 FROM erasure) AND NOT EXISTS (SELECT 1 FROM server WHERE name = '\(fingerprintsErased)');
            INSERT OR IGNORE INTO server (name, value) VALUES ('\(fingerprintsErased)', 1)
            """)
        try database.execute("INSERT OR IGNORE INTO server (name, value) VALUES ('members_areas_told', 0)")
        // Laptops are told once which areas members have.
        try database.execute(
            """
            UPDATE server SET value = value + 1 WHERE name IN ('directory_version', 'members_areas_told')
            AND (SELECT value FROM server WHERE name = 'members_areas_told') = 0
            """)
    }

    /// - Returns: whether the column was missing.
    @discardableResult
    private static func add(_ column: String, to table: String, in database: Database) throws -> Bool {
        let name = column.prefix { $0 != " " }
        let known = try database.query("SELECT 1 FROM pragma_table_info('\(table)') WHERE name = '\(name)'")
        if known.isEmpty { try database.execute("ALTER TABLE \(table) ADD COLUMN \(column)") }
        return known.isEmpty
    }

    /// The name of a note that fingerprints go with what they were made of.
    static let fingerprintsErased = "fingerprints_erased"
    /// The name of how many times content was removed for good, about; each has a number of its own.
    static let removals = "removals"
    /// The name of the last of them since the file was written anew; none where nothing was removed since.
    static let removalLeft = "removal_left"
    /// The name of a note that the log must be emptied of what stood in the file before it was written anew.
    static let logLeft = "log_left"

    /// A feed entry's key is the area and the sequence in one integer, so that the feed is one ordered list by row
    /// key, the cheapest that SQLite has.
    static let sequenceBits: Int64 = 40

    private static let script = """
        CREATE TABLE IF NOT EXISTS server (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS area (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, twin_of INTEGER,
            sequence INTEGER NOT NULL DEFAULT 0, digest BLOB);
        CREATE TABLE IF NOT EXISTS staff (name TEXT PRIMARY KEY, role INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS area_grant (
            person TEXT NOT NULL, area INTEGER NOT NULL, PRIMARY KEY (person, area)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS device (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL, person TEXT NOT NULL, token_hash BLOB UNIQUE,
            revoked INTEGER NOT NULL DEFAULT 0, last_group INTEGER NOT NULL DEFAULT 0,
            highest_time INTEGER NOT NULL DEFAULT 0, seen INTEGER, ledger INTEGER NOT NULL DEFAULT 0);
        -- Tokens in place of those of the enrolment: one in use and one that was told, at most, of each device.
        CREATE TABLE IF NOT EXISTS device_token (
            token_hash BLOB PRIMARY KEY, device INTEGER NOT NULL, is_next INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS device_token_of_device ON device_token (device);
        CREATE TABLE IF NOT EXISTS invitation (
            secret_hash BLOB PRIMARY KEY, person TEXT NOT NULL, role INTEGER NOT NULL, areas TEXT NOT NULL,
            expires INTEGER NOT NULL, used_by INTEGER, failures INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS version (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, field INTEGER NOT NULL,
            time INTEGER NOT NULL, device INTEGER NOT NULL, value, base_time INTEGER, base_device INTEGER,
            PRIMARY KEY (table_number, record_key, field, time, device)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS conflict (
            conflict_key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, table_number INTEGER NOT NULL,
            record BLOB NOT NULL, area INTEGER NOT NULL, field INTEGER NOT NULL,
            a_time INTEGER NOT NULL, a_device INTEGER NOT NULL, a_deleted INTEGER NOT NULL, a_value,
            b_time INTEGER NOT NULL, b_device INTEGER NOT NULL, b_deleted INTEGER NOT NULL, b_value,
            before_value, kept INTEGER NOT NULL, status INTEGER NOT NULL,
            verdict_time INTEGER, verdict_device INTEGER, verdict_action INTEGER, why TEXT);
        -- The stamps of all decisions that settled a conflict, also of one that was opened again: who made them had seen both
        -- sides.
        CREATE TABLE IF NOT EXISTS settling (
            conflict_key INTEGER NOT NULL, time INTEGER NOT NULL, device INTEGER NOT NULL,
            PRIMARY KEY (conflict_key, time, device)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS conflict_open ON conflict (conflict_key) WHERE status = 0;
        CREATE INDEX IF NOT EXISTS conflict_of_record ON conflict (record);
        CREATE TABLE IF NOT EXISTS feed (
            position INTEGER PRIMARY KEY, table_number INTEGER NOT NULL, item_key INTEGER NOT NULL,
            mask INTEGER NOT NULL, device INTEGER NOT NULL, number INTEGER NOT NULL, exact INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS mark (
            area INTEGER NOT NULL, sequence INTEGER NOT NULL, mark INTEGER NOT NULL,
            PRIMARY KEY (area, sequence)) WITHOUT ROWID;
        -- Cursors before the horizon can't follow the feed: deletions that stood there were collected.
        CREATE TABLE IF NOT EXISTS horizon (area INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
        -- How far a feed had come at a time.
        CREATE TABLE IF NOT EXISTS feed_age (
            area INTEGER NOT NULL, sequence INTEGER NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (area, sequence)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS area_check (
            device INTEGER NOT NULL, area INTEGER NOT NULL, outcome INTEGER NOT NULL, time INTEGER NOT NULL,
            repairs INTEGER NOT NULL, PRIMARY KEY (device, area)) WITHOUT ROWID;
        -- Of each push a hash of each group; when it came, and the greatest final time that its device had then.
        CREATE TABLE IF NOT EXISTS fingerprint (
            device INTEGER NOT NULL, first INTEGER NOT NULL, hashes BLOB NOT NULL, arrived INTEGER,
            highest_time INTEGER, PRIMARY KEY (device, first)) WITHOUT ROWID;
        -- What commands of the office did, one row each: the groups that say it now, and the times that they were given.
        CREATE TABLE IF NOT EXISTS operation (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, words TEXT NOT NULL, first_group INTEGER NOT NULL,
            last_group INTEGER NOT NULL, after_time INTEGER NOT NULL, last_time INTEGER NOT NULL, undone INTEGER,
            reversal_group INTEGER, reversal_after_time INTEGER);
        CREATE TABLE IF NOT EXISTS correction (
            device INTEGER NOT NULL, number INTEGER NOT NULL, proposed INTEGER NOT NULL, final INTEGER NOT NULL,
            PRIMARY KEY (device, number, proposed)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS quarantine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, device INTEGER NOT NULL, number INTEGER NOT NULL,
            reason INTEGER NOT NULL, arrived INTEGER NOT NULL, changes INTEGER NOT NULL, body BLOB NOT NULL,
            UNIQUE (device, number));
        CREATE TABLE IF NOT EXISTS held_outcome (
            id INTEGER PRIMARY KEY AUTOINCREMENT, device INTEGER NOT NULL, number INTEGER NOT NULL,
            kind INTEGER NOT NULL, reason INTEGER NOT NULL, why TEXT, decided INTEGER NOT NULL,
            UNIQUE (device, number));
        -- What the words of a decision may be about: they go with an erased record.
        CREATE TABLE IF NOT EXISTS held_reason_record (
            device INTEGER NOT NULL, number INTEGER NOT NULL, table_number INTEGER NOT NULL, record BLOB NOT NULL,
            PRIMARY KEY (table_number, record, device, number)) WITHOUT ROWID;
        -- Who did what, by ids alone, each line covering the one before it; and what devices hold of it.
        CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, entry BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS audit_witness (
            device INTEGER PRIMARY KEY, head BLOB NOT NULL, at INTEGER NOT NULL, told_epoch BLOB, told_signature BLOB);
        -- What devices say of themselves: whether the disk is encrypted, whether they obeyed an order to wipe.
        CREATE TABLE IF NOT EXISTS device_standing (
            device INTEGER PRIMARY KEY, disk INTEGER NOT NULL, wiped INTEGER NOT NULL, at INTEGER NOT NULL);
        -- What devices sign with.
        CREATE TABLE IF NOT EXISTS device_key (device INTEGER PRIMARY KEY, public_key BLOB NOT NULL);
        -- Of each device that sends bundles, where it stood with its last one: a request without groups, and which file.
        CREATE TABLE IF NOT EXISTS bundle_standing (
            device INTEGER PRIMARY KEY, made INTEGER NOT NULL, request BLOB NOT NULL, file BLOB);
        -- Bundles that wait for groups before theirs, as they came: sealed.
        CREATE TABLE IF NOT EXISTS sealed_bundle (
            device INTEGER NOT NULL, first_group INTEGER NOT NULL, arrived INTEGER NOT NULL, body BLOB NOT NULL,
            last_group INTEGER NOT NULL DEFAULT 0, is_forked INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (device, first_group)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS device_copy (device INTEGER PRIMARY KEY, original INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS healing (
            only INTEGER PRIMARY KEY CHECK (only = 1), begun INTEGER NOT NULL, former_epoch BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS former_epoch (
            epoch BLOB PRIMARY KEY, lost INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        -- The devices that have shown that they saw what was lost, until they have handed over everything.
        CREATE TABLE IF NOT EXISTS healing_proof (device INTEGER PRIMARY KEY);
        -- How many steps each device has handed over in the present history.
        CREATE TABLE IF NOT EXISTS handover_step (device INTEGER PRIMARY KEY, count INTEGER NOT NULL);
        -- The devices at whose word alone a new history began.
        CREATE TABLE IF NOT EXISTS history_claim (
            device INTEGER PRIMARY KEY, at INTEGER NOT NULL, count INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS healed_device (device INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS vouched (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, time INTEGER NOT NULL,
            device INTEGER NOT NULL, voucher INTEGER NOT NULL,
            PRIMARY KEY (table_number, record_key, time, device)) WITHOUT ROWID;
        -- Creations that have been sent again since a restore, by their times before it; `present`: the one of now.
        CREATE TABLE IF NOT EXISTS former_creation (
            table_number INTEGER NOT NULL, record_key INTEGER NOT NULL, time INTEGER NOT NULL, device INTEGER NOT NULL,
            present INTEGER NOT NULL, PRIMARY KEY (table_number, record_key, time, device)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS ledger (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, entry BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS held_link (
            table_number INTEGER NOT NULL, record BLOB NOT NULL, field INTEGER NOT NULL, time INTEGER NOT NULL,
            device INTEGER NOT NULL, base_time INTEGER, base_device INTEGER, quarantine INTEGER NOT NULL,
            PRIMARY KEY (table_number, record, field, time, device)) WITHOUT ROWID;
        -- Groups of devices that were shut out, held under another number than their own: hashes of what they do.
        CREATE TABLE IF NOT EXISTS moved_group (
            device INTEGER NOT NULL, likeness BLOB NOT NULL, sent INTEGER NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (device, likeness)) WITHOUT ROWID;
        -- Orders of erasure: ids and field numbers, never content. `fields` is null for a whole record.
        CREATE TABLE IF NOT EXISTS erasure (
            id BLOB PRIMARY KEY, at INTEGER NOT NULL, highest_device INTEGER NOT NULL, body BLOB NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS erased (
            record BLOB NOT NULL, table_number INTEGER NOT NULL, erasure BLOB NOT NULL, fields INTEGER,
            time INTEGER NOT NULL, PRIMARY KEY (record, table_number, erasure)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS erasure_confirmation (
            erasure BLOB NOT NULL, device INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (erasure, device)) WITHOUT ROWID;
        """
}
