/// Which names somebody may have meant who typed one that nobody goes by. It is for a question, never for a choice.
package struct NearNames {
    /// What a typed word counts that comes near no word of the name.
    private static let farCost = 4
    /// The most letters of a word that are compared.
    private static let longestWord = 32
    /// A word that begins with so many of the typed letters comes near.
    private static let commonLetters = 4
    private static let shortestBeginning = 3

    private let words: [[UInt8]]

    /// Reads what was typed.
    package init(_ typed: String) {
        words = Self.words(typed)
    }

    /// How far a name is from what was typed, 0 the nearest; nil where no word of it comes near.
    package func distance(_ name: String) -> Int? {
        let parts = Self.words(name)
        let costs = words.map { word in parts.map { Self.cost(word, $0) }.min() ?? Self.farCost }
        guard costs.contains(where: { $0 < Self.farCost }) else { return nil }
        return costs.reduce(0, +)
    }

    private static func words(_ text: String) -> [[UInt8]] {
        TextMatch.keyBytes(text).split(separator: UInt8(ascii: " ")).map { Array($0.prefix(longestWord)) }
    }

    /// What a typed word counts beside a word of a name: 0 for the same.
    private static func cost(_ typed: [UInt8], _ word: [UInt8]) -> Int {
        if typed == word { return 0 }
        guard typed.count >= 2, word.count >= 2 else { return farCost }
        if typed.count >= shortestBeginning, word.starts(with: typed) { return 1 }
        let slips = slips(typed, word)
        // In three letters one slip makes most names of most others: the first letter is hardly ever the wrong one.
        if slips == 1, typed.count > 3 || typed[0] == word[0] { return 1 }
        if Nicknames.areOfOne(String(decoding: typed, as: UTF8.self), String(decoding: word, as: UTF8.self)) {
            return 2
        }
        if slips == 2, min(typed.count, word.count) >= 6 { return 2 }
        let isBeginning = typed.count >= commonLetters && word.starts(with: typed.prefix(commonLetters))
        return isBeginning ? 3 : farCost
    }

    /// How many letters were left out, put in, taken for another, or swapped with their neighbour; 3 for more than two
    /// (optimal string alignment).
    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let most = 3
        guard abs(left.count - right.count) < most else { return most }
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var next = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var cost = min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, before[column - 2] + 1)
                }
                next.append(cost)
            }
            (before, last) = (last, next)
        }
        return min(last[right.count], most)
    }
}
