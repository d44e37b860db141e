import SyncCore

/// The part of a hub's store for held groups, and what became of them.
package protocol QuarantineStore: AnyObject {
    /// Keeps a group; returns its id in quarantine. `group.id` is not used.
    func addQuarantined(_ group: QuarantinedGroup, body: [UInt8]) throws -> Int64
    /// Those of one device or of all, by id.
    func quarantined(device: UInt32?) throws -> [QuarantinedGroup]
    /// The held group of a device under a number; nil where there is none.
    func quarantined(device: UInt32, number: UInt64) throws -> QuarantinedGroup?
    /// The held group with this id, or nil.
    func quarantined(id: Int64) throws -> QuarantinedGroup?
    /// The encoded group.
    func quarantinedBody(_ id: Int64) throws -> [UInt8]?
    /// How much of a device is held: groups, and bytes of their encoded form.
    func quarantinedSize(device: UInt32) throws -> (count: Int, bytes: Int)
    /// Removes a group with its content; its links stay, for later edits may build on them.
    func removeQuarantined(_ id: Int64) throws
    /// Notes what became of a held group; `outcome.id` is not used.
    func addHeldOutcome(_ outcome: HeldOutcome, device: UInt32) throws
    /// Notes a record that the words of an outcome may be about, so that they go with it.
    func addReasonRecord(_ group: GroupName, table: Int, record: RecordID) throws
    /// Forgets the words of every outcome that may be about a record: of its groups, of decisions in the same words, and
    /// of those of which nobody knows what they are about.
    func eraseReasons(table: Int, record: RecordID) throws
    /// What became of a held group; nil where nothing is noted.
    func heldOutcome(device: UInt32, number: UInt64) throws -> HeldOutcome?
    /// Those of one device after an id, in order.
    func heldOutcomes(device: UInt32, after id: UInt64, limit: Int) throws -> [HeldOutcome]
    /// Keeps what the writer of a held version had seen.
    func addHeldLink(_ link: HeldLink, quarantine: Int64) throws
    /// What the writer of a held version had seen; nil where no such version is held.
    func heldLink(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> HeldLink?
    /// Whether a version is one of a group that was held and is held no more; of one that is not in force: dropped.
    func wasHeld(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> Bool
    /// Replaces the encoded group by one with less in it.
    func replaceQuarantined(_ id: Int64, body: [UInt8], changeCount: Int) throws
}
