import SyncCore

/// What one reply of the server did here.
package struct AppliedReply: Sendable {
    /// Records of the device's own groups that the server has for the first time by this reply; some may be named twice.
    package var acknowledged: [RecordReference] = []
    /// New records of the device that the server has for the first time by this reply; each is named once.
    package var made: [RecordReference] = []
    /// Records that somebody else changed; some may be named twice.
    package var received: [RecordReference] = []
    /// Open conflicts that were not known here before.
    package var newConflicts = 0
    /// All of the device's groups that the server holds for checking.
    package var held: [HeldGroup] = []
    /// Groups that were held and came into force by the office's decision.
    package var accepted: [UInt64] = []
    /// Groups that were held and that the office did not take.
    package var discarded: [UInt64] = []
    /// Groups that were taken back here after the office had accepted them.
    package var takenMeanwhile: [UInt64] = []
    /// Whether the server has more to say of what was held.
    package var hasMoreOutcomes = false
    /// One for each area whose page reached the end of the feed.
    package var digests: [AreaDigests] = []
    /// Whether the device has everything of all areas that it may read.
    package var isComplete = false
    /// Areas that this device may not read any more; what it had of them is gone, but for unsent work.
    package var lostAreas: [Int] = []
    /// What came of areas that were fetched again because their digests differed.
    package var repairs: [AreaRepair] = []
    /// Whether the server missed a group, and asks for those behind its receipt again.
    package var isGap = false
    /// What orders of erasure removed here.
    package var erased = ErasureOutcome()
    /// Whether the server shifted stamps because the device's clock is wrong.
    package var isClockCorrected = false
    /// An entry of the ledger that does not bear the office's signature or does not follow; it changed nothing.
    package var refusedLedgerEntry: UInt64?
    /// Whether the server may have more lines of the ledger than it has sent.
    package var hasMoreLedger = false
}

/// The digests of one area at the same sequence.
package struct AreaDigests: Hashable, Sendable {
    package let area: Int
    /// Over the acknowledged living records here.
    package let own: UInt128
    package let server: UInt128
}
