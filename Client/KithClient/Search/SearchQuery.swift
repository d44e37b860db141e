import Terminal

/// What somebody looks for, as FTS5 takes it: every word as a text in quotes, so that nothing in it is an operator.
///
/// A word fits every word that begins with it; capitals and accents do not count.
struct SearchQuery {
    /// The most words that are looked for at once.
    static let largestCount = 32
    /// The longest query in bytes.
    static let largestBytes = 1_024

    /// The expression for MATCH.
    let expression: String

    /// Reads a query; throws a usage failure where it has no letter or digit, or is too long.
    init(_ text: String) throws(CommandFailure) {
        let words = text.split { $0.isWhitespace }.filter { word in word.contains { $0.isLetter || $0.isNumber } }
        guard !words.isEmpty else {
            throw CommandFailure(
                exitCode: .usage, message: "There is no word to look for.", next: "kith search garden")
        }
        guard words.count <= Self.largestCount, text.utf8.count <= Self.largestBytes else {
            throw CommandFailure(
                exitCode: .usage,
                message:
                    "That is too much to look for: at most \(Self.largestCount) words, \(Self.largestBytes) bytes.",
                next: "kith search garden")
        }
        expression = words.map { word in
            "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"*"
        }.joined(separator: " AND ")
    }
}
