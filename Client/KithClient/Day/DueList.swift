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
    /// For how many days it is asked whether a plan took place.
    private static let planDays = 30

    let today: CivilDate
    private(set) var items: [DueItem] = []

    private let reader: RecordReader
    private let presenter: RecordPresenter
    private let wishes: ContactWishes
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
        wishes = try context.contactWishes(presenter.identities)
        try addRounds(context)
        try addConcerns(context)
        try addPromises(withoutDay: withoutDay)
        try addInsights()
        let contacts = Contacts(reader, presenter.identities, today: today)
        try addUnseen(.person, .person, try contacts.people(), context)
        try addUnseen(.place, .place, try contacts.places(), context)
        try addApart(contacts, context)
        try addPlans(context)
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
        let keyed = items.map { item in
            (rank: ranks[item.matter] ?? 0, late: (item.daysLate(today), item.minutesLate ?? 0), item: item)
        }
        items = keyed.sorted { left, right in
            (left.rank, right.late.0, right.late.1, left.item.id) < (
                right.rank, left.late.0, left.late.1, right.item.id
            )
        }.map(\.item)
    }

    private mutating func add(
        _ matter: DueItem.Matter, _ record: StoredRecord, _ words: String? = nil, after: String = "", day: CivilDate?,
        minutesLate: Int64? = nil
    ) throws {
        let avoiding = try avoiding(record)
        let title = try words ?? presenter.title(of: record)
        items.append(
            DueItem(
                matter: matter, kind: record.kind, id: record.id,
                words: Self.mark(avoiding, before: title) + title + after,
                day: day, minutesLate: minutesLate, wantsNoContact: !avoiding.isEmpty))
    }

    /// The mark of those who want no contact, in front of the words: there no narrow terminal cuts it. It names them unless the
    /// words begin with the name.
    private static func mark(_ names: [String], before words: String) -> String {
        guard let first = names.first else { return "" }
        let isNamed = names.count == 1 && [":", ",", " ("].contains { words.hasPrefix(first + $0) }
        return "(\(ContactWishes.mark)\(isNamed ? "" : ": \(names.joined(separator: " and "))")) "
    }

    /// The names of those whom a record is about and who want no contact: it may have been said after the promise was made.
    private func avoiding(_ record: StoredRecord) throws -> [String] {
        // A concern names nobody here: others may see the screen.
        guard record.kind != .concern else { return [] }
        var names: [String] = []
        for field in record.kind.fields where field.form == .reference(OutreachSchema.Number.person) {
            guard case .blob(let bytes)? = record.values[field.number], let id = RecordID(bytes: bytes) else {
                continue
            }
            let person = try presenter.identities.merged(.person).survivor(of: id)
            guard wishes.wantsNoContact(person), let named = try reader.record(.person, person) else { continue }
            names.append(try presenter.title(of: named))
        }
        return names
    }

    private func day(_ record: StoredRecord, _ field: Int) -> CivilDate? {
        guard case .text(let text)? = record.values[field] else { return nil }
        return ParsedDate(stored: text)?.date
    }

    // MARK: Promises and feedback

    /// Rounds that have not ended at the time when they should have.
    private mutating func addRounds(_ context: ClientContext) throws {
        let rounds = try OpenRounds(context, presenter)
        for round in rounds.overdue {
            try add(
                .round, round, try rounds.overdueWords(round), day: day(round, RoundField.expectedEnd.rawValue),
                minutesLate: rounds.minutesLate(round))
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
            try add(.promise, promise, try words(ofPromise: promise), after: by, day: due)
        }
    }

    /// To whom, then what: what somebody was told may be long, and the end of it is cut on a narrow terminal.
    private func words(ofPromise promise: StoredRecord) throws -> String? {
        let parts = try presenter.words(
            promise, [[PromiseField.person, .toOther], [.what]].map { $0.map(\.rawValue) })
        return parts.isEmpty ? nil : parts.joined(separator: ": ")
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
                try add(
                    .feedback, insight, after: ": \(decision)", day: due ?? day(insight, InsightField.decided.rawValue))
            default: if let due, due <= last { try add(.answer, insight, day: due) }
            }
        }
    }

    /// Visits and meetings that were written down ahead, and of which nobody has said whether they took place.
    private mutating func addPlans(_ context: ClientContext) throws {
        let first = today.adding(days: -Self.planDays)
        for kind in [RecordKind.visit, .meeting] {
            guard let started = kind.dayField else { continue }
            let plans = try reader.records(
                kind, where: "started >= ?1 AND started < ?2 AND \(Contacts.isPlan(kind))",
                [.text(first.description), .text(today.adding(days: 1).description)], isOrdered: false)
            let answer = kind == .visit ? "--outcome went_ahead" : "--went-ahead yes"
            for plan in plans {
                guard case .text(let text)? = plan.values[started], RecordList.startKey(text) <= context.clock(),
                    let day = day(plan, started)
                else { continue }
                let next = "kith \(kind.name) edit \(ShortID.display(plan.id)) \(answer)"
                try add(.plan, plan, after: ". If it did: \(next)", day: day)
            }
        }
    }

    // MARK: Rhythm

    /// Adds who was not seen for longer than their rhythm; nobody who wants no contact. Of those who are kept together
    /// the strictest rhythm counts.
    private mutating func addUnseen(
        _ matter: DueItem.Matter, _ kind: RecordKind, _ contacts: [RecordID: CivilDate],
        _ context: ClientContext
    ) throws {
        let merged = try presenter.identities.merged(kind)
        let field = kind == .person ? PersonField.rhythmDays.rawValue : PlaceField.rhythmDays.rawValue
        var rhythms: [RecordID: Int64] = [:]
        try reader.forEach(kind, where: "rhythm_days NOT NULL", isOrdered: false) { record in
            // Who was moved has taken the rhythm along, and it may be another one since.
            let isMoved = kind.movedTo.map { record.values[$0] != nil } ?? false
            guard case .integer(let rhythm)? = record.values[field], !isMoved, !merged.isAway(record.id) else { return }
            let survivor = merged.survivor(of: record.id)
            rhythms[survivor] = min(rhythms[survivor] ?? rhythm, rhythm)
        }
        for (id, rhythm) in rhythms {
            guard let record = try reader.record(kind, id) else { continue }
            if kind == .person, wishes.wantsNoContact(id) { continue }
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
                ![one, other].contains(where: wishes.wantsNoContact)
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
