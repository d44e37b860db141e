import Terminal

extension ClientContext {
    /// A word from the command line, or the answer of a person who is asked, once it can be used.
    ///
    /// A given word that can't be used is an error at once. A person is told what is wrong and asked again, at most
    /// `Prompter.maximumAttempts` times; where several things fit, a number picks one of them.
    ///
    /// - Parameters:
    ///   - offered: what is shown before the question, to be picked by a number.
    ///   - others: what else can be picked where nothing goes by the name that was typed.
    ///   - read: makes something of the word, or throws a `CommandFailure` that says what is wrong with it.
    func answer<T>(
        _ given: String?, asking question: String, option: String, offering offered: [Prompter.Choice] = [],
        others: (_ typed: String) -> [Prompter.Choice] = { _ in [] }, read: (String) throws -> T
    ) throws -> T {
        if let given { return try read(given) }
        if !offered.isEmpty {
            try console.prompter.tell(Self.list("The latest of them. Pick one by its number, or give an id:", offered))
        }
        guard let answer = try ask(question, option, allowsEmpty: false, offering: offered, others: others, read) else {
            throw Self.unusable
        }
        return answer
    }

    /// The answer of a person who may also give none: nil then.
    ///
    /// - Parameter takesLines: as `Prompter.text` has it.
    func answerIfAny<T>(
        asking question: String, option: String, takesLines: Bool = false,
        others: (_ typed: String) -> [Prompter.Choice] = { _ in [] }, read: (String) throws -> T
    ) throws -> T? {
        try ask(question, option, allowsEmpty: true, takesLines: takesLines, others: others, read)
    }

    private func ask<T>(
        _ question: String, _ option: String, allowsEmpty: Bool, takesLines: Bool = false,
        offering offered: [Prompter.Choice] = [], others: (_ typed: String) -> [Prompter.Choice],
        _ read: (String) throws -> T
    ) throws -> T? {
        let prompter = console.prompter
        var choices = offered
        for attempt in 1...Prompter.maximumAttempts {
            var typed = try prompter.text(
                question, option: option, allowsEmpty: allowsEmpty, takesLines: takesLines)
            if typed.isEmpty { return nil }
            if let number = Int(typed), choices.indices.contains(number - 1) {
                typed = choices[number - 1].value
                // What is kept must mean the same without the list.
                try prompter.transcript.replaceLast(with: Transcript.Answer(option: option, typed: typed))
            }
            do {
                return try read(typed)
            } catch let failure as CommandFailure {
                guard failure.exitCode == .usage || failure.exitCode == .notFound else { throw failure }
                try prompter.transcript.reject(option)
                guard attempt < Prompter.maximumAttempts else { throw failure }
                let named = failure.choices + (failure.isGuess ? others(typed) : [])
                choices = named.isEmpty ? offered : named
                try prompter.tell(
                    named.isEmpty
                        ? failure.message
                        : Self.picking(named, isGuess: failure.isGuess, hasNear: !failure.choices.isEmpty))
            }
        }
        throw Self.unusable
    }

    private static var unusable: CommandFailure {
        CommandFailure(exitCode: .usage, message: "No answer could be used. Nothing was saved.")
    }

    private static func picking(_ choices: [Prompter.Choice], isGuess: Bool, hasNear: Bool) -> String {
        let question =
            isGuess
            ? "Nothing here goes by that name. \(hasNear ? "Did you mean one of these? " : "")"
                + "Pick \(hasNear ? "it" : "one") by its number, or type another name:"
            : "\(choices.count) fit. Pick one by its number, or say more of the name:"
        return list(question, choices)
    }

    private static func list(_ heading: String, _ choices: [Prompter.Choice]) -> String {
        ([heading] + choices.enumerated().map { "  \($0 + 1)  \(escapeControls($1.label))" }).joined(separator: "\n")
    }
}
