import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("An old sealed file that comes in after a restore, before its laptop has synced")
struct OldFileTests {
    /// How the work went on that the file does not have.
    enum Later: CaseIterable {
        /// Written before the file's work was sent, after it, and not sent.
        case waiting, sent, unsent
        /// Written by somebody else, over the file's work or over what followed it.
        case another, anotherLater
    }

    /// What a colleague wrote over later work keeps its time where she syncs first: then a person decides.
    private static let orders: [(later: Later, isAuthorFirst: Bool)] =
        Later.allCases.map { ($0, true) } + Later.allCases.filter { $0 != .anotherLater }.map { ($0, false) }

    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    /// Goes on from the file's work to the word "later".
    private func goOn(_ later: Later, from id: RecordID) throws {
        switch later {
        case .waiting: try sam.edit(id, "later")
        case .sent, .unsent:
            try sam.sync()
            try sam.edit(id, "later")
            if later == .unsent { return }
        case .another, .anotherLater:
            if later == .anotherLater { try sam.edit(id, "second") }
            try sam.sync()
            try priya.sync()
            try priya.edit(id, "later")
            try priya.sync()
        }
        try sam.sync()
    }

    @Test(
        "G5 G10: what was written after the work in the file comes after it, though the clock was wrong",
        arguments: [true, false], Self.orders)
    func comesAfter(isNew: Bool, order: (later: Later, isAuthorFirst: Bool)) throws {
        var id = try priya.add("first")
        try clinic.settle(priya, sam)
        let backup = try clinic.backUp()
        sam.clockError = 3_600_000
        if isNew { id = try sam.add("sealed") } else { try sam.edit(id, "sealed") }
        let file = try sam.replica.bundleRequest(limitBytes: 1 << 20)
        try goOn(order.later, from: id)
        clinic.now += 60_000
        try clinic.restore(backup)
        let number = try #require(try sam.replica.device)
        _ = try clinic.hub.takingBundles {
            try clinic.hub.accept(bundle: file, made: clinic.now, from: number)
        }
        #expect(try clinic.value(id) == .text("sealed"))
        if order.isAuthorFirst { try clinic.settle(sam, priya) } else { try clinic.settle(priya, sam) }
        #expect(try clinic.value(id) == .text("later"))
        #expect(try clinic.hub.conflicts(openOnly: true) == [])
        #expect(try priya.title(id) == "later" && sam.title(id) == "later")
    }
}
