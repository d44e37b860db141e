import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// The end of every command that saves: one local transaction, or none with `--dry-run`.
struct RecordSaving {
    /// Leaves the transaction without saving.
    private struct DryRun: Error {}

    let context: ClientContext

    /// Saves what the body does as one group; nil where `--dry-run` keeps it from being saved.
    func save<T>(_ body: (inout LocalTransaction) throws -> T) throws -> T? {
        let laptop = try context.laptop()
        let isDryRun = context.console.settings.isDryRun
        do {
            let result = try laptop.replica.write { work in
                let result = try body(&work)
                if isDryRun { throw DryRun() }
                // Together with the record: answers that outlived it would make it a second time.
                if context.isBegun { try laptop.begun.forget(context.commandLine) }
                return result
            }
            context.isBegun = false
            context.hasSaved = true
            context.console.output.note(done: "It is saved: don't enter it again.")
            try afterSaving { try laptop.tidy() }
            return result
        } catch is DryRun {
            try context.console.note("Everything is in order. Nothing was saved: this was a dry run.")
            return nil
        }
    }

    /// Does what comes after the record is safe: where the disk refuses, it is told, and is no failure of the command.
    func afterSaving(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DatabaseError {
            try context.console.note(
                "It is saved: don't enter it again. What comes after that failed: \(error.afterSaving)")
        }
    }

    /// Throws where this person's role may not write records of a kind, before anything is asked: they read the library, and
    /// the office writes it.
    func checkMayWrite(_ kind: RecordKind) throws {
        guard let directory = try context.laptop().replica.directory() else { return }
        let message: String
        if kind.isWrittenByAdmins, directory.role != .admin {
            message = "The library is written by the office: only admins may change \(kind.plural). Nothing was saved."
        } else if kind == .place, directory.role == .member {
            message = "Places are written by workers, leads and admins. Nothing was saved. Tell the worker you know."
        } else if kind.isRestricted, !directory.areas.contains(where: { $0.twinOf != nil && $0.canWrite }) {
            throw CommandFailure(
                exitCode: .refused,
                message: "From this laptop \(kind.plural) can't be passed on. Nothing was saved. "
                    + "Tell a lead, or the worker you know.", next: "kith status")
        } else {
            return
        }
        throw CommandFailure(exitCode: .refused, message: message, next: "kith \(kind.name) list")
    }

    /// Throws a usage failure where a record would not be complete and sound.
    ///
    /// - Parameter changed: the fields that are being written; problems of others are not this command's.
    func check(
        _ kind: RecordKind, _ values: [Int: Value], changed: Set<Int>? = nil
    ) throws(CommandFailure) {
        if kind == .round, changed?.contains(RoundField.buddy.rawValue) ?? true,
            case .text(let who)? = values[RoundField.who.rawValue],
            case .text(let buddy)? = values[RoundField.buddy.rawValue], TextMatch.key(who) == TextMatch.key(buddy)
        {
            throw CommandFailure(
                exitCode: .usage, message: "A buddy is somebody else, who misses \(who). Nothing was saved.",
                next: "kith \(context.command) --help")
        }
        if kind == .insight, changed?.contains(InsightField.fedBack.rawValue) ?? true { try checkIsTold(values) }
        let today = context.local.moment(atMilliseconds: context.clock()).date
        let problems = kind.validateEntry(values: values, today: today).filter { changed?.contains($0.field) ?? true }
        guard !problems.isEmpty else { return }
        let words = problems.map(\.description).joined(separator: " ")
        throw CommandFailure(
            exitCode: .usage, message: "\(words) Nothing was saved.", next: "kith \(context.command) --help")
    }

    /// Throws where people are said to have been told of what is not decided, or was decided later.
    ///
    /// It is no rule of the record: a decision may be changed after people were told of the first one.
    private func checkIsTold(_ values: [Int: Value]) throws(CommandFailure) {
        guard case .text(let told)? = values[InsightField.fedBack.rawValue] else { return }
        let isDecided: Bool
        if case .text(let word)? = values[InsightField.decision.rawValue] {
            isDecided = word != "pending"
        } else {
            isDecided = false
        }
        guard isDecided else {
            throw CommandFailure(
                exitCode: .usage,
                message:
                    "Nothing is decided on this yet: there is nothing that people could have been told. Nothing was saved.",
                next: "the same command with --decision")
        }
        if case .text(let decided)? = values[InsightField.decided.rawValue], let day = ParsedDate(stored: decided),
            let end = ParsedDate(stored: told), end.isBefore(day)
        {
            throw CommandFailure(
                exitCode: .usage,
                message: "“Fed back on” of an insight cannot be before “Decided on”. Nothing was saved.",
                next: "kith \(context.command) --help")
        }
    }

    /// The area for a new record of a kind; of a kind that leads and admins alone read, its restricted twin.
    ///
    /// - Parameter people: further people whom it is about.
    func area(
        of kind: RecordKind, _ values: [Int: Value], with people: [RecordID] = [], named: String?
    ) throws -> AreaChoice.Decision {
        var team = try team(of: kind, values, with: people, named: named)
        guard kind.isRestricted else { return team }
        let laptop = try context.laptop()
        if named == nil, let directory = try laptop.replica.directory(), let led = try LedTeams(laptop) {
            team = led.readers(instead: team, lastUsed: try laptop.lastArea(), AreaChoice(directory: directory))
        }
        let areas = try laptop.replica.directory()?.areas ?? []
        guard let twin = areas.first(where: { $0.twinOf == team.area && $0.canWrite }) else {
            throw CommandFailure(
                exitCode: .refused,
                message: "This laptop can't pass on \(kind.plural) in \(team.name). Nothing was saved. Tell a lead.",
                next: "kith status")
        }
        return AreaChoice.Decision(area: twin.number, name: team.name, reason: team.reason)
    }

    /// The team for a new record: unless named, that of the first record that it names, as a promise belongs to the team
    /// of whoever it was made to.
    private func team(
        of kind: RecordKind, _ values: [Int: Value], with people: [RecordID], named: String?
    ) throws -> AreaChoice.Decision {
        guard named == nil, let directory = try context.laptop().replica.directory() else {
            return try area(named: named)
        }
        // Who reads it matters too much to follow what was entered before: leads, or the buddy of somebody alone.
        let follows = !kind.isRestricted && kind != .round
        let choice = AreaChoice(directory: directory)
        guard choice.areas.count > 1 else { return try area(named: nil) }
        var named: [(kind: RecordKind, id: RecordID)] = []
        for field in kind.fields {
            guard case .reference(let table) = field.form, let target = RecordKind.of(table: table),
                case .blob(let bytes)? = values[field.number], let id = RecordID(bytes: bytes)
            else { continue }
            named.append((target, id))
        }
        let found = try homes(of: named + people.map { (.person, $0) }, choice)
        guard let first = found.first else { return try area(named: nil, follows: follows) }
        let people = found.filter { $0.kind == .person }
        if Set(people.map(\.area.number)).count > 1 {
            return try choice.decide(between: people.map { ($0.name, $0.area) }, asking: context.console.prompter)
        }
        let reason = "as \(first.kind.hasName ? first.name : "that \(first.kind.name)") is"
        return AreaChoice.Decision(area: first.area.number, name: first.area.name, reason: reason)
    }

    private typealias Home = (kind: RecordKind, name: String, area: Directory.Area)

    /// The records among these that belong to a team of this person's, with what they are called.
    private func homes(of named: [(kind: RecordKind, id: RecordID)], _ choice: AreaChoice) throws -> [Home] {
        let reader = try context.reader()
        let presenter = try RecordPresenter(context)
        return try named.compactMap { kind, id in
            guard let record = try reader.record(kind, id),
                let area = choice.areas.first(where: { $0.number == record.area })
            else { return nil }
            return (kind, try presenter.title(of: record), area)
        }
    }

    /// The area for a new record that belongs to a team.
    ///
    /// - Parameter follows: whether it may go where the record before it went.
    func area(named: String?, follows: Bool = true) throws -> AreaChoice.Decision {
        let laptop = try context.laptop()
        guard let directory = try laptop.replica.directory() else { throw ClientError.notJoined }
        return try AreaChoice(directory: directory).decide(
            named: named, lastUsed: follows ? try laptop.lastArea() : nil, asking: context.console.prompter)
    }

    /// Tells the team that nobody named.
    func tell(_ area: AreaChoice.Decision) throws {
        if let reason = area.reason { try context.console.note("Saved in the team \"\(area.name)\", \(reason).") }
    }

    /// Remembers an area for the next record, where there is a choice.
    func remember(_ area: AreaChoice.Decision) throws {
        try tell(area)
        guard area.isPicked else { return }
        let laptop = try context.laptop()
        try afterSaving { if try laptop.lastArea() != area.area { try laptop.keep(lastArea: area.area) } }
    }
}
