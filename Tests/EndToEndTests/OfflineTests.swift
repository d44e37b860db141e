import Foundation
import Testing

@Suite("Without the server")
struct OfflineTests {
    @Test("G15: everything of a day in the field is done, and sync says that it stays saved")
    func field() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("person", "add", "Alex", "--role", "resident", "--place", "Castle House").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("visit", "edit", visit, "--summary", "Tea and cake.").succeeded()
        try priya.run("note", visit, "Asked about the garden.").succeeded()
        for words in [["today"], [], ["status"], ["history", visit], ["export", "visits"], ["conflicts", "list"]] {
            try priya.start(words).finish().succeeded()
        }
        let before = try priya.exported()

        let report = try priya.run("sync", "--json")
        #expect(report.code == 4, "\(report)")
        #expect(try report.json()["server_digest"].isNull)
        #expect(try report.json().keys.contains("server_digest"))
        #expect(try report.json()["digest"].string != nil)
        #expect(try report.json()["sent"].integer == 0 && report.json()["records"].integer == 5, "\(report)")
        let told = try priya.run("sync")
        #expect(told.code == 4 && told.errors.contains("saved here"), "\(told)")
        #expect(told.errors.contains("kith sync"), "the next command is named")
        #expect(try priya.exported() == before)

        try office.open()
        #expect(try priya.json("sync")["sent"].integer == 5)
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("On a terminal what is missing is asked for, and --no-input names it instead")
    func guided() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let asked = try priya.start(["visit", "add"], input: .terminal)
        try asked.type("Castle House\n2026-11-22 14:30\n\nJust chatting.\n")
        let outcome = try asked.finish().succeeded()
        #expect(outcome.errors.contains("Place") && outcome.errors.contains("Summary"), "\(outcome)")
        let visit = try priya.json("visit", "list")[0]
        #expect(visit["summary"].string == "Just chatting." && visit["place"]["name"].string == "Castle House")
        #expect(visit["started"].string?.hasPrefix("2026-11-22T14:30") == true)
        let silent = try priya.start(["visit", "add", "--no-input"], input: .terminal).finish()
        #expect(silent.code == 2 && silent.errors.contains("PLACE"), "\(silent)")
        #expect(try priya.json("visit", "list").array?.count == 1)
    }

    @Test("A laptop that has joined no office says so, saves nothing, and names the next command")
    func notJoined() throws {
        let nobody = try Laptop("Nobody")
        for words in [["visit", "add", "Castle House", "today"], ["sync"], ["visit", "list"], ["status"]] {
            let refused = try nobody.start(words).finish()
            #expect(refused.code == 1, "\(refused)")
            #expect(refused.errors.contains("kith join"), "\(refused)")
        }
        #expect(!FileManager.default.fileExists(atPath: nobody.database))
    }
}
