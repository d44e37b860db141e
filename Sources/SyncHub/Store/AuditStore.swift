import SyncCore

/// The part of a hub's store for the audit log, and what devices hold of it.
package protocol AuditStore: AnyObject {
    /// The last line of the audit log; nil where there is none.
    func lastAuditEntry() throws -> AuditEntry?
    /// The lines behind a number, in order.
    func auditEntries(after number: UInt64, limit: Int) throws -> [AuditEntry]
    /// Adds a line behind the last one.
    func addAuditEntry(_ entry: AuditEntry) throws
    /// What devices hold of the audit log, by device.
    func auditWitnesses() throws -> [AuditWitness]
    /// Keeps what a device holds, in place of what was kept of it before.
    func setAuditWitness(_ witness: AuditWitness) throws
}
