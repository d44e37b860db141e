import Database
import SyncCore

/// The audit log and what devices say of it.
extension SQLiteHubStore {
    package func lastAuditEntry() throws -> AuditEntry? {
        let statement = try database.statement("SELECT number, entry FROM audit ORDER BY number DESC LIMIT 1")
        defer { statement.reset() }
        return try statement.step() ? Self.auditEntry(statement) : nil
    }

    package func auditEntries(after number: UInt64, limit: Int) throws -> [AuditEntry] {
        let statement = try database.statement(
            "SELECT number, entry FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2")
        defer { statement.reset() }
        try statement.bind(1, Int64(clamping: number))
        try statement.bind(2, Int64(limit))
        var entries: [AuditEntry] = []
        while try statement.step() { entries.append(try Self.auditEntry(statement)) }
        return entries
    }

    package func addAuditEntry(_ entry: AuditEntry) throws {
        try database.run(
            "INSERT INTO audit VALUES (?1, ?2)", .integer(Int64(clamping: entry.number)), .blob(entry.encoded()))
    }

    package func auditWitnesses() throws -> [AuditWitness] {
        let statement = try database.statement(
            "SELECT device, head, at, told_epoch, told_signature FROM audit_witness ORDER BY device")
        defer { statement.reset() }
        var witnesses: [AuditWitness] = []
        while try statement.step() {
            guard let head = try? AuditHead(decoding: statement.blob(1)) else {
                // It was changed here: what the device says with its next request takes its place.
                continue
            }
            witnesses.append(
                AuditWitness(
                    device: UInt32(truncatingIfNeeded: statement.integer(0)), head: head,
                    milliseconds: statement.integer(2),
                    told: statement.isNull(3) || statement.isNull(4)
                        ? nil : AuditWitness.ToldMark(epoch: statement.blob(3), signature: statement.blob(4))))
        }
        return witnesses
    }

    package func setAuditWitness(_ witness: AuditWitness) throws {
        try database.run(
            "INSERT OR REPLACE INTO audit_witness VALUES (?1, ?2, ?3, ?4, ?5)", .integer(Int64(witness.device)),
            .blob(witness.head.encoded()), .integer(witness.milliseconds),
            witness.told.map { .blob($0.epoch) } ?? .null, witness.told.map { .blob($0.signature) } ?? .null)
    }

    /// A line; one that can't be read, or bears another number than its row, shows as changed.
    private static func auditEntry(_ statement: Statement) throws -> AuditEntry {
        let number = UInt64(bitPattern: statement.integer(0))
        if let entry = try? AuditEntry(decoding: statement.blob(1)), entry.number == number { return entry }
        return AuditEntry(number: number, time: 0, kind: 0, actor: 0, subject: [], detail: 0, previous: .max)
    }
}
