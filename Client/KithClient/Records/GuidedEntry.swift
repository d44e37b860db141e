import OutreachModel
import Terminal

/// Questions one at a time: `b` goes back to the one before, and what was answered is kept when it is cut short.
///
/// Going back begins the command again with the answers before: nothing is saved until the last question is answered,
/// so a command needs nothing of its own for it.
struct GuidedEntry {
    /// How often somebody can go back in one entry.
    private static let mostSteps = 200
    /// How long answers are kept, in milliseconds: a week.
    static let keptMilliseconds: Int64 = 7 * 86_400_000

    let context: ClientContext

    /// Runs a command that asks.
    ///
    /// - Throws: what the body throws; answers given by then are kept, and the message says so.
    static func run(_ context: ClientContext, _ body: () throws -> Void) throws {
        let prompter = context.console.prompter
        guard prompter.canAsk, !context.console.settings.isDryRun else { return try body() }
        try GuidedEntry(context: context).run(prompter.transcript, body)
    }

    private func run(_ transcript: Transcript, _ body: () throws -> Void) throws {
        let laptop = try context.laptop()
        transcript.open(with: try kept(laptop))
        for _ in 0..<Self.mostSteps {
            do {
                try body()
                try RecordSaving(context: context).afterSaving { try laptop.forgetAnswers(of: context.command) }
                return
            } catch let failure as CommandFailure {
                if let before = transcript.answersBefore() {
                    transcript.open(with: before)
                    continue
                }
                throw try keeping(transcript.answers, after: failure, laptop)
            }
        }
        throw try keeping(
            transcript.answers, after: CommandFailure(exitCode: .usage, message: "Gone back too often."), laptop)
    }

    /// What was answered when this command was cut short, where somebody wants to go on with it.
    private func kept(_ laptop: Laptop) throws -> [Transcript.Answer] {
        let kept = try laptop.keptAnswers(of: context.command, since: context.clock() - Self.keptMilliseconds)
        guard let last = kept.milliseconds, !kept.answers.isEmpty else {
            try context.console.note("Answer b to go back to the question before.")
            return []
        }
        let moment = context.local.moment(atMilliseconds: last)
        let (count, verb) = kept.answers.count == 1 ? ("1 answer", "is") : ("\(kept.answers.count) answers", "are")
        try context.console.note(
            "\(count) from \(ParsedDate.moment(moment).echo(in: context.local)) \(verb) kept: this goes on from there. "
                + "Answer b to go back.")
        return kept.answers
    }

    /// The failure, and what became of the answers.
    private func keeping(
        _ answers: [Transcript.Answer], after failure: CommandFailure, _ laptop: Laptop
    ) throws -> CommandFailure {
        guard !answers.isEmpty else { return failure }
        try laptop.keep(answers, of: context.command, milliseconds: context.clock())
        let count = answers.count == 1 ? "Your answer is" : "Your \(answers.count) answers are"
        return CommandFailure(
            exitCode: failure.exitCode, message: "\(failure.message) \(count) kept here for a week.",
            next: "kith \(context.command)")
    }
}
