import SyncCore

/// How a record of a kind is entered by its command `add`.
package struct EntryForm: Hashable, Sendable {
    /// The numbers of the fields that are given by their place on the command line, in order.
    package let words: [Int]
    /// The numbers of the fields that somebody who is asked anyway is asked too.
    package let asked: [Int]
    /// The number of the field that is today where nothing is given; nil where there is none.
    package let today: Int?
    /// The number of the field that is the name of who records it where nothing is given; nil where there is none.
    package let recorder: Int?
    /// What stands in a field, by its number, where nothing is given.
    package let usual: [Int: Value]
    /// One sentence for the help.
    package let summary: String
    /// Further sentences for the help; empty where there are none.
    package let discussion: String
    /// A command line to copy.
    package let example: String

    /// Describes an entry.
    init<Number: RawRepresentable<Int>>(
        _ words: [Number], asked: [Number] = [], today: Number? = nil, recorder: Number? = nil,
        usual: [(Number, Value)] = [], summary: String, discussion: String = "", example: String
    ) {
        self.words = words.map(\.rawValue)
        self.asked = asked.map(\.rawValue)
        self.today = today?.rawValue
        self.recorder = recorder?.rawValue
        self.usual = Dictionary(usual.map { ($0.rawValue, $1) }, uniquingKeysWith: { $1 })
        self.summary = summary
        self.discussion = discussion
        self.example = example
    }
}
