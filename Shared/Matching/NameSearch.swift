/// Finds names in text, word by word, whatever their capitals and accents: `José` is found as `jose`, and in `Jose's`.
package struct NameSearch: Hashable, Sendable {
    /// How much of a name stands in a text.
    package enum Hit: Int, Comparable, Sendable {
        case none = 0
        /// One word of a name of several, such as the first name alone: perhaps somebody else.
        case part
        /// A whole name.
        case whole

        /// Orders by how much it says.
        package static func < (left: Hit, right: Hit) -> Bool { left.rawValue < right.rawValue }
    }

    /// What stands in a text where a name was erased.
    package static let replacement = "[erased]"
    /// Shorter words of a name are in too many texts to say anything.
    private static let shortestPart = 3

    private struct Word {
        var range: Range<String.Index>
        var key: String
        /// The key without an ending like `'s`.
        var bare: String

        func isWord(_ word: String) -> Bool { key == word || bare == word }
    }

    /// Names as lists of folded words.
    private let names: [[String]]
    private let parts: Set<String>

    /// - Parameters:
    ///   - names: whole names; empty ones find nothing.
    ///   - descriptions: names that only describe somebody, of which single words say nothing.
    package init(names: [String], descriptions: [String] = []) {
        let words = names.map { Self.words(in: $0).map(\.key) }.filter { !$0.isEmpty }
        self.names = words + descriptions.map { Self.words(in: $0).map(\.key) }.filter { !$0.isEmpty }
        parts = Set(words.filter { $0.count > 1 }.joined().filter { $0.unicodeScalars.count >= Self.shortestPart })
    }

    /// How much of the names a text holds.
    package func hit(in text: String) -> Hit {
        let words = Self.words(in: text)
        if !ranges(in: words).isEmpty { return .whole }
        return words.contains { parts.contains($0.key) || parts.contains($0.bare) } ? .part : .none
    }

    /// The text with each whole name replaced, and each word of one that stands alone.
    package func redacted(_ text: String) -> String {
        var rest = text
        let words = Self.words(in: text)
        let whole = ranges(in: words)
        let alone = words.filter { word in
            (parts.contains(word.key) || parts.contains(word.bare)) && !whole.contains { $0.overlaps(word.range) }
        }
        for range in (whole + alone.map(\.range)).sorted(by: { $0.lowerBound > $1.lowerBound }) {
            rest.replaceSubrange(range, with: Self.replacement)
        }
        return rest
    }

    /// Where whole names stand, in order, none over another.
    private func ranges(in words: [Word]) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var index = 0
        while index < words.count {
            let length = names.filter { name in
                name.count <= words.count - index && name.indices.allSatisfy { words[index + $0].isWord(name[$0]) }
            }.map(\.count).max()
            guard let length else {
                index += 1
                continue
            }
            ranges.append(words[index].range.lowerBound..<words[index + length - 1].range.upperBound)
            index += length
        }
        return ranges
    }

    // MARK: Words

    private static func words(in text: String) -> [Word] {
        var words: [Word] = []
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            guard isLetter(scalars[index]) else {
                index = scalars.index(after: index)
                continue
            }
            let start = index
            var (key, bare): (String, String?) = ("", nil)
            while index < scalars.endIndex, isLetter(scalars[index]) || isInside(scalars[index]) {
                if isApostrophe(scalars[index]) { bare = key }
                if case .letters(let letters) = LatinFolding.fold(scalars[index]) { key += letters }
                index = scalars.index(after: index)
            }
            words.append(Word(range: start..<index, key: key, bare: bare ?? key))
        }
        return words
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || isDigit(scalar) }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Marks and apostrophes belong to the word that they stand in.
    private static func isInside(_ scalar: Unicode.Scalar) -> Bool {
        (0x300...0x36F).contains(scalar.value) || isApostrophe(scalar)
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        [0x27, 0x2BC, 0x2018, 0x2019].contains(scalar.value)
    }
}
