import Database
import RecordStorage
import SyncCore

/// What is kept while a restored server is healed.
extension SQLiteHubStore {
    package func healing() throws -> HealingState? {
        let statement = try database.statement("SELECT begun, former_epoch FROM healing")
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        var state = HealingState(begunMilliseconds: statement.integer(0), formerEpoch: statement.blob(1))
        let devices = try database.statement("SELECT device, at FROM healed_device")
        defer { devices.reset() }
        while try devices.step() {
            state.reported[UInt32(truncatingIfNeeded: devices.integer(0))] = devices.integer(1)
        }
        return state
    }

    package func setHealing(_ state: HealingState?) throws {
        try database.run("DELETE FROM healing")
        try database.run("DELETE FROM healed_device")
        guard let state else { return }
        try database.run(
            "INSERT INTO healing VALUES (1, ?1, ?2)", .integer(state.begunMilliseconds), .blob(state.formerEpoch))
        for (device, time) in state.reported {
            try database.run("INSERT INTO healed_device VALUES (?1, ?2)", .integer(Int64(device)), .integer(time))
        }
    }

    package func addFormerEpoch(_ epoch: [UInt8], isLost: Bool) throws {
        try database.run(
            "INSERT OR IGNORE INTO former_epoch (epoch, lost) VALUES (?1, ?2)", .blob(epoch), .integer(isLost ? 1 : 0))
    }

    package func isFormerEpoch(_ epoch: [UInt8]) throws -> Bool {
        try database.integer("SELECT 1 FROM former_epoch WHERE epoch = ?1", .blob(epoch)) != nil
    }

    package func isOwnFormerEpoch(_ epoch: [UInt8]) throws -> Bool {
        try database.integer("SELECT 1 FROM former_epoch WHERE epoch = ?1 AND lost = 0", .blob(epoch)) != nil
    }

    package func formerEpochs() throws -> [[UInt8]] {
        try database.query("SELECT epoch FROM former_epoch").compactMap { row in
            if case .blob(let epoch)? = row.first { epoch } else { nil }
        }
    }

    package func historyClaims() throws -> [HistoryClaim] {
        let statement = try database.statement("SELECT device, at, count FROM history_claim ORDER BY device")
        defer { statement.reset() }
        var claims: [HistoryClaim] = []
        while try statement.step() {
            claims.append(
                HistoryClaim(
                    device: UInt32(truncatingIfNeeded: statement.integer(0)), milliseconds: statement.integer(1),
                    count: Int(clamping: statement.integer(2))))
        }
        return claims
    }

    package func setHistoryClaim(_ claim: HistoryClaim) throws {
        try database.run(
            "INSERT OR REPLACE INTO history_claim VALUES (?1, ?2, ?3)", .integer(Int64(claim.device)),
            .integer(claim.milliseconds), .integer(Int64(claim.count)))
    }

    package func addHealingProof(_ device: UInt32) throws {
        try database.run("INSERT OR IGNORE INTO healing_proof VALUES (?1)", .integer(Int64(device)))
    }

    package func hasHealingProof(_ device: UInt32) throws -> Bool {
        try database.integer("SELECT 1 FROM healing_proof WHERE device = ?1", .integer(Int64(device))) != nil
    }

    package func removeHealingProof(_ device: UInt32) throws {
        try database.run("DELETE FROM healing_proof WHERE device = ?1", .integer(Int64(device)))
    }

    package func removeHealingProofs() throws { try database.run("DELETE FROM healing_proof") }

    package func addHandoverStep(_ device: UInt32) throws {
        try database.run(
            "INSERT INTO handover_step VALUES (?1, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            .integer(Int64(device)))
    }

    package func handoverSteps(_ device: UInt32) throws -> UInt64 {
        let count = try database.integer("SELECT count FROM handover_step WHERE device = ?1", .integer(Int64(device)))
        return UInt64(clamping: count ?? 0)
    }

    package func removeHandoverSteps() throws { try database.run("DELETE FROM handover_step") }

    package func addVouched(table: Int, key: Int64, stamp: Stamp, by device: UInt32) throws {
        try database.run(
            "INSERT OR REPLACE INTO vouched VALUES (?1, ?2, ?3, ?4, ?5)", .integer(Int64(table)), .integer(key),
            .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device)), .integer(Int64(device)))
    }

    package func removeVouched(table: Int, key: Int64, stamp: Stamp) throws {
        try database.run(
            "DELETE FROM vouched WHERE table_number = ?1 AND record_key = ?2 AND time = ?3 AND device = ?4",
            .integer(Int64(table)), .integer(key), .integer(Int64(bitPattern: stamp.time)),
            .integer(Int64(stamp.device)))
    }

    package func vouchedCount() throws -> Int {
        let count = try database.integer(
            "SELECT count(*) FROM vouched WHERE device <> ?1", .integer(Int64(DeviceRecord.office)))
        return Int(count ?? 0)
    }

    package func hasVouched() throws -> Bool { try database.integer("SELECT 1 FROM vouched LIMIT 1") != nil }

    package func vouchedStamps(table: Int, key: Int64, writer: UInt32) throws -> [Stamp] {
        let rows = try database.query(
            "SELECT time FROM vouched WHERE table_number = ?1 AND record_key = ?2 AND device = ?3 ORDER BY time",
            [.integer(Int64(table)), .integer(key), .integer(Int64(writer))])
        return rows.compactMap { row in
            guard case .integer(let time)? = row.first else { return nil }
            return Stamp(time: UInt64(bitPattern: time), device: writer)
        }
    }

    package func voucher(table: Int, key: Int64, stamp: Stamp) throws -> UInt32? {
        let device = try database.integer(
            "SELECT voucher FROM vouched WHERE table_number = ?1 AND record_key = ?2 AND time = ?3 AND device = ?4",
            .integer(Int64(table)), .integer(key), .integer(Int64(bitPattern: stamp.time)),
            .integer(Int64(stamp.device)))
        return device.map { UInt32(truncatingIfNeeded: $0) }
    }

    package func addFormerCreation(table: Int, key: Int64, stamp: Stamp, present: UInt64) throws {
        try database.run(
            "INSERT OR REPLACE INTO former_creation VALUES (?1, ?2, ?3, ?4, ?5)", .integer(Int64(table)), .integer(key),
            .integer(Int64(bitPattern: stamp.time)), .integer(Int64(stamp.device)),
            .integer(Int64(bitPattern: present)))
    }

    package func creation(table: Int, key: Int64, onceAt stamp: Stamp) throws -> Stamp? {
        let statement = try database.statement(
            """
            SELECT present FROM former_creation
            WHERE table_number = ?1 AND record_key = ?2 AND time = ?3 AND device = ?4
            """)
        defer { statement.reset() }
        try statement.bind(1, Int64(table))
        try statement.bind(2, key)
        try statement.bind(3, Int64(bitPattern: stamp.time))
        try statement.bind(4, Int64(stamp.device))
        guard try statement.step() else { return nil }
        return Stamp(time: UInt64(bitPattern: statement.integer(0)), device: stamp.device)
    }

    package func forEachRecord(area: Int, table: Int, _ body: (RecordState) throws -> Void) throws {
        try writeWaiting()
        try tables.forEach(table: table, where: "area = ?1", integers: [Int64(area)]) { _, record in
            try body(record)
            return true
        }
    }
}
