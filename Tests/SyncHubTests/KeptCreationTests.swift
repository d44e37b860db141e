import SyncCore
import SyncReplica
import Testing

@testable import SyncHub

@Suite("New records that a laptop hands over after a restore")
struct KeptCreationTests {
    private let clinic: Clinic
    private let priya: FieldLaptop

    init() throws {
        clinic = try Clinic()
        priya = try clinic.laptop("Priya", role: .worker)
    }

    @Test("G2 G10: a record comes back as it was made, also where an edit that has not left lies over it")
    func editedSince() throws {
        try priya.sync()
        let backup = try clinic.backUp()
        let id = try priya.add("first")
        try priya.sync()
        try priya.edit(id, "second")
        try clinic.restore(backup)
        for _ in 0..<2 { #expect(try priya.sync().matches) }
        #expect(try clinic.value(id) == .text("second"))
        let stored = try #require(try clinic.store.record(table: Notebook.book, id: id))
        let versions = try clinic.store.versions(table: Notebook.book, key: stored.key)
        #expect(versions.map(\.value) == [.text("first")])
    }

    @Test("G6 G10: a new record is not handed over in the place of one that has left the laptop")
    func reusedKey() throws {
        try priya.sync()
        let backup = try clinic.backUp()
        // What a worker writes for leads alone does not stay; the next record may get its place in the file.
        try priya.add("concern", area: Office.mainRestricted)
        try priya.sync()
        let id = try priya.add("visit")
        try clinic.restore(backup)
        for _ in 0..<2 { #expect(try priya.sync().matches) }
        #expect(try clinic.value(id) == .text("visit"))
        var groups: [UInt64] = []
        try clinic.store.forEachEntry(area: Office.main, after: 0) { entry in
            groups.append(entry.number)
            return true
        }
        #expect(groups == [2])
    }
}
