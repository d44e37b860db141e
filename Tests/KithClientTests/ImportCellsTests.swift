import Database
import Foundation
import Terminal
import Testing

@testable import KithClient

@Suite("What the cells of a later file say anew")
struct ImportCellsTests {
    private static let head = "external_id,name,interests,wants_next\n"

    private let importer: Importer

    init() throws { importer = try Importer() }

    private func people() throws -> [String] {
        try importer.exported("people").sorted { $0.key < $1.key }.map { person in
            ["name", "interests", "wants_next"].map { person.value[$0]?.text ?? "-" }.joined(separator: ", ")
        }
    }

    private func take(_ rows: String, _ options: String...) throws -> FieldLaptop.Run {
        let path = try importer.write(Self.head + rows)
        return importer.laptop.run(["import", "people", path] + options)
    }

    private func edit(_ name: String, _ words: String...) throws {
        _ = try importer.laptop.json(words: ["person", "edit", name] + words)
    }

    @Test("Where one cell of a row has changed, words that were written by hand in other fields stay")
    func otherCells() throws {
        _ = try take("1,Anna,Chess,A flat\n2,Ben,Tea,\n")
        try edit("Anna", "--interests", "Chess and go")
        try edit("Ben", "--wants-next", "A job")
        let later = try take("1,Anna K,Chess,A flat\n2,Ben,Coffee,\n")
        #expect(later.output == "0 people imported, 2 updated.\n", "\(later)")
        #expect(
            later.errors.contains(
                "2 rows say something else than somebody wrote here since: that stays. To take the file's words: --overwrite"
            ), "\(later.errors)")
        #expect(try people() == ["Anna K, Chess and go, A flat", "Ben, Coffee, A job"])
        #expect(try take("1,Anna K,Chess,A flat\n2,Ben,Coffee,\n").output == "0 people imported, 2 unchanged.\n")
        // What the file says anew is an edit, whatever stands there.
        #expect(try take("1,Anna K,Chess and draughts,A flat\n").output == "0 people imported, 1 updated.\n")
        #expect(try people()[0] == "Anna K, Chess and draughts, A flat")
        try edit("Anna K", "--interests", "Go")
        #expect(try take("1,Anna,Chess and draughts,A flat\n", "--overwrite").code == .done)
        #expect(try people()[0] == "Anna, Chess and draughts, A flat")
    }

    @Test("A cell that a file says after somebody wrote it here is known from then on")
    func saidLater() throws {
        _ = try take("1,Anna,Chess,A flat\n")
        try edit("Anna", "--interests", "Go")
        #expect(try take("1,Anna,Go,A flat\n").output == "0 people imported, 1 unchanged.\n")
        try edit("Anna", "--interests", "Draughts")
        #expect(try take("1,Anna,Go,A house\n").output == "0 people imported, 1 updated.\n")
        #expect(try people() == ["Anna, Draughts, A house"])
    }

    @Test("A column that a file lacks goes on saying what it said before")
    func missingColumn() throws {
        _ = try take("1,Anna,Chess,A flat\n")
        try edit("Anna", "--interests", "Go")
        let path = try importer.write("external_id,name\n1,Anna K\n", "short.csv")
        #expect(try importer.counts("people", path) == [0, 1, 0, 0, 0])
        #expect(try take("1,Anna L,Chess,A flat\n").output == "0 people imported, 1 updated.\n")
        #expect(try people() == ["Anna L, Go, A flat"])
    }

    @Test("A word that is in no list and its kind are taken together, or not at all")
    func ownWords() throws {
        func places() throws -> [String] {
            try importer.exported("places").map { place in
                ["kind", "kind_other", "access_notes"].map { place.value[$0]?.text ?? "-" }.joined(separator: ", ")
            }
        }
        func take(_ row: String) throws -> [Int64] {
            let path = try importer.write("external_id,name,kind,access_notes\n\(row)\n", "places.csv")
            return try importer.counts("places", path)
        }
        #expect(try take("1,The Old Bus,Converted bus,") == [1, 0, 0, 0, 0])
        _ = try importer.laptop.json("place", "edit", "The Old Bus", "--kind", "day_centre", "--clear", "kind-other")
        #expect(try take("1,The Old Bus,Converted bus,Knock") == [0, 1, 0, 0, 0])
        #expect(try places() == ["day_centre, -, Knock"])
        #expect(try take("1,The Old Bus,Double-decker,Knock") == [0, 1, 0, 0, 0])
        #expect(try places() == ["other, Double-decker, Knock"])
    }

    @Test("Of rows that a version before has imported, the whole row counts as new once one cell differs")
    func earlierVersion() throws {
        _ = try take("1,Anna,Chess,A flat\n2,Ben,Tea,\n")
        let database = try importer.laptop.database()
        try database.transaction { try database.execute("ALTER TABLE imported_content DROP COLUMN cells") }
        try edit("Anna", "--interests", "Go")
        try edit("Ben", "--interests", "Go")
        let later = try take("1,Anna K,Chess,A flat\n2,Ben,Tea,\n")
        #expect(later.output == "0 people imported, 1 updated, 1 unchanged.\n")
        #expect(try people() == ["Anna K, Chess, A flat", "Ben, Go, -"])
        try edit("Anna K", "--interests", "Go")
        #expect(try take("1,Anna,Chess,A flat\n").output == "0 people imported, 1 updated.\n")
        #expect(try people()[0] == "Anna, Go, A flat", "from then on it is known")
    }

    @Test("An export that was changed and imported says nothing of what the spreadsheet said")
    func exports() throws {
        _ = try take("1,Anna,Chess,A flat\n")
        let export = importer.laptop.run(["export", "people"]).output.replacingOccurrences(of: "Chess", with: "Go")
        #expect(try importer.counts("people", try importer.write(export, "export.csv")) == [0, 1, 0, 0, 0])
        #expect(try take("1,Anna,Chess,A flat\n").output == "0 people imported, 1 unchanged.\n")
        #expect(try take("1,Anna K,Chess,A flat\n").output == "0 people imported, 1 updated.\n")
        #expect(try people() == ["Anna K, Go, A flat"])
    }

    @Test("After undo the same file brings its rows in again, and what stood before is what was said before")
    func undone() throws {
        let (first, second) = ("1,Anna,Chess,A flat\n2,Ben,Tea,\n", "1,Anna K,Go,A flat\n2,Ben,Tea,A job\n3,Cleo,,\n")
        _ = try take(first)
        #expect(try take(second).output == "1 person imported, 2 updated.\n")
        let after = try people()
        _ = try importer.laptop.json("undo")
        #expect(try people() == ["Anna, Chess, A flat", "Ben, Tea, -"])
        #expect(try take(first).output == "0 people imported, 2 unchanged.\n")
        #expect(try take(second).output == "1 person imported, 2 updated.\n")
        #expect(try people() == after)
        // Both imports, and the rows come in again from either file.
        for _ in 0..<2 { _ = try importer.laptop.json("undo") }
        #expect(try people().isEmpty)
        #expect(try take(second).output == "3 people imported.\n")
        #expect(try people() == after)
    }

    @Test("What was undone, sent or not, and written by hand since is not taken for said; redo says it again")
    func undoneCells() throws {
        for isSent in [false, true] {
            let id = isSent ? "2" : "1"
            let (first, second) = ("\(id),Person \(id),Chess,A flat\n", "\(id),Person \(id),Go,A flat\n")
            _ = try take(first)
            if isSent { _ = try importer.laptop.json("sync") }
            _ = try take(second)
            if isSent { _ = try importer.laptop.json("sync") }
            _ = try importer.laptop.json("undo")
            try edit("Person \(id)", "--interests", "Draughts")
            #expect(try take(first).output == "0 people imported, 1 unchanged.\n")
            #expect(try people().last == "Person \(id), Draughts, A flat")
            #expect(try take(second).output == "0 people imported, 1 updated.\n")
            #expect(try people().last == "Person \(id), Go, A flat")
            _ = try importer.laptop.json("undo")
            _ = try importer.laptop.json("redo")
            #expect(try people().last == "Person \(id), Go, A flat")
            try edit("Person \(id)", "--interests", "Bridge")
            #expect(try take(second).output == "0 people imported, 1 unchanged.\n")
            let third = try take("\(id),Person \(id),Go,A house\n")
            #expect(third.output == "0 people imported, 1 updated.\n")
            #expect(try people().last == "Person \(id), Bridge, A house")
        }
    }

    @Test("A colleague's row that was taken and undone comes in again, and leaves what it left")
    func undoneFirst() throws {
        _ = try take("1,Anna,Chess,A flat\n")
        try edit("Anna", "--wants-next", "A garden")
        let database = try importer.laptop.database()
        try database.transaction { try database.execute("DELETE FROM imported_content") }
        let mended = "1,Anna K,Chess,A flat\n"
        #expect(try take(mended).output == "0 people imported, 1 updated.\n")
        #expect(try people() == ["Anna K, Chess, A garden"])
        _ = try importer.laptop.json("undo")
        #expect(try people() == ["Anna, Chess, A garden"])
        let again = try take(mended)
        #expect(again.output == "0 people imported, 1 updated.\n")
        #expect(again.errors.contains("1 row says something else than somebody wrote here since: that stays."))
        #expect(try people() == ["Anna K, Chess, A garden"])
        let third = try take("1,Anna K,Chess,A house\n")
        #expect(third.output == "0 people imported, 1 unchanged.\n", "what it left to somebody it leaves again")
    }

    @Test("--overwrite is told of only where it would take more")
    func advice() throws {
        for name in ["Ann A", "Ann B"] { _ = try importer.laptop.json("person", "add", name, "--new") }
        let export = try importer.write(importer.laptop.run(["export", "people"]).output, "old.csv")
        _ = try importer.laptop.json("person", "merge", "Ann A", "Ann B", "--yes")
        let words = "1 row says something else than somebody wrote here since: that stays."
        let told = importer.laptop.run(["import", "people", export])
        #expect(told.errors.contains(words) && !told.errors.contains("--overwrite"), "\(told.errors)")
        _ = try take("1,Anna,Chess,A flat\n")
        try edit("Anna", "--interests", "Go")
        let later = try take("1,Anna,Chess,A house\n")
        #expect(later.errors.contains(words + " To take the file's words: --overwrite"), "\(later.errors)")
    }
}
