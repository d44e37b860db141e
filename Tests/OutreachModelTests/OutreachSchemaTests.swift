import OutreachModel
import SyncCore
import Testing

@Suite("The schema and its kinds")
struct OutreachSchemaTests {
    /// Numbers that devices in the field have written must never change; new ones are added at the end.
    private static let frozen = Schema(
        version: 4,
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
            Table(
                9, "promise",
                [
                    Field(1, "person", .blob), Field(2, "to_other"), Field(3, "promised_by"), Field(4, "what"),
                    Field(5, "made"), Field(6, "due"), Field(7, "kept"), Field(8, "outcome"),
                    Field(9, "outcome_other"), Field(10, "remark"), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                10, "opportunity",
                [
                    Field(1, "person", .blob), Field(2, "what"), Field(3, "offered_by"), Field(4, "offered"),
                    Field(5, "answer"), Field(6, "support_wanted"), Field(7, "came_from", .blob), Field(8, "started"),
                    Field(9, "how_it_went"), Field(10, "thanked_how"), Field(11, "thanked_when"),
                    Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                11, "insight",
                [
                    Field(1, "meeting", .blob), Field(2, "visit", .blob), Field(3, "person", .blob), Field(4, "theme"),
                    Field(5, "words"),
                    Field(6, "may_quote", policy: .mostRestrictive([.text("no"), .text("declined")])),
                    Field(7, "heard"), Field(8, "decision"), Field(9, "reason"), Field(10, "decided_by"),
                    Field(11, "decided"), Field(12, "due"), Field(13, "did"), Field(14, "fed_back"),
                    Field(15, "fed_back_to"), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                12, "relationship",
                [
                    Field(1, "person", .blob), Field(2, "other", .blob), Field(3, "kind"), Field(4, "kind_other"),
                    Field(5, "introduced_by", .blob), Field(6, "started"), Field(7, "ended"),
                    Field(8, "rhythm_days", .integer), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                13, "consent",
                [
                    Field(1, "person", .blob), Field(2, "purpose"), Field(3, "purpose_other"),
                    Field(4, "answer", policy: .mostRestrictive([.text("withdrawn"), .text("refused")])),
                    Field(5, "method"), Field(6, "method_other"), Field(7, "given"), Field(8, "expires"),
                    Field(9, "withdrawn"), Field(61, "external_id"), Field(62, "extra"),
                ]),
            Table(
                14, "payment",
                [
                    Field(1, "person", .blob, policy: .needsDecision), Field(2, "kind", policy: .needsDecision),
                    Field(3, "kind_other", policy: .needsDecision),
                    Field(4, "amount_minor", .integer, policy: .needsDecision),
                    Field(5, "currency", policy: .needsDecision), Field(6, "for_what", policy: .needsDecision),
                    Field(7, "offered", policy: .needsDecision),
                    Field(8, "outcome", policy: .needsDecision), Field(9, "outcome_other", policy: .needsDecision),
                    Field(10, "paid", policy: .needsDecision), Field(11, "meeting", .blob, policy: .needsDecision),
                    Field(61, "external_id", policy: .needsDecision),
                    Field(62, "extra", policy: .needsDecision),
                ]),
            Table(
                15, "concern",
                [
                    Field(1, "person", .blob, policy: .needsDecision), Field(2, "about_other", policy: .needsDecision),
                    Field(3, "what", policy: .needsDecision), Field(4, "kind", policy: .needsDecision),
                    Field(5, "kind_other", policy: .needsDecision), Field(6, "happened", policy: .needsDecision),
                    Field(7, "immediate_danger", .integer, policy: .needsDecision),
                    Field(8, "said_by", policy: .needsDecision),
                    Field(9, "done", policy: .needsDecision), Field(10, "told", policy: .needsDecision),
                    Field(11, "decision", policy: .needsDecision),
                    Field(12, "decision_other", policy: .needsDecision),
                    Field(13, "decided_by", policy: .needsDecision), Field(14, "review", policy: .needsDecision),
                    Field(61, "external_id", policy: .needsDecision), Field(62, "extra", policy: .needsDecision),
                ], isRestricted: true),
            Table(
                16, "round",
                [
                    Field(1, "who"), Field(2, "plan"), Field(3, "place", .blob), Field(4, "buddy"),
                    Field(5, "started"), Field(6, "expected_end"), Field(7, "last_ok"), Field(8, "ended"),
                    Field(9, "if_overdue"), Field(61, "external_id"), Field(62, "extra"),
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
        #expect(RecordKind.promise.exportFields == numbers(PromiseField.self))
        #expect(RecordKind.opportunity.exportFields == numbers(OpportunityField.self))
        #expect(RecordKind.insight.exportFields == numbers(InsightField.self))
        #expect(RecordKind.relationship.exportFields == numbers(RelationshipField.self))
        #expect(RecordKind.consent.exportFields == numbers(ConsentField.self))
        #expect(RecordKind.payment.exportFields == numbers(PaymentField.self))
        #expect(RecordKind.concern.exportFields == numbers(ConcernField.self))
        #expect(RecordKind.round.exportFields == numbers(RoundField.self))
    }

    @Test("Titles, lists and references name fields and tables that exist", arguments: RecordKind.all)
    func kindsAreWhole(kind: RecordKind) {
        #expect(kind.field(kind.titleField) != nil)
        #expect(kind.listFields.allSatisfy { kind.field($0) != nil })
        #expect(kind.needsOneOf.joined().allSatisfy { kind.field($0) != nil })
        #expect(Set(kind.fields.map(\.label)).count == kind.fields.count)
        #expect(kind.titleParts.joined().allSatisfy { kind.field($0) != nil })
        #expect((kind.entry.words + kind.entry.asked).allSatisfy { kind.field($0) != nil })
        #expect(kind.spans.allSatisfy { kind.field($0.from)?.form == .time && kind.field($0.to)?.form == .time })
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
        #expect(RecordKind.of(table: 16) == .round)
        #expect(RecordKind.of(table: 17) == nil)
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
        #expect(shown(.payment, "amount_minor", .integer(2_005)) == "20.05")
        #expect(shown(.visit, "started", .text("2026-11-22T14:30:00Z")) == "Sunday 22 November 2026, 14:30")
        #expect(shown(.visit, "started", .text("long ago")) == "long ago")
        #expect(shown(.visit, "place", .blob(id.bytes)) == ShortID.display(id))
        #expect(shown(.note, "about_table", .integer(4)) == "visit")
        #expect(shown(.note, "about_table", .integer(99)) == "99")
    }

    @Test("Two who pay or worry at once are asked about: every field of a payment and a concern needs a decision")
    func decisions() {
        for kind in RecordKind.all {
            let decided = kind.fields.filter { $0.field.policy == .needsDecision }
            #expect(decided == (kind == .payment || kind == .concern ? kind.fields : []), "\(kind.name)")
        }
    }
}
