import SyncCore

/// What one sync did.
package struct SyncSummary: Sendable {
    private var acknowledged: Set<RecordReference> = []
    /// New ones, each once: as long as there is nothing else they need only be counted.
    private var made: [RecordReference] = []
    private var news: Set<RecordReference> = []
    /// Open conflicts that this device did not know before.
    package private(set) var newConflicts = 0
    /// All of the device's groups that the server holds for checking.
    package private(set) var held: [HeldGroup] = []
    /// Groups that were held and came into force by the office's decision.
    package private(set) var accepted: [UInt64] = []
    /// Groups that were held and that the office did not take.
    package private(set) var discarded: [UInt64] = []
    /// Groups that were taken back here after the office had accepted them.
    package private(set) var takenMeanwhile: [UInt64] = []
    /// The digests of each area at the end, by area.
    package private(set) var digests: [AreaDigests] = []
    /// Areas that this device may not read any more.
    package private(set) var lostAreas: [Int] = []
    /// What orders of erasure removed here.
    package private(set) var erased = ErasureOutcome()
    /// What the server's clock showed at the last reply, in milliseconds since 1970; nil without one.
    package internal(set) var serverMilliseconds: Int64?
    /// What the server's clock shows less what this device's shows, in milliseconds, where that is more than is
    /// tolerated.
    package internal(set) var clockCorrectionMilliseconds: Int64?
    /// Whether the server had lost a part of its history, and this device gave back what it holds.
    package internal(set) var hasHealed = false
    /// Whether this database was a copy of another one, or an older copy of itself, and is a device of its own now.
    package internal(set) var hasNewIdentity = false
    /// An entry of the office's ledger that does not bear its signature; it changed nothing here.
    package private(set) var refusedLedgerEntry: UInt64?

    /// What came of areas that this sync fetched again because their digests differed.
    package private(set) var repairs: [AreaRepair] = []

    init() {}

    /// How many records of this device the server has now that it did not have before.
    package var sentCount: Int { acknowledged.isEmpty ? made.count : acknowledged.union(made).count }
    /// How many records others changed.
    package var receivedCount: Int { news.count }
    /// Whether server and device hold the same acknowledged records in every area.
    package var matches: Bool { digests.allSatisfy { $0.own == $0.server } }
    /// The areas whose records differ from the server's.
    package var differingAreas: [Int] { digests.filter { $0.own != $0.server }.map(\.area) }

    mutating func add(_ applied: AppliedReply) {
        acknowledged.formUnion(applied.acknowledged)
        made += applied.made
        news.formUnion(applied.received)
        newConflicts += applied.newConflicts
        held = applied.held
        accepted += applied.accepted
        discarded += applied.discarded
        takenMeanwhile += applied.takenMeanwhile
        repairs += applied.repairs
        lostAreas += applied.lostAreas
        erased += applied.erased
        refusedLedgerEntry = applied.refusedLedgerEntry ?? refusedLedgerEntry
        // Only the last word on an area counts: its page may have been complete in several rounds.
        let areas = Set(applied.digests.map(\.area))
        digests =
            (digests.filter { !areas.contains($0.area) && !applied.lostAreas.contains($0.area) }
            + applied.digests).sorted { $0.area < $1.area }
    }
}
