import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Slows a device down that asks for more than its share while others want something too.
///
/// Each device may use the server for a while at once, as a laptop does that comes back after weeks; what goes beyond that is
/// answered later, so that the server has idle time between. Nobody is refused. Who is alone is never slowed, and neither are
/// devices that ask for as much as the others there do: there is nobody to be protected from them.
final class FairShares: Sendable {
    /// How the shares are measured out; times are of the server's work, in milliseconds.
    struct Limits: Sendable {
        /// How much work a device may cause at once.
        var burst = 500.0
        /// How much of the time a device may use beyond that, from 0 to 1.
        var share = 0.06
        /// How many times as much as the others there use on average a device may use in any case.
        var equality = 1.5
        /// How long others count as being there after their last request, in milliseconds.
        var presence = 300.0
        /// The time over which it is counted how much a device uses, in milliseconds.
        var window = 1_000.0
        /// The longest an answer waits, in milliseconds.
        var longestDelay = 2_000.0
        /// How many devices are remembered; the others are those that were not heard of for long.
        var largestCount = 4_096
    }

    private struct Account {
        /// Work that is not paid off by time yet.
        var debt = 0.0
        /// Work of late: what was done fades over the window.
        var recent = 0.0
        /// Up to when both are counted.
        var counted: Double
        /// When the device last asked for something; while it waits for an answer it asks for nothing.
        var seen: Double

        func recent(at now: Double, window: Double) -> Double { recent * exp(-max(0, now - counted) / window) }
    }

    private let limits: Limits
    private let accounts = Mutex<[UInt32: Account]>([:])

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Counts what a device made the server do, now.
    ///
    /// - Parameter work: milliseconds.
    /// - Returns: how long the answer must wait, in milliseconds.
    func note(_ work: Double, of device: UInt32) -> Double { note(work, of: device, at: Self.now()) }

    /// Whether others are there now beside a device.
    func hasOthers(beside device: UInt32) -> Bool { hasOthers(beside: device, at: Self.now()) }

    private static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1_000_000 }

    /// The same at a given moment.
    ///
    /// - Parameters:
    ///   - work: milliseconds.
    ///   - now: milliseconds of a clock that never goes back.
    /// - Returns: how long the answer must wait, in milliseconds.
    func note(_ work: Double, of device: UInt32, at now: Double) -> Double {
        accounts.withLock { accounts in
            var account = accounts[device] ?? Account(counted: now, seen: now)
            account.seen = now
            let delay = settle(&account, of: device, work: work, at: now, accounts)
            accounts[device] = account
            if accounts.count > limits.largestCount {
                accounts = accounts.filter { now - $0.value.seen < limits.presence }
            }
            return delay
        }
    }

    /// The same at a given moment.
    ///
    /// - Parameter now: milliseconds of a clock that never goes back.
    func hasOthers(beside device: UInt32, at now: Double) -> Bool {
        accounts.withLock { $0.contains { $0.key != device && now - $0.value.seen < limits.presence } }
    }

    /// Adds work, pays off what time has paid, and tells how long the answer must wait, in milliseconds.
    ///
    /// Each answer has a wait of its own: were all that a device waits for let go at once, it would ask for as much at once.
    private func settle(
        _ account: inout Account, of device: UInt32, work: Double, at now: Double, _ accounts: [UInt32: Account]
    ) -> Double {
        let passed = max(0, now - account.counted)
        let recent = account.recent(at: now, window: limits.window) + work
        let debt = max(0, account.debt + work - passed * limits.share)
        (account.recent, account.debt, account.counted) = (recent, debt, now)
        // Within its burst nobody need be looked for.
        guard debt > limits.burst else { return 0 }
        let others = accounts.filter { $0.key != device && now - $0.value.seen < limits.presence }.map(\.value)
        let used = others.reduce(0) { $0 + $1.recent(at: now, window: limits.window) }
        let enough = others.isEmpty ? .infinity : limits.equality * used / Double(others.count)
        guard recent > enough else {
            // Alone, or among its like, it owes nobody anything.
            account.debt = limits.burst
            return 0
        }
        return min((debt - limits.burst) / max(limits.share, enough / limits.window), limits.longestDelay)
    }
}
