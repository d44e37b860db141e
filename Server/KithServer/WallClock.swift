#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The time of day of this machine.
enum WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    static func milliseconds() -> Int64 {
        var time = timespec()
        // The realtime clock always exists, and the pointer lives for the call: clock_gettime(3) can't fail here.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Lets other processes go on for a while.
    static func pause(microseconds: UInt32) {
        // Cut short by a signal it is only shorter: usleep(3).
        _ = usleep(microseconds)
    }
}
