import Testing

@testable import SyncCore

@Suite struct InvitationCodeTests {
    /// Stands for BLAKE2b: 32 bytes that depend on every byte (FNV-1a, eight bytes repeated).
    private func hash(_ bytes: [UInt8]) -> [UInt8] {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        state ^= state >> 29
        return (0..<32).map { UInt8(truncatingIfNeeded: state >> UInt64(8 * ($0 % 8))) }
    }

    private let code = InvitationCode(
        secret: (0..<16).map { UInt8($0 * 7) }, pin: (0..<32).map { UInt8(255 - $0) }, host: "office.example",
        port: 8443)

    @Test("a code is read as it was written", arguments: [("127.0.0.1", 1), ("::1", 65_535), ("office.example", 443)])
    func roundTrip(host: String, port: Int) throws {
        var code = code
        code.host = host
        code.port = UInt16(port)
        let text = code.encoded(hash: hash)
        #expect(text.hasPrefix("kith1-"))
        #expect(try InvitationCode(decoding: text, hash: hash) == code)
    }

    @Test("capitals, spaces and dashes do no harm")
    func forgiving() throws {
        let text = code.encoded(hash: hash)
        let capitals = text.uppercased()
        #expect(try InvitationCode(decoding: capitals, hash: hash) == code)
        let bare = text.filter { $0 != "-" }
        #expect(try InvitationCode(decoding: " \(bare)\n", hash: hash) == code)
    }

    @Test("every single wrong letter is noticed")
    func singleLetters() {
        let text = Array(code.encoded(hash: hash).utf8)
        var tried = 0
        for index in text.indices where text[index] != UInt8(ascii: "-") {
            for letter in Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8) where letter != text[index] {
                var wrong = text
                wrong[index] = letter
                #expect(throws: InvitationCode.Problem.self) {
                    try InvitationCode(decoding: String(decoding: wrong, as: UTF8.self), hash: hash)
                }
                tried += 1
            }
        }
        #expect(tried > 3_000)
    }

    @Test("every missing letter, and two swapped ones, are noticed")
    func missingAndSwapped() {
        let text = Array(code.encoded(hash: hash).utf8)
        for index in text.indices where text[index] != UInt8(ascii: "-") {
            var short = text
            short.remove(at: index)
            #expect(throws: InvitationCode.Problem.self) {
                try InvitationCode(decoding: String(decoding: short, as: UTF8.self), hash: hash)
            }
        }
        for index in 7..<text.count where text[index] != text[index - 1] {
            var swapped = text
            swapped.swapAt(index, index - 1)
            if swapped.filter({ $0 != UInt8(ascii: "-") }) == text.filter({ $0 != UInt8(ascii: "-") }) { continue }
            #expect(throws: InvitationCode.Problem.mistyped) {
                try InvitationCode(decoding: String(decoding: swapped, as: UTF8.self), hash: hash)
            }
        }
    }

    @Test("what is no code is told from a typing error", arguments: ["", "hello", "kith2-abcde", "https://example"])
    func notACode(text: String) {
        #expect(throws: InvitationCode.Problem.notACode) { try InvitationCode(decoding: text, hash: hash) }
    }

    @Test(
        "an address is a host and a port", arguments: ["host", "host:", "host:0", "host:65536", ":1", "a b:1", "::1:5"])
    func addresses(text: String) {
        #expect(InvitationCode.split(text) == nil)
    }
}
