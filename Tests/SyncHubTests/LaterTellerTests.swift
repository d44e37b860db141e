import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

/// A restored server is told of a word by two laptops, and the later one has seen more. The laptop of its author is gone.
@Suite("Who tells a restored server later and has seen more")
struct LaterTellerTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop
    private let kim: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
        kim = try clinic.laptop("Kim")
    }

    /// Priya writes "second", Sam "third", and the server is put back to between the two; Kim has never seen the second.
    ///
    /// - Parameters:
    ///   - hasSeen: whether Sam had seen the second.
    ///   - worker: sees each of them.
    private func record(hasSeen: Bool, alsoSeenBy worker: FieldLaptop? = nil) throws -> RecordID {
        let id = try priya.add("first")
        for laptop in [priya, sam, kim] { try laptop.sync() }
        clinic.now += 1_000
        if !hasSeen { try sam.edit(id, "third") }
        try priya.edit(id, "second")
        try priya.sync()
        try worker?.sync()
        let backup = try clinic.backUp()
        clinic.now += 1_000
        try sam.sync()
        if hasSeen {
            try sam.edit(id, "third")
            try sam.sync()
        }
        for laptop in [kim, priya] { try laptop.sync() }
        try worker?.sync()
        try clinic.restore(backup)
        return id
    }

    @Test("G5 G10: no conflict stays where the later one saw that the one word replaced the other")
    func later() throws {
        let id = try record(hasSeen: true)
        try kim.sync()
        #expect(try clinic.hub.conflicts(openOnly: true).count == 1)
        for laptop in [priya, kim] { try laptop.sync() }
        #expect(try clinic.value(id) == .text("third"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
        // What is written over it has seen both.
        try kim.edit(id, "fourth")
        for laptop in [kim, priya] { try laptop.sync() }
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
        #expect(try clinic.hub.areasWithWrongDigest().isEmpty)
    }

    @Test("A worker's word withdraws no conflict, whatever was seen")
    func worker() throws {
        let robin = try clinic.laptop("Robin", role: .worker)
        try robin.sync()
        let id = try record(hasSeen: true, alsoSeenBy: robin)
        try kim.sync()
        try robin.sync()
        #expect(try clinic.hub.conflicts(openOnly: true).count == 1)
        #expect(try clinic.value(id) == .text("third"))
    }

    @Test("G2 G10: a conflict that was one stays open, whoever tells of it first", arguments: [true, false])
    func conflict(isKimFirst: Bool) throws {
        let id = try record(hasSeen: false)
        let conflicts = { try clinic.hub.conflicts(openOnly: true).map { Set([$0.a.value, $0.b.value]) } }
        for laptop in isKimFirst ? [kim, priya, kim] : [priya, kim, priya] { try laptop.sync() }
        #expect(try conflicts() == [[.text("second"), .text("third")]])
        #expect(try priya.title(id) == kim.title(id))
    }
}
