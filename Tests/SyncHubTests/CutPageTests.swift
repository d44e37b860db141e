import SyncCore
import Testing

@testable import SyncHub
@testable import SyncReplica

/// A page tells records as they are at the end of the feed, also where it does not come to that end.
@Suite("A laptop that has seen more than its cursor says")
struct CutPageTests {
    private struct Cut: Error {}

    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    /// Syncs in pages of one record, and is cut after some replies.
    private func syncIsCut(_ laptop: FieldLaptop, after replies: Int) throws {
        var left = replies
        #expect(throws: Cut.self) {
            try laptop.sync(pageBytes: 1) { send in
                guard left > 0 else { throw Cut() }
                left -= 1
                return try send()
            }
        }
    }

    /// Sam has the second word of the first of several records, in a page that was cut; the backup is from before it.
    private func seenInPart() throws -> (id: RecordID, backup: String) {
        let ids = try (0..<4).map { number in
            let id = try priya.add("first \(number)")
            try priya.sync()
            return id
        }
        let backup = try clinic.backUp()
        try priya.edit(ids[0], "second")
        try priya.sync()
        try syncIsCut(sam, after: 2)
        try #require(try sam.title(ids[0]) == "second" && sam.title(ids[3]) == nil)
        return (ids[0], backup)
    }

    @Test("G10: a page that was cut shows a restored server that something is lost, and brings it back")
    func line() throws {
        let (id, backup) = try seenInPart()
        try clinic.restore(backup)
        // Priya's laptop does not come any more: what Sam has is all that there is.
        let summary = try sam.sync()
        #expect(summary.hasHealed && summary.repairs.isEmpty)
        #expect(try clinic.value(id) == .text("second") && sam.title(id) == "second")
        for _ in 0..<2 { #expect(try sam.sync().matches) }
        try clinic.settle(sam, priya)
        #expect(try priya.title(id) == "second")
        #expect(try sam.replica.fetches.seenEnds() == [] && priya.replica.fetches.seenEnds() == [])
    }

    @Test("G10: a sealed file of such a laptop waits at a restored server until the laptop has synced")
    func file() throws {
        let (id, backup) = try seenInPart()
        try clinic.restore(backup)
        try sam.edit(id, "third")
        let number = try #require(try sam.replica.device)
        let request = try sam.replica.bundleRequest(limitBytes: 1 << 20)
        let outcome = try clinic.hub.takingBundles {
            try clinic.hub.accept(bundle: request, made: clinic.now, from: number)
        }
        guard case .otherHistory = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try sam.sync().hasHealed)
        try clinic.settle(sam, priya)
        #expect(try priya.title(id) == "third" && clinic.hub.conflicts(openOnly: false) == [])
    }

    @Test("G10: a laptop that fetches an area again from the start goes on showing how far it had come")
    func refetch() throws {
        let id = try priya.add("first")
        for _ in 0..<2 { for laptop in [priya, sam] { try laptop.sync() } }
        let backup = try clinic.backUp()
        try priya.edit(id, "second")
        try priya.sync()
        try sam.sync()
        try sam.replica.beginRefetch(area: Office.main, purpose: .repair)
        try clinic.restore(backup)
        #expect(try sam.sync().hasHealed)
        try clinic.settle(sam, priya)
        #expect(try sam.title(id) == "second" && priya.title(id) == "second")
    }

    @Test("What was seen in part is said until the cursor has come to it, over cuts, and no longer")
    func told() throws {
        _ = try seenInPart()
        let end = try clinic.hub.store.head(area: Office.main).sequence
        func said() throws -> [UInt64] { try sam.replica.makeRequest().seenEnds().map(\.sequence) }
        #expect(try said() == [end])
        let other = try priya.add("more")
        try priya.sync()
        try syncIsCut(sam, after: 1)
        #expect(try said() == [end + 1])
        #expect(try sam.sync().matches)
        #expect(try said() == [] && sam.title(other) == "more")
    }

    @Test("Ends that nobody gave refuse nothing but the one who tells them, and bring in nothing of others'")
    func madeUp() throws {
        let id = try priya.add("first")
        for laptop in [priya, sam, priya] { try laptop.sync() }
        let number = try #require(try sam.replica.device)
        var request = try sam.replica.makeRequest()
        request.set(seenEnds: [Cursor(area: Office.main, sequence: 9_999, mark: 7)])
        #expect(try clinic.hub.showsLostHistory(request, from: number))
        #expect(try !clinic.hub.provesLoss(request, of: clinic.hub.knownDevice(number)))
        // An area that it may not read says nothing.
        request.set(seenEnds: [Cursor(area: Office.south, sequence: 9_999, mark: 7)])
        #expect(try !clinic.hub.showsLostHistory(request, from: number))
        try clinic.settle(priya, sam)
        #expect(try sam.title(id) == "first")
    }

    @Test("A part with ends that can't be read is refused")
    func malformed() throws {
        for item: [UInt8] in [[0x82, 0x01, 0x02], [0x83, 0x01, 0x02], [0x00], [0x83, 0x01, 0x02, 0x20]] {
            var request = try sam.replica.makeRequest()
            request.parts[.seenEnds] = item
            #expect(throws: CBORError.self) { try Hub.checkParts(of: request) }
        }
    }
}
