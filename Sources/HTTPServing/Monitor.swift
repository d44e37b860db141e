#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A value behind a lock that threads can wait on until it changes: `Mutex` of the standard library can't wait.
///
/// `@unchecked Sendable`: the value is touched only while the POSIX mutex is held.
@safe
final class Monitor<Value>: @unchecked Sendable {
    private var value: Value
    /// Whether somebody may wait for what a value says: to wake threads that have nothing to do costs each request more than
    /// its own work.
    private let isAwaited: @Sendable (Value) -> Bool
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// - Parameter isAwaited: whether those who wait may be waiting for a change that led to this value.
    init(_ value: Value, isAwaited: @escaping @Sendable (Value) -> Bool = { _ in true }) {
        self.value = value
        self.isAwaited = isAwaited
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        #if canImport(Darwin)
            unsafe pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            unsafe pthread_condattr_init(&attributes)
            unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            unsafe pthread_cond_init(condition, &attributes)
            unsafe pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Reads or changes the value, then wakes those who wait for it.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            if isAwaited(value) { unsafe pthread_cond_broadcast(condition) }
            unsafe pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Waits until the body gives a result.
    func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Waits until the condition holds, at most this long; tells whether it holds.
    @discardableResult
    func wait(atMostMilliseconds limit: Int, until isTrue: (Value) -> Bool) -> Bool {
        let end = MonotonicTime.nowMilliseconds() + limit
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !isTrue(value) {
            let rest = end - MonotonicTime.nowMilliseconds()
            guard rest > 0 else { return false }
            waitOnce(milliseconds: rest, end: end)
        }
        return true
    }

    private func waitOnce(milliseconds rest: Int, end: Int) {
        #if canImport(Darwin)
            var time = MonotonicTime.timespec(milliseconds: rest)
            unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
            var time = MonotonicTime.timespec(milliseconds: end)
            unsafe pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}

/// The clock that no one sets: for deadlines.
enum MonotonicTime {
    /// Milliseconds since an arbitrary moment.
    static func nowMilliseconds() -> Int {
        var time = Self.timespec(milliseconds: 0)
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000 + Int(time.tv_nsec) / 1_000_000
    }

    /// The same as the operating system counts it.
    static func timespec(milliseconds: Int) -> timespec {
        #if canImport(Darwin)
            Darwin.timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        #else
            Glibc.timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        #endif
    }
}
