import Database
import SyncCore

/// Feeds, marks, and what devices sent.
extension SQLiteHubStore {
    /// The key of a feed row, or of the place before the first row of an area for the sequence 0.
    static func position(area: Int, sequence: UInt64) -> Int64 {
        Int64(area) << HubTables.sequenceBits | Int64(sequence)
    }

    package func head(area: Int) throws -> AreaHead {
        let statement = try database.statement("SELECT sequence, digest FROM area WHERE number = ?1")
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        guard try statement.step() else { throw HubError.areaUnknown(area) }
        var digest: UInt128 = 0
        if !statement.isNull(1) {
            guard let stored = UInt128(bytes: statement.blob(1)) else { throw HubError.damagedRow(table: "area") }
            digest = stored
        }
        return AreaHead(area: area, sequence: UInt64(bitPattern: statement.integer(0)), digest: digest)
    }

    package func setHead(_ head: AreaHead) throws {
        let statement = try database.statement("UPDATE area SET sequence = ?2, digest = ?3 WHERE number = ?1")
        try statement.bind(1, Int64(head.area))
        try statement.bind(2, Int64(bitPattern: head.sequence))
        try statement.bind(3, head.digest.bytes)
        try statement.run()
    }

    package func append(_ entries: [FeedEntry]) throws {
        // Those before it are added.
        var next = 0
        var start = 0
        while start < entries.count {
            let end = FeedRun.end(of: entries, from: start)
            if end - start >= FeedRun.count {
                try insert(entries, next..<start)
                next = start
                let step = FeedRun.step(from: entries[start], to: entries[start + 1]) ?? 0
                while end - next >= FeedRun.count {
                    try insertRun(from: entries[next], step: step)
                    next += FeedRun.count
                }
            }
            start = end
        }
        try insert(entries, next..<entries.count)
    }

    private func insertRun(from first: FeedEntry, step: UInt64) throws {
        let statement = try database.statement(feedRunInsertion)
        var isDone = false
        defer { if !isDone { statement.reset() } }
        try bind(first, to: statement, from: 1)
        try statement.bind(8, Int64(step))
        try statement.run()
        isDone = true
    }

    private func insert(_ entries: [FeedEntry], _ places: Range<Int>) throws {
        try feedInsertion.insert(places, into: database) { statement, first, index in
            try bind(entries[index], to: statement, from: first)
        }
    }

    private func bind(_ entry: FeedEntry, to statement: Statement, from first: Int) throws {
        try statement.bind(first, Self.position(area: entry.area, sequence: entry.sequence))
        switch entry.item {
        case .record(let table, let key):
            try statement.bind(first + 1, Int64(table))
            try statement.bind(first + 2, key)
        case .conflict(let key):
            try statement.bind(first + 1, Int64(0))
            try statement.bind(first + 2, key)
        }
        try statement.bind(first + 3, Int64(bitPattern: entry.mask.bits))
        try statement.bind(first + 4, Int64(entry.device))
        try statement.bind(first + 5, Int64(bitPattern: entry.number))
        try statement.bind(first + 6, Int64(entry.isExact ? 1 : 0))
    }

    package func forEachEntry(area: Int, after sequence: UInt64, _ body: (FeedEntry) throws -> Bool) throws {
        let statement = try database.statement(
            """
            SELECT position, table_number, item_key, mask, device, number, exact FROM feed
            WHERE position > ?1 AND position < ?2 ORDER BY position
            """)
        defer { statement.reset() }
        try statement.bind(1, Self.position(area: area, sequence: sequence))
        try statement.bind(2, Self.position(area: area + 1, sequence: 0))
        while try statement.step() {
            let (table, key) = (Int(statement.integer(1)), statement.integer(2))
            let entry = FeedEntry(
                area: area, sequence: UInt64(statement.integer(0) & ((1 << HubTables.sequenceBits) - 1)),
                item: table == 0 ? .conflict(key: key) : .record(table: table, key: key),
                mask: FieldMask(bits: UInt64(bitPattern: statement.integer(3))),
                device: UInt32(truncatingIfNeeded: statement.integer(4)),
                number: UInt64(bitPattern: statement.integer(5)), isExact: statement.integer(6) != 0)
            guard try body(entry) else { return }
        }
    }

    package func forEachItem(
        area: Int, after: UInt64, through: UInt64, _ body: (UInt64, Int, Int64, FieldMask) throws -> Void
    ) throws {
        let statement = try database.statement(
            """
            SELECT position, table_number, item_key, mask FROM feed
            WHERE position > ?1 AND position <= ?2 ORDER BY position DESC
            """)
        defer { statement.reset() }
        let start = Self.position(area: area, sequence: 0)
        try statement.bind(1, start + Int64(after))
        try statement.bind(2, start + Int64(through))
        while try statement.step() {
            try body(
                UInt64(statement.integer(0) - start), Int(statement.integer(1)), statement.integer(2),
                FieldMask(bits: UInt64(bitPattern: statement.integer(3))))
        }
    }

    package func addMark(area: Int, sequence: UInt64, mark: UInt64) throws {
        let statement = try database.statement("INSERT INTO mark VALUES (?1, ?2, ?3)")
        try statement.bind(1, Int64(area))
        try statement.bind(2, Int64(bitPattern: sequence))
        try statement.bind(3, Int64(bitPattern: mark))
        try statement.run()
    }

    package func mark(area: Int, atOrAfter sequence: UInt64) throws -> UInt64? {
        let statement = try database.statement(
            "SELECT mark FROM mark WHERE area = ?1 AND sequence >= ?2 ORDER BY sequence LIMIT 1")
        defer { statement.reset() }
        try statement.bind(1, Int64(area))
        try statement.bind(2, Int64(bitPattern: min(sequence, UInt64(Int64.max))))
        return try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
    }

    package func hasMark(_ mark: UInt64, area: Int) throws -> Bool {
        try database.integer(
            "SELECT 1 FROM mark WHERE area = ?1 AND mark = ?2", .integer(Int64(area)), .integer(Int64(bitPattern: mark))
        ) != nil
    }

    // MARK: What devices sent

    package func addFingerprints(
        device: UInt32, first: UInt64, _ fingerprints: [UInt128], arrival: Arrival
    ) throws {
        if fingerprints.isEmpty { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 * fingerprints.count)
        for fingerprint in fingerprints { bytes.append(contentsOf: fingerprint.bytes) }
        let statement = try database.statement(
            "INSERT INTO fingerprint (device, first, hashes, highest_time, arrived) VALUES (?1, ?2, ?3, ?4, ?5)")
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: first))
        try statement.bind(3, bytes)
        try statement.bind(4, Int64(bitPattern: arrival.highestTime))
        if let milliseconds = arrival.milliseconds {
            try statement.bind(5, milliseconds)
        } else {
            try statement.bindNull(5)
        }
        try statement.run()
    }

    package func arrivals(device: UInt32, from time: UInt64) throws -> [Arrival] {
        let statement = try database.statement(
            "SELECT highest_time, arrived FROM fingerprint WHERE device = ?1 AND highest_time >= ?2 ORDER BY first")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: time))
        var arrivals: [Arrival] = []
        while try statement.step() {
            arrivals.append(
                Arrival(
                    highestTime: UInt64(bitPattern: statement.integer(0)),
                    milliseconds: statement.isNull(1) ? nil : statement.integer(1)))
        }
        return arrivals
    }

    package func fingerprint(device: UInt32, number: UInt64) throws -> UInt128? {
        let statement = try database.statement(
            """
            SELECT substr(hashes, 1 + 16 * (?2 - first), 16) FROM fingerprint WHERE device = ?1 AND first <= ?2
            ORDER BY first DESC LIMIT 1
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: number))
        return try statement.step() ? UInt128(bytes: statement.blob(0)) : nil
    }

    package func addCorrection(device: UInt32, number: UInt64, proposed: UInt64, final: UInt64) throws {
        let statement = try database.statement("INSERT INTO correction VALUES (?1, ?2, ?3, ?4)")
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: number))
        try statement.bind(3, Int64(bitPattern: proposed))
        try statement.bind(4, Int64(bitPattern: final))
        try statement.run()
    }

    package func correction(device: UInt32, number: UInt64, proposed: UInt64) throws -> UInt64? {
        let statement = try database.statement(
            "SELECT final FROM correction WHERE device = ?1 AND number = ?2 AND proposed = ?3")
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(bitPattern: number))
        try statement.bind(3, Int64(bitPattern: proposed))
        return try statement.step() ? UInt64(bitPattern: statement.integer(0)) : nil
    }

    package func wasProposed(_ proposed: UInt64, device: UInt32, final: UInt64) throws -> Bool {
        try database.integer(
            "SELECT 1 FROM correction WHERE device = ?1 AND proposed = ?2 AND final = ?3", .integer(Int64(device)),
            .integer(Int64(bitPattern: proposed)), .integer(Int64(bitPattern: final))) != nil
    }

    package func corrections(device: UInt32, numbers: ClosedRange<UInt64>) throws -> [GroupCorrection] {
        let statement = try database.statement(
            """
            SELECT number, proposed, final FROM correction WHERE device = ?1 AND number BETWEEN ?2 AND ?3
            ORDER BY number, proposed
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(device))
        try statement.bind(2, Int64(clamping: numbers.lowerBound))
        try statement.bind(3, Int64(clamping: numbers.upperBound))
        var corrections: [GroupCorrection] = []
        while try statement.step() {
            corrections.append(
                GroupCorrection(
                    number: UInt64(bitPattern: statement.integer(0)),
                    proposed: UInt64(bitPattern: statement.integer(1)),
                    final: UInt64(bitPattern: statement.integer(2))))
        }
        return corrections
    }

    package func highestTime() throws -> UInt64 {
        UInt64(bitPattern: try database.integer("SELECT max(highest_time) FROM device") ?? 0)
    }
}
