import Database
import Foundation
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("kith import: lists without ids, and dates of two readings")
struct ImportSheetsTests {
    @Test("The same rows in the lists of two houses are the visits of both; the same list again changes nothing")
    func twoHouses() throws {
        let importer = try Importer()
        for name in ["Castle House", "Old Bus"] { _ = try importer.laptop.json("place", "add", name) }
        let castle = try importer.write("started,headcount\n2026-11-02,3\n2026-11-03,4\n", "castle.csv")
        let bus = try importer.write("started,headcount\n2026-11-02,3\n2026-11-05,2\n", "bus.csv")
        #expect(try importer.counts("visits", castle, "--set", "place=Castle House") == [2, 0, 0, 0, 0])
        #expect(try importer.counts("visits", bus, "--set", "place=Old Bus") == [2, 0, 0, 0, 0])
        #expect(try importer.counts("visits", castle, "--set", "place=castle  house") == [0, 0, 2, 0, 0])
        let places = try importer.list("visit").compactMap { $0["place"]?["name"]?.text }
        #expect(places.count == 4 && Set(places).count == 2)
    }

    @Test("A word of a note list for one person is not taken for the same word about another")
    func twoPeople() throws {
        let importer = try Importer()
        for name in ["Kim", "Alex"] { _ = try importer.laptop.json("person", "add", name) }
        for name in ["Kim", "Alex"] {
            let path = try importer.write("text\nHad tea\n", "\(name).csv")
            let options = ["--set", "about_table=person", "--set", "about=\(name)"]
            #expect(
                try importer.counts("notes", path, options[0], options[1], options[2], options[3]) == [1, 0, 0, 0, 0])
        }
        #expect(try importer.list("note").count == 2)
    }

    @Test("Two columns of other names make two people of one name; another value for all rows is an edit")
    func columns() throws {
        let importer = try Importer()
        let first = try importer.write("name,pronouns\nKim,she\n", "first.csv")
        let second = try importer.write("name,interests\nKim,she\n", "second.csv")
        #expect(try importer.counts("people", first, "--set", "age_band=18-24") == [1, 0, 0, 0, 0])
        #expect(try importer.counts("people", second) == [1, 0, 0, 0, 0])
        #expect(try importer.counts("people", first, "--set", "age_band=25-34") == [0, 1, 0, 0, 0])
    }

    @Test(
        "Dates that were read the wrong way round are put right by the same file read the other way",
        arguments: [true, false])
    func otherOrder(hasID: Bool) throws {
        let importer = try Importer()
        _ = try importer.laptop.json("place", "add", "Castle House")
        let path = try importer.write(
            "external_id,place,started\n\(hasID ? "7" : ""),Castle House,3/4/2026\n,Castle House,13/4/2026\n")
        #expect(try importer.counts("visits", path, "--date-format", "dmy") == [2, 0, 0, 0, 0])
        #expect(try importer.counts("visits", path, "--date-format", "dmy") == [0, 0, 2, 0, 0])
        let first = try importer.write(
            "external_id,place,started\n\(hasID ? "7" : ""),Castle House,3/4/2026\n,Castle House,4/13/2026\n")
        #expect(try importer.counts("visits", first, "--date-format", "mdy") == [1, 1, 0, 0, 0])
        let days = try importer.list("visit").compactMap { $0["started"]?.text?.prefix(10) }
        #expect(days.sorted() == ["2026-03-04", "2026-04-13", "2026-04-13"])
    }

    @Test("A date of two readings for all rows is refused until it is said how it is read")
    func ambiguousSet() throws {
        let importer = try Importer()
        _ = try importer.laptop.json("place", "add", "Castle House")
        let path = try importer.write("place,summary\nCastle House,tea\n")
        let run = importer.laptop.run(["import", "visits", path, "--set", "started=03/04/2026"])
        #expect(
            run.code != .done && run.errors.contains("--set started: the date can be read day first or month first."))
        #expect(try importer.list("visit").isEmpty)
        #expect(
            try importer.counts("visits", path, "--set", "started=03/04/2026", "--date-format", "mdy") == [
                1, 0, 0, 0, 0,
            ])
        #expect(try importer.list("visit").first?["started"]?.text?.prefix(10) == "2026-03-04")
    }

    @Test("A row that is mended among the rejected ones is the same when it is mended in its file too")
    func mendedTwice() throws {
        let importer = try Importer()
        let text = "name,lat,lng,rhythm_days\nGuard,51.1,-1.08,often\n"
        #expect(try importer.counts("places", importer.write(text)) == [0, 0, 0, 1, 0])
        let rejects = try importer.read("table.csv.rejects.csv")
        #expect(rejects.contains("'-1.08"))
        let mended = try importer.write(rejects.replacing("often", with: "7"), "mended.csv")
        #expect(try importer.counts("places", mended) == [1, 0, 0, 0, 0])
        let whole = try importer.write(text.replacing("often", with: "7"), "whole.csv")
        #expect(try importer.counts("places", whole) == [0, 0, 1, 0, 0])
    }

    @Test("An apostrophe before a sign is kept in JSON lines, where nothing guards it")
    func apostrophe() throws {
        let importer = try Importer()
        let path = try importer.write("{\"name\":\"'-tis\"}\n", "people.jsonl")
        #expect(try importer.counts("people", path) == [1, 0, 0, 0, 0])
        #expect(try importer.list("person").first?["name"]?.text == "'-tis")
    }

    @Test("G7: a row that names a person by an id that is not here is rejected")
    func notHere() throws {
        let importer = try Importer()
        let path = try importer.write("started,person\n2026-11-02,yh5mtgtt6eyh4daapcdgaa23v2\n")
        #expect(try importer.counts("visits", path) == [0, 0, 0, 1, 0])
        #expect(try importer.read("table.csv.rejects.csv").contains("is the id of a person that is not here"))
    }
}
