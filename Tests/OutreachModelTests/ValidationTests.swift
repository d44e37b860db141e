import OutreachModel
import SyncCore
import Testing

@Suite("Rules for records")
struct ValidationTests {
    private static let id = Value.blob(RecordID(milliseconds: 1, random: (2, 3)).bytes)

    private func problems(_ kind: RecordKind, _ values: [String: Value]) -> [String] {
        var numbered: [Int: Value] = [:]
        for (name, value) in values {
            if let field = kind.field(named: name) {
                numbered[field.number] = value
            } else {
                Issue.record("\(kind.name) has no field \(name)")
            }
        }
        return kind.validate(values: numbered).map(\.description)
    }

    private func visit(_ changes: [String: Value]) -> [String] {
        let values: [String: Value] = ["place": Self.id, "started": .text("2026-11-22T14:30:00+00:00")]
        return problems(.visit, values.merging(changes) { $1 })
    }

    @Test("The least that each kind needs is enough")
    func leastIsEnough() {
        #expect(problems(.place, ["name": .text("Elm House")]) == [])
        #expect(problems(.person, ["name": .text("woman with the red bicycle")]) == [])
        #expect(problems(.role, ["person": Self.id, "kind": .text("resident")]) == [])
        #expect(visit([:]) == [])
        #expect(problems(.visit, ["person": Self.id, "started": .text("2026-11-22")]) == [])
        #expect(problems(.meeting, ["started": .text("2026-11-22")]) == [])
        #expect(problems(.attendance, ["meeting": Self.id, "person": Self.id]) == [])
        #expect(problems(.note, ["about_table": .integer(99), "about": Self.id, "text": .text("\u{0}")]) == [])
    }

    @Test("What is missing is named, all of it at once")
    func missing() {
        #expect(problems(.place, ["name": .text(" \n")]) == ["A place needs “Name”."])
        #expect(problems(.visit, [:]) == ["A visit needs “Place” or “Person”.", "A visit needs “Started”."])
        #expect(
            problems(.attendance, [:])
                == ["An attendance needs “Visit” or “Meeting”.", "An attendance needs “Person”."])
        #expect(problems(.role, ["person": Self.id]) == ["A role needs “Kind”."])
    }

    @Test("An unknown word is answered with the known ones, and is not repeated")
    func unknownWord() {
        #expect(
            visit(["outcome": .text("secret")]) == [
                "“Outcome” of a visit is one of: went ahead, no access, not found, cancelled, other."
            ])
        #expect(visit(["outcome": .text("no_access")]) == [])
        #expect(
            problems(.person, ["name": .text("A"), "age_band": .text("declined"), "pronouns": .text("they")]) == [])
    }

    @Test(
        "A visit cannot end before it starts, whatever the offsets",
        arguments: [
            ("2026-11-22T14:30:00+00:00", true), ("2026-11-22T14:29:00+00:00", false),
            ("2026-11-22T15:00:00+01:00", false), ("2026-11-22T14:00:00-01:00", true), ("2026-11-22", true),
            ("2026-11-21", false), ("2026-11-23", true),
        ])
    func ending(ended: String, isFine: Bool) {
        #expect(visit(["ended": .text(ended)]) == (isFine ? [] : ["A visit cannot end before it starts."]))
    }

    @Test("Dates that are none are refused")
    func dates() {
        #expect(
            visit(["started": .text("yesterday")]) == ["“Started” of a visit is a date, or a date with a time."])
        #expect(visit(["started": .text("2026-02-30")]) == ["“Started” of a visit is a date, or a date with a time."])
    }

    @Test("Numbers stay within their bounds")
    func numbers() {
        #expect(visit(["headcount": .integer(0)]) == [])
        #expect(visit(["headcount": .integer(-1)]) == ["“Headcount” of a visit is a number from 0 up."])
        #expect(
            problems(.person, ["name": .text("A"), "do_not_contact": .integer(2), "rhythm_days": .integer(0)]) == [
                "“Do not contact” of a person is a number from 0 to 1.",
                "“Keep in touch every (days)” of a person is a number from 1 to 3660.",
            ])
    }

    @Test("A text may have 65,536 bytes and no more")
    func longTexts() {
        #expect(visit(["summary": .text(String(repeating: "é", count: 32_768))]) == [])
        #expect(
            visit(["summary": .text(String(repeating: "é", count: 32_768) + "a")])
                == ["“Summary” of a visit can hold at most 64 KB."])
    }

    @Test("Values of another type and ids of another length are refused")
    func types() {
        #expect(visit(["summary": .integer(1)]) == ["“Summary” of a visit holds a value of the wrong type."])
        #expect(visit(["person": .blob([1, 2])]) == ["“Person” of a visit does not point to a record."])
    }

    @Test("What was entered by hand may not lie ahead; what is imported may, and may be due before it was made")
    func entry() throws {
        let today = try #require(CivilDate("2026-11-22"))
        func entered(_ made: String, _ due: String) -> [String] {
            let values: [Int: Value] = [
                PromiseField.what.rawValue: .text("Tea"), PromiseField.made.rawValue: .text(made),
                PromiseField.due.rawValue: .text(due),
            ]
            #expect(RecordKind.promise.validate(values: values) == [])
            return RecordKind.promise.validateEntry(values: values, today: today).map(\.description)
        }
        #expect(entered("2026-11-22T23:59:00+00:00", "2026-11-22") == [])
        #expect(entered("2026-11-22", "2026-11-21") == ["“To be kept by” of a promise cannot be before “Promised on”."])
        #expect(
            entered("2026-11-23", "2026-11-24") == [
                "“Promised on” of a promise can't lie ahead: today is Sunday 22 November 2026."
            ])
    }

    @Test("A field of a later version is left alone")
    func laterFields() {
        #expect(RecordKind.place.validate(values: [1: .text("Elm House"), 40: .real(1)]) == [])
    }
}
