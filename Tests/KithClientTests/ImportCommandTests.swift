import Foundation
import SyncCore
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("kith import")
struct ImportCommandTests {
    /// One case of each kind of mess.
    static let messy = """
        Ref;Day;Where;Type;People;Notes;;Team\r
        A1;22/11/2025;Café  Zoë;Day centre;"1,204";"Two lines,\r
        \"\"quoted\"\"\";x;North\r
        ;;;;;;;\r
        A2;2025-11-23;cafe zoe;Litter pick;4.0;'=SUM(1);;\r
        A3;31/02/2025;Cafe Zoe;office;1;;;\r
        A4;22 Nov 2025 14:30;Nowhere Known;office;many;;;\r
        A1;23/11/2025;Cafe Zoe;office;;;;\r
        A5;n/a;Cafe Zoe;office;;;;\r
        A6;1/2/9999;Cafe Zoe;office;;;;\r
        A7;24/11/2025;Cafe Zoe;office;;;;;;surplus\r
        Ref;Day;Where;Type;People;Notes;;Team\r
        A8;24/11/2025;Cafe Zoe;office;;;;;;\r

        """
    static let mapping = [
        "--map", "Ref=external_id", "--map", "Day=started", "--map", "Where=place", "--map", "Type=kind", "--map",
        "People=headcount", "--map", "Notes=summary", "--date-format", "dmy", "--create-places",
    ]

    func messy(_ importer: Importer) throws -> FieldLaptop.Run {
        let path = try importer.write(Self.messy)
        return importer.laptop.run(["import", "visits", path, "--json"] + Self.mapping)
    }

    @Test("Every row of a messy file is accounted for, and the result says so in exactly these words")
    func everyRow() throws {
        let importer = try Importer()
        let run = try messy(importer)
        #expect(
            run.output == """
                {"imported":3,"updated":0,"unchanged":0,"rejected":7,"blank":1,"kept":0,"rejects":"\(importer.path("table.csv"))\
                .rejects.csv"}

                """)
        let visits = try importer.exported("visits")
        let first = try #require(visits["A1"])
        #expect(first["started"]?.text == "2025-11-22")
        #expect(first["place_name"]?.text == "Café Zoë")
        #expect(first["kind"]?.text == "day_centre")
        #expect(first["headcount"] == 1_204)
        #expect(first["summary"]?.text == "Two lines,\n\"quoted\"")
        #expect(first["extra"]?.text == "Column 7: x\nTeam: North")
        let second = try #require(visits["A2"])
        #expect(second["kind"]?.text == "other")
        #expect(second["kind_other"]?.text == "Litter pick")
        #expect(second["place"] == first["place"])
        #expect(second["summary"]?.text == "=SUM(1)")
        #expect(second["headcount"] == 4)
        #expect(visits["A8"]?["kind_other"] == .null)
        #expect(try importer.list("place").count == 1)
    }

    @Test("An imported visit takes the own words of its place's kind with the kind, unless the file says either")
    func ownWordsOfThePlace() throws {
        let importer = try Importer()
        _ = try importer.laptop.json("place", "add", "Bus", "--kind", "other", "--kind-other", "Converted bus")
        let plain = try importer.write("external_id,place,started\nA1,Bus,2026-11-20\n", "plain.csv")
        #expect(try importer.counts("visits", plain) == [1, 0, 0, 0, 0])
        let said = try importer.write(
            "external_id,place,started,kind_other\nA2,Bus,2026-11-20,Litter pick\n", "said.csv")
        #expect(try importer.counts("visits", said) == [1, 0, 0, 0, 0])
        let visits = try importer.exported("visits")
        #expect(visits["A1"]?["kind_other"]?.text == "Converted bus" && visits["A1"]?["kind"]?.text == "other")
        #expect(visits["A2"]?["kind_other"]?.text == "Litter pick" && visits["A2"]?["kind"]?.text == "other")
    }

    @Test("Rejected rows keep their cells, name line and reason, and can be mended and imported")
    func rejects() throws {
        let importer = try Importer()
        _ = try messy(importer)
        let text = try importer.read("table.csv.rejects.csv")
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "Ref,Day,Where,Type,People,Notes,Column 7,Team,line,reason")
        #expect(lines[1] == "A3,31/02/2025,Cafe Zoe,office,1,,,,6,“Started” names a day that there is not.")
        #expect(lines[2].hasSuffix(",7,“Headcount” is no whole number."))
        #expect(lines[3].hasSuffix(",8,Lines 2 and 8 have the same id and differ; the first stays."))
        #expect(lines[4].hasSuffix(",9,A visit needs “Started”."))
        #expect(lines[5].hasSuffix(",10,“Started” lies more than 100 years ahead."))
        #expect(
            lines[6].hasSuffix(
                ",11,\"The row has 10 cells, the header 8. The surplus stands behind this.\",,surplus"))
        #expect(lines[7].hasSuffix(",12,This is the header again."))
        let mode = try FileManager.default.attributesOfItem(atPath: importer.path("table.csv.rejects.csv"))
        #expect(mode[.posixPermissions] as? Int == 0o600)

        let mended = [lines[0], Substring(lines[1].replacing("31/02", with: "28/02"))].joined(separator: "\n")
        let path = try importer.write(mended, "mended.csv")
        let run = importer.laptop.run(["import", "visits", path, "--json"] + Self.mapping)
        #expect(
            run.output
                == #"{"imported":1,"updated":0,"unchanged":0,"rejected":0,"blank":0,"kept":0,"rejects":null}"# + "\n")
        let visit = try #require(try importer.exported("visits")["A3"])
        #expect(visit["started"]?.text == "2025-02-28")
        #expect(visit["extra"] == .null)
    }

    @Test("What a row has beyond the header is in the file of rejects, and is not lost by importing that as it is")
    func surplus() throws {
        let importer = try Importer()
        let path = try importer.write("Name,Interests\nAnna,likes tea, and chess\n")
        #expect(try importer.counts("people", path) == [0, 0, 0, 1, 0])
        let rejects = path + ".rejects.csv"
        #expect(try importer.counts("people", rejects) == [0, 0, 0, 1, 0])
        let text = try importer.read("table.csv.rejects.csv.rejects.csv")
        #expect(text.contains("Anna,likes tea,") && text.contains("and chess"))
        let mended = "Name,Interests,line,reason\nAnna,\"likes tea, and chess\",2,too long\n"
        #expect(try importer.counts("people", try importer.write(mended, "mended.csv")) == [1, 0, 0, 0, 0])
    }

    @Test("Texts come back from a file of rejects as they were, apostrophes and formulas too")
    func guarded() throws {
        let importer = try Importer()
        let texts = ["'quoted", "''twice", "=1+1", "-5", "'=2", "plain"]
        var text = "external_id,started,place,summary\n"
        for (index, summary) in texts.enumerated() { text += "\(index),2025-11-22,Hub,\(summary)\n" }
        let path = try importer.write(text)
        #expect(try importer.counts("visits", path, "--create-places") == [6, 0, 0, 0, 0])
        let direct = try importer.exported("visits")
        _ = try importer.laptop.json("undo")
        #expect(try importer.counts("visits", path) == [0, 0, 0, 6, 0])
        #expect(try importer.counts("visits", path + ".rejects.csv", "--create-places") == [6, 0, 0, 0, 0])
        for (id, visit) in try importer.exported("visits") {
            #expect(visit["summary"]?.text == direct[id]?["summary"]?.text, "\(id)")
        }
        #expect(direct["0"]?["summary"]?.text == "'quoted")
    }

    @Test("Rejected rows are never written over: the same ones keep their file, others get a new one")
    func rejectsStay() throws {
        let importer = try Importer()
        _ = try messy(importer)
        let first = try importer.read("table.csv.rejects.csv")
        #expect(try messy(importer).output.contains(#""unchanged":3,"rejected":7"#))
        #expect(try importer.read("table.csv.rejects.csv") == first)
        try importer.write("being mended", "table.csv.rejects.csv")
        #expect(try messy(importer).output.contains("table.csv.rejects-2.csv"))
        #expect(try importer.read("table.csv.rejects.csv") == "being mended")
        #expect(try importer.read("table.csv.rejects-2.csv") == first)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: importer.laptop.folder).allSatisfy {
                !$0.hasSuffix(".part")
            })
    }

    @Test("A later file updates what it says anew, and leaves alone what somebody changed here since")
    func updates() throws {
        let importer = try Importer()
        let head = "external_id,started,place,summary\n"
        var path = try importer.write(head + "A,2025-11-22,Hub,Tea\nB,2025-11-22,Hub,Soup\n")
        #expect(try importer.counts("visits", path, "--create-places") == [2, 0, 0, 0, 0])
        let id = try #require(try importer.exported("visits")["A"]?["id"]?.text)
        _ = try importer.laptop.json("visit", "edit", id, "--summary", "Tea and a long talk")
        #expect(try importer.counts("visits", path) == [0, 0, 2, 0, 0])
        #expect(try importer.exported("visits")["A"]?["summary"]?.text == "Tea and a long talk")
        path = try importer.write(head + "A,2025-11-22,Hub,Coffee\nB,2025-11-22,Hub,\n")
        #expect(try importer.counts("visits", path) == [0, 2, 0, 0, 0])
        #expect(try importer.exported("visits")["A"]?["summary"]?.text == "Coffee")
        #expect(try importer.exported("visits")["B"]?["summary"] == .null)
        #expect(importer.laptop.run(["history", id]).output.contains("Tea and a long talk"))
    }

    @Test("Rows without ids are told apart by what they say and how often they say it")
    func withoutIDs() throws {
        let importer = try Importer()
        let head = "name,interests\n"
        let rows = "Alex,Chess\nSam,Music\nAlex,Chess\n"
        #expect(try importer.counts("people", try importer.write(head + rows)) == [3, 0, 0, 0, 0])
        #expect(try importer.counts("people", try importer.write(head + rows + "Alex,Chess\n")) == [1, 0, 3, 0, 0])
        #expect(try importer.list("person").count == 4)
    }

    @Test("A record that was deleted comes back when its row is imported again")
    func deleted() throws {
        let importer = try Importer()
        let path = try importer.write("external_id,name\n7,Alex\n")
        #expect(try importer.counts("people", path) == [1, 0, 0, 0, 0])
        let id = try #require(try importer.exported("people")["7"]?["id"]?.text)
        _ = try importer.laptop.json("person", "delete", id, "--yes")
        #expect(try importer.counts("people", path) == [1, 0, 0, 0, 0])
        #expect(try importer.exported("people")["7"]?["id"]?.text == id)
    }

    @Test("Places match by name and district without accents; what fits none or several is rejected")
    func places() throws {
        let importer = try Importer()
        let places = "name,district\nAbbey Café,Dover\nAbbey Cafe,Deal\nSt. Mary’s,\n"
        #expect(try importer.counts("places", try importer.write(places)) == [3, 0, 0, 0, 0])
        let visits = try importer.write(
            """
            started,place,place_district
            2025-11-20,st marys,
            2025-11-21,ABBEY CAFE,deal
            2025-11-22,Abbey Café,
            2025-11-23,Abbey Café,Ramsgate
            """)
        #expect(try importer.counts("visits", visits) == [2, 0, 0, 2, 0])
        let reasons = try importer.read("table.csv.rejects.csv")
        #expect(reasons.contains("2 places are called so: give the district"))
        #expect(reasons.contains("No place here is called as “Place” says: add it, or use --create-places."))
        #expect(try importer.counts("visits", visits, "--create-places") == [1, 0, 2, 1, 0])
        #expect(try importer.exported("places").values.contains { $0["district"]?.text == "Ramsgate" })
    }

    @Test("--set wins over a column, and a visit takes the kind of its place unless the file says one")
    func setting() throws {
        let importer = try Importer()
        _ = try importer.laptop.json("place", "add", "Hub", "--kind", "day_centre")
        let path = try importer.write("external_id,started,outcome\nA,2025-11-22,cancelled\n")
        #expect(
            try importer.counts("visits", path, "--set", "place=hub", "--set", "outcome=went ahead")
                == [1, 0, 0, 0, 0])
        let visit = try #require(try importer.exported("visits")["A"])
        #expect(visit["outcome"]?.text == "went_ahead")
        #expect(visit["kind"]?.text == "day_centre")
        #expect(visit["place_name"]?.text == "Hub")
    }

    @Test("A dry run counts and keeps nothing, not even a file of rejected rows")
    func dryRun() throws {
        let importer = try Importer()
        let path = try importer.write(Self.messy)
        let run = importer.laptop.run(["import", "visits", path, "--json", "--dry-run"] + Self.mapping)
        #expect(
            run.output
                == #"{"imported":3,"updated":0,"unchanged":0,"rejected":7,"blank":1,"kept":0,"rejects":null}"# + "\n")
        #expect(
            importer.laptop.run(["import", "visits", path, "--dry-run"] + Self.mapping).output.hasPrefix(
                "3 visits would be imported, "))
        #expect(try importer.list("visit").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: importer.path("table.csv.rejects.csv")))
    }

    @Test("One undo takes a whole import back, groups and new places too, and redo or the same file bring it again")
    func undo() throws {
        let importer = try Importer()
        _ = try importer.laptop.json("place", "add", "Hub")
        var text = "external_id,started,place\n"
        for number in 0..<1_100 { text += "\(number),2025-11-\(1 + number % 28),Site \(number % 5)\n" }
        let path = try importer.write(text)
        #expect(try importer.counts("visits", path, "--create-places") == [1_100, 0, 0, 0, 0])
        let before = importer.laptop.run(["export", "visits"]).output
        _ = try importer.laptop.json("undo")
        #expect(try importer.list("visit").isEmpty)
        #expect(try importer.list("place").count == 1)
        _ = try importer.laptop.json("redo")
        #expect(importer.laptop.run(["export", "visits"]).output == before)
        _ = try importer.laptop.json("undo")
        #expect(try importer.counts("visits", path, "--create-places") == [1_100, 0, 0, 0, 0])
        #expect(importer.laptop.run(["export", "visits"]).output == before)
        #expect(try importer.list("place").count == 6)
    }

    @Test("A long file is kept in groups that each fit a page, and syncs")
    func groups() throws {
        let importer = try Importer(areas: ["north", "south"])
        var text = "external_id,name,interests\n"
        for number in 0..<1_234 {
            text += "\(number),Person \(number),\(String(repeating: "x", count: number % 400))\n"
        }
        let path = try importer.write(text)
        #expect(importer.laptop.run(["import", "people", path]).code == .usage)
        #expect(try importer.counts("people", path, "--area", "south") == [1_234, 0, 0, 0, 0])
        _ = try importer.laptop.json("sync")
        let taken = importer.laptop.office.state.withLock { $0.taken }
        #expect(taken.reduce(0) { $0 + $1.changes.count } == 1_234)
        #expect(taken.count >= 3)
        #expect(taken.allSatisfy { $0.changes.count <= 500 && $0.encoded().count <= SyncRequest.largestPageBytes })
        #expect(try importer.counts("people", path, "--area", "south") == [0, 0, 1_234, 0, 0])
    }
}
