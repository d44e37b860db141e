import Foundation
import SyncCore
import Synchronization
import Terminal
import Testing
@testable import KithClient

extension ImportCommandTests {
    @Test("Two laptops that import the same file make the same records")
    func sameRecords() throws {
        let text = "external_id,started,place\nA,2025-11-22,Hub\n,2025-11-23,Hub\n"
        let ids = try (0..<2).map { _ in
            let importer = try Importer()
            _ = try importer.counts("visits", try importer.write(text), "--create-places")
            return try importer.exported("visits").values.compactMap { $0["id"]?.text }.sorted()
        }
        #expect(ids[0] == ids[1] && ids[0].count == 2)
    }

    @Test("What is exported and imported again changes nothing", arguments: ["csv", "jsonl"])
    func roundTrip(format: String) throws {
        let importer = try Importer()
        let laptop = importer.laptop
        let texts = ["'=1+1", "=1+1", "'quoted'", " spaces ", "a \"b\",\r\nc", "1", "", "-x", "n/a", "é\u{301}"]
        _ = try laptop.json("place", "add", "Day, Centre", "--kind", "other", "--kind-other", "'van")
        _ = try laptop.json("person", "add", "Alex", "--pronouns", "declined", "--do-not-contact", "yes")
        for (index, text) in texts.enumerated() {
            _ = try laptop.json(
                "visit", "add", "Day, Centre", "2025-11-\(10 + index) 14:30", "--summary=\(text)", "--person", "Alex")
        }
        _ = try laptop.json(
            "meeting", "add", "Day, Centre", "2025-11-22", "--kind", "house_meeting", "--went-ahead", "no")
        for kind in ["places", "people", "visits", "meetings"] {
            let before = laptop.run(["export", kind, "--format", format]).output
            let path = try importer.write(before, "\(kind).\(format)")
            let rows = Int64(kind == "visits" ? texts.count : 1)
            #expect(try importer.counts(kind, path) == [0, 0, rows, 0, 0], "\(kind)")
            #expect(laptop.run(["export", kind, "--format", format]).output == before)
        }
    }

    @Test("An export goes into another office as new records that name each other as before, and only once")
    func intoAnotherOffice() throws {
        let first = try Importer()
        _ = try first.laptop.json("place", "add", "Hub")
        _ = try first.laptop.json("person", "add", "Alex")
        _ = try first.laptop.json("visit", "add", "Hub", "2025-11-22", "--person", "Alex", "--summary", "Tea")
        let second = try Importer()
        let kinds = ["visits", "people", "places"]
        for kind in kinds {
            let text = first.laptop.run(["export", kind]).output
            #expect(try second.counts(kind, try second.write(text, "\(kind).csv")) == [1, 0, 0, 0, 0])
        }
        let visit = try #require(try second.exported("visits").values.first)
        #expect(visit["place_name"]?.text == "Hub" && visit["person_name"]?.text == "Alex")
        #expect(visit["summary"]?.text == "Tea")
        #expect(try visit["id"]?.text != first.exported("visits").values.first?["id"]?.text)
        for kind in kinds { #expect(try second.counts(kind, second.path("\(kind).csv")) == [0, 0, 1, 0, 0]) }
        for kind in kinds {
            let text = second.laptop.run(["export", kind]).output
            #expect(try second.counts(kind, try second.write(text, "again.csv")) == [0, 0, 1, 0, 0])
            #expect(second.laptop.run(["export", kind]).output == text)
        }
    }
}
