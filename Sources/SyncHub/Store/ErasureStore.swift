import SyncCore

/// The part of a hub's store for erased records, and the orders to erase them.
package protocol ErasureStore: AnyObject {
    /// Calls `body` with every record of a table, deleted ones too, by ascending key.
    ///
    /// The table 0 stands for all that the schema does not know.
    func forEachRecord(table: Int, _ body: (StoredRecord) throws -> Void) throws
    /// The groups that the feed names for a record or its conflicts.
    func groups(table: Int, key: Int64, record: RecordID) throws -> Set<GroupName>
    /// Removes a record and all that is kept of it: row, versions, conflicts, links, places in the feed, and what
    /// imports remember. Heads of areas stay as they are.
    func eraseRecord(table: Int, key: Int64, record: RecordID) throws
    /// Removes the versions of some fields that were written before a stamp, and conflicts over them; links too.
    func eraseVersions(table: Int, key: Int64, record: RecordID, fields: FieldMask, before stamp: Stamp) throws
    /// Makes a group one that is not compared any more: its fingerprint counts as 0.
    func clearFingerprint(_ group: GroupName) throws
    /// The stamps of all words about a record, whoever wrote them, of its conflicts, and of decisions on these.
    func stamps(about stored: StoredRecord) throws -> Set<Stamp>
    /// Clears the fingerprints of all groups that came in one push with a word: which of them it was is not known where their places
    /// have left the feed.
    func clearFingerprints(ofPushesWith stamps: Set<Stamp>) throws
    /// Notes that gaps of pages in the file may hold what was removed for good.
    func noteGaps() throws
    /// Keeps an order; nothing where it is known.
    func addErasure(_ erasure: Erasure) throws
    /// An order; nil where it is not known.
    func erasure(_ id: RecordID) throws -> Erasure?
    /// All orders, oldest first.
    func erasures() throws -> [Erasure]
    /// Whether any order was ever kept.
    func hasErasures() throws -> Bool
    /// What orders say of one record, in any order.
    func erasureMarks(table: Int, record: RecordID) throws -> [ErasureMark]
    /// Keeps what a device said of an order; the last word counts, but a confirmation stays.
    func setErasureState(_ state: ErasureState, order: RecordID, device: UInt32, at milliseconds: Int64) throws
    /// What each device said of an order.
    func erasureConfirmations(order: RecordID) throws -> [ErasureConfirmation]
}
