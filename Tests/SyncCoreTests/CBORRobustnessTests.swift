import SyncCore
import Testing

/// Cut, random and damaged bytes end in an error, never in a crash, and what passes is deterministic.
@Suite("CBOR robustness") struct CBORRobustnessTests {
    private static let message = CBORItem.array([
        1, -500, 70_000, .unsigned(.max), "Caf\u{e9}", .bytes([UInt8](repeating: 9, count: 30)), .real(1.5), .real(0.1),
        .real(100_000), .map([[1, .array([.null, .bool(true)])], [2, .map([["a", ""]])]]), .array([]),
    ])

    @Test("Every cut of a nested message is an error, and so is every byte more")
    func truncations() throws {
        let encoded = Self.message.encoded
        #expect(try CBORItem(decoding: encoded) == Self.message)
        for count in 0..<encoded.count {
            let cut = Array(encoded.prefix(count))
            #expect(throws: CBORError.self, "cut at \(count)") { try CBORItem(decoding: cut) }
            let error = readingError(cut) { reader throws(CBORError) in try reader.skip() }
            guard case .truncated(let offset) = error else {
                Issue.record("cut at \(count): \(String(describing: error))")
                continue
            }
            #expect(offset <= count)
        }
        #expect(throws: CBORError.trailingBytes(offset: encoded.count)) { try CBORItem(decoding: encoded + [0]) }
    }

    @Test("Of random bytes only what the writer would write passes", arguments: [11, 12, 13, 14] as [UInt64])
    func randomBytes(seed: UInt64) {
        var random = SplitMix(state: seed)
        var passed = 0
        for round in 0..<5_000 {
            let count = Int.random(in: 0...40, using: &random)
            let encoded = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if check(encoded, "seed \(seed), round \(round)") { passed += 1 }
        }
        #expect((1..<5_000).contains(passed), "seed \(seed): the bytes must fall on both sides")
    }

    @Test("Of damaged messages only what the writer would write passes", arguments: [21, 22] as [UInt64])
    func damagedMessages(seed: UInt64) {
        var random = SplitMix(state: seed)
        let encoded = Self.message.encoded
        for round in 0..<5_000 {
            var damaged = encoded
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<damaged.count, using: &random)
                damaged[index] = UInt8.random(in: 0...255, using: &random)
            }
            check(damaged, "seed \(seed), round \(round)")
        }
    }

    @Test("Random items come back as they were", arguments: [31, 32] as [UInt64])
    func randomItems(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        for round in 0..<2_000 {
            let item = randomItem(depth: 0, &random)
            let encoded = item.encoded
            #expect(try CBORItem(decoding: encoded) == item, "seed \(seed), round \(round)")
            var reader = CBORReader(encoded)
            #expect(try reader.readItem() == encoded, "seed \(seed), round \(round)")
        }
    }

    /// Reads bytes by the typed reads and by `readItem`; what passes both must be what the writer makes of it.
    @discardableResult private func check(_ encoded: [UInt8], _ comment: String) -> Bool {
        var typed = CBORReader(encoded)
        var whole = CBORReader(encoded)
        do throws(CBORError) {
            let raw = try whole.readItem()
            let item = try CBORItem(from: &typed)
            #expect(item.encoded == raw, "\(comment)")
            return true
        } catch .notAllowed {
            return false  // a tag, or a number that only `readItem` passes over
        } catch {
            #expect(readingError(encoded) { reader throws(CBORError) in try reader.skip() } == error, "\(comment)")
            return false
        }
    }

    private func randomItem(depth: Int, _ random: inout SplitMix) -> CBORItem {
        let count = Int.random(in: 0...5, using: &random)
        // Numbers of every size.
        let number = random.next() >> UInt64.random(in: 0...63, using: &random)
        switch Int.random(in: 0...(depth < 6 ? 8 : 6), using: &random) {
        case 0: return .unsigned(number)
        case 1: return .negative(~Int64(bitPattern: number >> 1))
        case 2: return .bytes((0..<count * 9).map { _ in UInt8.random(in: 0...255, using: &random) })
        case 3:
            return .text(
                String(
                    (0..<count * 9).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x2FFFF, using: &random)) }
                        .map(Character.init)))
        case 4: return .bool(count > 2)
        case 5: return .null
        case 6:
            let real = Double(bitPattern: number << UInt64.random(in: 0...63, using: &random))
            return real.isNaN ? .null : .real(real)
        case 7: return .array((0..<count).map { _ in randomItem(depth: depth + 1, &random) })
        default:
            let keys = Set((0..<count).map { _ in random.next() >> 40 }).sorted()
            return .map(keys.map { [.unsigned($0), randomItem(depth: depth + 1, &random)] })
        }
    }
}

/// A seeded source of numbers (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
