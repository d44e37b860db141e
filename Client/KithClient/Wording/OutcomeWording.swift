import SyncCore
import SyncReplica
import Terminal

/// What `kith sync` says of work that the office had held.
struct OutcomeWording {
    /// The most groups that are told one by one.
    private static let longestList = 10

    let report: SyncReport
    let presenter: HeldPresenter

    /// A line for each thing to know, with the next command.
    func lines() throws -> [String] {
        var lines: [String] = []
        if !report.accepted.isEmpty {
            let count = report.accepted.count
            lines.append("The office accepted \(count) \(count == 1 ? "change" : "changes") of yours that it had held.")
        }
        for number in report.takenMeanwhile.prefix(Self.longestList) {
            lines.append("The office had accepted \(number) before you took it back: it is in force.")
        }
        for number in report.notTaken.prefix(Self.longestList) {
            // It is forgotten after 90 days, which may pass between a sync that was cut and the next one.
            guard let item = try presenter.item(number) else {
                lines.append("\(number) was not taken by the office. Its words are not on this laptop any more.")
                continue
            }
            lines.append("\(number) was \(presenter.words(item))")
            lines += try presenter.titles(item).map { "  \($0)" }
            lines.append("  \(whereabouts(item))")
        }
        if report.notTaken.count > Self.longestList { lines.append("See all of it: kith held list") }
        return lines
    }

    private func whereabouts(_ item: HeldItem) -> String {
        let number = item.number
        if item.isWhole {
            return "Its words are kept here: kith held show \(number). Bring it back: kith held resend \(number)"
        }
        if item.changes.isEmpty {
            return "Its words are not on this laptop any more: they left it with a team that was taken from you."
        }
        return "A part of its words is kept here, the rest left with its team: kith held show \(number)"
    }
}
