import Cryptography
import Database
import Dispatch
import SyncCore
import SyncHub
import Synchronization

/// The server's only writer: gathers the pushes that wait into one transaction, commits once, then answers.
///
/// `@unchecked Sendable`: the connection and the flag are used on `queue` alone; what waits is behind a mutex.
final class PushQueue: @unchecked Sendable {
    /// What became of one push.
    typealias Completion = @Sendable (Result<Acceptance, any Error>) -> Void

    /// What a device sent, and who waits for what becomes of it.
    struct Push: Sendable {
        let device: UInt32
        let request: SyncRequest
        let readings: GroupReadings?
        let work: WorkMeter?
        let completion: Completion
        /// Whether it has waited for the one that it follows.
        var hasWaited = false
    }

    /// The most pushes that share one commit.
    private static let largestBatch = 256

    private let connection: HubConnection
    let queue = DispatchQueue(label: "kith.writer")
    let waiting = Mutex<[Push]>([])
    private let sightings = Mutex(Sightings())
    private var cleansLater = false
    private var writesTouchesLater = false
    private var tried = TriedBundles()
    var early = EarlyPushes<Push>()
    private var strangers = Strangers()
    /// When the next line about strangers may be written.
    private var strangersDue = DispatchTime.now()

    init(connection: HubConnection) {
        self.connection = connection
        // A server may have been cut off between an erasure and the cleaning of its files.
        connection.hub.leavesErasedContent = true
        queue.async { self.cleanAfterErasure() }
    }

    /// Takes a device's groups; `completion` is called on the writer's thread once they are on the disk, or refused; at
    /// once where a part of the request can't be read.
    /// - Parameters:
    ///   - readings: what a hub said of the groups by themselves, on another thread.
    ///   - work: is told how long it took to take them.
    func push(
        _ request: SyncRequest, readings: GroupReadings? = nil, from device: UInt32, work: WorkMeter? = nil,
        completion: @escaping Completion
    ) {
        do throws(CBORError) {
            try Hub.checkParts(of: request)
        } catch {
            completion(.failure(error))
            return
        }
        waiting.withLock {
            $0.append(Push(device: device, request: request, readings: readings, work: work, completion: completion))
        }
        queue.async { self.drain() }
    }

    /// Notes when a device was last heard of; written with the next commit, or soon by itself.
    ///
    /// - Parameter request: what it said, for what it holds of the audit log and of the ledger.
    func touch(_ device: UInt32, at milliseconds: Int64, _ request: SyncRequest) throws {
        let head = try request.auditHead()
        let signature = try request.auditSignature()
        let standing = try request.standing()
        let ledger = try request.ledgerProgress()
        note { sightings in
            sightings.seen[device] = milliseconds
            if let ledger { sightings.ledgers[device] = ledger }
            if let standing { sightings.standings[device] = standing }
            // What it said first: later words follow from the replies that it had since, and come again.
            if let head, head.number > 0, sightings.heads[device] == nil {
                sightings.heads[device] = Sightings.Head(head: head, signature: signature, history: request.epoch)
            }
        }
    }

    /// Notes that a token was refused; those of a short while share a line of the audit log.
    ///
    /// - Parameter device: the one that is shut out; nil for a token that nobody has.
    func noteRefusal(of device: UInt32?) {
        note { sightings in
            if let device {
                sightings.refusals[device, default: 0] += 1
            } else {
                sightings.strangers.tokens += 1
            }
        }
    }

    /// Notes that somebody tried to join without an invitation that could be taken.
    func noteWrongInvitation() { note { $0.strangers.invitations += 1 } }

    private func note(_ change: (inout Sightings) -> Void) {
        let isFirst = sightings.withLock { sightings in
            defer { change(&sightings) }
            return sightings.isEmpty
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.touchDelayMilliseconds)) { self.writeTouches() }
    }

    /// How long a sighting of a device may wait for a commit that happens anyway. What a device signs of the audit log is asked for
    /// until it is written.
    private static let touchDelayMilliseconds = 250
    /// How long after it failed the file is cleaned once more, in milliseconds.
    private static let cleaningDelayMilliseconds = 250
    /// How long whoever is not known, and tries again and again, shares one line of the audit log.
    private static let strangerGapMilliseconds = 60_000
    /// How long after a commit that failed sightings are written again.
    private static let retrySeconds = 5

    /// Runs other work of the writer, such as enrolling a device, which opens a transaction of its own.
    ///
    /// - Parameter work: is told how long it took.
    func perform<T: Sendable>(
        work: WorkMeter? = nil, _ body: @escaping @Sendable (Hub) throws -> T,
        completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        queue.async {
            let result = Result {
                try work?.measure { try body(self.connection.hub) } ?? body(self.connection.hub)
            }
            self.cleanAfterErasure()
            completion(result)
        }
    }

    /// Waits until everything that was taken is written and answered; then folds the log into the database.
    func finish() throws {
        try queue.sync {
            drain()
            for push in early.takeAll() { takeAgain(push) }
            drain()
            strangersDue = .now()
            writeTouches()
            try connection.database.checkpoint(.truncate)
        }
    }

    func drain() {
        let batch = waiting.withLock { waiting in
            let batch = Array(waiting.prefix(Self.largestBatch))
            waiting.removeFirst(batch.count)
            return batch
        }
        guard !batch.isEmpty else { return }
        var outcomes: [Result<Acceptance, any Error>] = []
        var seen = Sightings()
        do {
            try connection.store.transaction {
                outcomes = try batch.map { push in
                    try push.work?.measure { try accept(push) } ?? accept(push)
                }
                try recordTouches(&seen)
            }
        } catch {
            giveBack(seen)
            // What came of opening files was taken back with all else.
            tried = TriedBundles()
            outcomes = batch.map { _ in .failure(error) }
        }
        cleanAfterErasure()
        for (push, outcome) in zip(batch, outcomes) { settle(push, outcome) }
        checkpointWhenIdle()
    }

    /// One push in a savepoint of its own: a failure takes back that push alone.
    ///
    /// - Throws: what the disk or the file reports, for that concerns all of them.
    private func accept(_ push: Push) throws -> Result<Acceptance, any Error> {
        let acceptance: Acceptance
        do {
            acceptance = try connection.hub.accept(push.request, from: push.device, readings: push.readings)
        } catch let error as DatabaseError where error.kind != .constraint {
            throw error
        } catch {
            // A row that breaks a rule of its table is this push's own matter, and was taken back with all of it.
            return .failure(error)
        }
        do {
            // A sealed file may have waited for what came now, or has come with it.
            if try !connection.hub.ripeBundles(of: push.device).isEmpty {
                _ = try SealedBundle.handWaiting(
                    of: push.device, to: connection.hub, key: try connection.officeKey.sealingKey(), tried: &tried)
            }
        } catch let error as DatabaseError {
            throw error
        } catch {
            return .failure(error)
        }
        return .success(acceptance)
    }

    private func writeTouches() {
        guard !strangers.isEmpty || sightings.withLock({ !$0.isEmpty }) else { return }
        var seen = Sightings()
        do {
            try connection.store.transaction { try recordTouches(&seen) }
        } catch {
            giveBack(seen)
        }
    }

    /// Keeps what could not be written, for a later commit: what a laptop holds of the audit log is said by it only once.
    private func giveBack(_ taken: Sightings) {
        if taken.isEmpty { return }
        sightings.withLock { $0 = $0.laid(over: taken) }
        if writesTouchesLater { return }
        writesTouchesLater = true
        queue.asyncAfter(deadline: .now() + .seconds(Self.retrySeconds)) {
            self.writesTouchesLater = false
            self.writeTouches()
        }
    }

    /// - Parameter taken: what is written, for `giveBack` where the transaction fails.
    private func recordTouches(_ taken: inout Sightings) throws {
        taken = sightings.withLock { sightings in
            defer { sightings = Sightings() }
            return sightings
        }
        let hub = connection.hub
        for (device, time) in taken.seen { try hub.touch(device, at: time) }
        for (device, standing) in taken.standings { try hub.note(standing, of: device) }
        for (device, progress) in taken.ledgers { try hub.note(progress, of: device) }
        for (device, told) in taken.heads {
            try hub.note(auditHead: told.head, signature: told.signature, of: device, in: told.history)
        }
        for (device, count) in taken.refusals {
            try hub.audit(.signInRefused, subject: Hub.subject(UInt64(device)), detail: UInt64(count))
        }
        try record(&taken.strangers)
    }

    /// Writes down what strangers tried, once in a while: the log must not grow as fast as somebody can ask.
    ///
    /// - Parameter new: what came since; afterwards what is written.
    private func record(_ new: inout Strangers) throws {
        let all = strangers.adding(new)
        guard !all.isEmpty else { return }
        guard strangersDue <= .now() else {
            if strangers.isEmpty { queue.asyncAfter(deadline: strangersDue) { self.writeTouches() } }
            (strangers, new) = (all, Strangers())
            return
        }
        (strangers, new) = (Strangers(), all)
        strangersDue = .now() + .milliseconds(Self.strangerGapMilliseconds)
        let hub = connection.hub
        if all.tokens > 0 { try hub.audit(.signInRefused, detail: UInt64(all.tokens)) }
        if all.invitations > 0 { try hub.noteWrongInvitations(all.invitations) }
    }

    /// Takes note that a command beside this server has removed something for good; returns at once.
    func noteErasure() {
        queue.async {
            self.connection.hub.leavesErasedContent = true
            self.cleanAfterErasure()
        }
    }

    /// What an order removed that a device's ledger brought stands in the file and its log until those are cleaned.
    private func cleanAfterErasure() {
        guard connection.hub.leavesErasedContent, !cleansLater else { return }
        let outcome = try? connection.store.cleanAfterErasure()
        let hasNoGaps = outcome?.hasNoGaps == true
        if hasNoGaps, outcome?.isLogEmpty == true {
            connection.hub.leavesErasedContent = false
            return
        }
        // Another process reads or writes, or the disk has no room: tried again until it works, but what may fill the disk for a
        // while not at once.
        cleansLater = true
        let delay = hasNoGaps ? Self.cleaningDelayMilliseconds : Self.rewriteDelayMilliseconds
        queue.asyncAfter(deadline: .now() + .milliseconds(delay)) {
            self.cleansLater = false
            self.cleanAfterErasure()
        }
    }

    /// How long after it failed the file is written anew once more, in milliseconds.
    private static let rewriteDelayMilliseconds = 300_000

    /// Folds the log into the database when nobody waits, or when it has grown large.
    private func checkpointWhenIdle() {
        let isIdle = waiting.withLock { $0.isEmpty }
        let limit = isIdle ? HubConnection.checkpointLimitBytes : HubConnection.busyCheckpointLimitBytes
        // Harmless where it fails: what was acknowledged is in the log, and the next commit tries again.
        _ = try? connection.database.foldWhenLong(limitBytes: limit, keptBytes: HubConnection.keptLogBytes)
    }
}
