#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pipe that wakes a thread from poll(2).
final class WakingPipe: Sendable {
    /// What the thread waits for beside its other files.
    let reading: Int32
    private let writing: Int32

    /// - Throws: `cannotMakePipe` where the system has no more files.
    init() throws(HTTPServingError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .cannotMakePipe(errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Wakes the thread.
    func wake() {
        var byte: UInt8 = 0
        // A full pipe wakes it as well.
        _ = unsafe write(writing, &byte, 1)
    }

    /// Takes what was written, so that it is not woken again.
    func empty() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(reading, &bytes, bytes.count) > 0 {}
    }
}
