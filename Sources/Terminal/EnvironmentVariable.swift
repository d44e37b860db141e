/// A variable of the environment that a program looks at.
package struct EnvironmentVariable: Sendable, Equatable {
    /// The name.
    package let name: String
    /// One sentence for the manual page.
    package let summary: String

    /// Declares a variable.
    package init(_ name: String, _ summary: String) {
        self.name = name
        self.summary = summary
    }

    /// Those that every program looks at.
    package static let standard = [
        EnvironmentVariable("COLUMNS", "The width that output is made for."),
        EnvironmentVariable("NO_COLOR", "Set to anything, no text is bold."),
        EnvironmentVariable(
            "KITH_ACCESSIBLE", "Set to 1, questions are lines of their own, and nothing is drawn as a table or bold."),
        EnvironmentVariable("VISUAL, EDITOR", "The editor for longer text; vi where neither is set."),
        EnvironmentVariable("TZ", "The time zone; that of the machine where it is not set."),
    ]
}
