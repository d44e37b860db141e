import SyncCore

/// A device as the server knows it, with what its person may do.
package struct DeviceRecord: Hashable, Sendable {
    /// The number of the server itself, under which the office writes.
    package static let office: UInt32 = 0

    package var number: UInt32
    package var name: String
    package var person: String
    package var role: Role
    package var isRevoked: Bool
    /// The areas that the person was given; an admin needs none.
    package var areas: Set<Int>
    /// The highest number of a group of this device that is stored, accepted or held.
    package var lastGroup: UInt64
    /// The largest packed time that this device was given.
    package var highestTime: UInt64
    /// When the device was heard of last, in milliseconds since 1970; nil before its first sync.
    package var seenMilliseconds: Int64?
    /// How many lines of the ledger it had, by its own last word.
    package var ledgerCount: UInt64

    package init(
        number: UInt32, name: String, person: String, role: Role, isRevoked: Bool = false, areas: Set<Int> = [],
        lastGroup: UInt64 = 0, highestTime: UInt64 = 0, seenMilliseconds: Int64? = nil,
        ledgerCount: UInt64 = 0
    ) {
        self.number = number
        self.name = name
        self.person = person
        self.role = role
        self.isRevoked = isRevoked
        self.areas = areas
        self.lastGroup = lastGroup
        self.highestTime = highestTime
        self.seenMilliseconds = seenMilliseconds
        self.ledgerCount = ledgerCount
    }
}

/// A one-time permission to join, known by the hash of its secret.
package struct Invitation: Hashable, Sendable {
    /// A hash of the secret; the server never keeps the secret.
    package var secretHash: [UInt8]
    package var person: String
    package var role: Role
    package var areas: Set<Int>
    /// In milliseconds since 1970.
    package var expiresMilliseconds: Int64
    /// The device that used it.
    package var usedBy: UInt32?
    /// How many times somebody tried it when it was used or expired.
    package var failures: Int

    package init(
        secretHash: [UInt8], person: String, role: Role, areas: Set<Int>, expiresMilliseconds: Int64,
        usedBy: UInt32? = nil, failures: Int = 0
    ) {
        self.secretHash = secretHash
        self.person = person
        self.role = role
        self.areas = areas
        self.expiresMilliseconds = expiresMilliseconds
        self.usedBy = usedBy
        self.failures = failures
    }
}
