/// What somebody typed for a name, read once to be compared with many names.
package struct TypedName: Sendable {
    private let key: [UInt8]
    private let words: [ArraySlice<UInt8>]

    /// Reads what was typed.
    package init(_ text: String) {
        key = TextMatch.keyBytes(text)
        words = key.split(separator: UInt8(ascii: " "))
    }

    /// How well a name fits, or nil where it does not; an empty text fits nothing.
    ///
    /// Bytes of UTF-8 are compared: whole characters begin and contain each other exactly where their bytes do.
    package func rank(_ candidate: String) -> TextMatch.Rank? {
        let name = TextMatch.keyBytes(candidate)
        guard !key.isEmpty, !name.isEmpty else { return nil }
        if name.starts(with: key) { return name.count == key.count ? .exact : .prefix }
        if wordsBegin(name) { return .wordPrefix }
        return isWithin(name) ? .contains : nil
    }

    /// Whether what was typed is one or more whole words of a name, in the same order: `vale` of Robyn Vale. One letter is
    /// too little.
    package func areWords(of candidate: String) -> Bool {
        guard key.count > 1 else { return false }
        var rest = words[...]
        for word in TextMatch.keyBytes(candidate).split(separator: UInt8(ascii: " ")) {
            guard let next = rest.first else { break }
            if word == next { rest.removeFirst() }
        }
        return rest.isEmpty
    }

    private func wordsBegin(_ name: [UInt8]) -> Bool {
        var start = 0
        for typed in words {
            while !name[start...].starts(with: typed) {
                guard let space = name[start...].firstIndex(of: UInt8(ascii: " ")) else { return false }
                start = space + 1
            }
            // The next typed word begins another word.
            start = name[start...].firstIndex(of: UInt8(ascii: " ")).map { $0 + 1 } ?? name.count
        }
        return true
    }

    private func isWithin(_ name: [UInt8]) -> Bool {
        guard key.count <= name.count else { return false }
        return (0...(name.count - key.count)).contains { name[$0] == key[0] && name[$0...].starts(with: key) }
    }
}
