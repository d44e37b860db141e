import Database
import RecordStorage
import SyncCore

/// What the office's commands did, newest last, so that they can be taken back one by one.
///
/// Values are not kept here: every version stays in the history, so it is enough to know which groups a command wrote and
/// which times they were given.
struct OfficeLog {
    /// How many operations are kept.
    static let largestCount = 1_000
    /// How long operations are kept, in milliseconds: 90 days.
    static let keptMilliseconds: Int64 = 90 * 86_400_000

    /// The groups of the office that say what an operation did last.
    struct Span: Equatable {
        var first: UInt64
        var last: UInt64
        /// The largest time that the office had been given before.
        var afterTime: UInt64
        var lastTime: UInt64

        /// Whether a version comes from these groups.
        func holds(_ stamp: Stamp) -> Bool {
            stamp.device == DeviceRecord.office && stamp.time > afterTime && stamp.time <= lastTime
        }
    }

    /// One operation that can be taken back or done again.
    struct Target {
        let id: Int64
        let words: String
        /// When it began, in milliseconds since 1970.
        let milliseconds: Int64
        let span: Span
        /// Where a reversal began that was cut off: its first group, and the time before it.
        let begun: (group: UInt64, afterTime: UInt64)?
    }

    let database: Database

    /// Notes an operation's first groups, and returns its number.
    func begin(_ words: String, _ span: Span, milliseconds: Int64) throws -> Int64 {
        try database.run(
            "INSERT INTO operation VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, NULL)", .integer(milliseconds),
            .text(words), .integer(Int64(bitPattern: span.first)), .integer(Int64(bitPattern: span.last)),
            .integer(Int64(bitPattern: span.afterTime)), .integer(Int64(bitPattern: span.lastTime)))
        let id = database.lastInsertRowID
        try database.run(
            """
            DELETE FROM operation WHERE at < ?1
            OR id < (SELECT id FROM operation ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, .integer(milliseconds - Self.keptMilliseconds), .integer(Int64(Self.largestCount - 1)))
        try ImportedRows.forgetEarlier(in: database)
        return id
    }

    /// Notes further groups of an operation.
    func extend(_ id: Int64, to span: Span) throws {
        try database.run(
            "UPDATE operation SET last_group = ?2, last_time = ?3 WHERE id = ?1", .integer(id),
            .integer(Int64(bitPattern: span.last)), .integer(Int64(bitPattern: span.lastTime)))
    }

    /// The last group of an operation that stands whole; nil for one that was taken back in part, and where there is none.
    func lastGroup(of id: Int64) throws -> UInt64? {
        try database.integer(
            "SELECT last_group FROM operation WHERE id = ?1 AND undone IS NULL AND reversal_group IS NULL", .integer(id)
        ).map { UInt64(bitPattern: $0) }
    }

    /// The operation that is taken back, or done again, next; nil where there is none.
    ///
    /// Only what was taken back after the last thing that was done can be done again.
    func target(_ direction: OperationReversal.Direction) throws -> Target? {
        let choice =
            switch direction {
            case .undo: "undone IS NULL ORDER BY id DESC"
            case .redo:
                """
                undone NOT NULL AND id > (SELECT coalesce(max(id), 0) FROM operation WHERE undone IS NULL)
                ORDER BY undone DESC
                """
            }
        let row = try database.query(
            """
            SELECT id, at, first_group, last_group, after_time, last_time, reversal_group, reversal_after_time, words
            FROM operation WHERE \(choice) LIMIT 1
            """
        ).first
        guard let row, case .text(let words) = row[8] else { return nil }
        let numbers = row.map { value -> Int64? in if case .integer(let number) = value { number } else { nil } }
        guard let id = numbers[0], let at = numbers[1], let first = numbers[2], let last = numbers[3],
            let afterTime = numbers[4], let lastTime = numbers[5]
        else { throw HubError.damagedRow(table: "operation") }
        var begun: (UInt64, UInt64)?
        if let group = numbers[6], let time = numbers[7] {
            begun = (UInt64(bitPattern: group), UInt64(bitPattern: time))
        }
        return Target(
            id: id, words: words, milliseconds: at,
            span: Span(
                first: UInt64(bitPattern: first), last: UInt64(bitPattern: last),
                afterTime: UInt64(bitPattern: afterTime), lastTime: UInt64(bitPattern: lastTime)),
            begun: begun)
    }

    /// Notes that a reversal has begun, so that it can go on where it is cut off.
    func beginReversal(_ id: Int64, group: UInt64, afterTime: UInt64) throws {
        try database.run(
            "UPDATE operation SET reversal_group = ?2, reversal_after_time = ?3 WHERE id = ?1", .integer(id),
            .integer(Int64(bitPattern: group)), .integer(Int64(bitPattern: afterTime)))
    }

    /// Notes that an operation was taken back, or done again, by these groups; nil where nothing was left to change.
    func finishReversal(_ id: Int64, _ direction: OperationReversal.Direction, by span: Span?) throws {
        if let span {
            try database.run(
                "UPDATE operation SET first_group = ?2, after_time = ?3 WHERE id = ?1", .integer(id),
                .integer(Int64(bitPattern: span.first)), .integer(Int64(bitPattern: span.afterTime)))
            try extend(id, to: span)
        }
        let undone = direction == .undo ? "(SELECT coalesce(max(undone), 0) + 1 FROM operation)" : "NULL"
        try database.run(
            """
            UPDATE operation SET undone = \(undone), reversal_group = NULL, reversal_after_time = NULL WHERE id = ?1
            """, .integer(id))
    }

    /// The records that groups of the office touched, in the order of the feed, each with the fields.
    ///
    /// A conflict that they decided stands for its record, without fields.
    func touched(by span: Span) throws -> [(item: FeedEntry.Item, mask: FieldMask)] {
        let statement = try database.statement(
            """
            SELECT table_number, item_key, mask FROM feed WHERE device = ?1 AND number BETWEEN ?2 AND ?3
            ORDER BY number, position
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(DeviceRecord.office))
        try statement.bind(2, Int64(bitPattern: span.first))
        try statement.bind(3, Int64(bitPattern: span.last))
        var touched: [(FeedEntry.Item, FieldMask)] = []
        while try statement.step() {
            let (table, key) = (Int(statement.integer(0)), statement.integer(1))
            let mask = FieldMask(bits: UInt64(bitPattern: statement.integer(2)))
            touched.append((table == 0 ? .conflict(key: key) : .record(table: table, key: key), mask))
        }
        return touched
    }
}

extension SQLiteHubStore {
    package func firstOperationGroup() throws -> UInt64? {
        try database.integer("SELECT min(first_group) FROM operation").map { UInt64(bitPattern: $0) }
    }
}

/// One command of the office that writes: all of its groups are one operation, which can be taken back.
package final class OfficeOperation {
    private let hub: Hub
    private let log: OfficeLog
    private let words: String
    /// The operation's number in the log; nil before anything was accepted.
    package private(set) var number: Int64?

    /// - Parameter words: the command: `import`.
    package init(_ hub: Hub, store: SQLiteHubStore, words: String) {
        self.hub = hub
        log = OfficeLog(database: store.database)
        self.words = words
    }

    /// Lets what follows belong to an operation that was begun before, unless the office has done something else since.
    package func goOn(with number: Int64) throws {
        guard let last = try log.lastGroup(of: number), try hub.knownDevice(DeviceRecord.office).lastGroup == last
        else {
            return
        }
        self.number = number
    }

    /// Accepts changes as the office's next group; in a transaction that the caller has opened.
    ///
    /// - Returns: false where they do not fit what is there: leave the transaction then by an error.
    package func accept(_ changes: [Change]) throws -> Bool {
        guard !changes.isEmpty else { return true }
        guard let span = try hub.acceptFromOffice(changes) else { return false }
        if let number {
            try log.extend(number, to: span)
        } else {
            number = try log.begin(words, span, milliseconds: hub.clock())
        }
        return true
    }
}

extension Hub {
    /// Accepts changes as the office's next group; nil where it is held.
    func acceptFromOffice(_ changes: [Change]) throws -> OfficeLog.Span? {
        let before = try knownDevice(DeviceRecord.office).highestTime
        let group = try officeGroup(changes)
        let acceptance = try accept(
            [group], from: DeviceRecord.office, deviceClock: nil, readings: read([group], from: DeviceRecord.office))
        guard !acceptance.held.contains(where: { $0.number == group.number }) else { return nil }
        return OfficeLog.Span(
            first: group.number, last: group.number, afterTime: before, lastTime: acceptance.highestTime)
    }
}
