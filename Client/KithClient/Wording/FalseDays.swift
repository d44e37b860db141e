import Database
import OutreachModel
import RecordStorage
import SyncCore
import SyncReplica
import Terminal

/// Dates that went up with a sync and are of a clock that was wrong: what somebody gave as today or now while this laptop
/// took another day for today. When a record was saved the server corrects; what its fields say is left as it was written.
///
/// The id of a record holds what the laptop's clock showed when it was made, and its creation has the corrected time: where
/// the two are apart, the clock was wrong then, also where it was set right since. Of an edit nothing tells what the clock
/// showed; there the day that it shows at the sync counts.
struct FalseDays {
    /// A date that may be wrong.
    struct Date {
        let record: StoredRecord
        let field: FieldDescription
        let value: ParsedDate
    }

    /// With more records than this it is no one's handiwork of a day, and none is looked at.
    private static let mostRecords = 200
    /// The most dates that are told one by one.
    private static let mostTold = 20
    /// From so many milliseconds on a clock that is wrong makes other days and times.
    static let misleadingMilliseconds: UInt64 = 3_600_000
    /// What is given as now is the minute in which it was saved.
    private static let nowMilliseconds: UInt64 = 120_000

    private let waiting: [RecordReference]
    /// Whether there were too many records to look at each.
    private let isTooMany: Bool

    /// Looks at nothing.
    init() {
        isTooMany = true
        waiting = []
    }

    /// Looks at what waits, before it is sent.
    ///
    /// - Parameter count: how many records wait.
    init(_ laptop: Laptop, waiting count: Int) throws {
        isTooMany = count > Self.mostRecords
        waiting = count == 0 || isTooMany ? [] : try laptop.replica.waitingRecords(limit: Self.mostRecords)
    }

    /// The dates of a wrong clock among what was sent, after the server has said which times are true.
    ///
    /// - Parameter correction: what the server's clock shows less what this laptop's shows, in milliseconds; nil for a
    ///   clock that is right now.
    func found(_ correction: Int64?, _ context: ClientContext) throws -> [Date] {
        let laptop = try context.laptop()
        let (now, error) = (context.clock(), correction ?? 0)
        let device = try laptop.replica.device
        let reader = try context.reader()
        var found: [Date] = []
        for reference in waiting {
            guard let kind = RecordKind.of(table: reference.table), let record = try reader.record(kind, reference.id),
                record.isLiving, record.created.device == device
            else { continue }
            let made = reference.id.milliseconds
            let isMadeWrong = Self.isMisleading(record.created.milliseconds - made)
            guard isMadeWrong || Self.isMisleading(error) else { continue }
            let (shown, right) = isMadeWrong ? (made, record.created.milliseconds) : (now, now + error)
            guard try !isImported(reference.id, laptop) else { continue }
            for field in kind.fields where field.form == .time {
                guard case .text(let text)? = record.values[field.number], let value = ParsedDate(stored: text),
                    Self.isOf(shown, right, value, context.local)
                else { continue }
                found.append(Date(record: record, field: field, value: value))
            }
        }
        return found
    }

    private static func isMisleading(_ difference: Int64) -> Bool { difference.magnitude >= misleadingMilliseconds }

    /// Whether a date is what a clock took for today, or for now.
    private static func isOf(_ shown: Int64, _ right: Int64, _ value: ParsedDate, _ local: LocalTime) -> Bool {
        let day = local.moment(atMilliseconds: shown).date
        if value.date == day, day != local.moment(atMilliseconds: right).date { return true }
        guard case .moment(let moment) = value else { return false }
        return (moment.milliseconds - shown).magnitude <= nowMilliseconds
    }

    /// Whether a record came with an import, which may bring the id that it had elsewhere.
    private func isImported(_ id: RecordID, _ laptop: Laptop) throws -> Bool {
        if id.milliseconds == 0 { return true }
        return try ImportedRows.knows(id, in: laptop.database)
    }

    // MARK: Words

    /// Tells of a clock that is wrong, or was when something was saved, and of the dates that it made.
    ///
    /// - Parameters:
    ///   - dates: what was found.
    ///   - correction: as `found` takes it.
    func tell(_ dates: [Date], _ correction: Int64?, _ context: ClientContext) throws {
        if let correction {
            let today = ParsedDate.day(context.local.moment(atMilliseconds: context.clock()).date)
            let advice =
                switch dates.count {
                case 0 where isTooMany: ", and look at the days of what you recorded: kith visit list"
                case 0: "."
                case 1: ". 1 date that went up now is of that clock:"
                default: ". \(dates.count) dates that went up now are of that clock:"
                }
            try context.console.note(
                SyncReport.clockWords(correction, today: today.echo(in: context.local), advice: advice))
        } else if !dates.isEmpty {
            let what = dates.count == 1 ? "1 date that went up now is" : "\(dates.count) dates that went up now are"
            try context.console.note(
                "This laptop's clock was wrong when something was saved, and is right now. \(what) of the wrong one:")
        }
        for line in try Self.lines(dates, context) { try context.console.note(line) }
    }

    /// A line for each date, with the command that mends it.
    private static func lines(_ dates: [Date], _ context: ClientContext) throws -> [String] {
        let presenter = try RecordPresenter(context)
        let lines = try dates.prefix(mostTold).map { date in
            let (kind, id) = (date.record.kind, ShortID.display(date.record.id))
            return
                "  \(kind.name.capitalizedFirst) \(id), \(try presenter.title(of: date.record)): “\(date.field.label)” is "
                + "\(date.value.echo(in: context.local)). Mend it: kith \(kind.name) edit \(id) --\(FieldOptions.name(date.field)) WHEN"
        }
        return dates.count > mostTold ? lines + ["  And \(dates.count - mostTold) more of these days."] : lines
    }

    /// The dates for `--json`.
    static func json(_ dates: [Date]) -> [JSONValue.Member] {
        guard !dates.isEmpty else { return [] }
        let list: [JSONValue] = dates.map { date in
            [
                "table": .string(date.record.kind.name), "record": .string(date.record.id.description),
                "field": .string(date.field.name), "value": .string(date.value.stored),
            ]
        }
        return [.init("false_days", .array(list))]
    }
}
