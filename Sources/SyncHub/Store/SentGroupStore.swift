import SyncCore

/// The part of a hub's store for what is kept of the groups that devices sent.
package protocol SentGroupStore: AnyObject {
    /// Keeps the fingerprints of a run of groups, the first with the number `first`.
    func addFingerprints(device: UInt32, first: UInt64, _ fingerprints: [UInt128], arrival: Arrival) throws
    /// The pushes of a device that were given a time or a later one, in order.
    func arrivals(device: UInt32, from time: UInt64) throws -> [Arrival]
    /// The fingerprint of a group; nil where none is kept.
    func fingerprint(device: UInt32, number: UInt64) throws -> UInt128?
    /// Remembers that a group, by a hash of what it does, is held under another number than the one that it was sent under,
    /// or that it builds on one which is.
    func addMovedGroup(device: UInt32, likeness: UInt128, sent: UInt64, number: UInt64) throws
    /// The number under which such a group is held; nil where none is.
    func movedGroup(device: UInt32, likeness: UInt128) throws -> UInt64?
    /// The numbers under which groups are held that were sent under this one, the latest first.
    func movedGroups(device: UInt32, sent: UInt64) throws -> [UInt64]
    /// Keeps the final time of a proposed one that was corrected.
    func addCorrection(device: UInt32, number: UInt64, proposed: UInt64, final: UInt64) throws
    /// The final time of a proposed one, or nil where it was not corrected.
    func correction(device: UInt32, number: UInt64, proposed: UInt64) throws -> UInt64?
    /// Whether a final time of a device stands in place of a proposed one.
    func wasProposed(_ proposed: UInt64, device: UInt32, final: UInt64) throws -> Bool
    /// All corrections of a run of a device's groups, by number, then by proposed time.
    func corrections(device: UInt32, numbers: ClosedRange<UInt64>) throws -> [GroupCorrection]
    /// The largest packed time that any device was given.
    func highestTime() throws -> UInt64
}
