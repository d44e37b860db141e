/// A repeatable source of bits that closures can share (SplitMix64; Steele, Lea, Flood 2014).
///
/// Each operation begins with dice of its own, so that leaving one out of a run does not change the others.
final class Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// Begins a new row of numbers.
    func reseed(_ seed: UInt64) { state = seed }

    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number from 0 to `count` - 1.
    func below(_ count: Int) -> Int { count < 2 ? 0 : Int(truncatingIfNeeded: next() % UInt64(count)) }

    /// A number of a range.
    func roll(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// Whether something happens that happens so many times in a thousand.
    func happens(perMille: Int) -> Bool { below(1_000) < perMille }

    /// One of these; nil where there are none.
    func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : items[below(items.count)] }

    /// An index, chosen with these weights.
    func index(weights: [Int]) -> Int {
        var rest = below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if rest < weight { return index }
            rest -= weight
        }
        return weights.count - 1
    }

    /// Spreads the bits of a number.
    static func mix(_ number: UInt64) -> UInt64 {
        var bits = number
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
