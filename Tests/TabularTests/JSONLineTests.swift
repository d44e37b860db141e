import Testing

@testable import Tabular

@Suite("Lines of JSON lines that are no rows")
struct JSONLineTests {
    /// The rows of a file: their cells, or why they have none.
    private func read(_ text: String) throws -> (columns: [String], rows: [TableRow]) {
        let scratch = try Scratch()
        let table = try TableFile(path: try scratch.file(text, "rows.jsonl"))
        var rows: [TableRow] = []
        try table.forEachRow { row in
            rows.append(row)
            return true
        }
        return (table.columns, rows)
    }

    @Test(
        "Each has its reason, and the rows around it are read",
        arguments: [
            ("{\"a\":", "The line ends too early: is a bracket or a quotation mark missing?"),
            ("[1]", "The line is not one JSON object."),
            (
                "nothing",
                "The line is not one JSON object: what stands at character 2 of the line does not belong there."
            ),
            ("{\"a\":\"é\",\"a\":2}", "A name stands twice in one object, at character 10 of the line."),
            (
                "{\"a\":\"\\ud83d\"}",
                "The escape at character 9 of the line stands for no character: half of a pair, or one that JSON does not know."
            ),
            (
                "{\"a\":99999999999999999999}",
                "The number at character 6 of the line is too large. Put it in quotation marks."
            ),
            (
                "{\"a.b\":1,\"a\":{\"b\":2}}",
                "The column “a.b” is there twice: as one name, and as an object in an object."
            ),
        ])
    func reasons(line: String, reason: String) throws {
        let rows = try read("{\"a\":1}\n\(line)\n\n{\"a\":3}\n").rows
        #expect(rows.map(\.problem) == [nil, reason, nil, nil])
        #expect(rows.map(\.isBlank) == [false, false, true, false])
        #expect([rows[0].text(0), rows[3].text(0)] == ["1", "3"])
        #expect(rows.map(\.line) == [1, 2, 3, 4])
    }

    @Test("A rejected row keeps its members and has null for the columns of others; read again it is the same row")
    func rejectedRow() throws {
        let text = "{\"a\":{\"b\":\"x\"},\"c\":[1,2],\"d\":1.50}\n{\"e\":null,\"f\":{\"g\":1}}\n"
        let (columns, rows) = try read(text)
        let line = rows[0].rejectedLine(columns: columns, reason: "Why \"not\".")
        #expect(
            line == "{\"a\":{\"b\":\"x\"},\"c\":[1,2],\"d\":1.5,\"e\":null,\"f.g\":null,"
                + "\"rejected\":{\"line\":1,\"reason\":\"Why \\\"not\\\".\"}}\n")
        let again = try read(line)
        #expect(again.columns == columns)
        #expect((0..<5).map { again.rows[0].text($0) } == (0..<5).map { rows[0].text($0) })
        #expect(again.rows[0].rejectedLine(columns: columns, reason: "Why \"not\".") == line)
    }

    @Test("A line that was no object stands in the rejected one as a text, and is read as that line")
    func rejectedLine() throws {
        let (columns, rows) = try read("{\"a\":1}\n{\"a\":\"\t\"\n")
        let line = rows[1].rejectedLine(columns: columns, reason: "Why.")
        #expect(line == "{\"rejected\":{\"line\":2,\"reason\":\"Why.\",\"text\":\"{\\\"a\\\":\\\"\\t\\\"\"}}\n")
        let again = try read("{\"a\":1}\n" + line)
        #expect(again.rows[1].problem == rows[1].problem && again.rows[1].source == rows[1].source)
        let mended = try read(line.replacing("\\t\\\"", with: "2\\\"}"))
        #expect(mended.columns == ["a"] && mended.rows[0].text(0) == "2")
    }

    @Test("A member called rejected that is not ours is a column like others")
    func foreign() throws {
        #expect(try read("{\"rejected\":true}\n").columns == ["rejected"])
        #expect(try read("{\"a\":1,\"rejected\":{\"line\":1,\"reason\":\"x\",\"by\":\"y\"}}\n").columns.count == 4)
        #expect(try read("{\"rejected\":{\"line\":\"4\",\"reason\":\"x\"}}\n").columns.count == 2)
    }
}
