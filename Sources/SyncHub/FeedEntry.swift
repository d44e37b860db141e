import SyncCore

/// One line of an area's feed: a group touched a record or a conflict.
package struct FeedEntry: Hashable, Sendable {
    package enum Item: Hashable, Sendable {
        /// A record by its table and the key of its row.
        case record(table: Int, key: Int64)
        /// A conflict by the key of its row.
        case conflict(key: Int64)
    }

    package var area: Int
    package var sequence: UInt64
    package var item: Item
    /// The fields that the group changed; everything for a creation; empty for a conflict.
    package var mask: FieldMask
    /// The device that the group came from, and the group's number there.
    package var device: UInt32
    package var number: UInt64
    /// Whether everything in the group came into force with the stamps that it proposed.
    package var isExact: Bool

    package init(
        area: Int, sequence: UInt64, item: Item, mask: FieldMask, device: UInt32, number: UInt64, isExact: Bool
    ) {
        self.area = area
        self.sequence = sequence
        self.item = item
        self.mask = mask
        self.device = device
        self.number = number
        self.isExact = isExact
    }
}
