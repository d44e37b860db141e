import Foundation
import Testing

@Suite("A sealed file that an office which was put back can't take yet")
struct WaitingFileTests {
    private let office: Office
    private let priya: Laptop
    private let file: String
    private let last: String

    /// The office knows less of the laptop than the laptop was told: what is in the file begins behind a gap.
    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        try office.close()
        let backup = office.scratch.path("backup")
        try FileManager.default.copyItem(atPath: office.folder, toPath: backup)
        try office.open()
        _ = try priya.visit("Castle House", summary: "Lost with the disk.")
        try priya.run("sync").succeeded()
        last = try priya.visit("Castle House", summary: "In the file.")
        file = office.scratch.path("priya.kith")
        try priya.run("bundle", "export", file).succeeded()
        try office.close()
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: backup, toPath: office.folder)
        try office.open()
        let told = try office.run("bundle", "import", file).succeeded()
        #expect(told.output.contains("is kept"), "\(told)")
    }

    private func waiting() throws -> [JSON] {
        try office.run("bundle", "list", "--json").succeeded().json().array ?? []
    }

    @Test("G6, G10: it is listed with what it waits for, and goes once its laptop has synced: nothing is there twice")
    func synced() throws {
        let listed = try waiting()
        #expect(listed.count == 1 && listed.first?["name"].string == priya.device, "\(listed)")
        #expect(listed.first?["waits_for"].string?.isEmpty == false)
        try priya.run("sync").succeeded()
        #expect(try waiting().isEmpty)
        let visits = try office.run("export", "visits").succeeded().output
        for words in ["Lost with the disk.", "In the file."] {
            #expect(visits.components(separatedBy: words).count == 2, "\(words)\n\(visits)")
        }
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("G6, G8: where its laptop is lost, revoking that makes its work held work, which the office may take")
    func lost() throws {
        let told = try office.run("revoke", priya.device, "--yes").succeeded()
        #expect(told.output.contains("1 sealed file that waited is held"), "\(told)")
        #expect(try waiting().isEmpty)
        let held = try office.run("quarantine", "list", "--json").succeeded().json().array ?? []
        #expect(held.count == 1, "\(held)")
        let id = try #require(held.first?["id"].integer)
        try office.run("quarantine", "accept", String(id), "--why", "Her laptop fell into the river.", "--yes")
            .succeeded()
        #expect(try office.run("export", "visits").succeeded().output.contains("In the file."))
        try office.close()
    }

    @Test("It is dropped by a person's word alone")
    func forgotten() throws {
        let first = try #require(try waiting().first?["first"].integer)
        let asked = try office.run("bundle", "forget", priya.device, String(first), "--no-input")
        #expect(asked.code != 0)
        #expect(try waiting().count == 1)
        try office.run("bundle", "forget", priya.device, String(first), "--yes").succeeded()
        #expect(try waiting().isEmpty)
        #expect(try priya.listed(last)["summary"].string == "In the file.", "the laptop has it still")
        try office.close()
    }
}
