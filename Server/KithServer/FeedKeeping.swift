import Dispatch
import SyncHub
import Synchronization

/// Keeps the feeds in proportion while the server runs: once a day, in short steps, on a connection of its own.
///
/// `@unchecked Sendable`: the connection is used on `queue` alone; whether to go on is behind a mutex.
final class FeedKeeping: @unchecked Sendable {
    /// How long after the start the first collection begins, and how long after one the next, in seconds.
    private static let delaySeconds = 60
    private static let periodSeconds = 86_400
    /// The pause after each step, in which others may write, in milliseconds.
    private static let pauseMilliseconds = 20

    private let connection: HubConnection
    private let queue = DispatchQueue(label: "kith.feeds", qos: .background)
    private let isStopped = Mutex(false)
    private let log: @Sendable (String) -> Void
    private var collection: FeedCollection

    init(connection: HubConnection, log: @escaping @Sendable (String) -> Void) {
        self.connection = connection
        collection = FeedCollection(hub: connection.hub)
        self.log = log
    }

    /// Begins; returns at once.
    func start() { begin(afterSeconds: Self.delaySeconds) }

    /// Ends after the step in hand.
    func stop() {
        isStopped.withLock { $0 = true }
        queue.sync {}
    }

    private func begin(afterSeconds delay: Int) {
        queue.asyncAfter(deadline: .now() + .seconds(delay)) {
            self.collection = FeedCollection(hub: self.connection.hub)
            self.goOn()
        }
    }

    private func goOn() {
        if isStopped.withLock({ $0 }) { return }
        do {
            guard try collection.step() else {
                let report = collection.report
                if !report.isEmpty {
                    log("feeds: \(report.needless) needless entries and \(report.deleted) old deletions left them")
                }
                return begin(afterSeconds: Self.periodSeconds)
            }
        } catch {
            // Nothing of a step that failed is kept, and nobody waits for it; tomorrow it is tried again.
            log("feeds: not kept today (\(type(of: error)))")
            return begin(afterSeconds: Self.periodSeconds)
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pauseMilliseconds)) { self.goOn() }
    }
}
