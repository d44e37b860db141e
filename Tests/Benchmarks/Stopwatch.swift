/// Times and what is made of them.
enum Stopwatch {
    /// How long a body takes, in milliseconds of the monotonic clock.
    static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let duration = try ContinuousClock().measure(body)
        let (seconds, attoseconds) = duration.components
        return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    }
}

/// The times of several runs of the same thing, in milliseconds.
struct Samples {
    private(set) var milliseconds: [Double] = []

    mutating func add(_ time: Double) { milliseconds.append(time) }

    /// The middle one, or the mean of the two in the middle; 0 where nothing was measured.
    var median: Double {
        let sorted = milliseconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
