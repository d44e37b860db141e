import Synchronization

/// Slows guessing down: whoever fails to sign in again and again waits longer for each answer.
///
/// Offices share one address, so that nobody is shut out by an address: a right token and a right code are never made to
/// wait, refusals alone are. What is counted is bounded, and forgotten after a while.
final class FailedSignIns: Sendable {
    /// How the slowing is measured out.
    struct Limits: Sendable {
        /// How many failures are answered at once.
        var freeCount = 10
        /// How long a failure counts, in milliseconds: 15 minutes.
        var memoryMilliseconds: Int64 = 900_000
        /// The first wait in milliseconds; each further failure doubles it.
        var firstDelayMilliseconds: Int64 = 1_000
        /// The longest wait in milliseconds.
        var longestDelayMilliseconds: Int64 = 60_000
        /// How many addresses and tokens are remembered; beyond that the oldest are forgotten.
        var largestCount = 20_000
    }

    /// Who failed: an address, or whoever shows one secret.
    private enum Who: Hashable {
        case address(String)
        case secret([UInt8])
    }

    private struct Failures {
        var count: Int
        var last: Int64
    }

    private let limits: Limits
    private let failures = Mutex<[Who: Failures]>([:])

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Counts a failure.
    ///
    /// - Parameters:
    ///   - address: where it came from; "" where that is not known.
    ///   - secretHash: a hash of what was shown; empty where nothing was.
    ///   - now: milliseconds since 1970.
    /// - Returns: how long the refusal must wait, in milliseconds.
    func note(address: String, secretHash: [UInt8], at now: Int64) -> Int64 {
        failures.withLock { failures in
            if failures.count >= limits.largestCount { forget(&failures, at: now) }
            var count = 0
            for who in [Who.address(address), .secret(secretHash)] where who != .address("") && who != .secret([]) {
                var known = failures[who] ?? Failures(count: 0, last: now)
                if !isRecent(known, at: now) { known.count = 0 }
                known.count += 1
                known.last = now
                failures[who] = known
                count = max(count, known.count)
            }
            return delay(count)
        }
    }

    /// Takes back one failure of somebody who has shown since who they are: after a restore a whole office does so, one
    /// laptop after the other, from one address.
    func forgive(address: String, secretHash: [UInt8]) {
        failures.withLock { failures in
            for who in [Who.address(address), .secret(secretHash)] {
                guard var known = failures[who] else { continue }
                known.count -= 1
                failures[who] = known.count > 0 ? known : nil
            }
        }
    }

    private func delay(_ count: Int) -> Int64 {
        guard count > limits.freeCount else { return 0 }
        // Enough to reach the longest delay from one millisecond, and no shift that overflows.
        let doublings = min(count - limits.freeCount - 1, 40)
        return min(limits.firstDelayMilliseconds << Int64(doublings), limits.longestDelayMilliseconds)
    }

    /// A clock that was set back forgets early: a guess more is no harm.
    private func isRecent(_ failures: Failures, at now: Int64) -> Bool {
        (0..<limits.memoryMilliseconds).contains(now - failures.last)
    }

    private func forget(_ failures: inout [Who: Failures], at now: Int64) {
        failures = failures.filter { isRecent($0.value, at: now) }
        guard failures.count >= limits.largestCount else { return }
        let times = failures.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        failures = failures.filter { $0.value.last > middle }
    }
}
