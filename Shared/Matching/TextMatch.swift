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

    /// The first eight bytes of that form as a number: of two texts whose numbers differ, the one with the smaller comes first.
    package static func keyStart(_ text: String) -> UInt64 {
        var start: UInt64 = 0
        var bits: UInt64 = 64
        for byte in keyBytes(text, limit: 8).prefix(8) {
            bits -= 8
            start |= UInt64(byte) << bits
        }
        return start
    }

    /// The same form as its bytes.
    ///
    /// - Parameter limit: how many are asked for; there may be more.
    static func keyBytes(_ text: String, limit: Int = .max) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(min(limit, text.utf8.count))
        var isSpacePending = false
        // Nearly all names are plain, and asking Unicode about each letter would take most of an import's time.
        var isPlain = true
        for byte in text.utf8 {
            if key.count >= limit { break }
            guard byte < 0x80 else {
                isPlain = false
                break
            }
            append(LatinFolding.plain[Int(byte)], to: &key, &isSpacePending)
        }
        if isPlain { return key }
        key.removeAll(keepingCapacity: true)
        isSpacePending = false
        for scalar in text.unicodeScalars {
            if key.count >= limit { break }
            if scalar.isASCII {
                append(LatinFolding.plain[Int(scalar.value)], to: &key, &isSpacePending)
                continue
            }
            switch LatinFolding.fold(scalar) {
            case .nothing: continue
            case .space: isSpacePending = !key.isEmpty
            case .letters(let letters):
                for letter in letters.utf8 { append(letter, to: &key, &isSpacePending) }
            }
        }
        return key
    }

    /// Adds a letter; a space waits until a letter follows.
    private static func append(_ letter: UInt8, to key: inout [UInt8], _ isSpacePending: inout Bool) {
        if letter == LatinFolding.nothing { return }
        if letter == UInt8(ascii: " ") {
            isSpacePending = !key.isEmpty
            return
        }
        if isSpacePending { key.append(UInt8(ascii: " ")) }
        isSpacePending = false
        key.append(letter)
    }

    /// How well a name fits, or nil where it does not; an empty query fits nothing.
    package static func rank(_ query: String, _ candidate: String) -> Rank? { TypedName(query).rank(candidate) }
}
