import OutreachModel
import SyncCore
import Testing

@Suite("Finding by name")
struct TextMatchTests {
    @Test(
        "Capitals, accents, hyphens, apostrophes and spaces do not count",
        arguments: [
            ("Zoë", "zoe"), ("Zoe\u{308}", "zoe"), ("ŁUKASZ Żółć", "lukasz zolc"), ("Straße", "strasse"),
            ("Ægir Þór", "aegir thor"), ("Ŵyn", "wyn"), ("ẁ ỳ", "w y"), ("Ștefan Țîru", "stefan tiru"),
            ("St. Mary’s", "st marys"), ("  day -\t centre\n", "day centre"), ("O'Brien", "obrien"), ("Ωmega", "ωmega"),
            ("×", "×"), ("İstanbul", "istanbul"), ("...", ""),
        ])
    func keys(text: String, key: String) {
        #expect(TextMatch.key(text) == key)
    }

    @Test(
        "The better fit ranks first",
        arguments: [
            ("elm house", "Elm  House", .exact), ("elm", "Elm House", .prefix), ("house", "Elm House", .wordPrefix),
            ("jo sm", "Mary-Jo van Smith", .wordPrefix), ("ouse", "Elm House", .contains), ("sm jo", "Jo Smith", nil),
            ("zoe", "Zoë", .exact), ("", "Elm House", nil), (" ", "Elm House", nil), ("elm", "", nil),
            ("elm house north", "Elm House", nil), ("sm sm", "Jo Smith", nil),
            ("sm sm", "Sam Smyth Smith", .wordPrefix),
            ("é日", "Cafe日本", .contains),
        ] as [(String, String, TextMatch.Rank?)])
    func ranks(query: String, name: String, rank: TextMatch.Rank?) {
        #expect(TextMatch.rank(query, name) == rank)
    }

    @Test("Ranks are ordered from exact to contains")
    func order() {
        let ranks: [TextMatch.Rank] = [.contains, .wordPrefix, .exact, .prefix]
        #expect(ranks.sorted() == [.exact, .prefix, .wordPrefix, .contains])
    }

    @Test("A short id is the beginning of the long one, and is read in either case")
    func shortIDs() {
        let id = RecordID(milliseconds: 1_795_357_800_000, random: (0xABC, 0x1234_5678_9ABC_DEF0))
        let short = ShortID.display(id)
        #expect(short.count == 8)
        #expect(id.description.hasPrefix(short))
        #expect(ShortID.prefix(short.uppercased()) == short)
        #expect(ShortID.prefix("") == nil)
        #expect(ShortID.prefix("abc1") == nil)
        #expect(ShortID.prefix(String(repeating: "a", count: 27)) == nil)
    }
}
