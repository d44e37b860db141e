import SyncCore

/// Where an import keeps its records: a laptop's database, or the server's.
package protocol ImportStore: AnyObject {
    /// Hands every living record of a table to the body, in any order.
    func forEachRecord(_ kind: RecordKind, _ body: (RecordID, [Int: Value]) -> Void) throws
    /// Does work on records of a kind, and on places, as one group: all of it is kept, or none of it.
    ///
    /// - Parameter isDryRun: tries it out, and keeps nothing.
    func write(_ kind: RecordKind, isDryRun: Bool, _ body: (inout any ImportGroup) throws -> Void) throws
}

/// One group of an import while it is being made.
package protocol ImportGroup {
    /// A record, deleted ones included, as it was before the group.
    func record(_ kind: RecordKind, id: RecordID) throws -> RecordState?
    /// The record of the group's kind with this id elsewhere, living ones first.
    func recordID(externalID: String) throws -> RecordID?
    /// What the row said that a record was last imported from here; nil where none was.
    func content(of id: RecordID) throws -> UInt64?
    /// Remembers what the row says that a record is imported from.
    mutating func keep(content: UInt64, of id: RecordID) throws
    /// Makes a record.
    mutating func create(_ kind: RecordKind, id: RecordID, area: Int, values: [(field: Int, value: Value)]) throws
    /// Changes a record; with `restores` a deleted one is brought back first.
    mutating func edit(
        _ kind: RecordKind, _ state: RecordState, values: [(field: Int, value: Value)], restores: Bool) throws
}
