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
        case risks
        case consent

        /// What stands above several of them.
        var heading: String {
            switch self {
            case .round: "Expected back"
            case .concern: "Concerns to look at again"
            case .undecided: "Concerns without a decision"
            case .promise: "Promises to keep"
            case .feedback: "Decided, and nobody was told yet"
            case .answer: "Waiting for a decision"
            case .person: "People to see again"
            case .place: "Places to see again"
            case .relationship: "People to bring together again"
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

    /// How many days late it is, negative while there is time; 0 without a day.
    func daysLate(_ today: CivilDate) -> Int { day.map { today.daysSince1970 - $0.daysSince1970 } ?? 0 }

    /// When, for people: `2 days late`, `today`, `in 3 days`.
    func when(_ today: CivilDate) -> String {
        guard day != nil else { return "no day named" }
        let late = daysLate(today)
        let count = late.magnitude == 1 ? "1 day" : "\(late.magnitude) days"
        if matter == .undecided { return late <= 0 ? "since today" : "for \(count)" }
        return late == 0 ? "today" : late > 0 ? "\(count) late" : "in \(count)"
    }

    func json(_ today: CivilDate) -> JSONValue {
        [
            "due": .string(matter.rawValue), "kind": .string(kind.name), "id": .string(id.description),
            "words": .string(words), "day": JSONValue(day?.description), "days_late": JSONValue(daysLate(today)),
        ]
    }
}
