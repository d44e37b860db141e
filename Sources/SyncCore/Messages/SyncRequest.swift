/// Where a device stands in one area's feed.
package struct Cursor: Hashable, Sendable {
    package var area: Int
    /// The last sequence whose rows the device holds; 0 before the first.
    package var sequence: UInt64
    /// The random mark that the server gave with that sequence; 0 before the first.
    package var mark: UInt64

    package init(area: Int, sequence: UInt64, mark: UInt64) {
        self.area = area
        self.sequence = sequence
        self.mark = mark
    }
}

/// What a device sends to `POST /v1/sync`: a page of its outbox and its cursors.
package struct SyncRequest: Hashable, Sendable {
    /// The version of the protocol that this code speaks.
    package static let currentProtocol = 1
    /// The most changes in one page.
    package static let largestPageCount = 1_000
    /// The encoded size of a page in bytes; a single larger group still makes a page.
    package static let largestPageBytes = 256 << 10

    package var protocolVersion: Int
    package var schemaVersion: Int
    /// The server history that the cursors belong to: 16 bytes, or empty before the first sync.
    package var epoch: [UInt8]
    /// What the device's clock shows, in milliseconds since 1970.
    package var clockMilliseconds: Int64
    /// The lowest number of a group whose values the device still holds; the server need not send these values back.
    package var lowestOwnGroup: UInt64
    /// The version of the directory of people, devices and areas that the device has; 0 for none.
    package var directoryVersion: UInt64
    /// The size in bytes that the device wants pages of records to have, uncompressed.
    package var pageBytes: Int
    package var cursors: [Cursor]
    /// By ascending number.
    package var groups: [ChangeGroup]
    package var parts: MessageParts

    package init(
        protocolVersion: Int = SyncRequest.currentProtocol, schemaVersion: Int, epoch: [UInt8],
        clockMilliseconds: Int64, lowestOwnGroup: UInt64, directoryVersion: UInt64,
        pageBytes: Int = SyncRequest.largestPageBytes, cursors: [Cursor], groups: [ChangeGroup],
        parts: MessageParts = MessageParts()
    ) {
        self.protocolVersion = protocolVersion
        self.schemaVersion = schemaVersion
        self.epoch = epoch
        self.clockMilliseconds = clockMilliseconds
        self.lowestOwnGroup = lowestOwnGroup
        self.directoryVersion = directoryVersion
        self.pageBytes = pageBytes
        self.cursors = cursors
        self.groups = groups
        self.parts = parts
    }
}
