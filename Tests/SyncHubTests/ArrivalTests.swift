import Database
import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("When work came to the server")
struct ArrivalTests {
    private let clinic: Clinic
    private let priya: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        try priya.sync()
    }

    /// When each value of a title came, by the laptop that asks.
    private func arrivals(of id: RecordID) throws -> [String: Int64] {
        let number = try #require(try priya.replica.device)
        let history = try #require(try clinic.hub.history(table: Notebook.book, record: id, for: number))
        let reply = try #require(try clinic.hub.arrivals(table: Notebook.book, record: id, for: number))
        let known = try ArrivalReply(decoding: reply.encoded()).arrivals
        return history.versions.reduce(into: [:]) { result, version in
            guard version.field == Notebook.title, case .text(let title) = version.value else { return }
            result[title] = known[version.stamp]
        }
    }

    @Test("Each version bears the moment of the sync that brought it, whatever the laptop's clock shows")
    func each() throws {
        priya.clockError = -3_600_000
        let id = try priya.add("first")
        clinic.now += 86_400_000
        try priya.sync()
        let first = clinic.now
        try priya.edit(id, "second")
        clinic.now += 86_400_000
        try priya.sync()
        #expect(try arrivals(of: id) == ["first": first, "second": clinic.now])
        // Of a sync without work nothing is kept.
        clinic.now += 86_400_000
        try priya.sync()
        #expect(try arrivals(of: id)["second"] == clinic.now - 86_400_000 - 10)
    }

    @Test("A server of a version that did not keep it says nothing of what came before, and all of what comes after")
    func upgraded() throws {
        let id = try priya.add("before")
        try priya.sync()
        for column in ["arrived", "highest_time"] {
            try clinic.store.database.execute("ALTER TABLE fingerprint DROP COLUMN \(column)")
        }
        try clinic.store.transaction { try clinic.store.createTables() }
        try priya.edit(id, "after")
        try priya.sync()
        #expect(try arrivals(of: id) == ["after": clinic.now])
    }

    @Test(
        "G10: what a restored server is given back has no moment of arrival, for nobody knows it; what is new has one")
    func restored() throws {
        let other = try clinic.laptop("Ada")
        try other.sync()
        let backup = try clinic.backUp()
        let id = try priya.add("lost")
        for laptop in [priya, other] { try laptop.sync() }
        try clinic.restore(backup)
        // Somebody else brings it first.
        try other.sync()
        let number = try #require(try other.replica.device)
        func vouchers(_ tells: Bool) throws -> Set<UInt32> {
            let reply = try clinic.hub.arrivals(table: Notebook.book, record: id, for: number, tellsVouchers: tells)
            return Set(try ArrivalReply(decoding: try #require(reply).encoded()).vouchers.values)
        }
        #expect(try vouchers(true) == [number] && vouchers(false).isEmpty)
        for laptop in [priya, other] { try laptop.sync() }
        #expect(try vouchers(true).isEmpty, "its writer has brought it")
        try priya.edit(id, "new")
        try priya.sync()
        #expect(try arrivals(of: id) == ["new": clinic.now])
    }

    @Test("G7: whoever may not read a record is not told when it came")
    func forbidden() throws {
        let id = try priya.add("here")
        try priya.sync()
        let south = try clinic.laptop("Sam", areas: [Office.south])
        let number = try #require(try south.replica.device)
        #expect(try clinic.hub.arrivals(table: Notebook.book, record: id, for: number) == nil)
    }
}
