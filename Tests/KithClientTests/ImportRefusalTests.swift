import Foundation
import Terminal
import Testing

@testable import KithClient

@Suite("kith import: what can't be taken in")
struct ImportRefusalTests {
    /// Command words behind the file, the file's text, the beginning of what is said.
    static let cases: [(words: [String], text: String, message: String)] = [
        ([], "", "kith: FILE is empty. Nothing was imported."),
        ([], "a,b\n", "kith: Every visit needs “Started”, and no column is called so."),
        (["--map", "Date=started"], "a,b\n1,2\n", "kith: The file has no column “Date”."),
        (["--map", "a=began"], "a,b\n1,2\n", "kith: There is no field “began”."),
        (["--map", "a=started", "--map", "a=ended"], "a,b\n1,2\n", "kith: The column “a” is mapped twice."),
        (["--map", "a=started", "--map", "b=started"], "a,b\n1,2\n", "kith: The field started is given twice."),
        (["--map", "a"], "a,b\n1,2\n", "kith: --map needs COLUMN=FIELD."),
        (
            ["--map", "a=started", "--map", "b=place", "--set", "headcount=many"], "a,b\n1,2\n",
            "kith: --set headcount: “Headcount” is no whole number."
        ),
        (
            ["--map", "a=started", "--map", "b=place"], "a,b\n2025-01-01,x\n03/04/2025,x\n",
            "kith: The date in line 3, column “a”, can be read day first or month first. Nothing was imported."
        ),
        ([], "a,a\n1,2\n", "kith: Two columns of FILE are called “a”."),
        ([], "started,place\n2025-01-01,\"x\n", "kith: A quotation mark in line 2 of FILE is never closed."),
        (
            [],
            "started,place,summary\n2025-01-01,x,\"late\n2025-01-02,y,a\n2025-01-03,z,b\n2025-01-04,w,c\n"
                + "2025-01-05,v,d\n2025-01-06,u,5\" snow\n",
            "kith: The cell that begins with a quotation mark in line 2 of FILE goes on to line 7, over whole rows."
        ),
        (["--encoding", "ebcdic"], "a\n", "kith: There is no encoding of that name."),
        ([], "started,place\n2025-01-01,x\u{0}\n", "kith: Line 2 of FILE holds a NUL"),
    ]

    @Test("A NUL in a row of JSON lines is refused with its row: no export with it could be read again")
    func nul() throws {
        let importer = try Importer()
        let path = try importer.write("{\"name\":\"J1\\u0000\"}\n{\"name\":\"J2\"}\n", "places.jsonl")
        #expect(try importer.counts("places", path) == [1, 0, 0, 1, 0])
        #expect(try importer.list("place").map { $0["name"]?.text } == ["J2"])
    }

    @Test("It is refused in plain words, and nothing is saved", arguments: cases.indices)
    func refusals(index: Int) throws {
        let (words, text, message) = Self.cases[index]
        let importer = try Importer()
        let path = try importer.write(text)
        let run = importer.laptop.run(["import", "visits", path, "--create-places"] + words)
        #expect(run.code == .usage || run.code == .failed)
        #expect(run.errors.replacing(path, with: "FILE").hasPrefix(message), "\(run.errors)")
        #expect(run.errors.contains("Nothing was imported."))
        #expect(run.output.isEmpty)
        #expect(try importer.list("visit").isEmpty && importer.list("place").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: path + ".rejects.csv"))
    }

    @Test("A fault late in a long file keeps all of it out")
    func lateFault() throws {
        let importer = try Importer()
        var text = "external_id,name\n"
        for number in 0..<2_000 { text += "\(number),Person \(number)\n" }
        let path = try importer.write(text + "2000,\"open\n")
        #expect(importer.laptop.run(["import", "people", path]).code == .failed)
        #expect(try importer.list("person").isEmpty)
    }

    @Test("Folders, missing files and kinds that can't be imported are refused")
    func others() throws {
        let importer = try Importer()
        #expect(importer.laptop.run(["import", "visits", importer.laptop.folder]).code == .failed)
        #expect(importer.laptop.run(["import", "visits", importer.path("none.csv")]).code == .failed)
        let library = importer.laptop.run(["import", "resources", try importer.write("title\nx\n")])
        #expect(library.code == .refused && library.errors.contains("only admins may change resources."))
        let run = importer.laptop.run(["import", "words", try importer.write("name\nx\n")])
        #expect(run.code == .usage)
        #expect(run.errors.contains("What can be imported is one of: places, people, roles, visits, meetings,"))
    }
}
