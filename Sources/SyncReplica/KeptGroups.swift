import Database
import RecordStorage
import SyncCore

/// This device's own groups that the server has taken and that left the outbox: kept for 90 days, so that a server that
/// was restored from an old backup can be given again what it lost.
///
/// A new record that came into force as it was sent costs next to nothing: its values stand in its row and, where they
/// were replaced, in the history; a run of such groups is one row, and so is a group of many new records, as an import
/// makes. Other changes are kept as they were sent.
struct KeptGroups {
    /// One change of a kept group.
    struct Part {
        var row: RowKey
        /// The change as a group of one; empty for a creation that must be read from the row.
        var detail: [UInt8]
    }

    let database: Database
    let clock: () -> Int64

    // MARK: Keeping

    /// Keeps creations whose values stand in their rows.
    ///
    /// - Parameter entries: in the order of groups, tables, keys.
    func add(_ entries: [Outbox.Entry]) throws {
        var run: Run?
        for entry in entries where run?.take(entry) != true {
            if let run { try save(run) }
            run = Run(entry)
        }
        if let run { try save(run) }
    }

    /// Keeps one change as it was sent.
    func add(_ entry: Outbox.Entry) throws {
        if entry.detail.isEmpty { return try save(Run(entry)) }
        let statement = try database.statement("INSERT OR REPLACE INTO kept_change VALUES (?, ?, ?, ?, ?)")
        try statement.bind(1, Int64(entry.row.table))
        try statement.bind(2, entry.row.key)
        try statement.bind(3, entry.group)
        try statement.bind(4, entry.detail)
        try statement.bind(5, clock())
        try statement.run()
    }

    /// Keeps the final times of the device's groups where they differ from the proposed ones.
    func note(_ corrections: [GroupCorrection]) throws {
        for correction in corrections {
            let statement = try database.statement("INSERT OR REPLACE INTO kept_time VALUES (?, ?, ?)")
            try statement.bind(1, Int64(clamping: correction.number))
            try statement.bind(2, time: correction.proposed)
            try statement.bind(3, time: correction.final)
            try statement.run()
        }
    }

    private func save(_ run: Run) throws {
        let statement = try database.statement("INSERT OR REPLACE INTO kept_run VALUES (?, ?, ?, ?, ?, ?)")
        try statement.bind(1, run.first)
        try statement.bind(2, Int64(run.table))
        try statement.bind(3, run.firstKey)
        try statement.bind(4, run.last)
        try statement.bind(5, clock())
        try statement.bind(6, run.records)
        try statement.run()
    }

    // MARK: Forgetting

    /// Forgets what is kept of a record that leaves this file.
    func remove(_ row: RowKey) throws {
        let statement = try database.statement("DELETE FROM kept_change WHERE table_number = ? AND record_key = ?")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.run()
        try part(row)
    }

    /// Whether anything is kept of a record that the server has taken since a moment, in milliseconds since 1970.
    func holds(_ row: RowKey, since moment: Int64) throws -> Bool {
        try database.integer(
            """
            SELECT EXISTS (SELECT 1 FROM kept_change WHERE table_number = ?1 AND record_key = ?2 AND at >= ?3) OR EXISTS (
            SELECT 1 FROM kept_run
            WHERE table_number = ?1 AND first_key <= ?2 AND first_key + last - first + records > ?2 AND at >= ?3)
            """, .integer(Int64(row.table)), .integer(row.key), .integer(moment)) == 1
    }

    /// Takes a row out of the runs: its key may be given to another record.
    private func part(_ row: RowKey) throws {
        let runs = try database.query(
            """
            SELECT first, first_key, last, at, records FROM kept_run
            WHERE table_number = ?1 AND first_key <= ?2 AND first_key + last - first + records > ?2
            """, [.integer(Int64(row.table)), .integer(row.key)])
        for run in runs {
            guard case .integer(let first) = run[0], case .integer(let firstKey) = run[1],
                case .integer(let last) = run[2], case .integer(let at) = run[3], case .integer(let records) = run[4]
            else { throw ReplicaError.damaged("a kept run of groups") }
            try database.run(
                "DELETE FROM kept_run WHERE first = ?1 AND table_number = ?2 AND first_key = ?3", .integer(first),
                .integer(Int64(row.table)), .integer(firstKey))
            // Several records are those of one group, else each has a group of its own.
            let end = firstKey + last - first + records - 1
            for (from, through) in [(firstKey, row.key - 1), (row.key + 1, end)] where from <= through {
                let isOne = records > 1
                try database.run(
                    "INSERT OR REPLACE INTO kept_run VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    .integer(isOne ? first : first + from - firstKey), .integer(Int64(row.table)), .integer(from),
                    .integer(isOne ? last : first + through - firstKey), .integer(at),
                    .integer(isOne ? through - from + 1 : 1))
            }
        }
    }

    /// Forgets what is kept of some fields of a record, unless it was written after seeing a stamp.
    func forget(_ fields: FieldMask, of row: RowKey, unlessSeen stamp: Stamp) throws {
        let rows = try database.query(
            "SELECT group_number, detail FROM kept_change WHERE table_number = ? AND record_key = ?",
            [.integer(Int64(row.table)), .integer(row.key)])
        for kept in rows {
            guard case .integer(let group) = kept[0], case .blob(let detail) = kept[1],
                var change = try ChangeGroup(decoding: detail).changes.first
            else { throw ReplicaError.damaged("a kept change") }
            guard change.forget(fields, unlessSeen: stamp) else { continue }
            try database.run(
                """
                UPDATE kept_change SET detail = ? WHERE table_number = ? AND record_key = ? AND group_number = ?
                """, .blob(ChangeGroup(number: UInt64(clamping: group), changes: [change]).encoded()),
                .integer(Int64(row.table)), .integer(row.key), .integer(group))
        }
    }

    /// Forgets groups that the server had, by number, and that were kept before a moment, in milliseconds since 1970.
    ///
    /// Final times stay as long as anything here is not settled: what is held bears them, or names an older group by them, and
    /// no server that was restored, nor one that this device is a new one to, could tell what they were.
    func remove(through number: Int64, before milliseconds: Int64) throws {
        let limits = [SQLValue.integer(number), .integer(milliseconds)]
        try database.run("DELETE FROM kept_change WHERE group_number <= ? AND at < ?", limits[0], limits[1])
        try database.run("DELETE FROM kept_run WHERE last <= ? AND at < ?", limits[0], limits[1])
        guard database.changes > 0 else { return }
        try database.run(
            """
            DELETE FROM kept_time WHERE NOT EXISTS (SELECT 1 FROM outbox_group) AND group_number < (
                SELECT min(number) FROM (SELECT min(first) AS number FROM kept_run
                UNION SELECT min(group_number) FROM kept_change))
            """)
    }

    func removeAll() throws {
        for table in ["kept_change", "kept_run", "kept_time"] { try database.run("DELETE FROM \(table)") }
    }

    // MARK: Reading

    /// The greatest number up to one of which something is kept; nil where there is none.
    func last(through number: Int64) throws -> Int64? {
        let change = try database.integer(
            "SELECT max(group_number) FROM kept_change WHERE group_number <= ?", .integer(number))
        let run = try database.integer("SELECT max(min(last, ?1)) FROM kept_run WHERE first <= ?1", .integer(number))
        return [change, run].compactMap(\.self).max()
    }

    /// What is kept of each group behind a number.
    func parts(after number: Int64, through last: Int64 = .max) throws -> [Int64: [Part]] {
        var groups: [Int64: [Part]] = [:]
        let changes = try database.statement(
            """
            SELECT group_number, table_number, record_key, detail FROM kept_change
            WHERE group_number > ? AND group_number <= ?
            """)
        defer { changes.reset() }
        try changes.bind(1, number)
        try changes.bind(2, last)
        while try changes.step() {
            let row = RowKey(table: Int(changes.integer(1)), key: changes.integer(2))
            groups[changes.integer(0), default: []].append(Part(row: row, detail: changes.blob(3)))
        }
        let runs = try database.statement(
            "SELECT first, last, table_number, first_key, records FROM kept_run WHERE last > ? AND first <= ?")
        defer { runs.reset() }
        try runs.bind(1, number)
        try runs.bind(2, last)
        while try runs.step() {
            let (first, end, table) = (runs.integer(0), min(runs.integer(1), last), Int(runs.integer(2)))
            for group in max(first, number + 1)...max(end, number + 1) where group <= end {
                let firstKey = runs.integer(3) + group - first
                for key in firstKey..<(firstKey + max(1, runs.integer(4))) {
                    groups[group, default: []].append(Part(row: RowKey(table: table, key: key), detail: []))
                }
            }
        }
        return groups
    }

    /// The final times of proposed ones that were corrected, of groups behind a number.
    func corrections(after number: Int64) throws -> [GroupCorrection] {
        let statement = try database.statement(
            "SELECT group_number, proposed, final FROM kept_time WHERE group_number > ? ORDER BY 1, 2")
        defer { statement.reset() }
        try statement.bind(1, number)
        var corrections: [GroupCorrection] = []
        while try statement.step() {
            corrections.append(
                GroupCorrection(
                    number: UInt64(clamping: statement.integer(0)), proposed: UInt64(bitPattern: statement.integer(1)),
                    final: UInt64(bitPattern: statement.integer(2))))
        }
        return corrections
    }

    /// The final times that the server gave to a proposed one in any group.
    func finals(proposed: UInt64) throws -> [UInt64] {
        let statement = try database.statement("SELECT final FROM kept_time WHERE proposed = ?")
        defer { statement.reset() }
        try statement.bind(1, time: proposed)
        var finals: [UInt64] = []
        while try statement.step() { finals.append(UInt64(bitPattern: statement.integer(0))) }
        return finals
    }

    /// The final time that the server gave to a proposed one, or nil where it left it as it was.
    func correction(group: Int64, proposed: UInt64) throws -> UInt64? {
        let statement = try database.statement("SELECT final FROM kept_time WHERE group_number = ? AND proposed = ?")
        defer { statement.reset() }
        try statement.bind(1, group)
        try statement.bind(2, time: proposed)
        return try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
    }

    /// Creations whose rows follow each other: those of groups that follow each other, one in each, or all of one group.
    private struct Run {
        let first: Int64
        var last: Int64
        let table: Int
        let firstKey: Int64
        /// How many of each group; more than one only where there is one group.
        var records: Int64 = 1

        init(_ entry: Outbox.Entry) {
            first = entry.group
            last = entry.group
            table = entry.row.table
            firstKey = entry.row.key
        }

        /// Takes the next creation in where it continues the run.
        mutating func take(_ entry: Outbox.Entry) -> Bool {
            guard entry.row.table == table, entry.row.key == firstKey + last - first + records else { return false }
            if records == 1, entry.group == last + 1 {
                last = entry.group
            } else if first == last, entry.group == last {
                records += 1
            } else {
                return false
            }
            return true
        }
    }
}

extension Replica {
    /// Builds a group again of what is kept of it; nil where nothing is.
    ///
    /// A creation is read from the record as the server had it, and the history; a record that left this file is left out.
    func rebuild(_ number: Int64, _ parts: [KeptGroups.Part], device: UInt32) throws -> ChangeGroup? {
        var changes: [Change] = []
        for part in parts.sorted(by: { ($0.row.table, $0.row.key) < ($1.row.table, $1.row.key) }) {
            if part.detail.isEmpty {
                if let change = try creation(of: part.row, device: device) { changes.append(change) }
            } else {
                changes += try ChangeGroup(decoding: part.detail).changes
            }
        }
        return changes.isEmpty ? nil : ChangeGroup(number: UInt64(clamping: number), changes: changes)
    }

    /// What a record said when this device made it.
    private func creation(of row: RowKey, device: UInt32) throws -> Change? {
        guard let view = try records.load(table: row.table, key: row.key),
            let state = try acknowledged(RecordReference(table: view.table, id: view.id)),
            state.created.device == device
        else { return nil }
        var made = state.fields.filter { $0.stamp == state.created && $0.value != .null }
        for (version, kind) in try localHistory.versions(row)
        where kind == .acknowledged && version.stamp == state.created
            && version.number != Field.existence && version.value != .null
            && !made.contains(where: { $0.number == version.number })
        {
            made.append(version)
        }
        let time = state.created.time
        return Change(
            table: state.table, record: state.id, creation: Creation(area: state.area, time: time),
            fields: made.sorted { $0.number < $1.number }.map {
                FieldChange(field: $0.number, value: $0.value, time: time, base: .none)
            })
    }
}
