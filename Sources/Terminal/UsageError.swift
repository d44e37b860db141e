/// What is wrong with a command line; nothing has been done yet.
///
/// It carries names of options and commands, never the values that were given, for these may be about a person.
package struct UsageError: Error, Equatable, Sendable {
    /// The kinds of mistake.
    package enum Problem: Equatable, Sendable {
        /// No option of that name; the dashes are part of both names.
        case unknownOption(String, suggestion: String?)
        /// No command of that name.
        case unknownCommand(String, suggestion: String?)
        /// A group was called without one of its commands.
        case missingCommand(allowed: [String])
        /// An option stands without its value.
        case missingValue(option: String, placeholder: String)
        /// A flag was given a value.
        case unexpectedValue(option: String)
        /// An option that is taken once was given again.
        case repeatedOption(String)
        /// The value is not one of the words allowed.
        case notAllowed(option: String, allowed: [String], suggestion: String?)
        /// The value is not a whole number within the range.
        case notInteger(option: String, range: ClosedRange<Int>)
        /// More words than the command takes.
        case tooManyArguments(limit: Int, found: Int)
        /// A word that the command needs is not there.
        case missingArgument(String)
        /// An option that the command needs is not there.
        case missingOption(String)
        /// The word at this position (1 is the first after the program) is not UTF-8.
        case notUTF8(position: Int)
        /// The word at this position holds a NUL byte.
        case holdsNUL(position: Int)
        /// The word at this position is longer than the limit in bytes.
        case tooLong(position: Int, limitBytes: Int)
    }

    /// What is wrong.
    package let problem: Problem
    /// The names from the program to the command that was being read.
    package let commandPath: [String]

    /// Makes the error from the mistake and where it was made.
    package init(_ problem: Problem, commandPath: [String]) {
        self.problem = problem
        self.commandPath = commandPath
    }
}
