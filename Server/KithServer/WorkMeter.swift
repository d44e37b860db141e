import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Counts how long threads work for one request: the processor's time, not what they wait.
final class WorkMeter: Sendable {
    private struct State {
        var sum = 0.0
        /// Where the time of the lane's thread stood; nil while the lane does nothing for it.
        var begun: Double?
    }

    private let state = Mutex(State())

    /// The lane begins to work for the request; it does one step of it at a time, on one thread.
    func begin() { state.withLock { $0.begun = Self.threadMilliseconds() } }

    /// The lane has stopped working for it, as far as was counted.
    ///
    /// - Returns: the work so far, in milliseconds.
    @discardableResult
    func pause() -> Double {
        state.withLock { state in
            if let begun = state.begun { state.sum += max(0, Self.threadMilliseconds() - begun) }
            state.begun = nil
            return state.sum
        }
    }

    /// Counts work that another thread does for it, perhaps before the lane has paused.
    func measure<T>(_ body: () throws -> T) rethrows -> T {
        let begun = Self.threadMilliseconds()
        defer { state.withLock { $0.sum += max(0, Self.threadMilliseconds() - begun) } }
        return try body()
    }

    /// How long this thread has worked at all (clock_gettime(3)).
    private static func threadMilliseconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }
}
