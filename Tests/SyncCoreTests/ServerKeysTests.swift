import SyncCore
import Testing

@Suite("Announced keys of a server")
struct ServerKeysTests {
    private func line(_ pin: UInt8, at time: Int64) -> LedgerEntry {
        LedgerEntry(
            number: 1, kind: LedgerEntry.Kind.serverKey.rawValue, time: time, previous: 0,
            payload: LedgerContent.ServerKey(pin: [UInt8](repeating: pin, count: 32)).encoded(),
            signature: [UInt8](repeating: 0, count: 64))
    }

    private func pin(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @Test(
        "The newest announcement may take the pinned key's place, whatever the order of the lines; none takes its own")
    func newest() {
        let keys = ServerKeys([line(3, at: 30), line(1, at: 10), line(2, at: 20)])
        #expect(keys.next(after: pin(0)) == pin(3) && keys.next(after: pin(2)) == pin(3))
        #expect(keys.next(after: pin(3)) == nil)
        #expect(ServerKeys([]).next(after: pin(0)) == nil)
    }

    @Test("Lines of other kinds, and of a form that only a later version knows, announce nothing")
    func others() {
        var other = line(1, at: 10)
        other.kind = LedgerEntry.Kind.deviceKey.rawValue
        var later = line(2, at: 20)
        later.payload = [0x83, 0x01, 0x02, 0x03]
        #expect(ServerKeys([other, later]).lastTime == nil)
    }

    @Test("A code brings the very line; every change of one letter is noticed")
    func code() throws {
        let hash: ([UInt8]) -> [UInt8] = { bytes in
            // FNV-1a, spread over 32 bytes: enough to see that the checksum is looked at.
            var sum: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
            return (0..<32).map { UInt8(truncatingIfNeeded: sum >> UInt64(8 * ($0 % 8))) }
        }
        let text = ServerKeyCode.encoded(line(7, at: 1_795_357_800_000), hash: hash)
        #expect(text.hasPrefix("kithserver1-"))
        #expect(
            try ServerKeyCode.decoded(text.uppercased().filter { $0 != "-" }, hash: hash)
                == line(7, at: 1_795_357_800_000))
        let letters = Array(text)
        for index in letters.indices.dropFirst(12) where letters[index] != "-" {
            var changed = letters
            changed[index] = changed[index] == "a" ? "b" : "a"
            #expect(throws: InvitationCode.Problem.self) { try ServerKeyCode.decoded(String(changed), hash: hash) }
        }
        #expect(throws: InvitationCode.Problem.notACode) { try ServerKeyCode.decoded("kith1-abcde", hash: hash) }
    }
}
