import Database
import OutreachModel
import SyncCore
import Terminal

/// `kith person journey ID`
enum PersonJourney {
    static let command = Command<ClientContext>(
        name: "journey", summary: "Show a person's way: opportunities, what they brought, how it went, thanks.",
        discussion:
            "With --share it is the page that the person can keep, in plain English: without what they asked for "
            + "in support, and with their own words only where they agreed to sharing.",
        example: "kith person journey Alex\nkith person journey Alex --share --html alex.html",
        arguments: [Argument("id", "Their name, or the beginning of the id.")],
        options: [
            .flag("share", "The page that the person can keep."),
            .text("html", "FILE", "Write it as a page of HTML, a new file."),
        ],
        run: { arguments, context in
            let person = try context.finder().find(.person, id: arguments.argument("id") ?? "")
            let path = arguments.value(of: "html")
            // What leaves this laptop is a page for others.
            let isShared = arguments.hasFlag("share") || path != nil
            try show(person, isShared: isShared, page: path, context)
        })

    /// Shows the journey of a person.
    ///
    /// - Parameter isShared: whether it is for others than the team.
    static func show(
        _ person: StoredRecord, isShared: Bool, page path: String?, _ context: ClientContext
    ) throws {
        let records = try JourneyRecords(person, isShared: isShared, context)
        let journey = try context.reading { try records.journey() }
        let today = context.local.moment(atMilliseconds: context.clock()).date
        let report = journey.report(leftOutCount: records.leftOutCount, today: today)
        try ReportView(report: report, context: context).show(page: path)
    }
}

/// The records of one person's journey, also of those that were merged with them.
private struct JourneyRecords {
    private let kept: KeptTogether
    private let reader: RecordReader
    private let presenter: RecordPresenter
    private let isShared: Bool
    private let opportunityGuard: QuoteGuard?
    private let attendanceGuard: QuoteGuard?

    init(_ person: StoredRecord, isShared: Bool, _ context: ClientContext) throws {
        kept = try KeptTogether(person, context)
        reader = try context.reader()
        presenter = try RecordPresenter(context)
        self.isShared = isShared
        guard isShared else {
            (opportunityGuard, attendanceGuard) = (nil, nil)
            return
        }
        let merged = try presenter.identities.merged(.person)
        let today = context.local.moment(atMilliseconds: context.clock()).date
        var register = ConsentRegister(today: today, people: merged)
        for consent in try reader.records(.consent) { register.add(consent.values) }
        opportunityGuard = QuoteGuard(.opportunity, purpose: "sharing", register: register)
        attendanceGuard = QuoteGuard(.attendance, purpose: "sharing", register: register)
    }

    var leftOutCount: Int { (opportunityGuard?.leftOutCount ?? 0) + (attendanceGuard?.leftOutCount ?? 0) }

    func journey() throws -> Journey {
        let theirs = RecordReader.isAmong("person", kept.ids.count)
        let values: [SQLValue] = kept.ids.map { .blob($0.bytes) }
        var steps = try reader.records(.opportunity, where: theirs, values).map { record in
            Journey.step(
                opportunity: record.id, opportunityGuard?.guarded(record.values) ?? record.values, isShared: isShared)
        }
        let deleted = try DeletedGatherings(reader)
        let parts = try reader.records(.attendance, where: theirs, values).filter { !deleted.hide($0) }
        for part in parts {
            let (title, day) = try gathering(part)
            let step = Journey.step(
                attendance: part.id, attendanceGuard?.guarded(part.values) ?? part.values, gathering: title, day: day)
            if let step { steps.append(step) }
        }
        for role in try reader.records(.role, where: theirs, values) {
            let place = try role.kind.field(RoleField.place.rawValue).map { try presenter.text(role, $0) } ?? ""
            steps.append(Journey.step(role: role.id, role.values, place: place.isEmpty ? nil : place))
        }
        return Journey(
            name: try presenter.title(of: kept.record), person: kept.record.values, steps: steps,
            gatheringCount: parts.count)
    }

    /// What a part was in, and when; a visit to somebody names nobody else.
    private func gathering(_ part: StoredRecord) throws -> (title: String, day: CivilDate?) {
        for (kind, field) in [(RecordKind.meeting, AttendanceField.meeting), (.visit, .visit)] {
            guard let id = part.reference(field), let record = try reader.record(kind, id) else { continue }
            let day = kind.dayField.flatMap { number -> CivilDate? in
                guard case .text(let text)? = record.values[number] else { return nil }
                return ParsedDate(stored: text)?.date
            }
            let what = record.text(MeetingField.kind).map(Words.plain)
            let place = try kind.field(named: "place").map { try presenter.text(record, $0) } ?? ""
            let title = kind == .meeting ? [what, place] : ["a visit", place]
            return (title.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", "), day)
        }
        return ("a meeting", nil)
    }
}
