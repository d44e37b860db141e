/// The answers of one guided entry, in the order they were given: one question can be gone back from, and answers that
/// were kept before are given again without asking.
package final class Transcript {
    /// What was answered to one question.
    package struct Answer: Sendable, Equatable {
        /// The option or argument that the question stands for.
        package let option: String
        /// The line that was typed.
        package let typed: String

        /// Makes an answer.
        package init(option: String, typed: String) {
            self.option = option
            self.typed = typed
        }
    }

    /// What somebody types to see the question before once more.
    package static let back = "b"

    /// How an answer that was kept is shown to people: a time is kept as a program reads it.
    package var wording: (String) -> String = { $0 }
    /// Whether answers are kept.
    private(set) var isOpen = false
    /// The answers so far, each question once.
    package private(set) var answers: [Answer] = []
    private var again: [String: String] = [:]
    private var goesBack = false
    private var hint: String?
    private var keep: ([Answer]) throws(CommandFailure) -> Void = { _ in }

    /// A transcript that keeps nothing until it is opened.
    package init() {}

    /// Begins to keep answers; those given here are not asked for again.
    ///
    /// - Parameters:
    ///   - hint: what is said before the first question that is asked; nil for nothing.
    ///   - keep: called with all answers so far after each one that is typed.
    package func open(
        with answers: [Answer], hint: String? = nil, keep: @escaping ([Answer]) throws(CommandFailure) -> Void
    ) {
        isOpen = true
        self.answers = []
        again = Dictionary(answers.map { ($0.option, $0.typed) }, uniquingKeysWith: { $1 })
        goesBack = false
        self.hint = hint
        self.keep = keep
    }

    /// What is to be said before a question, once.
    func takeHint() -> String? {
        defer { hint = nil }
        return hint
    }

    /// The answer to a question that was given before, once.
    func before(_ option: String) -> String? { again.removeValue(forKey: option) }

    /// Keeps an answer; another one to the same question replaces it.
    ///
    /// - Parameter isNew: whether it was typed now.
    func add(_ answer: Answer, isNew: Bool) throws(CommandFailure) {
        guard isOpen else { return }
        if answers.last?.option == answer.option { answers.removeLast() }
        answers.append(answer)
        if isNew { try keep(answers) }
    }

    /// Keeps another answer to the last question than what was typed, such as an id for its number in a list.
    package func replaceLast(with answer: Answer) throws(CommandFailure) { try add(answer, isNew: true) }

    /// Forgets the answer to the last question, because it can't be used: it would be no use later either.
    package func reject(_ option: String) throws(CommandFailure) {
        guard isOpen, answers.last?.option == option else { return }
        answers.removeLast()
        try keep(answers)
    }

    /// Keeps what an answer was understood as, where it was the last one: "yesterday" means another day tomorrow.
    ///
    /// - Parameter meaning: what means the same whenever it is read.
    package func settle(_ option: String, _ typed: String, as meaning: String) throws(CommandFailure) {
        guard typed != meaning, answers.last == Answer(option: option, typed: typed) else { return }
        try replaceLast(with: Answer(option: option, typed: meaning))
    }

    /// Notes that somebody wants to go back from a question; false where it is the first one.
    func goBack(from option: String) -> Bool {
        if answers.last?.option == option { answers.removeLast() }
        goesBack = !answers.isEmpty
        return goesBack
    }

    /// The answers to begin again with, where somebody went back: all but the last. Nil where nobody did.
    package func answersBefore() -> [Answer]? { goesBack ? Array(answers.dropLast()) : nil }
}
