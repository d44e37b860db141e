import Database
import OutreachModel
import SyncCore
import Terminal

/// What is owed to whom: promises, feedback, and people and places that were not seen for longer than their rhythm.
///
/// Nothing of this is stored: it follows from records, as they are now.
struct DueList {
    /// How many days before its end a consent is told.
    static let consentDays = 30

    let today: CivilDate
    private(set) var items: [DueItem] = []

    private let reader: RecordReader
    private let presenter: RecordPresenter
    private let last: CivilDate

    /// Gathers what is due by a day.
    ///
    /// - Parameters:
    ///   - days: how many days ahead of today are looked at.
    ///   - withoutDay: whether promises are told that nobody named a day for.
    init(_ context: ClientContext, days: Int, withoutDay: Bool) throws {
        today = context.local.moment(atMilliseconds: context.clock()).date
        last = today.adding(days: days)
        reader = try context.reader()
        presenter = try RecordPresenter(context)
        try addRounds(context)
        try addConcerns(context)
        try addPromises(withoutDay: withoutDay)
        try addInsights()
        let contacts = Contacts(reader, presenter.identities, today: today)
        try addUnseen(.person, .person, try contacts.people(), context)
        try addUnseen(.place, .place, try contacts.places(), context)
        try addApart(contacts, context)
        try addEnding(
            .risks, .place, PlaceField.risksReviewed.rawValue, days: 0, where: "risks_reviewed NOT NULL")
        try addEnding(
            .consent, .consent, ConsentField.expires.rawValue, days: Self.consentDays,
            where: "answer = 'given' AND withdrawn IS NULL AND expires NOT NULL")
        sort()
    }

    private mutating func sort() {
        let ranks = Dictionary(
            uniqueKeysWithValues: DueItem.Matter.allCases.enumerated().map { ($0.element, $0.offset) })
        let keyed = items.map { (rank: ranks[$0.matter] ?? 0, late: $0.daysLate(today), item: $0) }
        items = keyed.sorted { left, right in
            (left.rank, -left.late, left.item.id) < (right.rank, -right.late, right.item.id)
        }.map(\.item)
    }

    private mutating func add(
        _ matter: DueItem.Matter, _ record: StoredRecord, _ words: String? = nil, day: CivilDate?
    ) throws {
        items.append(
            DueItem(
                matter: matter, kind: record.kind, id: record.id, words: try words ?? presenter.title(of: record),
                day: day))
    }

    private func day(_ record: StoredRecord, _ field: Int) -> CivilDate? {
        guard case .text(let text)? = record.values[field] else { return nil }
        return ParsedDate(stored: text)?.date
    }

    // MARK: Promises and feedback

    /// Rounds that have not ended at the time when they should have.
    private mutating func addRounds(_ context: ClientContext) throws {
        for round in try reader.records(.round, where: "ended IS NULL", isOrdered: false) {
            guard let text = round.text(RoundField.expectedEnd), RecordList.startKey(text) <= context.clock() else {
                continue
            }
            let buddy = round.text(RoundField.buddy).map { ", buddy \($0)" } ?? ""
            try add(
                .round, round, "\(try presenter.title(of: round)): expected \(presenter.shortWhen(text))\(buddy)",
                day: day(round, RoundField.expectedEnd.rawValue))
        }
    }

    /// Concerns for those who read them, without names and without words: others may see the screen.
    private mutating func addConcerns(_ context: ClientContext) throws {
        let readable = Set(try presenter.staff().areas.filter(\.canRead).map(\.number))
        for concern in try reader.records(.concern, isOrdered: false) where readable.contains(concern.area) {
            let written = context.local.moment(atMilliseconds: concern.created.milliseconds).date
            let isInDanger = concern.values[ConcernField.immediateDanger.rawValue] == .integer(1)
            let words = "Written on \(written.inWords)\(isInDanger ? ", in danger now" : "")"
            if let review = day(concern, ConcernField.review.rawValue), review <= last {
                try add(.concern, concern, words, day: review)
            }
            if ["open", nil].contains(concern.text(ConcernField.decision)) {
                try add(.undecided, concern, words, day: written)
            }
        }
    }

    private mutating func addPromises(withoutDay: Bool) throws {
        for promise in try reader.records(.promise, where: "kept IS NULL AND outcome IS NULL", isOrdered: false) {
            let due = day(promise, PromiseField.due.rawValue)
            guard due.map({ $0 <= last }) ?? withoutDay else { continue }
            let by = promise.text(PromiseField.promisedBy).map { ", promised by \($0)" } ?? ""
            try add(.promise, promise, try presenter.title(of: promise) + by, day: due)
        }
    }

    /// Nothing is done before it was decided and fed back.
    private mutating func addInsights() throws {
        // Who was told before it was decided heard something else.
        let open = """
            fed_back IS NULL OR decision IS NULL OR decision = 'pending' OR substr(fed_back, 1, 10) < substr(decided, 1, 10)
            """
        for insight in try reader.records(.insight, where: open, isOrdered: false) {
            let due = day(insight, InsightField.due.rawValue)
            switch insight.text(InsightField.decision) {
            case "accepted", "partly", "declined":
                let decision = insight.text(InsightField.decision).map(Words.plain) ?? ""
                let words = "\(try presenter.title(of: insight)): \(decision)"
                try add(.feedback, insight, words, day: due ?? day(insight, InsightField.decided.rawValue))
            default: if let due, due <= last { try add(.answer, insight, day: due) }
            }
        }
    }

    // MARK: Rhythm

    /// Adds who was not seen for longer than their rhythm; nobody who wants no contact.
    private mutating func addUnseen(
        _ matter: DueItem.Matter, _ kind: RecordKind, _ contacts: [RecordID: CivilDate],
        _ context: ClientContext
    ) throws {
        let merged = try presenter.identities.merged(kind)
        let rhythmical = try reader.records(kind, where: "rhythm_days NOT NULL", isOrdered: false)
        for record in rhythmical where merged.isShown(record.id) {
            let shown = try presenter.identities.shown(record)
            if kind == .person, shown.values[PersonField.doNotContact.rawValue] == .integer(1) { continue }
            let field = kind == .person ? PersonField.rhythmDays.rawValue : PlaceField.rhythmDays.rawValue
            guard case .integer(let rhythm)? = record.values[field] else { continue }
            let seen = contacts[record.id]
            let from = seen ?? context.local.moment(atMilliseconds: Int64(record.created.milliseconds)).date
            let due = from.adding(days: Int(clamping: rhythm))
            guard due <= last else { continue }
            let when = seen.map { "last seen \(presenter.shortWhen($0.description))" } ?? "not seen yet"
            try add(matter, record, "\(try presenter.title(of: record)), \(when)", day: due)
        }
    }

    /// Adds who know each other, and were not together for longer than that needs; nobody who wants no contact.
    private mutating func addApart(_ contacts: Contacts, _ context: ClientContext) throws {
        let merged = try presenter.identities.merged(.person)
        for relationship in try reader.records(.relationship, where: "rhythm_days NOT NULL") {
            guard case .integer(let rhythm)? = relationship.values[RelationshipField.rhythmDays.rawValue],
                let one = person(relationship, .person), let other = person(relationship, .other),
                day(relationship, RelationshipField.ended.rawValue).map({ $0 > today }) ?? true,
                try ![one, other].contains(where: { try wantsNoContact(merged.survivor(of: $0)) })
            else { continue }
            let seen = try contacts.together(merged.members(of: one), merged.members(of: other))
            let since = day(relationship, RelationshipField.started.rawValue)
            let created = context.local.moment(atMilliseconds: Int64(relationship.created.milliseconds)).date
            let due = (seen ?? since ?? created).adding(days: Int(clamping: rhythm))
            guard due <= last else { continue }
            let when = seen.map { "last together \(presenter.shortWhen($0.description))" } ?? "not together yet"
            try add(.relationship, relationship, "\(try presenter.title(of: relationship)), \(when)", day: due)
        }
    }

    private func person(_ relationship: StoredRecord, _ field: RelationshipField) -> RecordID? {
        guard case .blob(let bytes)? = relationship.values[field.rawValue] else { return nil }
        return RecordID(bytes: bytes)
    }

    private func wantsNoContact(_ person: RecordID) throws -> Bool {
        guard let record = try reader.record(.person, person) else { return false }
        return try presenter.identities.shown(record).values[PersonField.doNotContact.rawValue] == .integer(1)
    }

    private mutating func addEnding(
        _ matter: DueItem.Matter, _ kind: RecordKind, _ field: Int, days: Int, where condition: String
    ) throws {
        let end = max(last, today.adding(days: days))
        for record in try reader.records(kind, where: condition, isOrdered: false) {
            guard let day = day(record, field), day <= end else { continue }
            try add(matter, record, day: day)
        }
    }
}

/// When places and people were last seen: by a visit, or by taking part in a visit or a meeting.
///
/// A closed door is no contact: what did not take place, or is still to come, does not count.
private struct Contacts {
    private static let visitTookPlace =
        "visit.living AND visit.started < ?1 "
        + "AND coalesce(visit.outcome, '') NOT IN ('no_access', 'not_found', 'cancelled')"
    private static let meetingTookPlace =
        "meeting.living AND meeting.started < ?1 AND coalesce(meeting.went_ahead, 1) <> 0"

    private let reader: RecordReader
    private let identities: RecordIdentities
    /// The day after today: times before it begin with an earlier text.
    private let tomorrow: CivilDate

    init(_ reader: RecordReader, _ identities: RecordIdentities, today: CivilDate) {
        self.reader = reader
        self.identities = identities
        tomorrow = today.adding(days: 1)
    }

    /// The last day of each person that has a rhythm, under the record that stands for them.
    func people() throws -> [RecordID: CivilDate] {
        guard try hasRhythm("person") else { return [:] }
        let among = "IN (SELECT id FROM person WHERE rhythm_days NOT NULL OR merged_into NOT NULL OR moved_to NOT NULL)"
        return try days(
            .person,
            """
            SELECT person, max(started) FROM visit WHERE \(Self.visitTookPlace) AND person \(among) GROUP BY person
            UNION ALL
            SELECT part.person, max(coalesce(visit.started, meeting.started)) FROM attendance AS part
            LEFT JOIN visit ON visit.id = part.visit AND \(Self.visitTookPlace)
            LEFT JOIN meeting ON meeting.id = part.meeting AND \(Self.meetingTookPlace)
            WHERE part.living AND part.person \(among) GROUP BY part.person
            """)
    }

    /// The last day of each place that has a rhythm, under the record that stands for it.
    func places() throws -> [RecordID: CivilDate] {
        guard try hasRhythm("place") else { return [:] }
        let among = "IN (SELECT id FROM place WHERE rhythm_days NOT NULL OR merged_into NOT NULL)"
        return try days(
            .place,
            """
            SELECT place, max(started) FROM visit WHERE \(Self.visitTookPlace) AND place \(among) GROUP BY place
            UNION ALL
            SELECT place, max(started) FROM meeting WHERE \(Self.meetingTookPlace) AND place \(among) GROUP BY place
            """)
    }

    /// The last day on which two people were at the same visit or meeting, each under any of the records that they have.
    func together(_ one: [RecordID], _ other: [RecordID]) throws -> CivilDate? {
        func presence(_ gathering: String, _ people: [RecordID], from first: Int) -> String {
            let among = RecordReader.isAmong("person", people.count, from: first)
            let named = gathering == "visit" ? " UNION SELECT id FROM visit WHERE \(among)" : ""
            return "SELECT \(gathering) FROM attendance WHERE living AND \(among)\(named)"
        }
        let parts = [("visit", Self.visitTookPlace), ("meeting", Self.meetingTookPlace)].map { table, tookPlace in
            """
            SELECT started FROM \(table) WHERE \(tookPlace) AND id IN (\(presence(table, one, from: 2)))
            AND id IN (\(presence(table, other, from: 2 + one.count)))
            """
        }
        let people = (one + other).map { SQLValue.blob($0.bytes) }
        let row = try reader.database.query(
            "SELECT max(started) FROM (\(parts.joined(separator: " UNION ALL ")))",
            [.text(tomorrow.description)] + people
        ).first
        guard case .text(let text)? = row?.first else { return nil }
        return ParsedDate(stored: text)?.date
    }

    private func hasRhythm(_ table: String) throws -> Bool {
        try reader.database.integer("SELECT 1 FROM \(table) WHERE living AND rhythm_days NOT NULL LIMIT 1") != nil
    }

    /// Times begin with the day that the writer's calendar showed, so that the greatest text has the last day.
    private func days(_ kind: RecordKind, _ query: String) throws -> [RecordID: CivilDate] {
        let merged = try identities.merged(kind)
        var days: [RecordID: CivilDate] = [:]
        for row in try reader.database.query(query, [.text(tomorrow.description)]) {
            guard case .blob(let bytes) = row[0], let id = RecordID(bytes: bytes), case .text(let text) = row[1],
                let day = ParsedDate(stored: text)?.date
            else { continue }
            let survivor = merged.survivor(of: id)
            days[survivor] = max(days[survivor] ?? day, day)
        }
        return days
    }
}
