import Foundation
import Testing

@Suite("Files that can't be imported")
struct ImportRefusalTests {
    private let office: Office
    private let ines: Laptop

    init() throws {
        office = try Office()
        try office.open()
        ines = try office.laptop("Ines")
    }

    private static let head = "external_id,started,place,summary\n"
    private static let good = head + "1,2026-11-22,Hub,Tea\n"

    /// What the file holds, the options, the exit code, and what is said about it.
    private static let files: [(bytes: [UInt8], options: [String], code: Int32, message: String)] = [
        ([], [], 1, "is empty."),
        (Array(" \n\n \n".utf8), [], 1, "is empty."),
        (Array("\u{7F}ELF\u{2}\u{1}\u{0}\u{0}\n".utf8), [], 1, "holds a NUL: this is not a text file."),
        ([0x50, 0x4B, 3, 4, 0x14, 0, 6, 0], [], 1, "is a spreadsheet program's own file."),
        (Array((good + "2,2026-11-23,Hub,a\u{0}b\n").utf8), [], 1, "Line 3 of"),
        (Array((good + "2,2026-11-23,Café,ok\n").utf8) + [0x33, 0x2C, 0xE9, 0x0A], [], 1, "mixes encodings"),
        (Array("1,2026-11-22,Hub,Tea\n".utf8), [], 2, "Every visit needs"),
        (Array("started,place,started\n2026-11-22,Hub,x\n".utf8), [], 1, "Two columns of"),
        (Array((good + "2,2026-11-23,Hub,\"open\n").utf8), [], 1, "A quotation mark in line 3"),
        (Array(good.utf8), ["--map", "Wann=started"], 2, "The file has no column “Wann”."),
        (Array(good.utf8), ["--map", "summary=sumary"], 2, "There is no field “sumary”."),
        (Array(good.utf8), ["--map", "summary=purpose", "--map", "summary=reflection"], 2, "is mapped twice."),
        (Array((head + "1,03/04/2026,Hub,Tea\n").utf8), [], 2, "can be read day first or month first."),
        (Array(good.utf8), ["--date-format", "ddmmyy"], 2, "--date-format"),
        (Array(good.utf8), ["--encoding", "ebcdic"], 2, "There is no encoding of that name."),
    ]

    private func expectNothing(_ run: Outcome, _ code: Int32, _ message: String) throws {
        #expect(run.code == code, "\(run)")
        #expect(run.errors.contains(message), "\(run)")
        #expect(run.output.isEmpty && !run.errors.contains("Fatal"), "\(run)")
        let files = try FileManager.default.contentsOfDirectory(atPath: ines.scratch.path(""))
        #expect(files.allSatisfy { !$0.contains("rejects") && !$0.hasSuffix(".part") }, "\(files)")
    }

    @Test("Each is refused with a plain line and an exit code, in both programs, and nothing is half done")
    func refusals() throws {
        for (bytes, options, code, message) in Self.files {
            let path = ines.scratch.path("table.csv")
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let words = ["import", "visits", path, "--create-places"] + options
            try expectNothing(try ines.start(words).finish(), code, message)
            let office = try Child(Programs.server, words + ["--data", office.folder]).finish()
            try expectNothing(office, code, message)
        }
        #expect(try ines.json("visit", "list").array?.isEmpty == true)
        #expect(try ines.json("place", "list").array?.isEmpty == true)
        #expect(try office.run("export", "visits").succeeded().output.split(separator: "\n").count == 1)
        try office.close()
    }

    @Test("A folder, a pipe that nobody writes to, a device and a file that is not there are refused at once")
    func noFiles() throws {
        let pipe = ines.scratch.path("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        for (path, message) in [
            (ines.scratch.path(""), "is not a file with a table in it."), (pipe, "is not a file with a table in it."),
            ("/dev/zero", "is not a file with a table in it."),
            (ines.scratch.path("none.csv"), "can't be read: No such file or directory."),
        ] {
            try expectNothing(try ines.run("import", "visits", path), 1, message)
            try expectNothing(try office.run("import", "visits", path), 1, message)
        }
        try office.close()
    }

    @Test("A line without an end is refused, whether it is a gigabyte of nothing or megabytes of text")
    func longLine() throws {
        let path = ines.scratch.path("long.csv")
        try Data(Self.head.utf8).write(to: URL(fileURLWithPath: path))
        #expect(unsafe truncate(path, 1 << 30) == 0)
        try expectNothing(try ines.run("import", "visits", path), 1, "Line 2 of")
        try (Data(Self.good.utf8) + Data(repeating: UInt8(ascii: "x"), count: 3 << 20))
            .write(to: URL(fileURLWithPath: path))
        try expectNothing(
            try ines.run("import", "visits", path, "--create-places"), 1, "A cell in line 3 of")
        #expect(try ines.json("visit", "list").array?.isEmpty == true)
        try office.close()
    }

    @Test("A header in the middle is a rejected row, and the rows around it are imported")
    func headerTwice() throws {
        let path = try ines.scratch.write("twice.csv", Self.good + Self.head + "2,2026-11-23,Hub,Soup\n")
        let result = try ines.json("import", "visits", path, "--create-places")
        #expect(result["imported"].integer == 2 && result["rejected"].integer == 1)
        let rejects = try String(contentsOfFile: try result["rejects"].text(), encoding: .utf8)
        #expect(rejects.hasSuffix(",3,This is the header again.\n"))
        try office.close()
    }

    @Test("A file that grows while it is read: whole groups are kept, it is said, and the same command goes on")
    func growing() throws {
        let count = 40_000
        var text = "external_id,name\n"
        for row in 0..<count { text += "\(row),Person \(row)\n" }
        let path = try ines.scratch.write("people.csv", text)
        let child = try ines.start(["import", "people", path])
        var kept = 0
        // Reading the database shows that some groups are in; there is nothing else to wait for.
        while kept == 0 { kept = try ines.run("export", "people").succeeded().output.split(separator: "\n").count - 1 }
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("last,Person last\n".utf8))
        try file.close()
        let run = try child.finish()
        #expect(run.code == 1, "\(run)")
        #expect(run.errors.contains("changed while it was read. Try again when nothing writes to it."), "\(run)")
        #expect(run.errors.contains("rows are imported and stay. The same command goes on from there."), "\(run)")
        kept = try ines.run("export", "people").succeeded().output.split(separator: "\n").count - 1
        #expect((1..<count).contains(kept))
        let result = try ines.json("import", "people", path)
        #expect(result["imported"].integer == count + 1 - kept && result["unchanged"].integer == kept)
        try office.close()
    }
}
