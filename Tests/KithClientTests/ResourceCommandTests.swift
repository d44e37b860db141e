import Foundation
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("kith resource: the library")
struct ResourceCommandTests {
    @Test("An admin adds, finds, edits, deletes and restores what everybody reads")
    func life() throws {
        let laptop = try FieldLaptop(role: .admin)
        let added = try laptop.json(
            "resource", "add", "House meetings", "--kind", "best_practice", "--text", "Let the residents lead.",
            "--tags", "meetings; listening", "--source", "https://example.org/meetings")
        #expect(added["area"]?.text == "everyone")
        #expect(laptop.run(["resource", "list"]).output.contains("House meetings  best practice  meetings; listening"))
        #expect(try laptop.json("resource", "edit", "house meetings", "--kind", "training")["kind"]?.text == "training")
        #expect(try laptop.json("search", "residents").values.first?["title"]?.text == "House meetings")
        #expect(laptop.run(["note", added["id"]?.text ?? "", "Used on Monday."]).code == .done)
        #expect(laptop.run(["resource", "show", "House meetings"]).output.contains("Used on Monday."))
        _ = try laptop.json("resource", "delete", "House meetings", "--yes")
        #expect(try laptop.json("resource", "list").values.isEmpty)
        _ = try laptop.json("resource", "restore", try #require(added["id"]?.text))
        let exported = laptop.run(["export", "resources"]).output
        #expect(exported.hasPrefix("id,kind,kind_other,title,text,tags,source,external_id,extra,"))
        let path = laptop.folder + "/resources.csv"
        try Data(exported.utf8).write(to: URL(fileURLWithPath: path))
        let again = try laptop.json("import", "resources", path)
        #expect(again["unchanged"] == 1 && again["imported"] == 0)
    }

    @Test(
        "A worker reads the library and changes nothing in it",
        arguments: [
            ["add", "House meetings"], ["edit", "x", "--text", "y"], ["delete", "x", "--yes"], ["restore", "x"],
        ])
    func worker(words: [String]) throws {
        let laptop = try FieldLaptop()
        let run = laptop.run(["resource"] + words)
        #expect(run.code == .refused)
        #expect(
            run.errors == """
                kith: The library is written by the office: only admins may change resources. Nothing was saved.
                Next: kith resource list

                """)
        #expect(try laptop.json("resource", "list").values.isEmpty)
    }
}
