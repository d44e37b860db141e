import Foundation
import Testing

@testable import Tabular

@Suite("Reading tables")
struct TabularTests {
    static let words = "Name,Where\nZoë,Café “Bar”\n"

    @Test(
        "The encoding is found out and named",
        arguments: [
            (Array(words.utf8), TextEncoding.utf8),
            ([0xEF, 0xBB, 0xBF] + Array(words.utf8), .utf8),
            (utf16(words, isBig: false, marked: true), .utf16LittleEndian),
            (utf16(words, isBig: true, marked: true), .utf16BigEndian),
            (utf16(words, isBig: false, marked: false), .utf16LittleEndian),
            (utf16(words, isBig: true, marked: false), .utf16BigEndian),
            (
                Array("Name,Where\nZo".utf8) + [0xEB] + Array(",Caf".utf8) + [0xE9, 0x20, 0x93]
                    + Array("Bar".utf8) + [0x94, 0x0A], .windows1252
            ),
        ] as [([UInt8], TextEncoding)])
    func encodings(bytes: [UInt8], encoding: TextEncoding) throws {
        let scratch = try Scratch()
        let path = try scratch.file(bytes)
        let table = try TableFile(path: path)
        #expect(table.encoding == encoding)
        #expect(table.columns == ["Name", "Where"])
        #expect(try scratch.rows(path) == [["Zoë", "Café “Bar”"]])
    }

    @Test("A lone no-break space byte in UTF-8 is a no-break space")
    func strayNoBreakSpace() throws {
        let scratch = try Scratch()
        let path = try scratch.file(Array("a,b\né,x".utf8) + [0xA0] + Array("y\n".utf8))
        #expect(try TableFile(path: path).encoding == .utf8)
        #expect(try scratch.rows(path) == [["é", "x\u{A0}y"]])
    }

    @Test("Characters beyond the first plane survive UTF-16, over the borders of pieces too")
    func surrogates() throws {
        let scratch = try Scratch()
        let long = String(repeating: "🌱é", count: 40_000)
        let path = try scratch.file(Self.utf16("a,b\n1,\(long)\n", isBig: false, marked: true))
        #expect(try scratch.rows(path) == [["1", long]])
        let utf8 = try scratch.file("a,b\n1,x\(long)\n", "utf8.csv")
        #expect(try scratch.rows(utf8) == [["1", "x" + long]])
    }

    @Test(
        "Separators and line ends are found out",
        arguments: [
            ("a,b\r\n1,2\r\n", "separated by commas"), ("a;b\n1;2\n", "separated by semicolons"),
            ("a\tb\r1\t2\r", "separated by tabs"), ("\"a, the first\";b\n1;2", "separated by semicolons"),
            ("sep=;\na, the first;b\n1;2\n", "separated by semicolons"),
            ("\u{FEFF}SEP=|\r\n\r\na, the first|b\r\n1|2\r\n", "separated by “|”"),
            ("sep=,\na,b;c\n1,2\n", "separated by commas"), ("sep=\t\na\tb,c\n1\t2\n", "separated by tabs"),
        ])
    func dialects(text: String, words: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file(text)
        #expect(try TableFile(path: path).words == "UTF-8, " + words)
        #expect(try scratch.rows(path) == [["1", "2"]])
    }

    @Test("Cells hold separators, quotation marks and line ends, and lines are counted as an editor shows them")
    func cells() throws {
        let scratch = try Scratch()
        let text = "a,b\r\n\"x, \"\"y\"\"\r\nz\",\"\"\r\n\r\np\"q,  r  \r\n\"s\"t,u"
        let path = try scratch.file(text)
        var lines: [Int] = []
        var empties: [Bool] = []
        try TableFile(path: path).forEachRow { row in
            lines.append(row.line)
            empties.append(row.isNull(1))
            return true
        }
        #expect(try scratch.rows(path) == [["x, \"y\"\r\nz", ""], [""], ["p\"q", "  r  "], ["st", "u"]])
        #expect(lines == [2, 4, 5, 6])
        #expect(empties == [false, true, false, false])
    }

    @Test("JSON lines become columns: objects by dotted names, lists as lines")
    func jsonLines() throws {
        let scratch = try Scratch()
        let path = try scratch.file(
            """
            {"id":"1","where":{"town":"Deal","post":null},"tags":["a","b"],"count":3}

            {"id":"2","new":true,"where":{"town":""}}
            """, "rows.jsonl")
        let table = try TableFile(path: path)
        #expect(table.columns == ["id", "where.town", "where.post", "tags", "count", "new"])
        #expect(table.words == "UTF-8, JSON lines")
        #expect(
            try scratch.rows(path) == [
                ["1", "Deal", "", "a\nb", "3", ""], ["", "", "", "", "", ""], ["2", "", "", "", "", "true"],
            ])
    }

    static func utf16(_ text: String, isBig: Bool, marked: Bool) -> [UInt8] {
        let units = (marked ? [0xFEFF] : []) + Array(text.utf16)
        return units.flatMap { unit in
            let pair = [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)]
            return isBig ? pair.reversed() : pair
        }
    }
}

@Suite("Files that are no tables")
struct BadTableTests {
    @Test(
        "What is wrong is said with its line",
        arguments: [
            ("", "table.csv is empty."),
            (" \n\n", "table.csv is empty."),
            ("a,b\n1,2\u{0}\n", "Line 2 of table.csv holds a NUL: this is not a text file."),
            ("PK\u{3}\u{4}", "table.csv is a spreadsheet program's own file."),
            (
                "a;b;c;d\n1;2;3;\"x\n1;2;3;4\n1;2;3;4\n1;2;3;4\n5;6;7\";8\n",
                "The cell that begins with a quotation mark in line 2 of table.csv goes on to line 6, over whole rows. "
                    + "Take that quotation mark out, or double it and put the cell in quotation marks."
            ),
            ("a,b\n1,\"2\n3\n", "A quotation mark in line 2 of table.csv is never closed."),
            ("a,b,a\n", "Two columns of table.csv are called “a”."),
            (
                "{\n \"a\": 1,\n \"b\": 2\n}\n",
                "No line of table.csv is one JSON object, as JSON lines are. Line 1: The line ends too early:"
            ),
            ("[\n {\"a\": 1}\n]\n", "table.csv is one JSON list. Write each record as an object on a line of its own"),
            ("sep=;\n", "table.csv is empty."),
        ])
    func faults(text: String, message: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file(text)
        let error = try #require(throws: TabularError.self) { _ = try scratch.rows(path) }
        #expect(error.description.replacing(scratch.folder + "/", with: "").hasPrefix(message), "\(error)")
    }

    @Test("Two encodings in one file are refused with a line of each, until one is named")
    func mixed() throws {
        let scratch = try Scratch()
        let path = try scratch.file(Array("a,b\né,1\nx,".utf8) + [0xE9, 0x0A])
        #expect(throws: TabularError.mixedEncodings(path: path, line: 2, otherLine: 3)) { try scratch.rows(path) }
        #expect(throws: TabularError.notInEncoding(path: path, encoding: .utf8, line: 3)) {
            try scratch.rows(path, encoding: .utf8)
        }
        #expect(try scratch.rows(path, encoding: .windows1252) == [["Ã©", "1"], ["x", "é"]])
    }

    @Test("A folder, a pipe and a missing file are refused at once")
    func notFiles() throws {
        let scratch = try Scratch()
        let pipe = scratch.path("pipe")
        let made = unsafe mkfifo(pipe, 0o600)
        try #require(made == 0)
        #expect(throws: TabularError.notAFile(path: pipe)) { try TableFile(path: pipe) }
        #expect(throws: TabularError.notAFile(path: scratch.folder)) { try TableFile(path: scratch.folder) }
        #expect(throws: TabularError.self) { try TableFile(path: scratch.path("none.csv")) }
    }

    @Test(
        "A line without an end is refused after a bounded part of it",
        arguments: ["x", "\"x", "\"\"\"\"", "\"a\"b", "{\"a\":\""])
    func endlessLine(start: String) throws {
        let scratch = try Scratch()
        let repeated = start == "\"\"\"\"" ? start : "y"
        let text = "a,b\n" + start + String(repeating: repeated, count: 5 << 20)
        let path = try scratch.file(start.hasPrefix("{") ? start + String(repeating: "y", count: 5 << 20) : text)
        let error = try #require(throws: TabularError.self) { _ = try scratch.rows(path) }
        switch error {
        case .cellTooLong, .rowTooLong: break
        default: Issue.record("\(error)")
        }
    }

    @Test("More columns than the limit are refused")
    func columns() throws {
        let scratch = try Scratch()
        let path = try scratch.file(String(repeating: ",", count: TableRow.largestColumnCount) + "x\n")
        #expect(
            throws: TabularError.tooManyColumns(path: path, line: 1, limit: TableRow.largestColumnCount)
        ) { try TableFile(path: path) }
    }

    @Test("A file that grows while it is read is noticed")
    func growing() throws {
        let scratch = try Scratch()
        let path = try scratch.file("a,b\n1,2\n")
        let table = try TableFile(path: path)
        try table.checkUnchanged()
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("3,4\n".utf8))
        try handle.close()
        #expect(throws: TabularError.changed(path: path)) { try table.checkUnchanged() }
    }
}
