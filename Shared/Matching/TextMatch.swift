/// Compares what somebody types with names as they are written.
package enum TextMatch {
    /// How well a name fits, the best first.
    package enum Rank: Int, Comparable, Sendable {
        /// The names are the same.
        case exact = 0
        /// The name begins with what was typed.
        case prefix
        /// Each typed word begins a word of the name, in the same order.
        case wordPrefix
        /// What was typed stands somewhere in the name.
        case contains

        /// Orders the better fit first.
        package static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    /// The form in which two texts are compared: lower case, without accents, white space and hyphens as one space,
    /// without apostrophes and full stops, so that `St. Mary’s` is found as `st marys`.
    package static func key(_ text: String) -> String { String(decoding: keyBytes(text), as: UTF8.self) }

    /// The same form as its bytes.
    static func keyBytes(_ text: String) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(text.utf8.count)
        var isSpacePending = false
        func append(_ letters: some Sequence<UInt8>) {
            if isSpacePending { key.append(UInt8(ascii: " ")) }
            isSpacePending = false
            key.append(contentsOf: letters)
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                // Nearly all names are plain, and asking Unicode about each letter would take most of an import's time.
                switch LatinFolding.plain[Int(scalar.value)] {
                case LatinFolding.nothing: continue
                case UInt8(ascii: " "): isSpacePending = !key.isEmpty
                case let letter: append(CollectionOfOne(letter))
                }
                continue
            }
            switch LatinFolding.fold(scalar) {
            case .nothing: continue
            case .space: isSpacePending = !key.isEmpty
            case .letters(let letters): append(letters.utf8)
            }
        }
        return key
    }

    /// How well a name fits, or nil where it does not; an empty query fits nothing.
    package static func rank(_ query: String, _ candidate: String) -> Rank? { TypedName(query).rank(candidate) }
}
