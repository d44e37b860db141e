import Cryptography
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// What `kith sync` prints.
struct SyncReport {
    let sent: Int
    let received: Int
    let conflicts: Int
    let held: [HeldGroup]
    /// Groups that were held and that the office accepted, or did not take; and those taken back too late.
    let accepted: [UInt64]
    let notTaken: [UInt64]
    let takenMeanwhile: [UInt64]
    /// How many are held; after a cut, as many as at the last sync.
    let heldCount: Int
    /// Whose records are counted where somebody asks.
    private let laptop: Laptop
    /// Records with changes that the server does not have.
    let waiting: Int
    /// Digests by the area's name, sorted.
    let areas: [(name: String, digest: UInt128)]
    /// The server's digest over the same areas; nil where it did not say.
    let serverDigest: [UInt8]?
    /// What the server's clock shows less what this laptop's shows, in milliseconds.
    let clockCorrectionMilliseconds: Int64?
    /// The names of areas whose records differed from the office's, and match since they were fetched again.
    let repairedAreas: [String]
    /// Whether the server sent a line of the ledger that the office did not sign.
    let hasRefusedOrder: Bool
    /// Whether the server had lost something, and was given back what is kept here.
    let hasHealed: Bool
    /// Whether this laptop's records were a copy, and it is a laptop of its own now.
    let hasNewIdentity: Bool
    /// What orders of the office erased here.
    let erased: ErasureOutcome
    /// Whether what left this laptop may still be read in its file.
    let leavesRemoved: Bool
    /// How many records the office asks to erase, while the user has not answered.
    let erasureWaiting: Int

    /// The report of a sync that came to its end, and of what earlier ones brought that nobody was told of.
    ///
    init(_ summary: SyncSummary, _ laptop: Laptop) throws {
        let names = try Self.areaNames(laptop)
        sent = summary.sentCount
        received = summary.receivedCount
        conflicts = summary.newConflicts
        held = summary.held
        // With it what an earlier sync brought that was cut before it could be told.
        let news = try laptop.replica.untoldNews()
        (accepted, notTaken, takenMeanwhile) = (news.accepted, news.discarded, news.takenMeanwhile)
        heldCount = held.count
        self.laptop = laptop
        waiting = try laptop.replica.unsentCount
        areas = Self.sorted(summary.digests.map { (names[$0.area] ?? "team \($0.area)", $0.own) })
        serverDigest = Self.combined(
            Self.sorted(summary.digests.map { (names[$0.area] ?? "team \($0.area)", $0.server) }))
        clockCorrectionMilliseconds = summary.clockCorrectionMilliseconds
        repairedAreas = try Self.names(summary.repairs.filter { $0.outcome == .mended }.map(\.area), laptop)
        hasRefusedOrder = summary.refusedLedgerEntry != nil
        hasHealed = summary.hasHealed
        hasNewIdentity = summary.hasNewIdentity
        erased = news.erased
        leavesRemoved = try laptop.replica.leavesRemoved()
        erasureWaiting = try laptop.replica.waitingErasures().reduce(0) { $0 + $1.size.records }
    }

    /// The report of a sync that was cut; what was sent by then counts.
    init(sentOf before: Int, _ laptop: Laptop) throws {
        let names = try Self.areaNames(laptop)
        waiting = try laptop.replica.unsentCount
        sent = max(0, before - waiting)
        received = 0
        conflicts = 0
        held = try laptop.replica.heldGroups()
        (accepted, notTaken, takenMeanwhile) = ([], [], [])
        heldCount = try laptop.heldCount()
        self.laptop = laptop
        areas = Self.sorted(try laptop.replica.digests().map { (names[$0.key] ?? "team \($0.key)", $0.value) })
        serverDigest = nil
        clockCorrectionMilliseconds = nil
        repairedAreas = []
        hasRefusedOrder = false
        hasHealed = false
        hasNewIdentity = false
        erased = ErasureOutcome()
        leavesRemoved = false
        erasureWaiting = 0
    }

    /// Counts the living records on this laptop, unsent ones included: the whole file is read for it, so words for people
    /// do without.
    ///
    /// - Parameters:
    ///   - notKept: what was not kept of this person's words, each an object.
    ///   - more: members that follow.
    func json(notKept: [JSONValue] = [], more: [JSONValue.Member] = []) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("sent", JSONValue(sent)), .init("received", JSONValue(received)),
            .init("conflicts", JSONValue(conflicts)), .init("held", JSONValue(heldCount)),
            .init("records", JSONValue(try Self.livingCount(laptop))),
            .init("digest", .string(Hex.encode(Self.combined(areas)))),
            .init("server_digest", JSONValue(serverDigest.map(Hex.encode))),
            .init("areas", .object(areas.map { .init($0.name, .string(Hex.encode($0.digest.bigEndianBytes))) })),
        ]
        if erased.records > 0 { members.append(.init("erased", JSONValue(erased.records))) }
        if erased.ownChanges > 0 { members.append(.init("erased_unsent", JSONValue(erased.ownChanges))) }
        if leavesRemoved { members.append(.init("leaves_removed", .boolean(true))) }
        if erasureWaiting > 0 { members.append(.init("erasure_waiting", JSONValue(erasureWaiting))) }
        if let clockCorrectionMilliseconds {
            members.append(.init("clock_corrected_seconds", .integer(clockCorrectionMilliseconds / 1_000)))
        }
        if !accepted.isEmpty { members.append(.init("accepted", Self.numbers(accepted))) }
        if !notTaken.isEmpty { members.append(.init("not_taken", Self.numbers(notTaken))) }
        if !notKept.isEmpty { members.append(.init("not_kept", .array(notKept))) }
        if !repairedAreas.isEmpty {
            members.append(.init("repaired", .array(repairedAreas.map { .string($0) })))
        }
        return .object(members + more)
    }

    private static func numbers(_ groups: [UInt64]) -> JSONValue {
        .array(groups.map { .integer(Int64(clamping: $0)) })
    }

    /// One or two sentences for people.
    var words: String {
        let counts = "Sent \(sent), received \(received)."
        if !held.isEmpty {
            let what = held.count == 1 ? "1 change of yours is" : "\(held.count) changes of yours are"
            return "\(counts) \(what) at the office, held for checking."
        }
        if waiting > 0 { return "\(counts) \(waiting) more were saved meanwhile and wait to be sent." }
        return "\(counts) Everything on this laptop is on the server."
    }

    /// A line for each reason why the office checks changes of this laptop first.
    var heldLines: [String] {
        Set(held.map(\.reason)).sorted { $0.rawValue < $1.rawValue }.map { reason in
            let count = held.count { $0.reason == reason }
            return "The office checks \(count == 1 ? "1 change" : "\(count) changes") first: \(Self.words(reason))."
        }
    }

    /// What is said of a clock that is wrong.
    ///
    /// - Parameters:
    ///   - milliseconds: what the server's clock shows less what this laptop's shows.
    ///   - today: the day that this laptop's clock shows, as people read it.
    ///   - advice: what to do about what was given as today or now.
    static func clockWords(_ milliseconds: Int64, today: String, advice: String) -> String {
        let side = milliseconds < 0 ? "fast" : "slow"
        let words =
            "Your clock is \(Self.words(milliseconds: milliseconds.magnitude)) \(side): when you saved something is corrected."
        guard milliseconds.magnitude >= FalseDays.misleadingMilliseconds else { return words }
        return
            "\(words) What you gave as today or now is not: this laptop takes today for \(today). Set its clock\(advice)"
    }

    /// What is said of records that differed from the office's.
    var repairLine: String? {
        if repairedAreas.isEmpty { return nil }
        return
            "Some records here (\(repairedAreas.joined(separator: ", "))) were not as at the office. They were fetched "
            + "again, and match now. The office was told."
    }

    /// A length of time in its largest whole unit, to the nearest: "40 seconds", "3 minutes", "2 hours", "9 days", "57 years".
    static func words(milliseconds: UInt64) -> String {
        let seconds = (milliseconds + 500) / 1_000
        let units: [(name: String, seconds: UInt64, least: UInt64)] = [
            ("year", 31_557_600, 2), ("day", 86_400, 1), ("hour", 3_600, 1), ("minute", 60, 1),
        ]
        let unit = units.first { seconds >= $0.seconds * $0.least } ?? ("second", 1, 0)
        let count = (seconds + unit.seconds / 2) / unit.seconds
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }

    /// Why the office holds a change, for people.
    static func words(_ reason: HoldReason) -> String {
        switch reason {
        case .areaNotGranted: "when it came, you could not write in that team, or the server did not have that record"
        case .roleNotAllowed: "your role may not do that"
        case .recordUnknown: "it changes a record that the server does not have"
        case .malformed: "a value is not as it should be"
        case .revoked: "this laptop may not sync any more"
        case .areaChanged: "a record of another team has its id; sent again, it gets another one"
        case .replacedInForce: "the office took the earlier version meanwhile"
        case .historyTooLong: "what it changes was edited so often that somebody has to look"
        case .unknown: "the office says why in words that this version of kith does not know; a newer one does"
        }
    }

    /// The names of areas by number.
    static func areaNames(_ laptop: Laptop) throws -> [Int: String] {
        let areas = try laptop.replica.directory()?.areas ?? []
        return Dictionary(areas.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    static func names(_ areas: [Int], _ laptop: Laptop) throws -> [String] {
        let names = try areaNames(laptop)
        return areas.map { names[$0] ?? "team \($0)" }
    }

    static func livingCount(_ laptop: Laptop) throws -> Int {
        try RecordKind.all.reduce(0) { try $0 + laptop.replica.livingCount(table: $1.number) }
    }

    private static func sorted(_ areas: [(name: String, digest: UInt128)]) -> [(name: String, digest: UInt128)] {
        areas.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }

    /// One digest over several areas: their sum modulo 2^128, as an area's digest is the sum over its records.
    static func combined(_ areas: [(name: String, digest: UInt128)]) -> [UInt8] {
        areas.reduce(UInt128(0)) { $0 &+ $1.digest }.bigEndianBytes
    }
}
