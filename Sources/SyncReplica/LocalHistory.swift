import Database
import SyncCore

/// Versions of records that were replaced here.
struct LocalHistory {
    /// How a version came into this list.
    enum Kind: Int64 {
        /// The server had acknowledged it.
        case acknowledged = 0
        /// The device's own, replaced before it was sent.
        case inBetween = 1
        /// The device's own words of a record whose making was undone before it was sent: they come back with it.
        case withheld = 2
    }

    /// How long in-between values are kept, in milliseconds: 90 days.
    static let inBetweenMilliseconds: Int64 = 90 * 86_400_000

    let database: Database

    /// Notes what a new version of a record replaces.
    func noteReplaced(_ old: RecordState, by new: RecordState, _ row: RowKey) throws {
        for field in old.fields {
            let stays = new.field(field.number).stamp == field.stamp
            if !stays { try add(row, field, kind: .acknowledged, base: nil) }
        }
        if let existence = old.existence, existence.stamp != new.existence?.stamp {
            let version = FieldState(
                number: Field.existence, value: .integer(existence.isAlive ? 1 : 0), stamp: existence.stamp)
            try add(row, version, kind: .acknowledged, base: nil)
        }
    }

    /// Keeps a value that never left this device, with what its writer had seen.
    func addInBetween(_ row: RowKey, _ version: FieldState, base: Base?) throws {
        try add(row, version, kind: .inBetween, base: base)
    }

    /// Keeps what a record said that is sent without a word of it.
    func addWithheld(_ row: RowKey, _ version: FieldState) throws {
        try add(row, version, kind: .withheld, base: nil)
    }

    /// What a record said whose making was undone before it was sent, by field, as it was said last.
    func withheld(_ row: RowKey) throws -> [FieldState] {
        let versions = try versions(row).filter { $0.kind == .withheld }.map(\.version)
        let latest = Dictionary(versions.map { ($0.number, $0) }) { $0.stamp > $1.stamp ? $0 : $1 }
        return latest.values.sorted { $0.number < $1.number }
    }

    /// Lets in-between versions that were written over one that is gone from its group name what that one had seen.
    func rebase(_ row: RowKey, _ gone: UnsentWork.Version) throws {
        let (group, number, time): (SQLValue, SQLValue, SQLValue)
        switch gone.base {
        case .stamp(let stamp):
            (group, time, number) = (.null, .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device)))
        case .own(let own, let at):
            (group, time, number) = (.integer(Int64(clamping: own)), .integer(Int64(bitPattern: at)), .null)
        case .none: (group, time, number) = (.null, .null, .null)
        }
        try database.run(
            """
            UPDATE history SET base_group = ?, base_time = ?, base_device = ? WHERE kind = 1 AND table_number = ?
            AND record_key = ? AND field = ? AND base_group = ? AND base_time = ?
            """, group, time, number, .integer(Int64(row.table)), .integer(row.key), .integer(Int64(gone.state.number)),
            .integer(gone.group), .integer(Int64(bitPattern: gone.state.stamp.time)))
    }

    private func add(_ row: RowKey, _ version: FieldState, kind: Kind, base: Base?) throws {
        // What the server has acknowledged is not this device's alone any more.
        let statement = try database.statement(
            """
            INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value,
            kind = 0, base_group = NULL, base_time = NULL, base_device = NULL WHERE excluded.kind = 0 AND kind <> 0
            """)
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.bind(3, Int64(version.number))
        try statement.bind(4, time: version.stamp.time)
        try statement.bind(5, Int64(version.stamp.device))
        try statement.bind(6, value: version.value)
        try statement.bind(7, kind.rawValue)
        switch base ?? Base.none {
        case .stamp(let stamp):
            try statement.bindNull(8)
            try statement.bind(9, time: stamp.time)
            try statement.bind(10, Int64(stamp.device))
        case .own(let number, let time):
            try statement.bind(8, Int64(clamping: number))
            try statement.bind(9, time: time)
            try statement.bindNull(10)
        case .none:
            for index in 8...10 { try statement.bindNull(index) }
        }
        try statement.run()
    }

    /// What the writer of an in-between version had seen, or nil where the stamp is not one of those.
    func baseOfInBetween(_ row: RowKey, field: Int, stamp: Stamp) throws -> Base? {
        let statement = try database.statement(
            """
            SELECT base_group, base_time, base_device FROM history WHERE table_number = ? AND record_key = ?
            AND field = ? AND time = ? AND device = ? AND kind = 1
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.bind(3, Int64(field))
        try statement.bind(4, time: stamp.time)
        try statement.bind(5, Int64(stamp.device))
        guard try statement.step() else { return nil }
        if statement.isNull(1) { return Base.none }
        if statement.isNull(0) { return .stamp(statement.stamp(1)) }
        return .own(number: UInt64(clamping: statement.integer(0)), time: UInt64(bitPattern: statement.integer(1)))
    }

    func versions(_ row: RowKey) throws -> [(version: FieldState, kind: Kind)] {
        let statement = try database.statement(
            "SELECT field, value, time, device, kind FROM history WHERE table_number = ? AND record_key = ?")
        defer { statement.reset() }
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        var versions: [(FieldState, Kind)] = []
        while try statement.step() {
            guard let kind = Kind(rawValue: statement.integer(4)) else {
                throw ReplicaError.damaged("a version in the history")
            }
            versions.append(
                (
                    FieldState(
                        number: Int(statement.integer(0)), value: statement.anyValue(1), stamp: statement.stamp(2)),
                    kind
                ))
        }
        return versions
    }

    func remove(_ row: RowKey) throws {
        let statement = try database.statement("DELETE FROM history WHERE table_number = ? AND record_key = ?")
        try statement.bind(1, Int64(row.table))
        try statement.bind(2, row.key)
        try statement.run()
    }

    /// Removes the versions of some fields that were written before a stamp, and all that is withheld of them: that has no other time
    /// than that of this device's clock.
    func remove(_ row: RowKey, fields: FieldMask, before stamp: Stamp) throws {
        for field in 1...Field.largestNumber where fields.contains(field) {
            try database.run(
                """
                DELETE FROM history WHERE table_number = ? AND record_key = ? AND field = ?
                AND ((time, device) < (?, ?) OR kind = 2)
                """, .integer(Int64(row.table)), .integer(row.key), .integer(Int64(field)),
                .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device)))
        }
    }

    /// Removes in-between and withheld values that were written before a packed time.
    func removeInBetween(before time: UInt64) throws {
        try database.run("DELETE FROM history WHERE kind IN (1, 2) AND time < ?", .integer(Int64(bitPattern: time)))
    }
}
