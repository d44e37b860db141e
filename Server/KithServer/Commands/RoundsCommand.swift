import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// `kith-server rounds`: who works alone now, and who is overdue.
enum RoundsCommand {
    /// A round that has not ended.
    private struct OpenRound {
        let id: RecordID
        let who: String
        let plan: String
        let buddy: String
        let ifOverdue: String?
        /// Milliseconds since 1970 at which they were expected back; nil where it can't be read.
        let expected: Int64?
        /// When they last said to be well, or set out.
        let lastSeen: String
        let overdueMinutes: Int64
    }

    static let command = Command<ServerContext>(
        name: "rounds", summary: "Show who works alone now, the longest overdue first.",
        discussion:
            "A plan is here once the laptop of whoever goes has synced; what was not synced their buddy knows alone.",
        example: "kith-server rounds --data office",
        options: [.flag("overdue", "Only those who should be back.")], run: run)

    private static func run(_ arguments: ParsedArguments, _ context: ServerContext) throws {
        let now = WallClock.milliseconds()
        var rounds: [OpenRound] = []
        try context.folder.open().store.forEachLivingRecord(table: RecordKind.round.number) { state in
            if let round = round(state, now: now) { rounds.append(round) }
        }
        if arguments.hasFlag("overdue") { rounds.removeAll { $0.overdueMinutes <= 0 } }
        rounds.sort { ($1.overdueMinutes, $0.id) < ($0.overdueMinutes, $1.id) }
        if context.console.settings.isJSON {
            return try context.console.show(.array(rounds.map(json)))
        }
        if rounds.isEmpty {
            return try context.console.show(
                arguments.hasFlag("overdue") ? "Nobody is overdue." : "Nobody is on a round that this server knows.")
        }
        var table = Table(["Who", "Expected back", "State", "Buddy", "Plan", "Last heard"].map { Table.Column($0) })
        for round in rounds {
            table.add([
                round.who, round.expected.map { TimeText.local($0) } ?? "", words(round), round.buddy, round.plan,
                round.lastSeen,
            ])
        }
        try context.console.show(table)
        for round in rounds where round.overdueMinutes > 0 {
            guard let what = round.ifOverdue else { continue }
            try context.console.show("If \(round.who) is overdue: \(what)")
        }
    }

    private static func round(_ state: RecordState, now: Int64) -> OpenRound? {
        func text(_ field: RoundField) -> String? {
            if case .text(let text) = state.field(field.rawValue).value { text } else { nil }
        }
        guard text(.ended) == nil else { return nil }
        let local = LocalTime()
        func milliseconds(_ text: String?) -> Int64? {
            switch text.flatMap(ParsedDate.init(stored:)) {
            case .moment(let moment)?: moment.milliseconds
            // A day alone ends with it.
            case .day(let day)?: Int64(day.adding(days: 1).daysSince1970) * 86_400_000
            case nil: nil
            }
        }
        let expected = milliseconds(text(.expectedEnd))
        let seen = text(.lastOK) ?? text(.started)
        return OpenRound(
            id: state.id, who: text(.who) ?? "somebody", plan: text(.plan) ?? "", buddy: text(.buddy) ?? "",
            ifOverdue: text(.ifOverdue), expected: expected,
            lastSeen: seen.flatMap(ParsedDate.init(stored:))?.echo(in: local) ?? seen ?? "",
            overdueMinutes: expected.map { (now - $0) / 60_000 } ?? 0)
    }

    private static func words(_ round: OpenRound) -> String {
        let minutes = round.overdueMinutes
        guard minutes > 0 else { return "out" }
        return minutes < 120 ? "overdue \(minutes) minutes" : "overdue \(minutes / 60) hours"
    }

    private static func json(_ round: OpenRound) -> JSONValue {
        [
            "id": .string(round.id.description), "who": .string(round.who), "plan": .string(round.plan),
            "buddy": .string(round.buddy), "if_overdue": JSONValue(round.ifOverdue),
            "expected": round.expected.map { .string(TimeText.rfc3339($0)) } ?? .null,
            "overdue": .boolean(round.overdueMinutes > 0), "overdue_minutes": .integer(max(0, round.overdueMinutes)),
        ]
    }
}
