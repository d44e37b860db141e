// Glibc's module lacks what shutdown(2) is told; it comes with the header of MHD.
import CMicroHTTPD

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What is open at this moment: connections with their deadlines, requests without an answer, replies on their way.
///
/// MHD's own timeout counts inactivity alone, so that one byte now and then would hold a connection for ever. Hence
/// each connection has a deadline here, and a sweeping thread shuts the socket of one that is late; MHD sees the end
/// of the stream and closes it. A check in upload calls alone would miss a client that sends nothing more, or that
/// never gets as far as a body. Shutting happens under the lock that `closed` takes before MHD closes the socket, so
/// that a number which the system has already given to another file is never shut.
final class ConnectionLedger: Sendable {
    private struct State {
        /// Socket to deadline in monotonic milliseconds.
        var deadlines: [Int32: Int] = [:]
        var unanswered: [ObjectIdentifier: RequestExchange] = [:]
        var repliesOnTheirWay = 0
        /// The bytes of the bodies of those who are known.
        var bodyBytes = 0
        /// The same of all strangers, and by address.
        var strangersBodyBytes = 0
        var bodyBytesOfStrangers: [String: Int] = [:]
        var isStopping = false
        var hasStopped = false

        mutating func forgetBody(bytes: Int, stranger: String?) {
            guard let stranger else { return bodyBytes -= bytes }
            strangersBodyBytes -= bytes
            let rest = (bodyBytesOfStrangers[stranger] ?? 0) - bytes
            bodyBytesOfStrangers[stranger] = rest > 0 ? rest : nil
        }
    }

    /// A deadline that never comes: the time while the handler works is the handler's.
    private static let never = Int.max
    /// Longest time between two sweeps.
    private static let longestSweepMilliseconds = 1_000

    /// Until the end is near nobody waits for anything here.
    private let state = Monitor(State()) { $0.isStopping || $0.hasStopped }
    private let bodiesLimitBytes: Int
    private let strangersLimitBytes: Int
    private let strangersPerAddressLimitBytes: Int
    private let requestMilliseconds: Int
    private let replyMilliseconds: Int
    private let idleMilliseconds: Int

    init(settings: HTTPServerSettings) {
        bodiesLimitBytes = settings.allBodiesLimitBytes
        strangersLimitBytes = min(settings.strangersBodiesLimitBytes, settings.allBodiesLimitBytes)
        strangersPerAddressLimitBytes = min(settings.strangersBodiesPerAddressLimitBytes, strangersLimitBytes)
        requestMilliseconds = settings.requestDeadlineMilliseconds
        replyMilliseconds = settings.replyDeadlineMilliseconds
        idleMilliseconds = settings.idleTimeoutSeconds * 1_000
    }

    // MARK: Connections

    /// A connection was accepted: it may be silent no longer than later on, and its first request is begun in that time.
    func connectionBegins(socket: Int32) {
        setDeadline(socket, MonotonicTime.nowMilliseconds() + min(requestMilliseconds, idleMilliseconds))
    }

    /// The first line of a request came: its deadline starts.
    func requestBegins(socket: Int32) {
        setDeadline(socket, MonotonicTime.nowMilliseconds() + requestMilliseconds)
    }

    /// MHD is about to close the socket.
    func closed(socket: Int32) {
        state.withLock { _ = $0.deadlines.removeValue(forKey: socket) }
    }

    private func setDeadline(_ socket: Int32, _ deadline: Int) {
        state.withLock { $0.deadlines[socket] = deadline }
    }

    // MARK: Requests

    /// Counts bytes of a body; false if all bodies together would go over the limit.
    ///
    /// - Parameter stranger: the address of whoever has shown no credential that is known; nil for the others, who get what
    ///   strangers leave, and strangers can't take all of it.
    func addBody(bytes: Int, stranger: String?) -> Bool {
        state.withLock { state in
            let all = state.bodyBytes + state.strangersBodyBytes + bytes
            guard let stranger else {
                guard all <= bodiesLimitBytes else { return false }
                state.bodyBytes += bytes
                return true
            }
            let own = state.bodyBytesOfStrangers[stranger, default: 0] + bytes
            guard all <= bodiesLimitBytes, state.strangersBodyBytes + bytes <= strangersLimitBytes,
                own <= strangersPerAddressLimitBytes
            else { return false }
            state.strangersBodyBytes += bytes
            state.bodyBytesOfStrangers[stranger] = own
            return true
        }
    }

    /// The body is complete and the handler's turn comes; false if the server is stopping.
    func handlerBegins(_ exchange: RequestExchange) -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.unanswered[ObjectIdentifier(exchange)] = exchange
            state.deadlines[exchange.socket] = Self.never
            return true
        }
    }

    /// The answer is there and will be sent.
    func replyBegins(_ exchange: RequestExchange) {
        let deadline = MonotonicTime.nowMilliseconds() + replyMilliseconds
        state.withLock { state in
            guard state.unanswered.removeValue(forKey: ObjectIdentifier(exchange)) != nil else { return }
            state.repliesOnTheirWay += 1
            state.deadlines[exchange.socket] = deadline
        }
    }

    /// MHD is done with the request, for better or worse.
    func completed(_ exchange: RequestExchange, bodyBytes: Int, wasReply: Bool) {
        let deadline = MonotonicTime.nowMilliseconds() + idleMilliseconds
        state.withLock { state in
            state.unanswered.removeValue(forKey: ObjectIdentifier(exchange))
            state.forgetBody(bytes: bodyBytes, stranger: exchange.stranger)
            if wasReply { state.repliesOnTheirWay -= 1 }
            state.deadlines[exchange.socket] = deadline
        }
    }

    // MARK: Sweeping and stopping

    /// Shuts late connections until the server stops.
    func sweep() {
        let pause = min(Self.longestSweepMilliseconds, max(10, requestMilliseconds / 4))
        while !state.wait(atMostMilliseconds: pause, until: { $0.hasStopped }) {
            shutLate(now: MonotonicTime.nowMilliseconds())
        }
    }

    private func shutLate(now: Int) {
        state.withLock { state in
            for (socket, deadline) in state.deadlines where deadline <= now {
                shutdown(socket, Int32(SHUT_RDWR))
                state.deadlines[socket] = Self.never
            }
        }
    }

    /// Refuses new requests and waits for the answers to those at hand; returns those that are still without one.
    func refuseAndWait(milliseconds: Int) -> [RequestExchange] {
        state.withLock { $0.isStopping = true }
        state.wait(atMostMilliseconds: milliseconds) { $0.unanswered.isEmpty }
        return state.withLock { Array($0.unanswered.values) }
    }

    /// Waits until the replies are sent.
    func waitForReplies(milliseconds: Int) {
        state.wait(atMostMilliseconds: milliseconds) { $0.repliesOnTheirWay == 0 }
    }

    /// Ends the sweeping.
    func stopped() {
        state.withLock { $0.hasStopped = true }
    }
}
