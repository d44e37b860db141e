import Terminal

extension ClientContext {
    /// A word from the command line, or the answer of a person who is asked, once it can be used.
    ///
    /// A given word that can't be used is an error at once. A person is told what is wrong and asked again, at most
    /// `Prompter.maximumAttempts` times.
    ///
    /// - Parameter read: makes something of the word, or throws a `CommandFailure` that says what is wrong with it.
    func answer<T>(
        _ given: String?, asking question: String, option: String, read: (String) throws -> T
    ) throws -> T {
        if let given { return try read(given) }
        for attempt in 1...Prompter.maximumAttempts {
            let typed = try console.prompter.text(question, option: option)
            do {
                return try read(typed)
            } catch let failure as CommandFailure where attempt < Prompter.maximumAttempts {
                guard failure.exitCode == .usage || failure.exitCode == .notFound else { throw failure }
                try console.errorOutput.write(escapeControls(failure.message, keepingNewlines: true) + "\n")
            }
        }
        throw CommandFailure(exitCode: .usage, message: "No answer could be used. Nothing was saved.")
    }
}
