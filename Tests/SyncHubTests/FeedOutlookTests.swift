import SyncCore
import Testing

@testable import SyncHub

struct FeedOutlookTests {
    private struct Entry {
        let sequence: UInt64
        let key: Int64
        let mask: UInt64
    }

    private static func outlook(_ entries: [Entry], after: UInt64, through: UInt64) throws -> FeedOutlook {
        try FeedOutlook(FeedStretch(area: 1, after: after, through: through), mark: 1) { body in
            for entry in entries.reversed() where entry.sequence > after && entry.sequence <= through {
                try body(entry.sequence, 1, entry.key, FieldMask(bits: entry.mask))
            }
        }
    }

    @Test("Of random feeds with gaps it knows what a plain search finds", arguments: 1...40)
    func random(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var entries: [Entry] = []
        var sequence: UInt64 = UInt64.random(in: 0...100, using: &dice)
        let keys: [Int64] = [1, 2, 3, 70, 5_000, 1 << 24, 1 << 40, -3]
        for _ in 0..<Int.random(in: 1...400, using: &dice) {
            sequence += UInt64.random(in: 1...(seed % 2 == 0 ? 3 : 150), using: &dice)
            entries.append(
                Entry(
                    sequence: sequence, key: keys.randomElement(using: &dice) ?? 1,
                    mask: 1 << UInt64.random(in: 0...62, using: &dice)))
        }
        let after = UInt64.random(in: 0...sequence, using: &dice)
        let through = UInt64.random(in: after...(sequence + 70), using: &dice)
        let outlook = try Self.outlook(entries, after: after, through: through)
        let inside = entries.filter { $0.sequence > after && $0.sequence <= through }
        for entry in entries {
            let isInside = entry.sequence > after && entry.sequence <= through
            let later = inside.filter { $0.key == entry.key && $0.sequence > entry.sequence }
            let isCovered = isInside && !later.isEmpty
            #expect(outlook.isCovered(entry.sequence) == isCovered)
            guard isInside, !isCovered else { continue }
            let earlier = inside.filter { $0.key == entry.key && $0.sequence < entry.sequence }
            #expect(outlook.mask(coveredBy: entry.sequence).bits == earlier.reduce(0) { $0 | $1.mask })
        }
        for start in after...(through + 3) {
            let next = inside.first { $0.sequence > start && !outlook.isCovered($0.sequence) }?.sequence
            #expect(outlook.next(after: start) == next ?? (max(start, through) + 1))
        }
    }
}
