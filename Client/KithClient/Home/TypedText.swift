import Terminal

/// A text that somebody typed at the terminal in the place of a `-`, before the other words of the command were looked at:
/// it is as much work as one from an editor, and is kept as those are where the command fails.
enum TypedText {
    /// Up to so many characters in one line a text is soon typed again: a name is not worth a file.
    private static let largestRetypedCount = 40

    /// Does what a command does; where that fails before anything was saved, says where the typed text is kept.
    @Sendable static func keeping(_ context: ClientContext, _ body: () throws -> Void) throws {
        guard let text = context.typedText, text.count > largestRetypedCount || text.contains(where: \.isNewline)
        else { return try body() }
        do {
            try body()
        } catch {
            let failure = FailureWording.failure(error)
            guard !context.hasSaved, let path = keep(text, context) else { throw failure }
            // Behind a list it would read as a part of the last line.
            let gap = failure.message.contains("\n") ? "\n" : " "
            throw CommandFailure(
                exitCode: failure.exitCode, message: failure.message + gap + words(path), next: failure.next,
                choices: failure.choices, isGuess: failure.isGuess)
        }
        guard context.console.settings.isDryRun, let path = keep(text, context) else { return }
        try context.console.note(words(path))
    }

    private static func words(_ path: String) -> String {
        "What you wrote is kept in \(path); the same command takes it with: < \(quotedForShell(path))"
    }

    private static func keep(_ text: String, _ context: ClientContext) -> String? {
        // What kept the command from its work is what must be told; where the text can't be kept either, nothing says it is.
        try? context.laptop().texts.keep(text, context)
    }
}
