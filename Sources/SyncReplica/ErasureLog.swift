import Database
import SyncCore

/// The orders of erasure that this device was given, and what they name: ids and field numbers, never content.
struct ErasureLog {
    /// How far an order has come here.
    enum State: Int64 {
        /// It has arrived; until the reply is applied it is not decided whether the user is asked.
        case arrived = 0
        case waitsForUser = 1
        /// Nothing of it stands in a table of records; an index may still hold its words, or a newer value is on its way.
        case removed = 2
        /// Nothing of it stands anywhere; the files may still hold freed bytes.
        case emptied = 5
        /// Nothing of it is left in the files: to be confirmed.
        case clean = 3
        /// The server knows that.
        case acknowledged = 4
    }

    let database: Database

    // MARK: Orders

    /// Keeps an order; false where it is known.
    func add(_ order: ErasureOrder, _ size: ErasureSize, milliseconds: Int64) throws -> Bool {
        try database.run(
            "INSERT OR IGNORE INTO erasure VALUES (?, ?, ?, 0, ?, ?, ?)", .blob(order.id.bytes),
            .blob(order.encoded()), .integer(milliseconds), .integer(Int64(size.records)),
            .integer(Int64(size.allRecords)), .integer(Int64(size.ownChanges)))
        guard database.changes > 0 else { return false }
        for target in order.targets {
            try database.run(
                "INSERT OR IGNORE INTO erased VALUES (?, ?, ?, ?, ?)", .blob(target.record.bytes),
                .integer(Int64(target.table)), .blob(order.id.bytes),
                target.isWhole ? .null : .integer(Int64(bitPattern: target.fields.bits)),
                .integer(Int64(bitPattern: order.time)))
        }
        return true
    }

    func contains(_ order: RecordID) throws -> Bool {
        try database.integer("SELECT 1 FROM erasure WHERE id = ?", .blob(order.bytes)) != nil
    }

    func orders(in state: State) throws -> [ReplicaErasure] {
        try database.query(
            "SELECT body, at, records, all_records, own_changes FROM erasure WHERE state = ? ORDER BY at, id",
            [.integer(state.rawValue)]
        ).map {
            guard case .blob(let body) = $0[0], case .integer(let at) = $0[1], case .integer(let records) = $0[2],
                case .integer(let all) = $0[3], case .integer(let own) = $0[4]
            else { throw ReplicaError.damaged("an order of erasure") }
            return ReplicaErasure(
                order: try ErasureOrder(decoding: body), milliseconds: at,
                size: ErasureSize(records: Int(records), allRecords: Int(all), ownChanges: Int(own)))
        }
    }

    func set(_ state: State, _ order: RecordID) throws {
        try database.run("UPDATE erasure SET state = ? WHERE id = ?", .integer(state.rawValue), .blob(order.bytes))
    }

    /// Notes that the server knows of a confirmation.
    func acknowledge(_ orders: [RecordID]) throws {
        for order in orders {
            try database.run(
                "UPDATE erasure SET state = 4 WHERE id = ? AND state = 3", .blob(order.bytes))
        }
    }

    /// Makes all confirmations wait again: another history of the server does not have them.
    func confirmAgain() throws { try database.run("UPDATE erasure SET state = 3 WHERE state = 4") }

    /// What the server has not acknowledged yet.
    func reports() throws -> [ErasureReport] {
        try database.query(
            "SELECT id, state FROM erasure WHERE state IN (1, 3) ORDER BY state DESC, at, id LIMIT ?",
            [.integer(Int64(SyncRequest.largestReportCount))]
        ).map {
            guard case .blob(let bytes) = $0[0], let id = RecordID(bytes: bytes) else {
                throw ReplicaError.damaged("an order of erasure")
            }
            return ErasureReport(order: id, state: $0[1] == .integer(1) ? .waitsForUser : .confirmed)
        }
    }

    // MARK: Marks

    /// Whether there was ever an order.
    func isEmpty() throws -> Bool { try database.integer("SELECT 1 FROM erased LIMIT 1") == nil }

    /// Whether a record is erased as a whole, or is to be once the user has answered.
    func isErased(table: Int, id: RecordID) throws -> Bool {
        let statement = try database.statement(
            "SELECT 1 FROM erased WHERE record = ? AND table_number = ? AND fields IS NULL LIMIT 1")
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        try statement.bind(2, Int64(table))
        return try statement.step()
    }

    /// Whether a version of a field is older than an order that names the field.
    func isErased(_ version: FieldState, table: Int, id: RecordID) throws -> Bool {
        let statement = try database.statement(
            "SELECT fields, time FROM erased WHERE record = ? AND table_number = ? AND fields NOT NULL")
        defer { statement.reset() }
        try statement.bind(1, id.bytes)
        try statement.bind(2, Int64(table))
        while try statement.step() {
            let fields = FieldMask(bits: UInt64(bitPattern: statement.integer(0)))
            let order = Stamp(time: UInt64(bitPattern: statement.integer(1)), device: 0)
            if fields.contains(version.number), version.stamp < order { return true }
        }
        return false
    }
}

/// How much an order touches on this device.
package struct ErasureSize: Hashable, Sendable {
    /// The least number of records for which the user is asked: less is a handful.
    package static let smallestAskedCount = 11
    /// The share of the device's records, in percent, above which the user is asked.
    package static let largestUnaskedPercent = 5

    /// Records of the order that were here when it arrived.
    package var records: Int
    /// All records that were here then.
    package var allRecords: Int
    /// The device's own changes of these records that the server had not taken.
    package var ownChanges: Int

    /// Whether the device's user is asked before anything is removed.
    package var needsUser: Bool {
        records >= Self.smallestAskedCount && records * 100 > allRecords * Self.largestUnaskedPercent
    }

    static func + (left: ErasureSize, right: ErasureSize) -> ErasureSize {
        ErasureSize(
            records: left.records + right.records, allRecords: max(left.allRecords, right.allRecords),
            ownChanges: left.ownChanges + right.ownChanges)
    }
}

/// An order as this device keeps it.
package struct ReplicaErasure: Hashable, Sendable {
    package var order: ErasureOrder
    /// When it arrived, in milliseconds since 1970.
    package var milliseconds: Int64
    package var size: ErasureSize
}
