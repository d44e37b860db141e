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
        let (answers, hint) = try kept(laptop)
        open(transcript, with: answers, hint: hint, laptop)
        for _ in 0..<Self.mostSteps {
            do {
                try body()
                try RecordSaving(context: context).afterSaving { try laptop.forgetAnswers(of: context.command) }
                return
            } catch let failure as CommandFailure {
                if let before = transcript.answersBefore() {
                    open(transcript, with: before, laptop)
                    continue
                }
                throw keeping(transcript.answers, after: failure)
            }
        }
        throw keeping(
            transcript.answers, after: CommandFailure(exitCode: .usage, message: "Gone back too often."))
    }

    /// Begins with these answers; each further one is on the disk before the next question, whatever happens then.
    private func open(
        _ transcript: Transcript, with answers: [Transcript.Answer], hint: String? = nil, _ laptop: Laptop
    ) {
        transcript.open(with: answers, hint: hint) { [context] answers throws(CommandFailure) in
            do {
                try laptop.keep(answers, of: context.command, milliseconds: context.clock())
            } catch {
                throw FailureWording.failure(error)
            }
        }
    }

    /// What was answered when this command was cut short, and what to say before the first question.
    private func kept(_ laptop: Laptop) throws -> (answers: [Transcript.Answer], hint: String) {
        let kept = try laptop.keptAnswers(of: context.command, since: context.clock() - Self.keptMilliseconds)
        guard let last = kept.milliseconds, !kept.answers.isEmpty else {
            return ([], "Answer b to go back to the question before.")
        }
        let moment = context.local.moment(atMilliseconds: last)
        let (count, verb) = kept.answers.count == 1 ? ("1 answer", "is") : ("\(kept.answers.count) answers", "are")
        let hint =
            "\(count) from \(ParsedDate.moment(moment).echo(in: context.local)) \(verb) kept: this goes on from there. "
            + "Answer b to go back."
        return (kept.answers, hint)
    }

    /// The failure, and what became of the answers.
    private func keeping(_ answers: [Transcript.Answer], after failure: CommandFailure) -> CommandFailure {
        guard !answers.isEmpty else { return failure }
        let count = answers.count == 1 ? "Your answer is" : "Your \(answers.count) answers are"
        return CommandFailure(
            exitCode: failure.exitCode, message: "\(failure.message) \(count) kept here for a week.",
            next: "kith \(context.command)")
    }
}
