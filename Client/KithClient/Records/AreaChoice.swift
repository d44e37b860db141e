import SyncCore
import Terminal

/// Decides which team's area a new record belongs to.
struct AreaChoice {
    /// The number of the area that everybody reads: places and the library.
    static let everyone = 1

    /// What was decided, and whether the worker should be told because they did not name it.
    struct Decision: Equatable {
        var area: Int
        var name: String
        var isEchoed: Bool
        /// Whether somebody was asked and picked it.
        var isPicked = false
    }

    /// The name of the option that names the area: workers know it as their team.
    static let optionName = "team"

    /// The option that names the area.
    static func option(_ summary: String, isPromptable: Bool = false) -> CommandOption {
        .text(
            optionName, "NAME", summary, isPromptable: isPromptable, completes: .listed("AREA"), formerName: "area")
    }

    /// The areas that this person may write to and that are teams: neither `everyone` nor a restricted twin.
    let areas: [Directory.Area]

    init(directory: Directory) {
        areas = directory.areas
            .filter { $0.canWrite && $0.twinOf == nil && $0.number != Self.everyone }
            .sorted { $0.name < $1.name }
    }

    /// The area for a new record.
    ///
    /// - Parameters:
    ///   - named: what `--team` says.
    ///   - lastUsed: the number of the area that the last record went to.
    ///   - prompter: asks where nothing else decides.
    func decide(named: String?, lastUsed: Int?, asking prompter: Prompter? = nil) throws(CommandFailure) -> Decision {
        if let named {
            guard let area = find(named) else { throw unknown() }
            return Decision(area: area.number, name: area.name, isEchoed: false)
        }
        if areas.count == 1 { return Decision(area: areas[0].number, name: areas[0].name, isEchoed: false) }
        if let area = areas.first(where: { $0.number == lastUsed }) {
            return Decision(area: area.number, name: area.name, isEchoed: true)
        }
        guard !areas.isEmpty else {
            throw CommandFailure(
                exitCode: .refused,
                message: "You may not add records in any team. Nothing was saved. Ask the office to give you one.",
                next: "kith status")
        }
        if let prompter, prompter.canAsk {
            let choices = areas.map { Prompter.Choice($0.name) }
            let name = try prompter.choice(
                "Which team does it belong to?", option: "--\(Self.optionName)", among: choices)
            guard let area = find(name) else { throw unknown() }
            return Decision(area: area.number, name: area.name, isEchoed: false, isPicked: true)
        }
        throw CommandFailure(
            exitCode: .usage, message: "Which team? Nothing was saved. Say one of: \(names).", next: "\(example)")
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

    private var names: String { areas.map { "\"\($0.name)\"" }.joined(separator: ", ") }
    private var example: String { "the same command with --\(Self.optionName) \"\(areas[0].name)\"" }
}
