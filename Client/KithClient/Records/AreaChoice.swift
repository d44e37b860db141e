import SyncCore
import Terminal

/// Decides which team's area a new record belongs to.
struct AreaChoice {
    /// The number of the area that everybody reads: places and the library.
    static let everyone = 1

    /// What was decided, and what the worker should be told of it because they did not name it.
    struct Decision: Equatable {
        var area: Int
        var name: String
        /// Why it is this one, as it follows "Saved in the team …,"; nil where nothing need be told.
        var reason: String?
        /// Whether it was picked for more than one record: what comes next, and is about nobody, may follow it.
        var isPicked = false
    }

    /// The name of the option that names the area: workers know it as their team.
    static let optionName = "team"

    /// The option that names the area.
    static func option(_ summary: String, isPromptable: Bool = false) -> CommandOption {
        .text(
            optionName, "NAME", summary, isPromptable: isPromptable, completes: .listed("AREA"), formerName: "area")
    }

    /// The areas that this person may write to and that are teams: neither `everyone` nor a restricted twin. Somebody's own, who
    /// reads all of it, come last.
    let areas: [Directory.Area]

    init(directory: Directory) {
        areas = directory.areas
            .filter { $0.canWrite && $0.twinOf == nil && $0.number != Self.everyone }
            .sorted { ($0.isOfMember ? 1 : 0, $0.name) < ($1.isOfMember ? 1 : 0, $1.name) }
    }

    /// The area for a new record.
    ///
    /// Somebody with lived experience reads all that is in an area of their own: nothing goes there unless it is named.
    ///
    /// - Parameters:
    ///   - named: what `--team` says.
    ///   - lastUsed: the number of the area that the last record went to.
    ///   - prompter: asks where nothing else decides.
    func decide(named: String?, lastUsed: Int?, asking prompter: Prompter? = nil) throws(CommandFailure) -> Decision {
        if let named {
            guard let area = find(named) else { throw unknown() }
            return picked(area)
        }
        if areas.count == 1 { return Decision(area: areas[0].number, name: areas[0].name) }
        let teams = areas.filter { !$0.isOfMember }
        if teams.count == 1 {
            return Decision(
                area: teams[0].number, name: teams[0].name, reason: "the only one of yours that is not somebody's own")
        }
        if let area = teams.first(where: { $0.number == lastUsed }) {
            return Decision(area: area.number, name: area.name, reason: "as the record before")
        }
        guard !areas.isEmpty else {
            throw CommandFailure(
                exitCode: .refused,
                message: "You may not add records in any team. Nothing was saved. Ask the office to give you one.",
                next: "kith status")
        }
        if let prompter, prompter.canAsk {
            return try ask("Which team does it belong to?", among: areas, prompter)
        }
        throw CommandFailure(
            exitCode: .usage, message: "Which team? Nothing was saved. Say one of: \(names).",
            next: example(among: areas))
    }

    /// The team of a record that names people of several: whoever reads one of them would read of the others.
    ///
    /// - Parameter people: who is named, and the area where each is kept, at least two different ones.
    func decide(
        between people: [(name: String, area: Directory.Area)], asking prompter: Prompter
    ) throws(CommandFailure) -> Decision {
        let teams = areas.filter { team in people.contains { $0.area.number == team.number } }
        let places = people.map { "\(escapeControls($0.name)) is in \($0.area.name)" }.joined(separator: ", ")
        if prompter.canAsk {
            var decision = try ask(
                "\(places). Which team does it belong to? All of it can be read there.", among: teams, prompter)
            // It says nothing of the next record, which may be about nobody of that team.
            decision.isPicked = false
            return decision
        }
        throw CommandFailure(
            exitCode: .usage, message: "\(places): say which team it belongs to. Nothing was saved.",
            next: example(among: teams))
    }

    private func ask(
        _ question: String, among teams: [Directory.Area], _ prompter: Prompter
    ) throws(CommandFailure) -> Decision {
        let choices = teams.map { Prompter.Choice($0.name, label: $0.name + Self.readers($0)) }
        let name = try prompter.choice(question, option: "--\(Self.optionName)", among: choices)
        guard let area = find(name) else { throw unknown() }
        return picked(area)
    }

    private func picked(_ area: Directory.Area) -> Decision {
        Decision(area: area.number, name: area.name, isPicked: !area.isOfMember)
    }

    private func find(_ name: String) -> Directory.Area? {
        areas.first { $0.name == name } ?? areas.first { $0.name.lowercased() == name.lowercased() }
    }

    private func unknown() -> CommandFailure {
        let known = areas.isEmpty ? "You have no team of your own." : "Yours: \(names)."
        return CommandFailure(
            exitCode: .notFound, message: "You have no team of that name. Nothing was saved. \(known)",
            next: "kith status")
    }

    private var names: String { areas.map { "\"\($0.name)\"\(Self.readers($0))" }.joined(separator: ", ") }

    /// Who follows what is said to come next must not show a record to the person that it is about.
    private func example(among teams: [Directory.Area]) -> String {
        "the same command with --\(Self.optionName) " + (teams.first.map { "\"\($0.name)\"" } ?? "NAME")
    }

    /// What stands behind the name of an area that is somebody's own.
    private static func readers(_ area: Directory.Area) -> String {
        area.isOfMember ? " (somebody's own, who reads all of it)" : ""
    }
}
