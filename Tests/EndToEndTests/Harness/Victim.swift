import Foundation
import Synchronization

/// A process that is to be killed while it is surely there; whoever kills waits until it is named.
final class Victim: Sendable {
    private let named = DispatchSemaphore(value: 0)
    private let pid = Mutex<pid_t>(0)

    func name(_ pid: pid_t) {
        self.pid.withLock { $0 = pid }
        named.signal()
    }

    /// From here on it is not killed any more: its number may become another's.
    func forget() { pid.withLock { $0 = 0 } }

    func kill() {
        named.wait()
        pid.withLock { if $0 != 0 { _ = Foundation.kill($0, SIGKILL) } }
    }
}
