import SyncCore

/// The part of a hub's store for records, their versions and conflicts.
package protocol VersionStore: AnyObject {
    /// A record with the key of its row; nil where there is none.
    func record(table: Int, id: RecordID) throws -> StoredRecord?
    /// The record of a row; nil where there is none.
    func record(table: Int, key: Int64) throws -> RecordState?
    /// Calls `body` with the key and the record of each row in a range of keys, by ascending keys.
    func forEachRecord(table: Int, keys: ClosedRange<Int64>, _ body: (Int64, RecordState) throws -> Void) throws
    /// Calls `body` with each living record of a table, by ascending id.
    ///
    /// The table 0 stands for all that the schema does not know.
    func forEachLivingRecord(table: Int, _ body: (RecordState) throws -> Void) throws
    /// Adds a record; returns the key of its row.
    ///
    /// - Throws: `KnownRecord` where there is one of that table with its id: at once, or from whatever comes next, the end
    ///   of the savepoint included. Then the savepoint has to be undone.
    func insert(_ record: RecordState) throws -> Int64
    /// Writes the fields of a record that have changed.
    func update(_ record: RecordState, key: Int64, changed: FieldMask) throws
    /// A version that is not in force any more, or never was.
    func version(table: Int, key: Int64, field: Int, stamp: Stamp) throws -> FieldState?
    /// All versions of a record that are not in force, by field and stamp.
    func versions(table: Int, key: Int64) throws -> [FieldState]
    /// Those of one field.
    func versions(table: Int, key: Int64, field: Int) throws -> [FieldState]
    /// The stamps of the versions of a field up to one, and what each stands on; the latest first, at most `limit`.
    func links(
        table: Int, key: Int64, field: Int, through stamp: Stamp, limit: Int
    ) throws -> [(stamp: Stamp, base: Stamp?)]
    /// Adds a version that is not in force.
    func addVersion(_ version: FieldState, table: Int, key: Int64) throws
    /// Removes a version that is not in force.
    func removeVersion(_ field: Int, _ stamp: Stamp, table: Int, key: Int64) throws

    // MARK: Conflicts

    /// A conflict with the key of its row; nil where it is not known.
    func conflict(_ id: UInt128) throws -> StoredConflict?
    /// The conflict of a row; nil where there is none.
    func conflict(key: Int64) throws -> Conflict?
    /// Adds a conflict; returns the key of its row, or nil where it is known already.
    func insert(_ conflict: Conflict) throws -> Int64?
    /// Writes a conflict anew.
    func update(_ conflict: Conflict, key: Int64) throws
    /// The stamps of the decisions that settled a conflict, also where it was opened again.
    func settlings(ofConflict key: Int64) throws -> [Stamp]
    /// The conflicts of one record, oldest first.
    func conflicts(table: Int, record: RecordID) throws -> [StoredConflict]
    /// Newest first.
    func conflicts(openOnly: Bool, limit: Int) throws -> [Conflict]
}
