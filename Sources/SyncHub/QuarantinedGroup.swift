import SyncCore

/// A group that the server could not accept, kept as it came.
///
/// Its final stamps are the proposed ones, but for those that the store keeps as corrections.
package struct QuarantinedGroup: Hashable, Sendable {
    /// The number under which the office speaks of it.
    package var id: Int64
    package var device: UInt32
    package var number: UInt64
    package var reason: HoldReason
    /// In milliseconds since 1970.
    package var arrivedMilliseconds: Int64
    package var changeCount: Int

    package init(
        id: Int64, device: UInt32, number: UInt64, reason: HoldReason, arrivedMilliseconds: Int64, changeCount: Int
    ) {
        self.id = id
        self.device = device
        self.number = number
        self.reason = reason
        self.arrivedMilliseconds = arrivedMilliseconds
        self.changeCount = changeCount
    }
}

/// What a held change had seen, so that later edits that build on it make no false conflict.
package struct HeldLink: Hashable, Sendable {
    package var table: Int
    package var record: RecordID
    package var field: Int
    package var stamp: Stamp
    package var base: Stamp?

    package init(table: Int, record: RecordID, field: Int, stamp: Stamp, base: Stamp?) {
        self.table = table
        self.record = record
        self.field = field
        self.stamp = stamp
        self.base = base
    }
}
