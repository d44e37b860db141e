import SyncCore

/// One kind of record of the outreach model: its table, its words and its rules.
///
/// There is one object of each kind: every record that is read points to its own, and copies would cost more than the
/// rest of the record.
package final class RecordKind: Sendable {
    /// The number of the table; stable over versions.
    package let number: Int
    /// The name of the table, also the word for one record: `visit`.
    package let name: String
    /// The word for several: `visits`, `people`.
    package let plural: String
    /// All fields, in the order of their columns.
    package let fields: [FieldDescription]
    /// The number of the field that stands for the record where there is room for one only.
    package let titleField: Int
    /// The numbers of the fields that lists show, in order.
    package let listFields: [Int]
    /// What stands for a record where there is room for a line: of each group, the first field with a value.
    package let titleParts: [[Int]]
    /// The number of the field with the day that lists are sorted by; nil where they are sorted by title.
    package let dayField: Int?
    /// Fields of which at least one must have a value, group by group.
    package let needsOneOf: [[Int]]
    /// Pairs of fields of which the second can't be before the first.
    package let spans: [Span]
    /// How its command `add` takes it.
    package let entry: EntryForm

    /// Two dates in order.
    package struct Span: Hashable, Sendable {
        /// The number of the field that comes first.
        package let from: Int
        /// The number of the field that can't be before it.
        package let to: Int
    }

    init<Number: RawRepresentable<Int>>(
        _ number: Int, _ name: String, plural: String, title: Number, titleParts: [[Number]] = [], day: Number? = nil,
        list: [Number], needsOneOf: [[Number]] = [], spans: [(Number, Number)] = [], needsDecision: Bool = false,
        entry: EntryForm, fields: [FieldDescription]
    ) {
        let fields = fields + FieldDescription.importFields
        self.number = number
        self.name = name
        self.plural = plural
        self.fields = needsDecision ? fields.map { $0.decided() } : fields
        titleField = title.rawValue
        self.titleParts = titleParts.isEmpty ? [[title.rawValue]] : titleParts.map { $0.map(\.rawValue) }
        dayField = day?.rawValue
        listFields = list.map(\.rawValue)
        self.needsOneOf = needsOneOf.map { $0.map(\.rawValue) }
        self.spans = spans.map { Span(from: $0.rawValue, to: $1.rawValue) }
        self.entry = entry
    }

    /// The kinds of this version, by table number.
    package static let all = [
        place, person, role, visit, meeting, attendance, note, resource, promise, opportunity, insight, relationship,
        consent, payment, concern, round,
    ]

    /// The kind with this table number, or nil where this version does not know it.
    package static func of(table number: Int) -> RecordKind? {
        byNumber.indices.contains(number) ? byNumber[number] : nil
    }

    /// Those kinds in the places of their numbers: every reference that is shown asks for one.
    private static let byNumber: [RecordKind?] = {
        var kinds = [RecordKind?](repeating: nil, count: (all.map(\.number).max() ?? 0) + 1)
        for kind in all { kinds[kind.number] = kind }
        return kinds
    }()

    /// The kind with this word, singular or plural; capitals do not count.
    package static func named(_ word: String) -> RecordKind? {
        let word = word.lowercased()
        return all.first { $0.name == word || $0.plural == word }
    }

    /// The field with this number, or nil where this version does not know it.
    package func field(_ number: Int) -> FieldDescription? { fields.first { $0.number == number } }

    /// The field with this column name.
    package func field(named name: String) -> FieldDescription? { fields.first { $0.name == name } }

    /// When that began of which a field says the end, where a record has the moment.
    package func start(of field: FieldDescription, in values: [Int: Value]) -> Moment? {
        for span in spans where span.to == field.number {
            if case .text(let text)? = values[span.from], let moment = Moment(text) { return moment }
        }
        return nil
    }

    /// The parts of the title that a list of a kind without a day is sorted by: without what visits and meetings are called
    /// by, which each would have to be looked up.
    package var orderParts: [[Int]] {
        titleParts.filter { group in
            !group.contains { number in
                if case .reference(let table)? = field(number)?.form {
                    RecordKind.of(table: table)?.hasName == false
                } else {
                    false
                }
            }
        }
    }

    /// The currency of the amount in these values; nil where there is none.
    package func currency(in values: [Int: Value]) -> String? {
        let field = fields.first { $0.form == .currency }
        if let field, case .text(let code)? = values[field.number] { return code }
        return nil
    }

    /// The numbers of the fields in the order of the canonical export: ascending.
    package var exportFields: [Int] { fields.map(\.number).sorted() }

    /// Whether its records belong to no team: everybody reads them.
    package var isForEveryone: Bool { self == .place || self == .resource }

    /// Whether only admins write its records, though everybody reads them.
    package var isWrittenByAdmins: Bool { isForEveryone && !OutreachSchema.tablesInEveryone.contains(number) }

    /// Whether its records go to the restricted twin of an area: leads and admins read them, workers only write them.
    package var isRestricted: Bool { self == .concern }

    /// The fields with the people whom a record is about: of a relationship both.
    package var fieldsAboutPeople: [FieldDescription] {
        ([field(named: "person")] + (self == .relationship ? [field(RelationshipField.other.rawValue)] : []))
            .compactMap(\.self)
    }

    /// The field that says in own words what the stored word `other` of a field stands for.
    package func ownWords(of field: FieldDescription) -> FieldDescription? {
        field.form.words.contains(Words.other) ? self.field(named: "\(field.name)_other") : nil
    }

    /// Whether people look for its records by what they are called.
    package var hasName: Bool { self == .place || self == .person || self == .resource }

    /// The declaration for the engine.
    package var table: Table { Table(number, name, fields.map(\.field), isRestricted: isRestricted) }

    /// The word with its article: `a visit`, `an attendance`.
    package var withArticle: String {
        name.first.map { "aeiou".contains($0) } == true ? "an \(name)" : "a \(name)"
    }
}

extension RecordKind: Hashable {
    /// Kinds are the same where their tables are.
    package static func == (left: RecordKind, right: RecordKind) -> Bool { left.number == right.number }

    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// The tables of the outreach model as the engine takes them.
package enum OutreachSchema {
    /// The numbers of the tables. 17 and above are free for kinds to come.
    package enum Number {
        /// Where people are met.
        package static let place = 1
        /// Somebody.
        package static let person = 2
        /// What a person is, where, and for how long.
        package static let role = 3
        /// Going to a place or to a person.
        package static let visit = 4
        /// People coming together for a purpose.
        package static let meeting = 5
        /// A person's part in a visit or a meeting.
        package static let attendance = 6
        /// Words about any record.
        package static let note = 7
        /// Something to read in the library.
        package static let resource = 8
        /// Something that somebody was told they can count on.
        package static let promise = 9
        /// Something that a person was offered.
        package static let opportunity = 10
        /// What somebody said that should lead to a decision.
        package static let insight = 11
        /// Two people who know each other.
        package static let relationship = 12
        /// What a person agrees to.
        package static let consent = 13
        /// What a person is paid.
        package static let payment = 14
        /// A worry about somebody's safety.
        package static let concern = 15
        /// Working alone.
        package static let round = 16
    }

    /// The tables that workers and leads may write in the area that everybody reads; admins may write all.
    package static let tablesInEveryone: Set<Int> = [Number.place]

    /// The schema of this version.
    package static let current = Schema(version: 4, tables: RecordKind.all.map(\.table))
}
