import SyncCore
import Terminal

/// Where an import keeps its records: a laptop's database, or the server's.
package protocol ImportStore: AnyObject {
    /// What earlier imports on this machine left; to be asked and told within `write` alone.
    var memory: any ImportMemory { get }
    /// Begins an import. Where the same one was cut off here, what it writes belongs to the same step, so that one undo takes
    /// back all of it.
    ///
    /// - Parameter request: what tells this import from others: 16 bytes.
    func begin(_ request: [UInt8]) throws
    /// Ends the import: all rows are through, and on the disk once this returns.
    func end() throws
    /// Puts on the disk what was kept so far, where the import does not come to its end.
    func secure() throws
    /// Hands every living record of a kind in some areas to the body, in any order.
    func forEachRecord(_ kind: RecordKind, in areas: Set<Int>, _ body: (RecordID, [Int: Value]) -> Void) throws
    /// Does work on the records of an import, and on places, as groups in one commit: all of it is kept, or none of it. It need
    /// not be on the disk when this returns.
    ///
    /// - Parameter body: called once for each group, in order, with its number from 0. What an earlier group wrote is
    ///   there; what the body throws leaves nothing.
    func write(groupCount: Int, _ body: (Int, inout any ImportGroup) throws -> Void) throws
    /// The name of an area; nil where it is not known here.
    func areaName(_ area: Int) throws -> String?
    /// The failure for what the database reported after some rows were kept; nil for any other error.
    ///
    /// - Parameter outcome: what became of the rows, as sentences.
    func failure(_ error: any Error, outcome: String) -> CommandFailure?
}

/// One group of an import while it is being made.
package protocol ImportGroup {
    /// A record, deleted ones included, as it was before the group.
    func record(_ kind: RecordKind, id: RecordID) throws -> RecordState?
    /// Whether the office has erased the record, or asks to: it takes no more changes and is not made again.
    func isErased(_ kind: RecordKind, id: RecordID) throws -> Bool
    /// Makes a record that `record` did not find.
    mutating func create(_ kind: RecordKind, id: RecordID, area: Int, values: [(field: Int, value: Value)]) throws
    /// Changes a record; with `restores` a deleted one is brought back first.
    mutating func edit(
        _ kind: RecordKind, _ state: RecordState, values: [(field: Int, value: Value)], restores: Bool) throws
}

/// What is kept on one machine beside the records of a kind, so that a row is known again.
package protocol ImportMemory: AnyObject {
    /// Whether this import made all records of the kind: whatever it looks for is not there.
    var holdsNothingElse: Bool { get }
    /// The record of the kind in an area with this id elsewhere, living ones first.
    func recordID(externalID: String, area: Int) throws -> RecordID?
    /// What the row said that a record was last imported from here; nil where no row of a spreadsheet is known.
    func row(of id: RecordID) throws -> ImportedRow?
    /// Remembers what the row says that a record is made from.
    func keep(_ row: ImportedRow, of id: RecordID) throws
    /// Remembers what the row says that a record is changed by.
    ///
    /// - Parameter before: what `row` told: it counts again when the import is taken back.
    func keep(_ row: ImportedRow, of id: RecordID, insteadOf before: ImportedRow?) throws
}
