import Dispatch
import Synchronization

/// Slows a device down that asks for more than its share while others want something too.
///
/// Each device may use the server for a while at once, as a laptop does that comes back after weeks; what goes beyond that is
/// answered later, so that the server has idle time between. Nobody is refused, and a device that is alone is never slowed.
final class FairShares: Sendable {
    /// How the shares are measured out; times are of the server's work, in milliseconds.
    struct Limits: Sendable {
        /// How much work a device may cause at once.
        var burst = 500.0
        /// How much of the time a device may use beyond that, from 0 to 1.
        var share = 0.06
        /// How long others count as being there after their last request, in milliseconds.
        var presence = 1_000.0
        /// The longest an answer waits, in milliseconds.
        var longestDelay = 2_000.0
        /// How many devices are remembered; the others are those that were not heard of for long.
        var largestCount = 4_096
    }

    private struct Account {
        /// Work that is not paid off by time yet.
        var debt = 0.0
        var seen: Double
    }

    private let limits: Limits
    private let accounts = Mutex<[UInt32: Account]>([:])

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Counts what a device made the server do, now.
    ///
    /// - Parameter work: milliseconds.
    /// - Returns: how long the answer must wait, in milliseconds.
    func note(_ work: Double, of device: UInt32) -> Double {
        note(work, of: device, at: Double(DispatchTime.now().uptimeNanoseconds) / 1_000_000)
    }

    /// The same at a given moment.
    ///
    /// - Parameters:
    ///   - work: milliseconds.
    ///   - now: milliseconds of a clock that never goes back.
    /// - Returns: how long the answer must wait, in milliseconds.
    func note(_ work: Double, of device: UInt32, at now: Double) -> Double {
        accounts.withLock { accounts in
            var account = accounts[device] ?? Account(seen: now)
            account.debt = max(0, account.debt - max(0, now - account.seen) * limits.share) + work
            account.seen = now
            let hasOthers = accounts.contains { $0.key != device && now - $0.value.seen < limits.presence }
            // Alone it owes nobody anything.
            if !hasOthers { account.debt = min(account.debt, limits.burst) }
            accounts[device] = account
            if accounts.count > limits.largestCount {
                accounts = accounts.filter { now - $0.value.seen < limits.presence }
            }
            return min(max(0, account.debt - limits.burst) / limits.share, limits.longestDelay)
        }
    }
}
