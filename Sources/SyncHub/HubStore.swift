import SyncCore

/// Where a hub keeps its things. One store belongs to one thread.
///
/// The words are those of the engine, so that another database can take SQLite's place; every implementation runs the
/// conformance suite. Whatever an operation throws leaves the open transaction to be rolled back.
package protocol HubStore: AnyObject {
    // MARK: Transactions

    /// Runs `body` in a write transaction: all of it is on disk when this returns, nothing of it when it throws.
    func transaction<T>(_ body: () throws -> T) throws -> T
    /// Runs `body` inside an open write transaction; what it wrote is undone where it throws.
    func savepoint<T>(_ body: () throws -> T) throws -> T
    /// Runs `body` on one unchanging view of the data; inside an open transaction it sees that one.
    func readTransaction<T>(_ body: () throws -> T) throws -> T

    // MARK: The server itself

    /// Creates what is missing, inside a write transaction.
    func createTables() throws
    /// The identity of this history: 16 bytes; nil before the hub is created.
    func epoch() throws -> [UInt8]?
    func setEpoch(_ epoch: [UInt8]) throws
    func counter(_ counter: HubCounter) throws -> UInt64
    func setCounter(_ counter: HubCounter, _ value: UInt64) throws
    func statistics() throws -> HubStatistics

    // MARK: The ledger

    func lastLedgerEntry() throws -> LedgerEntry?
    /// The entries behind a number, in order.
    func ledgerEntries(after number: UInt64, limit: Int) throws -> [LedgerEntry]
    /// All entries of one kind, in order.
    func ledgerEntries(ofKind kind: Int) throws -> [LedgerEntry]
    func addLedgerEntry(_ entry: LedgerEntry) throws
    /// The last line of the audit log; nil where there is none.
    func lastAuditEntry() throws -> AuditEntry?
    /// The lines behind a number, in order.
    func auditEntries(after number: UInt64, limit: Int) throws -> [AuditEntry]
    func addAuditEntry(_ entry: AuditEntry) throws
    /// What devices hold of the audit log, by device.
    func auditWitnesses() throws -> [AuditWitness]
    func setAuditWitness(_ witness: AuditWitness) throws
    /// What a device said last of itself.
    func standing(ofDevice number: UInt32) throws -> ReportedStanding?
    func setStanding(_ reported: ReportedStanding, ofDevice number: UInt32) throws
    /// The lines of the ledger of one kind, in order.
    func ledgerEntries(kind: Int) throws -> [LedgerEntry]
    /// What a device signs with; nil for one that has not said it.
    func deviceKey(ofDevice number: UInt32) throws -> [UInt8]?
    func setDeviceKey(_ key: [UInt8], ofDevice number: UInt32) throws
    /// Where a device stood with its last bundle.
    func bundleStanding(ofDevice number: UInt32) throws -> BundleStanding?
    func setBundleStanding(_ standing: BundleStanding, ofDevice number: UInt32) throws
    func removeBundleStanding(ofDevice number: UInt32) throws
    /// The bundles of a device that wait for groups before theirs, the lowest number first.
    func waitingBundles(ofDevice number: UInt32) throws -> [WaitingBundle]
    /// Keeps a bundle in place of one with the same first group.
    func addWaitingBundle(_ bundle: WaitingBundle, body: [UInt8]) throws
    func waitingBundleBody(first: UInt64, ofDevice number: UInt32) throws -> [UInt8]?
    func removeWaitingBundle(first: UInt64, ofDevice number: UInt32) throws
    /// The hash of the token that a device had when it was let in; nil for the server itself.
    func tokenHash(ofDevice number: UInt32) throws -> [UInt8]?

    // MARK: Healing

    /// nil where the server is not being healed.
    func healing() throws -> HealingState?
    func setHealing(_ state: HealingState?) throws
    /// Remembers the identity of a history that this one follows; `isLost` where this store never had it.
    func addFormerEpoch(_ epoch: [UInt8], isLost: Bool) throws
    func isFormerEpoch(_ epoch: [UInt8]) throws -> Bool
    /// Whether it is a former one that this store had.
    func isOwnFormerEpoch(_ epoch: [UInt8]) throws -> Bool
    func formerEpochs() throws -> [[UInt8]]
    /// Notes that a device has shown what was lost, until it has handed over everything or another history begins.
    /// The devices at whose word alone a new history began.
    func historyClaims() throws -> [HistoryClaim]
    /// Notes such a device, in place of what was noted of it before.
    func setHistoryClaim(_ claim: HistoryClaim) throws
    func addHealingProof(_ device: UInt32) throws
    func hasHealingProof(_ device: UInt32) throws -> Bool
    func removeHealingProof(_ device: UInt32) throws
    func removeHealingProofs() throws
    /// Notes that a version stands on the word of a device that did not write it.
    func addVouched(table: Int, key: Int64, stamp: Stamp, by device: UInt32) throws
    func removeVouched(table: Int, key: Int64, stamp: Stamp) throws
    /// The device that vouches for a version; nil where it came first-hand.
    func voucher(table: Int, key: Int64, stamp: Stamp) throws -> UInt32?
    func vouchedCount() throws -> Int
    /// Whether any version stands on somebody's word.
    func hasVouched() throws -> Bool
    /// The stamps of a record's versions by one writer that stand on somebody's word.
    func vouchedStamps(table: Int, key: Int64, writer: UInt32) throws -> [Stamp]
    /// Calls `body` with each record of an area in one table, deleted ones included; 0 stands for unknown tables.
    func forEachRecord(area: Int, table: Int, _ body: (RecordState) throws -> Void) throws

    // MARK: Areas, people, devices

    func areas() throws -> [Area]
    func addArea(_ area: Area) throws
    /// The role of a person, or nil where there is no such person.
    func role(ofPerson name: String) throws -> Role?
    func addPerson(_ name: String, role: Role) throws
    /// Gives a person who is known another role.
    func set(role: Role, ofPerson name: String) throws
    func grant(_ area: Int, toPerson name: String) throws
    func revokeGrant(_ area: Int, fromPerson name: String) throws
    func devices() throws -> [DeviceRecord]
    func device(_ number: UInt32) throws -> DeviceRecord?
    /// The device that has a token with this hash: the one of its enrolment, unless another is in use; the one in use; or
    /// the next one.
    func device(tokenHash: [UInt8]) throws -> DeviceRecord?
    /// Whether a token is some device's, or was when it was let in.
    func isKnown(tokenHash: [UInt8]) throws -> Bool
    /// What a token is that took the place of a first one, or will; nil for all others.
    func changedToken(_ hash: [UInt8]) throws -> ChangedToken?
    /// The hash of the token that a device told and has not used yet.
    func nextToken(ofDevice number: UInt32) throws -> [UInt8]?
    /// Keeps the next token of a device, in place of one that was told before; nothing where it is in use already.
    func setNextToken(_ hash: [UInt8], ofDevice number: UInt32) throws
    /// Makes a token the only one of its device.
    func setToken(_ hash: [UInt8], ofDevice number: UInt32) throws
    /// Adds a device of a person who exists.
    func addDevice(_ device: DeviceRecord, tokenHash: [UInt8]?) throws
    func setProgress(ofDevice number: UInt32, lastGroup: UInt64, highestTime: UInt64) throws
    func setSeen(ofDevice number: UInt32, milliseconds: Int64) throws
    func rename(device number: UInt32, to name: String) throws
    /// Gives a person another name, with all that is theirs; nobody must have it.
    func rename(person: String, to name: String) throws
    func setLedgerCount(_ count: UInt64, ofDevice number: UInt32) throws
    func setRevoked(device number: UInt32) throws
    /// Notes that a device's database is a copy of another one's.
    func setOriginal(_ original: UInt32, ofDevice number: UInt32) throws
    func original(ofDevice number: UInt32) throws -> UInt32?
    /// The devices whose databases were copied to make others, by the number of the copy.
    func originals() throws -> [UInt32: UInt32]
    func invitation(secretHash: [UInt8]) throws -> Invitation?
    /// The invitations with a role that nobody has used.
    func unusedInvitations(role: Role) throws -> [Invitation]
    /// The invitations of a person that nobody has used.
    func unusedInvitations(ofPerson name: String) throws -> [Invitation]
    /// Says which areas come with an invitation.
    func setAreas(_ areas: Set<Int>, ofInvitation secretHash: [UInt8]) throws
    func addInvitation(_ invitation: Invitation) throws
    func setUse(ofInvitation secretHash: [UInt8], usedBy: UInt32?, failures: Int) throws

    // MARK: Records and their versions

    func record(table: Int, id: RecordID) throws -> StoredRecord?
    func record(table: Int, key: Int64) throws -> RecordState?
    /// Calls `body` with each living record of a table, by ascending id.
    ///
    /// The table 0 stands for all that the schema does not know.
    func forEachLivingRecord(table: Int, _ body: (RecordState) throws -> Void) throws
    /// Adds a record; returns the key of its row.
    ///
    /// - Throws: `KnownRecord` where there is one of that table with its id: at once, or from whatever comes next, the end
    ///   of the savepoint included. Then the savepoint has to be undone.
    func insert(_ record: RecordState) throws -> Int64
    func update(_ record: RecordState, key: Int64, changed: FieldMask) throws
    /// A version that is not in force any more, or never was.
    func version(table: Int, key: Int64, field: Int, stamp: Stamp) throws -> FieldState?
    func versions(table: Int, key: Int64) throws -> [FieldState]
    /// Those of one field.
    func versions(table: Int, key: Int64, field: Int) throws -> [FieldState]
    /// The stamps of the versions of a field up to one, and what each stands on; the latest first, at most `limit`.
    func links(
        table: Int, key: Int64, field: Int, through stamp: Stamp, limit: Int
    ) throws -> [(stamp: Stamp, base: Stamp?)]
    func addVersion(_ version: FieldState, table: Int, key: Int64) throws
    func removeVersion(_ field: Int, _ stamp: Stamp, table: Int, key: Int64) throws

    // MARK: Conflicts

    func conflict(_ id: UInt128) throws -> StoredConflict?
    func conflict(key: Int64) throws -> Conflict?
    /// Adds a conflict; returns the key of its row, or nil where it is known already.
    func insert(_ conflict: Conflict) throws -> Int64?
    func update(_ conflict: Conflict, key: Int64) throws
    /// The stamps of the decisions that settled a conflict, also where it was opened again.
    func settlings(ofConflict key: Int64) throws -> [Stamp]
    /// The conflicts of one record, oldest first.
    func conflicts(table: Int, record: RecordID) throws -> [StoredConflict]
    /// Newest first.
    func conflicts(openOnly: Bool, limit: Int) throws -> [Conflict]

    // MARK: The feed

    func head(area: Int) throws -> AreaHead
    func setHead(_ head: AreaHead) throws
    func append(_ entries: [FeedEntry]) throws
    /// Calls `body` with each entry after a sequence, in order, until it returns false.
    func forEachEntry(area: Int, after sequence: UInt64, _ body: (FeedEntry) throws -> Bool) throws
    /// Calls `body` with sequence, table (0 for a conflict), key and mask of each entry behind `after` and up to `through`,
    /// the last one first.
    func forEachItem(
        area: Int, after: UInt64, through: UInt64, _ body: (UInt64, Int, Int64, FieldMask) throws -> Void) throws
    func addMark(area: Int, sequence: UInt64, mark: UInt64) throws
    /// The mark of the smallest marked sequence that is not below this one.
    func mark(area: Int, atOrAfter sequence: UInt64) throws -> UInt64?
    /// Whether a mark was given at any sequence of an area; looks at all of them.
    func hasMark(_ mark: UInt64, area: Int) throws -> Bool

    // MARK: What leaves the feed

    /// The sequence of the last deletion that was collected; 0 where none was.
    func horizon(area: Int) throws -> UInt64
    func setHorizon(area: Int, sequence: UInt64) throws
    /// Notes how far a feed has come at a time.
    func noteFeed(area: Int, sequence: UInt64, milliseconds: Int64) throws
    /// The latest time that was noted.
    func lastFeedNote(area: Int) throws -> Int64?
    /// How far the feed had come at a time; nil where nothing was noted by then.
    func feedSequence(area: Int, notedBy milliseconds: Int64) throws -> UInt64?
    func entryCount(area: Int) throws -> Int
    /// The first group of the office that an undo may ask for; nil where there is nothing to take back.
    func firstOperationGroup() throws -> UInt64?
    /// Adds fields to an entry, which is not exact any more; false where there is no such entry.
    func mergeEntry(area: Int, sequence: UInt64, mask: FieldMask) throws -> Bool
    func removeEntry(area: Int, sequence: UInt64) throws
    /// Calls `body` with table and key of each record of a table that does not live; 0 stands for unknown tables.
    func forEachDeadRecord(table: Int, _ body: (_ table: Int, _ key: Int64) throws -> Void) throws
    /// Replaces what a device said of an area; its repairs are added to those before.
    func setAreaCheck(_ check: AreaCheck) throws
    /// By device and area.
    func areaChecks() throws -> [AreaCheck]

    // MARK: What devices sent

    /// Keeps the fingerprints of a run of groups, the first with the number `first`.
    func addFingerprints(device: UInt32, first: UInt64, _ fingerprints: [UInt128], arrival: Arrival) throws
    /// The pushes of a device that were given a time or a later one, in order.
    func arrivals(device: UInt32, from time: UInt64) throws -> [Arrival]
    func fingerprint(device: UInt32, number: UInt64) throws -> UInt128?
    /// Remembers that a group, by a hash of what it does, is held under another number than the one that it was sent under.
    func addMovedGroup(device: UInt32, likeness: UInt128, sent: UInt64, number: UInt64) throws
    /// The number under which such a group is held; nil where none is.
    func movedGroup(device: UInt32, likeness: UInt128) throws -> UInt64?
    /// The number under which the last group that was sent under this one is held; nil where none was moved.
    func movedGroup(device: UInt32, sent: UInt64) throws -> UInt64?
    /// Keeps the final time of a proposed one that was corrected.
    func addCorrection(device: UInt32, number: UInt64, proposed: UInt64, final: UInt64) throws
    /// The final time of a proposed one, or nil where it was not corrected.
    func correction(device: UInt32, number: UInt64, proposed: UInt64) throws -> UInt64?
    /// All corrections of a run of a device's groups, by number, then by proposed time.
    func corrections(device: UInt32, numbers: ClosedRange<UInt64>) throws -> [GroupCorrection]
    /// The largest packed time that any device was given.
    func highestTime() throws -> UInt64

    // MARK: Quarantine

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
    func heldOutcome(device: UInt32, number: UInt64) throws -> HeldOutcome?
    /// Those of one device after an id, in order.
    func heldOutcomes(device: UInt32, after id: UInt64, limit: Int) throws -> [HeldOutcome]
    func addHeldLink(_ link: HeldLink, quarantine: Int64) throws
    /// What the writer of a held version had seen; nil where no such version is held.
    func heldLink(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> HeldLink?
    /// Whether a version is one of a group that was held and is held no more; of one that is not in force: dropped.
    func wasHeld(table: Int, record: RecordID, field: Int, stamp: Stamp) throws -> Bool
    /// Replaces the encoded group by one with less in it.
    func replaceQuarantined(_ id: Int64, body: [UInt8], changeCount: Int) throws

    // MARK: Erasure

    /// Calls `body` with every record of a table, deleted ones too, by ascending key.
    ///
    /// The table 0 stands for all that the schema does not know.
    func forEachRecord(table: Int, _ body: (StoredRecord) throws -> Void) throws
    /// The groups that the feed names for a record or its conflicts.
    func groups(table: Int, key: Int64, record: RecordID) throws -> Set<GroupName>
    /// Removes a record and all that is kept of it: row, versions, conflicts, links, places in the feed, and what
    /// imports remember. Heads of areas stay as they are.
    func eraseRecord(table: Int, key: Int64, record: RecordID) throws
    /// Removes the versions of some fields that were written before a stamp, and conflicts over them; links too.
    func eraseVersions(table: Int, key: Int64, record: RecordID, fields: FieldMask, before stamp: Stamp) throws
    /// Makes a group one that is not compared any more: its fingerprint counts as 0.
    func clearFingerprint(_ group: GroupName) throws
    /// Keeps an order; nothing where it is known.
    func addErasure(_ erasure: Erasure) throws
    func erasure(_ id: RecordID) throws -> Erasure?
    /// All orders, oldest first.
    func erasures() throws -> [Erasure]
    /// Whether any order was ever kept.
    func hasErasures() throws -> Bool
    /// What orders say of one record, in any order.
    func erasureMarks(table: Int, record: RecordID) throws -> [ErasureMark]
    /// Keeps what a device said of an order; the last word counts, but a confirmation stays.
    func setErasureState(_ state: ErasureState, order: RecordID, device: UInt32, at milliseconds: Int64) throws
    func erasureConfirmations(order: RecordID) throws -> [ErasureConfirmation]
}
