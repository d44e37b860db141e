import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

/// Names that are spelt as an id may begin.
@Suite struct RecordFinderTests {
    private let laptop: FieldLaptop
    /// The beginning of the id of somebody called Robin.
    private let beginning: String

    init() throws {
        laptop = try FieldLaptop()
        beginning = String(try #require(try laptop.json("person", "add", "Robin")["id"]?.text).prefix(4))
    }

    private func names() throws -> [String?] { try laptop.json("person", "list").values.map { $0["name"]?.text } }

    @Test("Where somebody's name is the beginning of another's id, it is asked who is meant, and nothing is changed")
    func nameAndID() throws {
        let named = beginning.uppercased()
        _ = try laptop.json("person", "add", named, "--new")
        let run = laptop.run(["person", "delete", beginning, "--yes"])
        #expect(run.code == .notFound)
        #expect(run.errors.contains("2 people fit"))
        #expect(try Set(names()) == ["Robin", named])
    }

    @Test("Three letters are a name, and never the beginning of a person's id")
    func shortName() throws {
        let short = String(beginning.prefix(3))
        #expect(laptop.run(["person", "delete", short, "--yes"]).code == .notFound)
        _ = try laptop.json("person", "add", short, "--new")
        #expect(laptop.run(["person", "delete", short, "--yes"]).code == .done)
        #expect(try names() == ["Robin"])
    }

    @Test("The beginning of an id alone still finds its person, and the whole id always does")
    func idAlone() throws {
        #expect(try laptop.json("person", "show", beginning)["name"] == "Robin")
        let id = try #require(try laptop.json("person", "show", beginning)["id"]?.text)
        _ = try laptop.json("person", "add", id, "--new")
        #expect(try laptop.json("person", "show", id)["name"] == "Robin")
    }
}
