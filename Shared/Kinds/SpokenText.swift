/// Words of people in the midst of our own.
package enum SpokenText {
    private static let endings: Set<Character> = [".", "!", "?", "…"]

    /// The words as a sentence: with a full stop, unless they end like one already.
    package static func sentence(_ words: String) -> String {
        words.last.map(endings.contains) ?? false ? words : words + "."
    }
}
