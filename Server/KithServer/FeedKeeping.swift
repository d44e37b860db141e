import Dispatch
import SyncHub
import Synchronization

/// What the server does once a day while it runs, and soon after the start: keeps the feeds in proportion, in short steps on
/// a connection of its own, and warns of a backup that is due.
///
/// A day is one of the clock on the wall: a machine that slept meanwhile is late by seconds, not by a night.
///
/// `@unchecked Sendable`: the connection is used on `queue` alone; whether to go on is behind a mutex.
final class FeedKeeping: @unchecked Sendable {
    /// How often it looks whether a day has passed, in seconds.
    private static let lookSeconds = 10
    /// How long after one collection the next begins, in milliseconds.
    private static let periodMilliseconds: Int64 = 86_400_000
    /// The pause after each step, in which others may write, in milliseconds.
    private static let pauseMilliseconds = 20

    private let connection: HubConnection
    private let queue = DispatchQueue(label: "kith.feeds", qos: .background)
    private let isStopped = Mutex(false)
    private let folder: ServerFolder
    private let log: ServerLog
    /// Is called while gaps of pages in the file may hold what was removed for good.
    private let onGaps: @Sendable () -> Void
    private var collection: FeedCollection
    /// When the last collection began, in milliseconds since 1970.
    private var begunAt: Int64?

    init(connection: HubConnection, folder: ServerFolder, log: ServerLog, onGaps: @escaping @Sendable () -> Void) {
        self.connection = connection
        self.folder = folder
        collection = FeedCollection(hub: connection.hub)
        self.log = log
        self.onGaps = onGaps
    }

    /// Begins; returns at once.
    func start() { look() }

    /// Ends after the step in hand.
    func stop() {
        isStopped.withLock { $0 = true }
        queue.sync {}
    }

    private func look() {
        queue.asyncAfter(deadline: .now() + .seconds(Self.lookSeconds)) {
            if self.isStopped.withLock({ $0 }) { return }
            let now = WallClock.milliseconds()
            // A command beside this server may have erased something. Where it can't be asked now, it is soon.
            if (try? self.connection.store.leavesGaps()) == true { self.onGaps() }
            // A clock that was set back tells nothing of a day: one collection more costs little.
            if let begun = self.begunAt, begun <= now, now - begun < Self.periodMilliseconds { return self.look() }
            self.begunAt = now
            self.warnOfBackup(now)
            self.collection = FeedCollection(hub: self.connection.hub)
            self.goOn()
        }
    }

    /// Once a day: a server that runs for months must not keep it to itself.
    private func warnOfBackup(_ now: Int64) {
        do {
            let backup = try BackupAge(connection.hub, folder: folder, now: now)
            if backup.isTooOld { log.note(backup.line, level: .warning) }
        } catch {
            log.note("backup: its age can't be told (\(type(of: error)))", level: .error)
        }
    }

    private func goOn() {
        if isStopped.withLock({ $0 }) { return }
        do {
            guard try collection.step() else {
                let report = collection.report
                if !report.isEmpty {
                    log.note("feeds: \(report.needless) needless entries and \(report.deleted) old deletions left them")
                }
                return look()
            }
        } catch {
            // Nothing of a step that failed is kept, and nobody waits for it; tomorrow it is tried again.
            log.note("feeds: not kept today (\(type(of: error)))", level: .error)
            return look()
        }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pauseMilliseconds)) { self.goOn() }
    }
}
