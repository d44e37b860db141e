import OutreachModel
import SyncCore
import Testing

@Suite("What an export holds")
struct ExportFilterTests {
    private static let house = RecordID(milliseconds: 1, random: (1, 1))
    private static let hall = RecordID(milliseconds: 1, random: (2, 2))
    private static let local = ZoneTable.london.local

    /// Visits to Castle House on the 20th and the 22nd, and one to Élan Hall on the 21st.
    private static let rows = [
        row(1, place: house, "2026-11-20T09:00:00+00:00", [.kind: .text("residential"), .headcount: .integer(3)]),
        row(2, place: hall, "2026-11-21", [.kind: .text("day_centre"), .summary: .text("Tea, two pots")]),
        row(3, place: house, "2026-11-22T14:30:00+00:00", [.kind: .text("residential"), .summary: .text("")]),
    ]

    private static func row(
        _ number: UInt64, place: RecordID, _ started: String, _ more: [VisitField: Value]
    ) -> ExportRow {
        var values: [Int: Value] = [VisitField.place.rawValue: .blob(place.bytes)]
        values[VisitField.started.rawValue] = .text(started)
        for (field, value) in more { values[field.rawValue] = value }
        return ExportRow(id: RecordID(milliseconds: 5, random: (number, number)), values: values)
    }

    private static func source(_ table: Int, _ body: (ExportRow) throws -> Void) throws {
        switch table {
        case OutreachSchema.Number.place:
            for (id, name) in [(house, "Castle House"), (hall, "Élan Hall")] {
                try body(ExportRow(id: id, values: [PlaceField.name.rawValue: .text(name)], createdMilliseconds: 0))
            }
        case OutreachSchema.Number.visit: for row in rows { try body(row) }
        default: break
        }
    }

    private func exported(since: String? = nil, _ conditions: [String]) throws -> [Int] {
        let filter = try ExportFilter(
            .visit, since: since.flatMap(ParsedDate.init(stored:)), conditions: conditions, local: Self.local)
        var lines: [String] = []
        try CanonicalExport.run(.visit, format: .jsonl, filter: filter, source: Self.source) { lines.append($0) }
        return Self.rows.indices.filter { index in
            lines.contains { $0.contains("\"id\":\"\(Self.rows[index].id)\"") }
        }
    }

    @Test(
        "A condition holds where the column has the value, as people write it",
        arguments: [
            ("kind=residential", [0, 2]), ("kind=Day centre", [1]), ("kind=day-centre", [1]),
            ("place=castle house", [0, 2]), ("place=elan hall", [1]), ("place_name=Élan Hall", [1]),
            ("place=\(house)", [0, 2]), ("place-name=castle", []), ("headcount=3", [0]), ("headcount=", [1, 2]),
            ("summary=tea, two pots", [1]), ("summary=Tea", []), ("summary=", [0, 2]), ("kind==", []),
            ("started=2026-11-21", [1]), ("id=zzzz", []),
        ])
    func conditions(condition: String, expected: [Int]) throws {
        #expect(try exported([condition]) == expected)
    }

    @Test("A note is found by the name of whom it is about, and of who stands for them")
    func notes() throws {
        let (robin, former, note, other) = (Self.house, Self.hall, RecordID(high: 0, low: 1), RecordID(high: 0, low: 2))
        let source: CanonicalExport.Source = { table, body in
            switch table {
            case OutreachSchema.Number.person:
                try body(ExportRow(id: robin, values: [PersonField.name.rawValue: .text("Robin Alder")]))
                let merged: [PersonField: Value] = [.name: .text("Rob"), .mergedInto: .blob(robin.bytes)]
                let values = Dictionary(uniqueKeysWithValues: merged.map { ($0.rawValue, $1) })
                try body(ExportRow(id: former, values: values))
            case OutreachSchema.Number.note:
                let abouts = [
                    (note, OutreachSchema.Number.person, former), (other, OutreachSchema.Number.visit, robin),
                ]
                for (id, table, about) in abouts {
                    try body(ExportRow(id: id, values: [1: .integer(Int64(table)), 2: .blob(about.bytes)]))
                }
            default: break
            }
        }
        func found(_ condition: String) throws -> [String] {
            let filter = try ExportFilter(.note, since: nil, conditions: [condition], local: Self.local)
            var lines: [String] = []
            try CanonicalExport.run(.note, format: .jsonl, filter: filter, source: source) { lines.append($0) }
            return lines
        }
        #expect(try found("about=rob").count == 1 && found("about=Rob")[0].contains("\"about_name\":\"Rob\""))
        #expect(try found("about=Robin Alder").count == 1 && found("about=Robin Alder")[0].contains("\(note)"))
        #expect(try found("about=\(robin)").count == 2, "one stands for the other, and a visit has the same id here")
        #expect(try found("about=Castle").isEmpty)
    }

    @Test("All conditions must hold")
    func all() throws {
        #expect(try exported(["kind=residential", "headcount=3"]) == [0])
        #expect(try exported(["kind=residential", "place=elan hall"]) == [])
    }

    @Test(
        "A day includes itself and what follows; a moment leaves out what started before it that day",
        arguments: [
            ("2026-11-20", [0, 1, 2]), ("2026-11-21", [1, 2]), ("2026-11-22", [2]), ("2026-11-23", []),
            ("2026-11-22T14:30:00+00:00", [2]), ("2026-11-22T14:31:00+00:00", []),
        ])
    func since(day: String, expected: [Int]) throws {
        #expect(try exported(since: day, []) == expected)
    }

    @Test("A kind without a start counts from when its records were made")
    func sinceOfPlaces() throws {
        let noon: Int64 = 1_795_348_800_000
        let filter = try ExportFilter(
            .place, since: ParsedDate(stored: "2026-11-22"), conditions: [], local: Self.local)
        var lines: [String] = []
        let source: CanonicalExport.Source = { _, body in
            for (id, day) in [(Self.house, 0), (Self.hall, -1)] as [(RecordID, Int64)] {
                try body(ExportRow(id: id, values: [:], createdMilliseconds: noon + day * 86_400_000))
            }
        }
        try CanonicalExport.run(.place, format: .jsonl, filter: filter, source: source) { lines.append($0) }
        #expect(lines.count == 1 && lines[0].contains(Self.house.description), "\(lines)")
    }

    @Test("What is no condition is told, with what there is")
    func problems() throws {
        #expect(throws: ExportFilter.Problem.noEquals("kind")) {
            try ExportFilter(.visit, since: nil, conditions: ["kind"], local: Self.local)
        }
        let header = OutreachExport(.visit) { _, _ in nil }.header
        #expect(throws: ExportFilter.Problem.unknownField("colour", known: header)) {
            try ExportFilter(.visit, since: nil, conditions: ["colour=red"], local: Self.local)
        }
    }

    @Test("Every kind has as many types as columns, and the first is the id")
    func types() {
        for kind in RecordKind.all {
            let export = OutreachExport(kind) { _, _ in nil }
            #expect(export.types.count == export.header.count)
            #expect(export.header.first == "id" && export.types.first == .text)
        }
    }
}
