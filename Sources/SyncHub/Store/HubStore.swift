import SyncCore

/// Where a hub keeps its things. One store belongs to one thread.
///
/// The words are those of the engine, so that another database can take SQLite's place; every implementation runs the
/// conformance suite. Whatever an operation throws leaves the open transaction to be rolled back.
package protocol HubStore: LedgerStore, AuditStore, BundleStore, HealingStore, MemberStore, VersionStore, FeedStore,
    SentGroupStore, QuarantineStore, ErasureStore
{
    // MARK: Transactions

    /// Runs `body` in a write transaction: all of it is on disk when this returns, nothing of it when it throws.
    func transaction<T>(_ body: () throws -> T) throws -> T
    /// Runs `body` inside an open write transaction; what it wrote is undone where it throws.
    func savepoint<T>(_ body: () throws -> T) throws -> T
    /// Runs `body` on one unchanging view of the data; inside an open transaction it sees that one.
    func readTransaction<T>(_ body: () throws -> T) throws -> T

    // MARK: The server itself

    /// Creates what is missing, inside a write transaction.
    func createTables() throws
    /// The identity of this history: 16 bytes; nil before the hub is created.
    func epoch() throws -> [UInt8]?
    /// Keeps the identity of this history.
    func setEpoch(_ epoch: [UInt8]) throws
    /// A counter; 0 where it was never set.
    func counter(_ counter: HubCounter) throws -> UInt64
    /// Sets a counter.
    func setCounter(_ counter: HubCounter, _ value: UInt64) throws
    /// How much the store holds.
    func statistics() throws -> HubStatistics
}
