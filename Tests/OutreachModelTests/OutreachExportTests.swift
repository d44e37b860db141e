import OutreachModel
import SyncCore
import Testing

@Suite("Canonical export")
struct OutreachExportTests {
    private static let place = RecordID(milliseconds: 1, random: (0, 1))
    private static let first = RecordID(milliseconds: 2, random: (0, 2))
    private static let second = RecordID(milliseconds: 3, random: (0, 3))

    private static let rows = [
        ExportRow(
            id: second,
            values: [
                VisitField.place.rawValue: .blob([0xAB, 0x01]), VisitField.started.rawValue: .text("2026-11-22"),
                VisitField.summary.rawValue: .text(""),
            ]),
        ExportRow(
            id: first,
            values: [
                VisitField.place.rawValue: .blob(place.bytes),
                VisitField.started.rawValue: .text("2026-11-22T14:30:00+00:00"),
                VisitField.summary.rawValue: .text("Tea, and \"plans\"\nfor spring"),
                VisitField.headcount.rawValue: .integer(3),
            ], createdMilliseconds: 1_795_000_000_000, device: 7),
    ]

    private let export = OutreachExport(
        .visit, writers: [7: ExportWriter(person: "Priya", device: "Priya's laptop")]
    ) { table, id in table == 1 && id == Self.place ? "=Elm House" : nil }

    @Test("CSV has a header, one line for each record by id, names beside references, and tells null from empty")
    func csv() {
        let expected = """
            id,place,place_name,person,person_name,started,ended,kind,kind_other,purpose,summary,reflection,outcome,\
            outcome_other,headcount,external_id,extra,recorded_by,recorded_on,recorded_at
            \(Self.first),\(Self.place),'=Elm House,,,2026-11-22T14:30:00+00:00,,,,,"Tea, and ""plans""
            for spring",,,,3,,,Priya,Priya's laptop,2026-11-18T11:06:40+00:00
            \(Self.second),ab01,,,,2026-11-22,,,,,"",,,,,,,,,1970-01-01T00:00:00+00:00

            """
        #expect(export.csv(Self.rows) == expected)
        #expect(export.csv(Self.rows.reversed()) == expected)
    }

    @Test("JSON lines carry the same cells with their types")
    func jsonLines() {
        let export = OutreachExport(.note) { _, _ in nil }
        let rows = [
            ExportRow(id: Self.second, values: [1: .integer(99), 3: .text("a\u{1}\"\\\t\u{e9}")]),
            ExportRow(id: Self.first, values: [1: .integer(4), 2: .blob(Self.second.bytes), 3: .text("well done")]),
        ]
        let expected = """
            {"id":"\(Self.first)","about_table":"visit","about":"\(Self.second)","about_name":null,"text":"well done","corrects":null,\
            "external_id":null,"extra":null,"recorded_by":null,"recorded_on":null,\
            "recorded_at":"1970-01-01T00:00:00+00:00"}
            {"id":"\(Self.second)","about_table":99,"about":null,"about_name":null,"text":"a\\u0001\\"\\\\\\té","corrects":null,\
            "external_id":null,"extra":null,"recorded_by":null,"recorded_on":null,\
            "recorded_at":"1970-01-01T00:00:00+00:00"}

            """
        #expect(export.jsonLines(rows) == expected)
    }

    @Test("Every kind has as many cells as columns", arguments: RecordKind.all)
    func widths(kind: RecordKind) {
        let export = OutreachExport(kind) { _, _ in "x" }
        #expect(export.cells(ExportRow(id: Self.first, values: [:])).count == export.header.count)
        #expect(Set(export.header).count == export.header.count)
    }

    @Test(
        "Cells are quoted only where they must be",
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""),
            ("a\r\nb", "\"a\r\nb\""), (" a", "\" a\""), ("a ", "\"a \""), ("a b", "a b"),
        ])
    func quoting(text: String, cell: String) {
        #expect(CSVText.cell(.text(text)) == cell)
    }

    @Test(
        "A text that a spreadsheet would run is guarded, and comes back as it was",
        arguments: [
            ("=1+1", "'=1+1"), ("+44 7", "'+44 7"), ("-", "'-"), ("@home", "'@home"), ("\tx", "'\tx"),
            ("\r\nx", "'\r\nx"), ("'quoted'", "''quoted'"), ("1=1", "1=1"), ("", ""), ("=\u{301}", "'=\u{301}"),
        ])
    func guarding(text: String, guarded: String) {
        #expect(CSVText.guarded(text) == guarded)
        #expect(Array(CSVText.unguarded(guarded).utf8) == Array(text.utf8))
    }

    @Test("Numbers are never guarded")
    func numbers() {
        #expect(CSVText.line([.integer(-3), .real(-0.5), .null]) == "-3,-0.5,\n")
        #expect(JSONText.value(.real(.infinity)) == "\"inf\"")
    }
}
