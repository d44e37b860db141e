/// What a program tells the shell when it ends.
package enum ExitCode: Int32, Sendable, CaseIterable {
    /// Done; what was to be saved is on disk.
    case done = 0
    /// Failed for a reason that has no number of its own.
    case failed = 1
    /// The command line was not understood, or an answer is missing.
    case usage = 2
    /// Nothing, or more than one thing, goes by the name or id that was given.
    case notFound = 3
    /// The server can't be reached; the work is saved here.
    case offline = 4
    /// The server, or the person's role, does not allow it.
    case refused = 5
    /// Somebody has to choose between two sides.
    case choiceNeeded = 6
    /// The database is damaged.
    case damaged = 7

    /// One sentence for the manual page.
    package var meaning: String {
        switch self {
        case .done: "Done; what was to be saved is on disk."
        case .failed: "Failed for a reason that has no number of its own."
        case .usage: "The command line was not understood, or an answer is missing."
        case .notFound: "Nothing, or more than one thing, goes by the name or id that was given."
        case .offline: "The server can't be reached; the work is saved."
        case .refused: "The server, or the person's role, does not allow it."
        case .choiceNeeded: "Somebody has to choose between two sides; status --check alone."
        case .damaged: "The database is damaged."
        }
    }
}
