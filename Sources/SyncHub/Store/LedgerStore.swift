import SyncCore

/// The part of a hub's store for the signed lines of who may do what, and the keys that devices showed.
package protocol LedgerStore: AnyObject {
    /// The last line of the ledger; nil where there is none.
    func lastLedgerEntry() throws -> LedgerEntry?
    /// The entries behind a number, in order.
    func ledgerEntries(after number: UInt64, limit: Int) throws -> [LedgerEntry]
    /// All entries of one kind, in order.
    func ledgerEntries(ofKind kind: Int) throws -> [LedgerEntry]
    /// Adds a line behind the last one.
    func addLedgerEntry(_ entry: LedgerEntry) throws
    /// What a device signs with; nil for one that has not said it.
    func deviceKey(ofDevice number: UInt32) throws -> [UInt8]?
    /// Keeps what a device signs with.
    func setDeviceKey(_ key: [UInt8], ofDevice number: UInt32) throws
    /// The hash of the token that a device had when it was let in; nil for the server itself.
    func tokenHash(ofDevice number: UInt32) throws -> [UInt8]?
}
