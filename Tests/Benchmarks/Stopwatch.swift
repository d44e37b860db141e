/// Times and what is made of them.
enum Stopwatch {
    /// How long a body takes, in milliseconds of the monotonic clock.
    static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return milliseconds(since: start)
    }

    /// How long something has taken so far.
    static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    }
}

/// What several runs of the same thing gave, such as times in milliseconds.
struct Samples {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    /// The middle one, or the mean of the two in the middle; 0 where nothing was measured.
    var median: Double { share(0.5) }

    /// The value below which a share of all lies, between two of them by their distance; 0 where nothing was measured.
    func share(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return 0 }
        let place = share * Double(last)
        let below = Int(place)
        return sorted[below] + (sorted[min(below + 1, last)] - sorted[below]) * (place - Double(below))
    }
}
