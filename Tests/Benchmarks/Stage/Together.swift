import Foundation

/// Many threads that begin at the same moment.
enum Together {
    private static let stackBytes = 512 << 10

    /// Runs a body once for each number, all at once, and waits for the last.
    ///
    /// - Returns: the milliseconds from the common start to the last end.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
        let (ready, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let start = DispatchSemaphore(value: 0)
        for number in 0..<count {
            let thread = Thread {
                ready.signal()
                start.wait()
                body(number)
                done.signal()
            }
            thread.stackSize = stackBytes
            thread.start()
        }
        for _ in 0..<count { ready.wait() }
        let begin = ContinuousClock.now
        for _ in 0..<count { start.signal() }
        for _ in 0..<count { done.wait() }
        return Stopwatch.milliseconds(since: begin)
    }
}
