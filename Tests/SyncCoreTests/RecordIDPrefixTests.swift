import SyncCore
import Testing

@Suite("Beginnings of ids")
struct RecordIDPrefixTests {
    private static let ids = (0..<200).map { number in
        RecordID(
            milliseconds: 1_795_357_800_000 + number,
            random: (UInt64(number) &* 0x9E37_79B9_7F4A_7C15, UInt64(number) &* 0xBF58_476D_1CE4_E5B9))
    }

    @Test("An id begins so exactly where its text does, at every length", arguments: 0...RecordID.textLength)
    func lengths(_ length: Int) throws {
        for id in Self.ids.prefix(20) {
            let text = String(id.description.prefix(length))
            let prefix = try #require(RecordIDPrefix(text))
            for other in Self.ids { #expect(prefix.begins(other) == other.description.hasPrefix(text)) }
            if length < RecordID.textLength { #expect(id.prefix(letterCount: length) == text) }
        }
    }

    @Test(
        "What can't be the beginning of an id is none", arguments: ["0", "a1", "A", "é", "aaaaaaaaaaaaaaaaaaaaaaaaaab"])
    func refused(_ text: String) { #expect(RecordIDPrefix(text) == nil) }

    @Test("More letters than an id has are none")
    func tooLong() { #expect(RecordIDPrefix(String(repeating: "a", count: RecordID.textLength + 1)) == nil) }
}
