import SyncCore

/// The tables of the simulation, in the version of old programs and in that of new ones.
enum Ledger {
    static let book = 1
    static let page = 2
    /// A table that old programs do not know.
    static let leaf = 3

    static let title = 1
    static let count = 2
    /// Of two concurrent numbers below `freeFrom` the smaller one stays, and any of them wins over the others.
    static let sealed = 3
    /// Few words, so that people often write the same one, or one that differs in its capitals alone.
    static let word = 4
    /// A field that old programs do not know.
    static let extra = 5
    static let words = 1
    static let weight = 2

    static let freeFrom: Int64 = 64
    static let fewWords = ["tea", "Tea", "TEA", "coffee", "Coffee"]

    static let old = Schema(version: 1, tables: [bookTable([]), pageTable])
    static let new = Schema(version: 2, tables: [bookTable([Field(extra, "extra")]), pageTable, leafTable])

    private static func bookTable(_ more: [Field]) -> Table {
        let order = (0..<freeFrom).map { Value.integer($0) }
        return Table(
            book, "book",
            [
                Field(title, "title"), Field(count, "count", .integer),
                Field(sealed, "sealed", .integer, policy: .mostRestrictive(order)),
                Field(word, "word", policy: .needsDecision),
            ] + more)
    }

    private static let pageTable = Table(page, "page", [Field(words, "words"), Field(weight, "weight", .real)])
    private static let leafTable = Table(leaf, "leaf", [Field(words, "words")])

    static let everyone = 1
    static let areaNames = ["main", "south"]
    static let main = 2
    static let south = 4
    /// All areas; each one but the first is followed by its restricted twin.
    static let areas = [everyone, main, 3, south, 5]
    /// What workers and leads may write in the area of everyone.
    static let tablesInEveryone: Set<Int> = [page]

    static let applicationID: Int32 = 0x6B73

    /// What every text begins with, so that a file can be searched for what must not be in it: where the text belongs,
    /// then who wrote it.
    static func mark(area: Int) -> String { "§A\(area)§" }

    /// A value that nobody else writes.
    static func text(area: Int, device: Int, number: Int) -> Value {
        .text("\(mark(area: area))D\(device)§W\(number)")
    }

    /// A value as the naive model names it.
    static func word(_ value: Value) -> String {
        switch value {
        case .null: "n"
        case .integer(let number): "i\(number)"
        case .real(let number): "r\(number)"
        case .text(let text): "t\(text)"
        case .blob(let bytes): "b\(bytes)"
        }
    }
}
