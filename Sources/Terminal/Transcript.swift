import Synchronization

/// The answers of one guided entry, in the order they were given: one question can be gone back from, and answers that
/// were kept before are given again without asking.
package final class Transcript: Sendable {
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

    private struct State {
        var isOpen = false
        var given: [Answer] = []
        var again: [String: String] = [:]
        var goesBack = false
    }

    private let state = Mutex(State())

    /// A transcript that keeps nothing until it is opened.
    package init() {}

    /// Begins to keep answers; those given here are not asked for again.
    package func open(with answers: [Answer]) {
        state.withLock { state in
            state = State(isOpen: true)
            state.again = Dictionary(answers.map { ($0.option, $0.typed) }, uniquingKeysWith: { $1 })
        }
    }

    /// Whether answers are kept.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// The answers so far, each question once.
    package var answers: [Answer] { state.withLock { $0.given } }

    /// The answer to a question that was given before, once.
    func before(_ option: String) -> String? { state.withLock { $0.again.removeValue(forKey: option) } }

    /// Keeps an answer; another one to the same question replaces it.
    func add(_ answer: Answer) {
        state.withLock { state in
            guard state.isOpen else { return }
            if state.given.last?.option == answer.option { state.given.removeLast() }
            state.given.append(answer)
        }
    }

    /// Notes that somebody wants to go back from a question; false where it is the first one.
    func goBack(from option: String) -> Bool {
        state.withLock { state in
            if state.given.last?.option == option { state.given.removeLast() }
            state.goesBack = !state.given.isEmpty
            return state.goesBack
        }
    }

    /// The answers to begin again with, where somebody went back: all but the last. Nil where nobody did.
    package func answersBefore() -> [Answer]? {
        state.withLock { $0.goesBack ? Array($0.given.dropLast()) : nil }
    }
}
