import OutreachModel
import SyncCore
import Testing

@Suite("The schema and its kinds")
struct OutreachSchemaTests {
    /// Numbers that devices in the field have written must never change; new ones are added at the end.
    private static let frozen = Schema(
        version: 3,
        tables: [
            Table(
                1, "place",
                [
                    Field(1, "name"), Field(2, "kind"), Field(3, "kind_other"), Field(4, "district"),
                    Field(5, "access_notes"), Field(6, "known_risks"), Field(7, "risks_by"),
                    Field(8, "risks_reviewed"), Field(9, "rhythm_days", .integer), Field(10, "merged_into", .blob),
                    Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                2, "person",
                [
                    Field(1, "name"), Field(2, "known_by"), Field(3, "pronouns"), Field(4, "age_band"),
                    Field(5, "communication_needs"), Field(6, "strengths"), Field(7, "interests"),
                    Field(8, "wants_next"),
                    Field(9, "do_not_contact", .integer, policy: .mostRestrictive([.integer(1)])),
                    Field(10, "rhythm_days", .integer), Field(11, "merged_into", .blob), Field(12, "moved_from", .blob),
                    Field(13, "moved_to", .blob), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                3, "role",
                [
                    Field(1, "person", .blob), Field(2, "kind"), Field(3, "kind_other"), Field(4, "place", .blob),
                    Field(5, "started"), Field(6, "ended"), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                4, "visit",
                [
                    Field(1, "place", .blob), Field(2, "person", .blob), Field(3, "started"), Field(4, "ended"),
                    Field(5, "kind"), Field(6, "kind_other"), Field(7, "purpose"), Field(8, "summary"),
                    Field(9, "reflection"), Field(10, "outcome"), Field(11, "outcome_other"),
                    Field(12, "headcount", .integer), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                5, "meeting",
                [
                    Field(1, "place", .blob), Field(2, "started"), Field(3, "ended"), Field(4, "kind"),
                    Field(5, "kind_other"), Field(6, "went_ahead", .integer), Field(7, "headcount", .integer),
                    Field(8, "who_decided"), Field(9, "access_provided"), Field(10, "summary"),
                    Field(11, "reflection"), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                6, "attendance",
                [
                    Field(1, "visit", .blob), Field(2, "meeting", .blob), Field(3, "person", .blob),
                    Field(4, "took_part_as"), Field(5, "took_part_as_other"), Field(6, "contribution"),
                    Field(7, "felt"), Field(8, "thanked_how"), Field(9, "thanked_when"), Field(61, "external_id"),
                    Field(62, "extra"),
                ]),
            Table(
                7, "note",
                [
                    Field(1, "about_table", .integer), Field(2, "about", .blob), Field(3, "text"),
                    Field(4, "corrects", .blob), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                8, "resource",
                [
                    Field(1, "kind"), Field(2, "kind_other"), Field(3, "title"), Field(4, "text"), Field(5, "tags"),
                    Field(6, "source"), Field(61, "external_id"), Field(62, "extra"),
                ]),
        ])

    @Test("No number, name, type or policy of this version has changed")
    func schemaIsFrozen() {
        #expect(OutreachSchema.current == Self.frozen)
    }

    @Test("The numbers in code are those of the schema, all of them")
    func fieldNumbers() {
        let shared = SharedField.allCases.map(\.rawValue)
        func numbers<Number: RawRepresentable<Int> & CaseIterable>(_ type: Number.Type) -> [Int] {
            type.allCases.map(\.rawValue) + shared
        }
        #expect(RecordKind.place.exportFields == numbers(PlaceField.self))
        #expect(RecordKind.person.exportFields == numbers(PersonField.self))
        #expect(RecordKind.role.exportFields == numbers(RoleField.self))
        #expect(RecordKind.visit.exportFields == numbers(VisitField.self))
        #expect(RecordKind.meeting.exportFields == numbers(MeetingField.self))
        #expect(RecordKind.attendance.exportFields == numbers(AttendanceField.self))
        #expect(RecordKind.note.exportFields == numbers(NoteField.self))
        #expect(RecordKind.resource.exportFields == numbers(ResourceField.self))
    }

    @Test("Titles, lists and references name fields and tables that exist", arguments: RecordKind.all)
    func kindsAreWhole(kind: RecordKind) {
        #expect(kind.field(kind.titleField) != nil)
        #expect(kind.listFields.allSatisfy { kind.field($0) != nil })
        #expect(kind.needsOneOf.joined().allSatisfy { kind.field($0) != nil })
        #expect(Set(kind.fields.map(\.label)).count == kind.fields.count)
        for field in kind.fields {
            guard case .reference(let table) = field.form else { continue }
            #expect(RecordKind.of(table: table) != nil)
        }
    }

    @Test("Every list of kinds ends in other, with a field for one's own words", arguments: RecordKind.all)
    func kindsEndInOther(kind: RecordKind) {
        for field in kind.fields where kind.field(named: "\(field.name)_other") != nil {
            #expect(field.form.words.last == "other")
        }
        for field in kind.fields where field.form.words.contains("other") {
            #expect(kind.field(named: "\(field.name)_other") != nil)
        }
    }

    @Test("Kinds are found by one word or several, whatever the capitals")
    func kindsByName() {
        #expect(RecordKind.named("visit") == .visit)
        #expect(RecordKind.named("People") == .person)
        #expect(RecordKind.named("persons") == nil)
        #expect(RecordKind.of(table: 5) == .meeting)
        #expect(RecordKind.of(table: 9) == nil)
    }

    @Test("Words may be typed with spaces, hyphens and capitals")
    func typedWords() {
        let kind = RecordKind.meeting.field(MeetingField.kind.rawValue)
        #expect(kind?.word("House meeting") == "house_meeting")
        #expect(kind?.word("one-to-one") == "one_to_one")
        #expect(kind?.word("house") == nil)
        let age = RecordKind.person.field(PersonField.ageBand.rawValue)
        #expect(age?.word("does not know") == "does_not_know")
    }

    @Test("Not asked, declined and does not know are told apart")
    func optionalAnswers() {
        let answers: [OptionalAnswer] = [.notAsked, .declined, .doesNotKnow, .given("large print")]
        #expect(Set(answers.map(\.value)).count == 4)
        for answer in answers { #expect(OptionalAnswer(answer.value) == answer) }
        #expect(OptionalAnswer(.null) == .notAsked)
    }

    @Test("Values are shown in words, and texts as they were written")
    func shownValues() {
        let id = RecordID(milliseconds: 1, random: (2, 3))
        func shown(_ kind: RecordKind, _ name: String, _ value: Value) -> String? {
            kind.field(named: name)?.shown(value, in: ZoneTable.london.local)
        }
        #expect(shown(.visit, "outcome", .text("no_access")) == "no access")
        #expect(shown(.visit, "outcome", .text("a_word_of_version_2")) == "a_word_of_version_2")
        #expect(shown(.visit, "summary", .text("not_asked")) == "not_asked")
        #expect(shown(.person, "pronouns", .text("does_not_know")) == "does not know")
        #expect(shown(.person, "pronouns", .null) == nil)
        #expect(shown(.person, "do_not_contact", .integer(1)) == "yes")
        #expect(shown(.person, "do_not_contact", .integer(0)) == "no")
        #expect(shown(.visit, "headcount", .integer(3)) == "3")
        #expect(shown(.visit, "started", .text("2026-11-22T14:30:00Z")) == "Sunday 22 November 2026, 14:30")
        #expect(shown(.visit, "started", .text("long ago")) == "long ago")
        #expect(shown(.visit, "place", .blob(id.bytes)) == ShortID.display(id))
        #expect(shown(.note, "about_table", .integer(4)) == "visit")
        #expect(shown(.note, "about_table", .integer(99)) == "99")
    }
}
