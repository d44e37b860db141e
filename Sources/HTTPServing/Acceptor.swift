import CMicroHTTPD

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Accepts connections and hands those to MHD that may come in.
///
/// MHD can only refuse whoever is one too many; here they wait. Everything that MHD is handed is handed on this one
/// thread; other threads change the gate and wake it.
final class Acceptor: Sendable {
    private struct State {
        var gate: ConnectionGate
        /// The addresses of those who wait, as the system gave them.
        var addresses: [Int32: sockaddr_storage] = [:]
        var isStopping = false
        var hasStopped = false
        /// When a crowd may be told of again.
        var warningDue = 0
        /// When it may be told again that all places are taken.
        var fullWarningDue = 0
    }

    /// How often those are looked for who have waited for too long, in milliseconds.
    private static let sweepMilliseconds: Int32 = 1_000
    /// The most connections that are accepted before those who wait are looked at again.
    private static let largestBatch = 64
    /// How often a crowd is told of, in milliseconds.
    private static let warningMilliseconds = 60_000

    private let listening: Int32
    /// How long a connection may wait unread, in milliseconds.
    private let longestWait: Int
    private let log: @Sendable (String) -> Void
    /// Wakes the thread.
    private let waking: WakingPipe
    private let state: Monitor<State>

    /// - Parameter socket: the listening one, which is closed by `stop`.
    init(socket: Int32, settings: HTTPServerSettings) throws(HTTPServingError) {
        waking = try WakingPipe()
        listening = socket
        longestWait = settings.requestDeadlineMilliseconds
        log = settings.log
        state = Monitor(State(gate: ConnectionGate(settings: settings))) { $0.isStopping }
    }

    // MARK: What others say

    /// MHD is about to close a connection.
    func closed(_ socket: Int32) {
        let isAwaited = state.withLock { state in
            state.gate.closed(socket)
            return state.gate.hasWaiting
        }
        // Only where somebody waits: each request would cost two more switches of threads otherwise.
        if isAwaited { waking.wake() }
    }

    /// The headers of a request show a known credential: its connection may stay until its body is there.
    func vouch(for socket: Int32) { state.withLock { $0.gate.vouch(for: socket) } }

    /// A connection has shown whose it is; an older one of the same owner that is one too many is shut.
    func belongs(_ socket: Int32, to owner: UInt64) {
        let isAwaited = state.withLock { state in
            guard state.gate.owner(of: socket) != owner else { return false }
            // Under the lock that `closed` takes before MHD closes a socket: its number is still the same connection's.
            if let surplus = state.gate.belongs(socket, to: owner) { shutdown(surplus, Int32(SHUT_RDWR)) }
            return state.gate.hasWaiting
        }
        if isAwaited { waking.wake() }
    }

    /// Accepts nobody from here on, and lets go of those who wait; returns when the thread has ended.
    func stop() {
        state.withLock { $0.isStopping = true }
        waking.wake()
        state.wait { $0.hasStopped ? () : nil }
    }

    // MARK: The thread

    /// Accepts until `stop`.
    ///
    /// - Parameter hand: gives a socket to MHD, which closes it also where it does not want it; false then.
    func run(hand: (Int32, sockaddr_storage) -> Bool) {
        while !state.withLock({ $0.isStopping }) {
            waitForNews()
            acceptSome()
            dismissLate()
            while let (socket, address) = next() {
                if !hand(socket, address) { state.withLock { $0.gate.closed(socket) } }
            }
            makeRoom()
        }
        state.withLock { state in
            for arrival in state.gate.dismissWaiting() { close(arrival.socket) }
            close(listening)
            state.hasStopped = true
        }
    }

    private func waitForNews() {
        let hasWaiting = state.withLock { $0.gate.hasWaiting }
        var files = [
            pollfd(fd: waking.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listening, events: Int16(POLLIN), revents: 0),
        ]
        // Cut short by a signal it looks once more than needed.
        _ = unsafe poll(&files, nfds_t(files.count), hasWaiting ? Self.sweepMilliseconds : -1)
        waking.empty()
    }

    private func acceptSome() {
        for _ in 0..<Self.largestBatch where !state.withLock({ $0.isStopping }) {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let socket = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe accept(listening, $0, &length)
                }
            }
            guard socket >= 0 else {
                // Nobody is there, or they have gone; where files have run out, a moment's rest until some are closed.
                if errno == EMFILE || errno == ENFILE { _ = usleep(Self.restMicroseconds) }
                return
            }
            _ = fcntl(socket, F_SETFL, O_NONBLOCK)
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            take(socket, from: address)
        }
    }

    /// Lets a connection wait, and one of a crowd go where too many wait.
    private func take(_ socket: Int32, from address: sockaddr_storage) {
        let now = MonotonicTime.nowMilliseconds()
        let arrival = ConnectionGate.Arrival(
            socket: socket, address: SocketAddress.neighbourhood(of: address), milliseconds: now)
        let warning = state.withLock { state -> String? in
            state.addresses[socket] = address
            guard let surplus = state.gate.arrive(arrival) else { return nil }
            let count = state.gate.waitingCount(of: surplus.address)
            state.addresses[surplus.socket] = nil
            close(surplus.socket)
            guard now >= state.warningDue else { return nil }
            state.warningDue = now + Self.warningMilliseconds
            return
                "\(count) connections of one address wait, and all places to wait are taken: further ones are closed."
        }
        if let warning { log(warning) }
    }

    /// Lets those go who have waited for as long as a request may take.
    private func dismissLate() {
        state.withLock { state in
            guard state.gate.hasWaiting else { return }
            for arrival in state.gate.dismiss(since: MonotonicTime.nowMilliseconds() - longestWait) {
                state.addresses[arrival.socket] = nil
                close(arrival.socket)
            }
        }
    }

    /// Where all places are taken and others wait, shuts those of strangers who have been in for long.
    private func makeRoom() {
        let now = MonotonicTime.nowMilliseconds()
        let warning = state.withLock { state -> String? in
            guard state.gate.isFull, state.gate.hasWaiting else { return nil }
            let count = state.gate.strangerCount
            // Under the lock that `closed` takes before MHD closes a socket: its number is still the same connection's.
            while let socket = state.gate.makeRoom(now: now) { shutdown(socket, Int32(SHUT_RDWR)) }
            guard now >= state.fullWarningDue else { return nil }
            state.fullWarningDue = now + Self.warningMilliseconds
            return
                "All places for connections are taken, \(count) of them by connections that have shown no token; others wait."
        }
        if let warning { log(warning) }
    }

    /// How long to wait where the system has no more files, in microseconds.
    private static let restMicroseconds: UInt32 = 50_000

    private func next() -> (Int32, sockaddr_storage)? {
        state.withLock { state in
            guard let arrival = state.gate.next(now: MonotonicTime.nowMilliseconds()) else { return nil }
            return (arrival.socket, state.addresses.removeValue(forKey: arrival.socket) ?? sockaddr_storage())
        }
    }
}
