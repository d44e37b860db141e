/// What a name sounds like, for finding records that may be the same person or place.
///
/// Capitals, accents, hyphens, apostrophes and the order of words do not count. Two names are alike where they are the
/// same then, differ by one slip of the keyboard, or sound alike in English: Jon and John, Catherine and Kathryn; also where
/// one word of them is short for the other: Bob Kay and Robert Kay. Numbers, initials and words of two letters tell names apart: Room 4 and Room 5, Alex B and Alex P.
package struct NameSound: Hashable, Sendable {
    /// The shortest text, in letters, in which one slip may stand.
    private static let shortestWithSlip = 5
    /// The longest text, in letters, whose slips are looked for.
    private static let longestWithSlip = 64

    /// What must be the same to the letter: numbers, initials and short words, sorted.
    let exact: [String]
    /// All other words, sorted.
    let words: [String]
    /// The same without spaces.
    let letters: [UInt8]
    /// Their consonants as they sound, word by word, sorted by sound.
    let consonants: [[UInt8]]
    /// Their vowels in the order of `consonants`.
    let vowels: [[UInt8]]

    /// Reads a name.
    package init(_ name: String) {
        let all = TextMatch.key(name).split { $0 == " " || $0 == "," }
        let long = all.filter { $0.utf8.count > 2 && !$0.utf8.contains { (48...57).contains($0) } }
        exact = all.filter { !long.contains($0) }.map(String.init).sorted()
        words = long.map(String.init).sorted()
        letters = words.flatMap { Array($0.utf8) }
        let sounds = long.map { Self.sound(Array($0.utf8)) }.sorted { left, right in
            left.consonants.lexicographicallyPrecedes(right.consonants)
                || (left.consonants == right.consonants && left.vowels.lexicographicallyPrecedes(right.vowels))
        }
        consonants = sounds.map(\.consonants)
        vowels = sounds.map(\.vowels)
    }

    /// Whether two names may be those of one person or place; names without a letter are like nothing.
    package func isLike(_ other: NameSound) -> Bool {
        if let (own, others) = onlyDifference(from: other),
            Nicknames.areOfOne(own, others) || wordCount > 1 && Self.differByAnEnding(own, others)
        {
            return true
        }
        guard exact == other.exact, !(exact.isEmpty && letters.isEmpty) else { return false }
        return words == other.words || Self.differByOneSlip(letters, other.letters) || soundsLike(other)
    }

    // MARK: Slips

    /// Whether at most one letter was left out, put in, taken for another, or swapped with its neighbour.
    static func differByOneSlip(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        if short == long { return true }
        guard short.count >= shortestWithSlip, long.count <= longestWithSlip, long.count - short.count <= 1 else {
            return false
        }
        var start = 0
        while start < short.count, short[start] == long[start] { start += 1 }
        var end = 0
        while end < short.count - start, short[short.count - 1 - end] == long[long.count - 1 - end] { end += 1 }
        let rest = (short[start..<(short.count - end)], long[start..<(long.count - end)])
        if rest.0.count <= 1, rest.1.count <= 1 { return true }
        return rest.0.count == 2 && rest.1.count == 2 && rest.0.elementsEqual(rest.1.reversed())
    }

    private var wordCount: Int { exact.count + words.count }

    /// The one word in which two names of as many words differ; nil where they differ in none, or in several.
    private func onlyDifference(from other: NameSound) -> (own: String, others: String)? {
        guard wordCount == other.wordCount else { return nil }
        let all = (exact + words, other.exact + other.words)
        let own = all.0.filter { !all.1.contains($0) }
        let others = all.1.filter { !all.0.contains($0) }
        return own.count == 1 && others.count == 1 ? (own[0], others[0]) : nil
    }

    /// Whether two words are the same but for a letter at the end of one: Jo Smith and Joe Smith.
    private static func differByAnEnding(_ left: String, _ right: String) -> Bool {
        let (short, long) = left.utf8.count < right.utf8.count ? (left, right) : (right, left)
        return Self.isWord(short) && Self.isWord(long) && long.utf8.count == short.utf8.count + 1
            && long.hasPrefix(short)
    }

    /// Whether it is neither an initial nor a number.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.count >= 2 && !text.utf8.contains { (48...57).contains($0) }
    }

    /// Numbers of which two names that are alike share at least one.
    var blockingHashes: [UInt64] {
        let start = Self.hash(exact.flatMap { Array($0.utf8) + [0] }, from: 0xCBF2_9CE4_8422_2325)
        var hashes = [
            Self.hash(words.flatMap { Array($0.utf8) + [0] }, from: start ^ 1),
            Self.hash(consonants.flatMap { $0 + [0] }, from: start ^ 2),
            Self.hash(letters, from: start ^ 3),
        ]
        hashes += wordHashes
        guard (Self.shortestWithSlip...Self.longestWithSlip).contains(letters.count) else { return hashes }
        for left in letters.indices {
            let head = Self.hash(letters[..<left], from: start ^ 3)
            hashes.append(Self.hash(letters[(left + 1)...], from: head))
        }
        return hashes
    }

    /// For each word, beside the other words: the names that it may be short for; of several, also it and what it is
    /// without its last letter.
    private var wordHashes: [UInt64] {
        let all = (exact + words).sorted()
        var hashes: [UInt64] = []
        for (index, word) in all.enumerated() where Self.isWord(word) {
            let names = Nicknames.names(word)
            guard all.count > 1 || !names.isEmpty else { continue }
            var others: [UInt8] = []
            for (place, other) in all.enumerated() where place != index { others += Array(other.utf8) + [0] }
            let start = Self.hash(others, from: 0xCBF2_9CE4_8422_2325 ^ 4)
            for name in names { hashes.append(Self.hash([UInt8(truncatingIfNeeded: name)], from: start ^ 8)) }
            guard all.count > 1 else { continue }
            hashes.append(Self.hash(Array(word.utf8), from: start))
            hashes.append(Self.hash(Array(word.utf8.dropLast()), from: start))
        }
        return hashes
    }

    /// FNV-1a.
    private static func hash(_ bytes: some Collection<UInt8>, from start: UInt64) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    // MARK: Sounds

    private func soundsLike(_ other: NameSound) -> Bool {
        guard !consonants.isEmpty, consonants == other.consonants else { return false }
        return zip(vowels, other.vowels).allSatisfy(Self.areNear)
    }

    /// Whether the vowels of two words are the same, or of several all but one may differ: Mohammed and Muhammad.
    private static func areNear(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        if left == right { return true }
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        guard short.count >= 2, long.count - short.count <= 1 else { return false }
        if short.count == long.count { return zip(short, long).count { $0 != $1 } < short.count }
        return long.indices.contains { index in Array(long[..<index] + long[(index + 1)...]) == short }
    }

    /// The consonants of an English word as they sound, and the first vowel of each run of vowels.
    private static func sound(_ word: [UInt8]) -> (consonants: [UInt8], vowels: [UInt8]) {
        var consonants: [UInt8] = []
        var vowels: [UInt8] = []
        var isAfterVowel = false
        for (index, letter) in word.enumerated() {
            let next = index + 1 < word.count ? word[index + 1] : 0
            let isVowel = Self.isVowel(letter)
            if isVowel {
                // A silent e at the end.
                if letter == UInt8(ascii: "e"), index + 1 == word.count, !vowels.isEmpty { continue }
                if !isAfterVowel { vowels.append(letter == UInt8(ascii: "y") ? UInt8(ascii: "i") : letter) }
            } else if let sound = consonant(letter, next: next, isFirst: index == 0),
                consonants.last != sound || isAfterVowel
            {
                consonants.append(sound)
            }
            isAfterVowel = isVowel
        }
        return (consonants, vowels)
    }

    private static func isVowel(_ letter: UInt8) -> Bool { Array("aeiouy".utf8).contains(letter) }

    /// How a consonant sounds before the next letter; nil where it is silent.
    private static func consonant(_ letter: UInt8, next: UInt8, isFirst: Bool) -> UInt8? {
        let softens = Array("eiy".utf8).contains(next)
        switch letter {
        case UInt8(ascii: "h"): return isFirst ? letter : nil
        case UInt8(ascii: "k") where isFirst && next == UInt8(ascii: "n"): return nil
        case UInt8(ascii: "w") where isFirst && next == UInt8(ascii: "r"): return nil
        case UInt8(ascii: "g") where !isFirst && next == UInt8(ascii: "h"): return nil
        case UInt8(ascii: "p") where next == UInt8(ascii: "h"), UInt8(ascii: "v"): return UInt8(ascii: "f")
        case UInt8(ascii: "c"): return softens ? UInt8(ascii: "s") : UInt8(ascii: "k")
        case UInt8(ascii: "q"): return UInt8(ascii: "k")
        case UInt8(ascii: "z"): return UInt8(ascii: "s")
        default: return letter
        }
    }
}
