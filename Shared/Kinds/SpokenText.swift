/// Words of people in the midst of our own.
package enum SpokenText {
    /// The words as a sentence: with a full stop, unless they end like one already.
    package static func sentence(_ words: String) -> String {
        switch words.last {
        case ".", "!", "?", "…": words
        default: words + "."
        }
    }
}
