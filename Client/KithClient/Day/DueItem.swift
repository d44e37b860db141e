import OutreachModel
import SyncCore
import Terminal

/// One thing that is owed to somebody.
struct DueItem {
    /// What is owed, in the order in which it is told.
    enum Matter: String, CaseIterable {
        case round
        case concern
        case undecided
        case promise
        case feedback
        case answer
        case person
        case place
        case relationship
        case plan
        case risks
        case consent

        /// What stands above several of them.
        var heading: String {
            switch self {
            case .round: "Overdue: not back yet"
            case .concern: "Concerns to look at again"
            case .undecided: "Concerns without a decision"
            case .promise: "Promises to keep"
            case .feedback: "Decided, and nobody was told yet"
            case .answer: "Waiting for a decision"
            case .person: "People to see again"
            case .place: "Places to see again"
            case .relationship: "People to bring together again"
            case .plan: "Did it take place?"
            case .risks: "Risks to look at again"
            case .consent: "Consents that end"
            }
        }
    }

    let matter: Matter
    let kind: RecordKind
    let id: RecordID
    /// What it is, and for whom.
    let words: String
    /// The day by which it is due; nil where nobody named one.
    let day: CivilDate?
    /// How many minutes late it is, where each of them matters; nil elsewhere.
    var minutesLate: Int64?
    /// Whether somebody whom it is about wants no contact.
    var wantsNoContact = false

    /// How many days late it is, negative while there is time; 0 without a day.
    func daysLate(_ today: CivilDate) -> Int { day.map { today.daysSince1970 - $0.daysSince1970 } ?? 0 }

    /// When, for people: `2 days late`, `today`, `in 3 days`, and of somebody who is out `91 minutes late`.
    func when(_ today: CivilDate) -> String {
        if let minutesLate { return Self.late(minutes: minutesLate) }
        guard day != nil else { return "no day named" }
        let late = daysLate(today)
        let count = late.magnitude == 1 ? "1 day" : "\(late.magnitude) days"
        if matter == .plan { return late <= 0 ? "today" : "\(count) ago" }
        if matter == .undecided { return late <= 0 ? "since today" : "for \(count)" }
        return late == 0 ? "today" : late > 0 ? "\(count) late" : "in \(count)"
    }

    private static func late(minutes: Int64) -> String {
        let (count, unit) =
            minutes < 120 ? (minutes, "minute") : minutes < 2_880 ? (minutes / 60, "hour") : (minutes / 1_440, "day")
        return "\(count) \(unit)\(count == 1 ? "" : "s") late"
    }

    func json(_ today: CivilDate) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("due", .string(matter.rawValue)), .init("kind", .string(kind.name)),
            .init("id", .string(id.description)), .init("words", .string(words)),
            .init("day", JSONValue(day?.description)), .init("days_late", JSONValue(daysLate(today))),
        ]
        if let minutesLate { members.append(.init("minutes_late", .integer(minutesLate))) }
        if wantsNoContact { members.append(.init("do_not_contact", .boolean(true))) }
        return .object(members)
    }
}
