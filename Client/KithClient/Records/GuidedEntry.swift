import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Questions one at a time: `b` goes back to the one before, and what was answered is kept when it is cut short.
///
/// Going back begins the command again with the answers before: nothing is saved until the last question is answered,
/// so a command needs nothing of its own for it. What is saved is saved together with the forgetting of its answers
/// (`RecordSaving`): nothing that was recorded is ever offered to be recorded once more.
struct GuidedEntry {
    /// How often somebody can go back in one entry.
    private static let mostSteps = 200
    /// How much of each kept answer is shown, in characters.
    private static let shownLength = 40

    let context: ClientContext
    private let laptop: Laptop
    private let transcript: Transcript
    /// What was removed for good before the first question.
    private let removals: Removals

    private init(context: ClientContext) throws {
        self.context = context
        laptop = try context.laptop()
        removals = try laptop.replica.removals()
        transcript = context.console.prompter.transcript
        let local = context.local
        transcript.wording = { ParsedDate(stored: $0)?.echo(in: local) ?? Self.title($0, context) ?? $0 }
    }

    /// What the visit or meeting of an answer is called; nil where the answer is none's id.
    private static func title(_ answer: String, _ context: ClientContext) -> String? {
        guard let id = RecordID(answer) else { return nil }
        for kind in [RecordKind.visit, .meeting] {
            // Where it can't be read, the answer is shown as it was given.
            guard let record = try? context.reader().record(kind, id) else { continue }
            return try? RecordPresenter(context).title(of: record)
        }
        return nil
    }

    /// Runs a command that asks.
    ///
    /// - Throws: what the body throws; answers given by then are kept, and the message says so.
    static func run(_ context: ClientContext, _ body: () throws -> Void) throws {
        guard context.console.prompter.canAsk, !context.console.settings.isDryRun else { return try body() }
        try GuidedEntry(context: context).run(body)
    }

    private func run(_ body: () throws -> Void) throws {
        let answers = try keptAnswers()
        open(with: answers, hint: answers.isEmpty ? "Answer b to go back to the question before." : nil)
        for _ in 0..<Self.mostSteps {
            do {
                try body()
                try RecordSaving(context: context).afterSaving { try forget() }
                return
            } catch {
                guard let before = transcript.answersBefore() else { throw keeping(transcript.answers, after: error) }
                try keep(before)
                open(with: before)
            }
        }
        throw keeping(
            transcript.answers, after: CommandFailure(exitCode: .usage, message: "Gone back too often."))
    }

    /// Begins with these answers; each further one is on the disk before the next question, whatever happens then.
    private func open(with answers: [Transcript.Answer], hint: String? = nil) {
        transcript.open(with: answers, hint: hint) { answers throws(CommandFailure) in
            do {
                try keep(answers)
            } catch {
                throw FailureWording.failure(error)
            }
        }
    }

    private func keep(_ answers: [Transcript.Answer]) throws {
        // What was answered before an erasure, or before a team left this laptop, may name somebody of whom nothing must stay here.
        guard try laptop.replica.removals().isNothing(since: removals) else { return try forget() }
        try laptop.begun.keep(answers, of: context.commandLine, milliseconds: context.clock())
        context.isBegun = true
    }

    /// Forgets what was answered, where anything is kept.
    private func forget() throws {
        guard context.isBegun else { return }
        try laptop.database.transaction { try laptop.begun.forget(context.commandLine) }
        context.isBegun = false
    }

    // MARK: Kept answers

    /// The answers to begin with: those from when the same command was cut short, if the person wants them.
    private func keptAnswers() throws -> [Transcript.Answer] {
        let oldest = context.clock() - BegunEntries.keptMilliseconds
        guard let kept = try laptop.begun.answers(of: context.commandLine, since: oldest) else { return [] }
        context.isBegun = true
        var choices = [
            Prompter.Choice("all", label: "Go on from there"),
            Prompter.Choice("before", label: "Go on, and answer the last question again"),
            Prompter.Choice("none", label: "Begin anew: they are dropped"),
        ]
        if kept.answers.count == 1 { choices.remove(at: 1) }
        switch try context.console.prompter.choice(
            offer(kept.answers, kept.at), option: "an answer", among: choices)
        {
        case "all": return kept.answers
        case "before": return kept.answers.dropLast()
        default:
            try forget()
            return []
        }
    }

    /// What was answered, and when.
    private func offer(_ answers: [Transcript.Answer], _ milliseconds: Int64) -> String {
        let moment = context.local.moment(atMilliseconds: milliseconds)
        let (count, verb) = answers.count == 1 ? ("1 answer", "is") : ("\(answers.count) answers", "are")
        let shown = answers.map { answer in
            let words = transcript.wording(answer.typed)
            if words.isEmpty { return "(nothing)" }
            return words.count > Self.shownLength ? "\(words.prefix(Self.shownLength))…" : words
        }
        return "\(count) from \(ParsedDate.moment(moment).echo(in: context.local)) \(verb) kept: "
            + shown.joined(separator: "; ")
    }

    /// The failure, and what became of the answers; those of what was saved before it failed are not kept.
    private func keeping(_ answers: [Transcript.Answer], after error: any Error) -> any Error {
        guard !answers.isEmpty, context.isBegun else { return error }
        let failure = error as? CommandFailure ?? FailureWording.failure(error)
        let count = answers.count == 1 ? "Your answer is" : "Your \(answers.count) answers are"
        return CommandFailure(
            exitCode: failure.exitCode, message: "\(failure.message) \(count) kept here for a week.",
            next: context.given.isEmpty ? "kith \(context.command)" : "the same command again")
    }
}
