import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("A restriction that comes into force because a laptop tells what it saw replaced")
struct RestrictionToldTests {
    private let clinic: Clinic
    private let priya: FieldLaptop
    private let sam: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya")
        sam = try clinic.laptop("Sam")
    }

    private func seal(_ id: RecordID, _ value: Int64, on laptop: FieldLaptop) throws {
        clinic.now += 10
        try laptop.replica.write {
            try $0.edit(table: Notebook.book, record: id, values: [(Notebook.sealed, .integer(value))])
        }
    }

    @Test("G2 G10: an edit that waited and gives way to it is in a conflict, though its author has lifted it since")
    func editThatWaited() throws {
        let backup = try clinic.backUp()
        let id = try priya.add("first")
        try seal(id, 2, on: priya)
        for laptop in [priya, sam] { try laptop.sync() }
        try seal(id, 7, on: sam)
        for value in [1, 0] as [Int64] {
            try seal(id, value, on: priya)
            try priya.sync()
        }
        try clinic.restore(backup)
        try sam.sync()
        #expect(try clinic.value(id, Notebook.sealed) == .integer(7))
        try clinic.settle(priya, sam)
        #expect(try clinic.value(id, Notebook.sealed) == .integer(0))
        let conflicts = try clinic.hub.conflicts(openOnly: true)
        #expect(conflicts.map { Set([$0.a.value, $0.b.value]) } == [[.integer(7), .integer(1)]])
    }
}
