import SyncCore

/// The part of a hub's store for the feeds of the areas, and what leaves them.
package protocol FeedStore: AnyObject {
    /// Where the feed of an area ends.
    func head(area: Int) throws -> AreaHead
    /// Keeps where the feed of an area ends.
    func setHead(_ head: AreaHead) throws
    /// Adds entries behind the last ones.
    func append(_ entries: [FeedEntry]) throws
    /// Calls `body` with each entry after a sequence, in order, until it returns false.
    func forEachEntry(area: Int, after sequence: UInt64, _ body: (FeedEntry) throws -> Bool) throws
    /// Calls `body` with sequence, table (0 for a conflict), key and mask of each entry behind `after` and up to `through`,
    /// the last one first.
    func forEachItem(
        area: Int, after: UInt64, through: UInt64, _ body: (UInt64, Int, Int64, FieldMask) throws -> Void) throws
    /// Keeps the mark that was given at a sequence.
    func addMark(area: Int, sequence: UInt64, mark: UInt64) throws
    /// The mark of the smallest marked sequence that is not below this one.
    func mark(area: Int, atOrAfter sequence: UInt64) throws -> UInt64?
    /// Whether a mark was given at any sequence of an area; looks at all of them.
    func hasMark(_ mark: UInt64, area: Int) throws -> Bool

    // MARK: What leaves the feed

    /// The sequence of the last deletion that was collected; 0 where none was.
    func horizon(area: Int) throws -> UInt64
    /// Keeps the sequence of the last deletion that was collected.
    func setHorizon(area: Int, sequence: UInt64) throws
    /// Notes how far a feed has come at a time.
    func noteFeed(area: Int, sequence: UInt64, milliseconds: Int64) throws
    /// The latest time that was noted.
    func lastFeedNote(area: Int) throws -> Int64?
    /// How far the feed had come at a time; nil where nothing was noted by then.
    func feedSequence(area: Int, notedBy milliseconds: Int64) throws -> UInt64?
    /// How many entries the feed of an area has.
    func entryCount(area: Int) throws -> Int
    /// The first group of the office that an undo may ask for; nil where there is nothing to take back.
    func firstOperationGroup() throws -> UInt64?
    /// Adds fields to an entry, which is not exact any more; false where there is no such entry.
    func mergeEntry(area: Int, sequence: UInt64, mask: FieldMask) throws -> Bool
    /// Removes an entry of a feed.
    func removeEntry(area: Int, sequence: UInt64) throws
    /// Calls `body` with table and key of each record of a table that does not live; 0 stands for unknown tables.
    func forEachDeadRecord(table: Int, _ body: (_ table: Int, _ key: Int64) throws -> Void) throws
    /// Replaces what a device said of an area; its repairs are added to those before.
    func setAreaCheck(_ check: AreaCheck) throws
    /// By device and area.
    func areaChecks() throws -> [AreaCheck]
}
