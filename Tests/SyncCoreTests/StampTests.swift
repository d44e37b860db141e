import Testing

@testable import SyncCore

@Suite("Stamps and clocks")
struct StampTests {
    @Test("A clock that stands still, goes back or overflows its counter still counts up")
    func clockCountsUp() {
        var clock = HybridClock(highest: 0)
        let first = clock.next(nowMilliseconds: 1_000)
        #expect(StampTime.milliseconds(first) == 1_000)
        var last = first
        for wall in [Int64(1_000), 1_000, 500, -5, 0] {
            let next = clock.next(nowMilliseconds: wall)
            #expect(next > last)
            last = next
        }
        clock.observe(first | 0xFFFF)
        #expect(StampTime.milliseconds(clock.next(nowMilliseconds: 1_000)) == 1_001)
    }

    @Test(
        "Years before 1970 and far ahead are clamped instead of wrapping",
        arguments: [(Int64(-1), Int64(0)), (.min, 0), (.max, StampTime.largestMilliseconds)])
    func clamped(milliseconds: Int64, expected: Int64) {
        #expect(StampTime.milliseconds(StampTime.packed(milliseconds: milliseconds)) == expected)
    }

    private static let now: Int64 = 1_000_000_000
    private static func time(_ milliseconds: Int64) -> UInt64 { StampTime.packed(milliseconds: milliseconds) }

    @Test(
        "The server shifts stamps only for a clock error beyond two minutes",
        arguments: [
            (Int64(0), Int64(-5_000), Int64(-5_000)), (120_000, -5_000, -5_000), (180_000, 180_000 - 5_000, -5_000),
            (-180_000, -180_000 - 5_000, -5_000), (0, 3_600_000, 0), (Int64.min, -5_000, 0), (.max, -5_000, nil),
        ] as [(Int64, Int64, Int64?)])
    func shifts(offset: Int64, proposed: Int64, expected: Int64?) {
        var correction = StampCorrection(offsetMilliseconds: offset, nowMilliseconds: Self.now, highest: 0)
        let final = correction.final(proposed: Self.time(Self.now + proposed), bases: [])
        #expect(StampTime.milliseconds(final) == expected.map { Self.now + $0 } ?? 0)
    }

    @Test("G5: a final stamp is greater than every base and than the device's earlier ones")
    func greaterThanBases() {
        var correction = StampCorrection(offsetMilliseconds: 0, nowMilliseconds: Self.now, highest: Self.time(Self.now))
        let base = Stamp(time: Self.time(Self.now + 60_000), device: 3)
        let first = correction.final(proposed: Self.time(Self.now - 9), bases: [base])
        #expect(first > base.time)
        #expect(correction.final(proposed: Self.time(Self.now), bases: []) > first)
        var last = StampCorrection(offsetMilliseconds: nil, nowMilliseconds: Self.now, highest: .max)
        #expect(last.final(proposed: 5, bases: []) == .max)
    }
}

@Suite("Record ids")
struct RecordIDTests {
    @Test("The text form keeps every bit", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let id = RecordID(high: generator.next(), low: generator.next())
        #expect(id.description.utf8.count == 26)
        #expect(RecordID(id.description) == id, "id \(id.bytes)")
        #expect(RecordID(bytes: id.bytes) == id)
    }

    @Test("Ids made in the same millisecond differ in their first letters, and none of 0 o 1 l occurs")
    func randomFirst() {
        let one = RecordID(milliseconds: 1_700_000_000_000, random: (1, 0x1234_5678_9ABC_DEF0))
        let other = RecordID(milliseconds: 1_700_000_000_000, random: (1, 0x2234_5678_9ABC_DEF0))
        #expect(one.description.prefix(4) != other.description.prefix(4))
        #expect(!one.description.contains { "0o1l".contains($0) })
        #expect(one.high & 0xF000 == 0x7000 && one.low >> 62 == 2)
    }

    @Test(
        "Wrong letters, lengths and spare bits are refused",
        arguments: ["", "abc", String(repeating: "o", count: 26)])
    func refused(text: String) {
        #expect(RecordID(text) == nil)
        #expect(RecordID(String(repeating: "a", count: 25) + "b") == nil)
    }
}
