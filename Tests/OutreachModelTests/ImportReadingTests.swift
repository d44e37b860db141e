import SyncCore
import Testing

@testable import OutreachModel

@Suite("Reading the cells of an import")
struct ImportReadingTests {
    private static let started = RecordKind.visit.field(named: "started")

    private func reader(_ order: DateOrder?) -> DateCellReader {
        DateCellReader(
            order: order, local: ZoneTable.london.local, now: Moment("2026-11-22T15:00:00+00:00")?.milliseconds ?? 0)
    }

    @Test(
        "Dates are read in the order that was given",
        arguments: [
            (nil, "2025-03-04", "2025-03-04"), (.mdy, "2025-03-04", "2025-03-04"),
            (nil, "2025/3/4", "2025-03-04"), (nil, "25/3/2025", "2025-03-25"), (nil, "3/25/2025", "2025-03-25"),
            (nil, "4/4/2025", "2025-04-04"), (.dmy, "3/4/2025", "2025-04-03"), (.mdy, "3/4/2025", "2025-03-04"),
            (.dmy, "03.04.25", "2025-04-03"), (.ymd, "25-03-04", "2025-03-04"),
            (.dmy, "12/05/98", "1998-05-12"), (.ymd, "98-05-12", "1998-05-12"), (.dmy, "29/02/00", "2000-02-29"),
            (.mdy, "7/4/2025 14:30", "2025-07-04T14:30:00+01:00"),
            (nil, "2025-03-04T14:30:00Z", "2025-03-04T14:30:00+00:00"), (nil, "2 May 2023", "2023-05-02"),
            (nil, "22-Nov-25", "2025-11-22"), (.mdy, "22-Nov-2025", "2025-11-22"), (nil, "22 Nov 25", "2025-11-22"),
            (nil, "2-May-25 14:30", "2025-05-02T14:30:00+01:00"),
        ] as [(DateOrder?, String, String)])
    func dates(order: DateOrder?, typed: String, stored: String) throws {
        let field = try #require(Self.started)
        #expect(try reader(order).stored(typed, field) == stored)
    }

    @Test(
        "What is no date, or no day, is a problem of the row",
        arguments: [
            (nil, "Cancelled"), (nil, "today"), (nil, "monday"), (.dmy, "3/25/2025"), (.mdy, "25/3/2025"),
            (nil, "31/2/2025"), (nil, "9/9/9999"), (.dmy, "1/1/0001"), (nil, "1875-12-31"), (nil, "45123"),
            (nil, "1/2"), (nil, "1/2/25x"),
            (nil, "22-Nov"), (nil, "22-Nov-25x"), (nil, "31-Feb-25"), (nil, "22 Nov"),
        ] as [(DateOrder?, String)])
    func noDates(order: DateOrder?, typed: String) throws {
        let field = try #require(Self.started)
        #expect(throws: RowProblem.self) { try reader(order).stored(typed, field) }
    }

    @Test("Only numbers with two readings are ambiguous, and only without an order")
    func ambiguous() {
        for typed in ["3/4/2025", "03-04-25", "1.2.2025 14:30"] {
            #expect(reader(nil).isAmbiguous(typed))
            #expect(!reader(.dmy).isAmbiguous(typed))
        }
        for typed in ["4/4/2025", "13/4/2025", "4/13/2025", "2025-03-04", "3 April 2025", ""] {
            #expect(!reader(nil).isAmbiguous(typed))
        }
    }

    @Test(
        "Whole numbers come with commas, spaces and a point of nothing",
        arguments: [("6,040", 6_040), ("1 204", 1_204), ("4.0", 4), ("0", 0)] as [(String, Int64)])
    func numbers(typed: String, number: Int64) throws {
        let field = try #require(RecordKind.visit.field(named: "headcount"))
        let cells = CellReader(dates: reader(nil), isExact: false)
        #expect(try cells.value(typed, field, hasOther: false).value == .integer(number))
        for wrong in ["many", "4.5", "1,2", "6,04"] {
            #expect(throws: RowProblem.self) { try cells.value(wrong, field, hasOther: false) }
        }
    }

    @Test("A word that is no kind becomes other with its words; a list without other refuses it")
    func words() throws {
        let cells = CellReader(dates: reader(nil), isExact: false)
        let kind = try #require(RecordKind.visit.field(named: "kind"))
        let known = try cells.value("Street-Site", kind, hasOther: true)
        #expect(known.value == .text("street_site") && known.other == nil)
        let unknown = try cells.value("Litter pick", kind, hasOther: true)
        #expect(unknown.value == .text("other") && unknown.other == "Litter pick")
        let decided = try #require(RecordKind.meeting.field(named: "who_decided"))
        #expect(throws: RowProblem.self) { try cells.value("nobody", decided, hasOther: false) }
    }

    @Test(
        "Age bands are read as spreadsheets write them",
        arguments: [
            ("18-24", "18_to_24"), ("18–24", "18_to_24"), ("18 - 24", "18_to_24"), ("18 to 24", "18_to_24"),
            ("65+", "65_and_over"), ("65 +", "65_and_over"), ("65 and over", "65_and_over"), ("<18", "under_18"),
            ("Under 18s", "under_18"), ("declined", "declined"),
        ])
    func ageBands(typed: String, word: String) throws {
        let band = try #require(RecordKind.person.field(PersonField.ageBand.rawValue))
        let cells = CellReader(dates: reader(nil), isExact: false)
        #expect(try cells.value(typed, band, hasOther: false).value == .text(word))
        for wrong in ["18", "24-18", "18-34", "64+", "over 65", "18 and over"] {
            #expect(throws: RowProblem.self) { try cells.value(wrong, band, hasOther: false) }
        }
    }

    @Test("Seen rows are found again, up to the last that there is room for")
    func seenRows() {
        let count = 10_000
        var seen = SeenRows(count: count)
        func key(_ number: Int) -> UInt64 { UInt64(number) &* 0x9E37_79B9_7F4A_7C15 >> 3 }
        for number in 1...count {
            #expect(seen.row(key(number)) == nil)
            seen.note(key(number), SeenRows.Row(line: number, content: UInt64(number)))
        }
        for number in 1...count {
            #expect(seen.row(key(number)) == SeenRows.Row(line: number, content: UInt64(number)))
        }
    }
}
