import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// The rounds of people who work alone and have not said that they are back.
struct OpenRounds {
    /// Those whose time has passed, the longest first.
    let overdue: [StoredRecord]
    /// Those that are out now and expected later, whoever is expected first.
    let out: [StoredRecord]
    /// Those that begin later, the next first.
    let planned: [StoredRecord]

    private let presenter: RecordPresenter
    private let context: ClientContext

    init(_ context: ClientContext, _ presenter: RecordPresenter) throws {
        self.context = context
        self.presenter = presenter
        let now = context.clock()
        let open = try context.reader().records(.round, where: "ended IS NULL", isOrdered: false)
            .map { (back: Self.key($0, .expectedEnd) ?? .max, round: $0) }
            .sorted { ($0.back, $0.round.id) < ($1.back, $1.round.id) }
        overdue = open.filter { $0.back <= now }.map(\.round)
        planned = open.filter { $0.back > now && (Self.key($0.round, .started) ?? .min) > now }.map(\.round)
        out = open.filter { $0.back > now && (Self.key($0.round, .started) ?? .min) <= now }.map(\.round)
    }

    /// For how many minutes the time of a round has passed.
    func minutesLate(_ round: StoredRecord) -> Int64 {
        Self.key(round, .expectedEnd).map { (context.clock() - $0) / 60_000 } ?? 0
    }

    /// Who is late and what to do about it: all that a buddy needs at that moment, as the plan has it.
    func overdueWords(_ round: StoredRecord) throws -> String {
        let heard = try heard(round)
        let act = round.text(RoundField.ifOverdue).map { ". If overdue: \($0)" } ?? ""
        return "\(try presenter.title(of: round)): expected \(when(round, .expectedEnd))\(heard)\(buddy(round))\(act)"
    }

    /// Who is out, and until when.
    func outWords(_ round: StoredRecord) throws -> String {
        "\(try presenter.title(of: round)): back by \(when(round, .expectedEnd))\(try heard(round))\(buddy(round))"
    }

    /// The rounds that are told to whoever looks at their day; the person's own says how it ends.
    func lines() throws -> [String] {
        let person = try presenter.staff().person
        return try out.map { round in
            let isOwn = round.text(RoundField.who) == person
            let next = isOwn ? "When you are back: kith round end" : "kith round show \(ShortID.display(round.id))"
            return "\(try outWords(round)). \(next)"
        }
    }

    private func buddy(_ round: StoredRecord) -> String { round.text(RoundField.buddy).map { ", buddy \($0)" } ?? "" }

    private func heard(_ round: StoredRecord) throws -> String {
        if round.text(RoundField.lastOK) != nil { return ", last heard \(when(round, .lastOK))" }
        return round.text(RoundField.started) == nil ? "" : ", set out \(when(round, .started))"
    }

    /// The time alone where it is today's.
    private func when(_ round: StoredRecord, _ field: RoundField) -> String {
        guard let text = round.text(field) else { return "at no time that was named" }
        let today = context.local.moment(atMilliseconds: context.clock()).date
        guard case .moment(let moment)? = ParsedDate(stored: text), moment.date == today else {
            return presenter.shortWhen(text)
        }
        return moment.time.description
    }

    private static func key(_ round: StoredRecord, _ field: RoundField) -> Int64? {
        round.text(field).map(RecordList.startKey)
    }
}

extension OpenRounds {
    /// The open rounds that name this person as the buddy.
    static func trusting(_ laptop: Laptop) throws -> Set<RecordID> {
        guard let person = try laptop.replica.directory()?.person else { return [] }
        let rounds = try RecordReader(database: laptop.database).records(
            .round, where: "ended IS NULL", isOrdered: false)
        return Set(rounds.filter { isBuddy(person, $0) }.map(\.id))
    }

    /// Whether a plan means this person, by the whole name or the first one.
    private static func isBuddy(_ person: String, _ round: StoredRecord) -> Bool {
        guard let buddy = round.text(RoundField.buddy).map(TextMatch.key), !buddy.isEmpty else { return false }
        let name = TextMatch.key(person)
        return name == buddy || name.hasPrefix("\(buddy) ")
    }

    /// A line for each of these rounds: a buddy who does not know is none.
    static func buddyLines(_ rounds: Set<RecordID>, _ context: ClientContext) throws -> [String] {
        let open = try OpenRounds(context, try RecordPresenter(context))
        func line(_ round: StoredRecord, _ words: String) -> String {
            "\(round.text(RoundField.who) ?? "Somebody") \(words) and named you as the buddy: "
                + "kith round show \(ShortID.display(round.id))"
        }
        let late = open.overdue.filter { rounds.contains($0.id) }.map { round in
            let act = round.text(RoundField.ifOverdue).map { " If overdue: \($0)" } ?? ""
            return line(round, "should have been back by \(open.when(round, .expectedEnd))") + act
        }
        let out = open.out.filter { rounds.contains($0.id) }
            .map { line($0, "is out until \(open.when($0, .expectedEnd))") }
        let planned = open.planned.filter { rounds.contains($0.id) }.map { round in
            line(round, "goes out \(open.when(round, .started)) until \(open.when(round, .expectedEnd))")
        }
        return late + out + planned
    }
}
