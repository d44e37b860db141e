import OutreachModel

/// A command that shows records, and the bare query for the same ones in the shell of SQLite.
struct ListCase {
    /// How many rows a list on a terminal is asked for.
    static let shortList = 50

    let arguments: [String]
    /// The statements, without a final semicolon.
    let query: String
    /// Whether it shows all records of a large kind: more than a person looks through, judged by the ratio and memory.
    var isWhole = false

    var name: String { "kith " + arguments.joined(separator: " ") }

    /// All that are measured.
    ///
    /// - Parameter today: the day that the town was made for.
    static func all(today: CivilDate) -> [ListCase] {
        RecordKind.all.map {
            ListCase(arguments: [$0.name, "list", "--limit", "\(shortList)"], query: list($0, limit: shortList))
        }
            + whole + narrowed(today) + days(today) + single + searches
    }

    private static let whole = [
        ListCase(arguments: ["visit", "list"], query: list(.visit), isWhole: true),
        ListCase(arguments: ["visit", "list", "--json"], query: everything(.visit), isWhole: true),
        ListCase(arguments: ["person", "list"], query: list(.person), isWhole: true),
        ListCase(arguments: ["place", "list"], query: list(.place), isWhole: true),
    ]

    private static func narrowed(_ today: CivilDate) -> [ListCase] {
        let month = today.adding(days: -30).description
        return [
            ListCase(
                arguments: ["visit", "list", "--since", month],
                query: list(.visit, where: "visit.started >= '\(month)'")),
            ListCase(
                arguments: ["visit", "list", "--person", SampleTown.person],
                query: list(
                    .visit,
                    where: """
                        (visit.person = \(person)
                        OR visit.id IN (SELECT visit FROM attendance WHERE living AND person = \(person)))
                        """)),
            ListCase(
                arguments: ["visit", "list", "--place", SampleTown.place],
                query: list(.visit, where: "visit.place = \(place)")),
        ]
    }

    private static func days(_ today: CivilDate) -> [ListCase] {
        let monday = today.adding(days: -today.weekday)
        return [
            ListCase(
                arguments: ["today"], query: due(today, by: today) + gatherings(from: today, to: today.adding(days: 1))),
            ListCase(
                arguments: ["week"],
                query: due(today, by: monday.adding(days: 6)) + gatherings(from: monday, to: monday.adding(days: 7))),
            ListCase(arguments: ["due"], query: due(today, by: today.adding(days: 7))),
        ]
    }

    private static let single = [
        ListCase(
            arguments: ["person", "journey", SampleTown.person],
            query: """
                SELECT * FROM person WHERE id = \(person);
                SELECT what, offered, answer, how_it_went, thanked_how FROM opportunity WHERE living AND person = \(person);
                SELECT part.contribution, part.took_part_as, meeting.kind, meeting.started, visit.started, a.name, b.name
                FROM attendance AS part LEFT JOIN meeting ON meeting.id = part.meeting
                LEFT JOIN visit ON visit.id = part.visit LEFT JOIN place AS a ON a.id = meeting.place
                LEFT JOIN place AS b ON b.id = visit.place WHERE part.living AND part.person = \(person);
                SELECT role.kind, role.started, role.ended, place.name FROM role
                LEFT JOIN place ON place.id = role.place WHERE role.living AND role.person = \(person)
                """),
        ListCase(
            arguments: ["person", "show", SampleTown.person],
            query: """
                SELECT * FROM person WHERE id = \(person);
                SELECT text FROM note WHERE living AND about = \(person);
                \(counts("visit", "person = \(person) OR id IN (\(attended("visit")))"));
                \(counts("meeting", "id IN (\(attended("meeting")))"))
                """),
        ListCase(
            arguments: ["place", "show", SampleTown.place],
            query: """
                SELECT * FROM place WHERE id = \(place);
                SELECT text FROM note WHERE living AND about = \(place);
                \(counts("visit", "place = \(place)"));
                \(counts("meeting", "place = \(place)"))
                """),
    ]

    private static let searches = [
        [SampleTown.rareWord], [SampleTown.frequentWord], [SampleTown.frequentWord, "group"], ["talked"],
    ].map { words in
        let expression = words.map { "\"\($0)\"*" }.joined(separator: " AND ")
        return ListCase(
            arguments: ["search"] + words,
            query: """
                SELECT rowid, snippet(search, 0, '[', ']', '…', 12) FROM search WHERE search MATCH '\(expression)'
                ORDER BY rank LIMIT 20
                """)
    }

    // MARK: Queries

    private static let person = "(SELECT id FROM person WHERE living AND name = '\(SampleTown.person)')"
    private static let place = "(SELECT id FROM place WHERE living AND name = '\(SampleTown.place)')"

    private static func attended(_ kind: String) -> String {
        "SELECT \(kind) FROM attendance WHERE living AND person = \(person)"
    }

    private static func counts(_ kind: String, _ condition: String) -> String {
        "SELECT count(*), max(started) FROM \(kind) WHERE living AND (\(condition))"
    }

    /// What a list shows, with the names of what it refers to.
    private static func list(_ kind: RecordKind, where condition: String? = nil, limit: Int? = nil) -> String {
        columns(kind, kind.listFields.compactMap { kind.field($0) }, condition, limit)
    }

    private static func everything(_ kind: RecordKind) -> String { columns(kind, kind.fields, nil, nil) }

    private static func columns(
        _ kind: RecordKind, _ fields: [FieldDescription], _ condition: String?, _ limit: Int?
    ) -> String {
        var (columns, joins) = (["hex(\(kind.name).id)"], "")
        for field in fields {
            guard case .reference(let table) = field.form, let target = RecordKind.of(table: table), target.hasName
            else {
                columns.append("\(kind.name).\(field.name)")
                continue
            }
            let alias = "_\(field.name)"
            columns.append("\(alias).name")
            joins += " LEFT JOIN \(target.name) AS \(alias) ON \(alias).id = \(kind.name).\(field.name)"
        }
        let isByTime = kind.dayField != nil || kind == .note
        let name = kind == .note ? "created_time" : kind.field(kind.dayField ?? kind.titleField)?.name ?? "id"
        return "SELECT \(columns.joined(separator: ", ")) FROM \(kind.name)\(joins) WHERE \(kind.name).living"
            + (condition.map { " AND \($0)" } ?? "")
            + " ORDER BY \(kind.name).\(name)\(isByTime ? " DESC" : "")"
            + (limit.map { " LIMIT \($0)" } ?? "")
    }

    private static func gatherings(from: CivilDate, to: CivilDate) -> String {
        [RecordKind.visit, .meeting].map { kind in
            ";\n" + list(kind, where: "\(kind.name).started >= '\(from)' AND \(kind.name).started < '\(to)'")
        }.joined()
    }

    /// What is due by a day, without the arithmetic of rhythms: the last time that each was seen.
    private static func due(_ today: CivilDate, by last: CivilDate) -> String {
        let (tomorrow, end) = (today.adding(days: 1), last.adding(days: 1))
        let seen = "visit.living AND visit.started < '\(tomorrow)' AND visit.outcome NOT IN ('no_access', 'not_found')"
        let met = "meeting.living AND meeting.started < '\(tomorrow)'"
        let rhythm = "IN (SELECT id FROM person WHERE rhythm_days NOT NULL)"
        let often = "IN (SELECT id FROM place WHERE rhythm_days NOT NULL)"
        return """
            SELECT buddy, expected_end FROM round WHERE living AND ended IS NULL;
            SELECT what, person.name, due FROM promise LEFT JOIN person ON person.id = promise.person
            WHERE promise.living AND kept IS NULL AND outcome IS NULL AND due < '\(end)';
            SELECT theme, due FROM insight WHERE living AND fed_back IS NULL AND due < '\(end)';
            SELECT name, rhythm_days FROM person WHERE living AND rhythm_days NOT NULL;
            SELECT person, max(started) FROM visit WHERE \(seen) AND person \(rhythm) GROUP BY person
            UNION ALL SELECT part.person, max(coalesce(visit.started, meeting.started)) FROM attendance AS part
            LEFT JOIN visit ON visit.id = part.visit AND \(seen) LEFT JOIN meeting ON meeting.id = part.meeting AND \(met)
            WHERE part.living AND part.person \(rhythm) GROUP BY part.person;
            SELECT name, rhythm_days FROM place WHERE living AND rhythm_days NOT NULL;
            SELECT place, max(started) FROM visit WHERE \(seen) AND place \(often) GROUP BY place
            UNION ALL SELECT place, max(started) FROM meeting WHERE \(met) AND place \(often) GROUP BY place;
            SELECT name, risks_reviewed FROM place WHERE living AND risks_reviewed < '\(end)';
            SELECT person.name, expires FROM consent LEFT JOIN person ON person.id = consent.person
            WHERE consent.living AND answer = 'given' AND withdrawn IS NULL AND expires < '\(today.adding(days: 31))'
            """
    }
}
