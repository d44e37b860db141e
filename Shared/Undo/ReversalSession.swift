import SyncCore
import Terminal

/// An undo or a redo as a person sees it: how far it is, what reads how now, and what was left.
package struct ReversalSession {
    private let direction: OperationReversal.Direction
    private let console: Console
    private let clock: () -> Int64

    /// Makes a session.
    ///
    /// - Parameter clock: milliseconds since 1970.
    package init(_ direction: OperationReversal.Direction, console: Console, clock: @escaping () -> Int64) {
        self.direction = direction
        self.console = console
        self.clock = clock
    }

    /// Whether nothing is to be changed.
    package var isTrial: Bool { console.settings.isDryRun }

    /// Does it.
    ///
    /// - Parameter reverse: takes back or does again; nil where there is nothing, which is a failure here.
    package func run(
        _ reverse: (_ progress: (_ done: Int, _ all: Int) throws -> Void) throws -> OperationReversal?
    ) throws -> OperationReversal {
        let progress = ProgressLine(console: console, clock: clock)
        do {
            let report = try reverse { done, all in
                if done < all { try progress.show("\(done * 100 / all) % is done") }
            }
            try progress.end()
            guard let report else { throw nothing }
            return report
        } catch {
            try progress.end()
            throw error
        }
    }

    /// Tells what it came to.
    ///
    /// - Parameters:
    ///   - sent: what happens to the change next: `It waits to be sent.`
    ///   - program: the name of the program that can do it the other way round.
    /// - Throws: a failure where all of it has left this laptop.
    package func show(
        _ report: OperationReversal, names: any ReversalNames, local: LocalTime, sent: String, program: String
    ) throws {
        let words = ReversalReport(report, names: names, local: local)
        if report.isGone { throw gone(words.operation, program) }
        if console.settings.isJSON { return try console.show(try words.json(isTrial: isTrial)) }
        for line in try words.lines(isTrial: isTrial) { try console.show(line) }
        guard !isTrial else { return try console.note("Nothing was changed: this was a dry run.") }
        let other = direction == .undo ? "Do it again: \(program) redo" : "Take it back: \(program) undo"
        guard report.count > 0 else { return try console.note("Nothing was changed.") }
        try console.note("\(report.unsentCount == report.count ? neverSent : waiting(report, sent)) \(other)")
    }

    /// What becomes of work that waits: of a new record that had not been sent its words stay here, but where they may have left
    /// already, or where the office alone keeps them.
    private func waiting(_ report: OperationReversal, _ sent: String) -> String {
        if report.mayHaveLeftCount > 0 {
            return "It waits to be sent, with all that it says."
        }
        return switch report.wordlessCount {
        case 0: sent
        case report.count where report.count == 1:
            "Not a word of it was sent or will be: only that it was made and deleted."
        case report.count: "Not a word of them was sent or will be: only that they were made and deleted."
        default: "\(sent) Of what was new and had not been sent, only that it was made and deleted is."
        }
    }

    /// What becomes of work that was taken away before it left: nothing is to be sent.
    private var neverSent: String {
        direction == .undo
            ? "It was never sent: for everybody else it was never there."
            : "That you had taken it back was never sent: for everybody else nothing has changed."
    }

    /// What was done last has left the laptop. An older thing is not taken back in its place: nobody asked for that.
    private func gone(_ operation: String, _ program: String) -> CommandFailure {
        let (last, can, again) =
            direction == .undo
            ? ("What you did last", "taken back", "undo") : ("What you took back last", "done again", "redo")
        return CommandFailure(
            exitCode: .notFound,
            message: "\(last) can't be \(can) here: \(operation). It has left this laptop. Nothing was changed. "
                + "The same once more goes on with what was before it.", next: "\(program) \(again)")
    }

    private var nothing: CommandFailure {
        switch direction {
        case .undo:
            CommandFailure(
                exitCode: .notFound, message: "Nothing was done here that can be taken back. Nothing was changed.")
        case .redo:
            CommandFailure(
                exitCode: .notFound,
                message: "Nothing was taken back since you did something last. Nothing was changed.")
        }
    }
}
