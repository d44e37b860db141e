import OutreachModel
import Terminal
import Testing

@testable import KithClient

@Suite("Names and texts from standard input")
struct StandardInputTests {
    @Test("G13: a person, a place and whoever took part are stored as standard input says, and found so")
    func names() throws {
        let laptop = try FieldLaptop()
        func json(_ words: [String], _ input: String) throws -> JSONValue {
            let run = laptop.run(words + ["--json"], input: input)
            try #require(run.code == .done, "\(run.errors)")
            return try run.json
        }
        #expect(try json(["person", "add", "-"], "Alex Moon\n")["name"] == "Alex Moon")
        #expect(try json(["place", "add", "-", "--kind", "residential"], "Castle House\r\n")["name"] == "Castle House")
        let visit = try json(["visit", "add", "castle", "today", "--with", "-"], "Alex Moon\n")
        let id = try #require(visit["id"]?.text)
        #expect(laptop.run(["visit", "show", id]).output.contains("Alex Moon"))
        let promise = try json(["promise", "add", "Bring the forms", "--person", "-"], "Alex Moon\n")
        #expect(promise["what"] == "Bring the forms")
        #expect(try json(["promise", "list", "--person", "-"], "alex").values.count == 1)
        #expect(laptop.run(["export", "people", "--where", "name=-"], input: "Alex Moon").output.contains("Alex Moon"))
    }

    @Test("A name that is - alone is refused, however it comes, and nothing is saved")
    func dash() throws {
        let laptop = try FieldLaptop()
        for run in [
            laptop.run(["person", "add", "-"], input: "-\n"), laptop.run(["place", "add", "-"], input: "-"),
            laptop.run(["person", "add"], input: "-\n", isTerminal: true),
            laptop.run(["person", "add", "-"], input: ""),
        ] {
            #expect(run.code != .done, "\(run)")
            #expect(run.errors.contains("Nothing was"), "\(run)")
        }
        #expect(try laptop.json("person", "list").values.isEmpty)
        #expect(try laptop.json("place", "list").values.isEmpty)
    }

    @Test("One value can come from standard input in each command")
    func twice() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.visit()
        let run = laptop.run(["visit", "add", "-", "today", "--summary", "-"], input: "castle")
        #expect(run.code == .usage && run.errors.contains("Only one value can come from standard input"), "\(run)")
    }
}
