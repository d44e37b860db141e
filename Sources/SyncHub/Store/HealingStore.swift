import SyncCore

/// The part of a hub's store for what a server needs to be made whole again after a restore.
package protocol HealingStore: AnyObject {
    /// nil where the server is not being healed.
    func healing() throws -> HealingState?
    /// Keeps how far healing has come; nil: it is over.
    func setHealing(_ state: HealingState?) throws
    /// Remembers the identity of a history that this one follows; `isLost` where this store never had it.
    func addFormerEpoch(_ epoch: [UInt8], isLost: Bool) throws
    /// Whether this history follows one with that identity.
    func isFormerEpoch(_ epoch: [UInt8]) throws -> Bool
    /// Whether it is a former one that this store had.
    func isOwnFormerEpoch(_ epoch: [UInt8]) throws -> Bool
    /// The identities of all histories that this one follows.
    func formerEpochs() throws -> [[UInt8]]
    /// The devices at whose word alone a new history began.
    func historyClaims() throws -> [HistoryClaim]
    /// Notes such a device, in place of what was noted of it before.
    func setHistoryClaim(_ claim: HistoryClaim) throws
    /// Notes that a device has shown what was lost, until it has handed over everything or another history begins.
    func addHealingProof(_ device: UInt32) throws
    /// Whether a device has shown what was lost.
    func hasHealingProof(_ device: UInt32) throws -> Bool
    /// Forgets that a device has shown it.
    func removeHealingProof(_ device: UInt32) throws
    /// Forgets it of all devices.
    func removeHealingProofs() throws
    /// Counts that a device has shown what was lost, or handed something over.
    func addHandoverStep(_ device: UInt32) throws
    /// How often that was counted in the present history.
    func handoverSteps(_ device: UInt32) throws -> UInt64
    /// Forgets it of all devices.
    func removeHandoverSteps() throws
    /// Notes that a version stands on the word of a device that did not write it.
    func addVouched(table: Int, key: Int64, stamp: Stamp, by device: UInt32) throws
    /// Notes that a version stands on its writer's own word.
    func removeVouched(table: Int, key: Int64, stamp: Stamp) throws
    /// The device that vouches for a version; nil where it came first-hand.
    func voucher(table: Int, key: Int64, stamp: Stamp) throws -> UInt32?
    /// How many versions stand on somebody's word.
    func vouchedCount() throws -> Int
    /// Whether any version stands on somebody's word.
    func hasVouched() throws -> Bool
    /// The stamps of a record's versions by one writer that stand on somebody's word.
    func vouchedStamps(table: Int, key: Int64, writer: UInt32) throws -> [Stamp]
    /// Notes that a record's creation had another, later time before a restore; `present`: its time now.
    func addFormerCreation(table: Int, key: Int64, stamp: Stamp, present: UInt64) throws
    /// The stamp of a record's creation now, where it once had this one; nil where it had not.
    func creation(table: Int, key: Int64, onceAt stamp: Stamp) throws -> Stamp?
    /// Calls `body` with each record of an area in one table, deleted ones included; 0 stands for unknown tables.
    func forEachRecord(area: Int, table: Int, _ body: (RecordState) throws -> Void) throws
}
