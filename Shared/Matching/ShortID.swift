import SyncCore

/// The few letters of an id that people read and type.
package enum ShortID {
    /// How many letters are shown: 40 random bits.
    package static let length = 8

    /// The first letters of an id's text.
    package static func display(_ id: RecordID) -> String { id.prefix(letterCount: length) }

    /// A typed beginning of an id in lower case, or nil where it cannot be one.
    package static func prefix(_ typed: String) -> String? {
        let letters = typed.lowercased()
        guard (1...RecordID.textLength).contains(letters.utf8.count) else { return nil }
        return letters.utf8.allSatisfy { RecordID.alphabet.contains($0) } ? letters : nil
    }
}
