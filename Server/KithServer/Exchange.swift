import HTTPServing
import SyncCore
import Synchronization

/// A request on its way to its answer, and what the log will say of it.
final class Exchange: Sendable {
    /// The paths that the log names; what else was asked for may be anything.
    private static let paths: Set = ["/v1/sync", "/v1/join", "/v1/history", "/v1/arrivals", "/v1/bundle", "/v1/audit"]

    private struct Notes {
        var device: UInt32?
        var counts = AnsweredRequest.Counts()
    }

    /// Tells it from all others: 16 hexadecimal digits.
    let id: String
    let request: HTTPRequest
    let responder: HTTPResponder
    /// What it made the server do so far.
    let work = WorkMeter()
    private let begun = WallClock.milliseconds()
    private let notes = Mutex(Notes())

    init(request: HTTPRequest, responder: HTTPResponder) {
        self.request = request
        self.responder = responder
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        id = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whose token the request bears; nil for a stranger's.
    var device: UInt32? { notes.withLock { $0.device } }

    /// Whose token the request bears.
    func note(device: UInt32) { notes.withLock { $0.device = device } }

    /// The token has shown whose connection this is.
    func authenticated(as device: UInt32) {
        note(device: device)
        responder.belongs(to: UInt64(device))
    }

    /// What it brought.
    func note(groups: [ChangeGroup]) {
        notes.withLock {
            $0.counts.groups = groups.count
            $0.counts.changes = groups.reduce(0) { $0 + $1.changes.count }
        }
    }

    /// What it is given.
    func note(pages: [FeedPage]) {
        notes.withLock { $0.counts.records = pages.reduce(0) { $0 + $1.records.count } }
    }

    /// What the log says, once the answer is made.
    func answered(status: Int, bytesOut: Int, detail: String? = nil) -> AnsweredRequest {
        let notes = notes.withLock { $0 }
        return AnsweredRequest(
            id: id, path: Self.paths.contains(request.path) ? request.path : "other", status: status,
            device: notes.device, bytesIn: request.body.count, bytesOut: bytesOut, counts: notes.counts,
            durationMilliseconds: WallClock.milliseconds() - begun, detail: detail)
    }
}
