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
    }

    private let listening: Int32
    /// Written to wake the thread, and read by it.
    private let waking: (reading: Int32, writing: Int32)
    private let state: Monitor<State>

    /// - Parameter socket: the listening one, which is closed by `stop`.
    init(socket: Int32, settings: HTTPServerSettings) throws(HTTPServingError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw .cannotListen(host: settings.host, port: settings.port, errno: errno)
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        listening = socket
        waking = (ends[0], ends[1])
        state = Monitor(State(gate: ConnectionGate(settings: settings)))
    }

    deinit {
        close(waking.reading)
        close(waking.writing)
    }

    // MARK: What others say

    /// MHD is about to close a connection.
    func closed(_ socket: Int32) {
        state.withLock { $0.gate.closed(socket) }
        wake()
    }

    /// A connection has shown whose it is; an older one of the same owner that is one too many is shut.
    func belongs(_ socket: Int32, to owner: UInt64) {
        state.withLock { state in
            // Under the lock that `closed` takes before MHD closes a socket: its number is still the same connection's.
            if let surplus = state.gate.belongs(socket, to: owner) { shutdown(surplus, Int32(SHUT_RDWR)) }
        }
        wake()
    }

    /// Accepts nobody from here on, and lets go of those who wait; returns when the thread has ended.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
        state.wait { $0.hasStopped ? () : nil }
    }

    private func wake() {
        var byte: UInt8 = 0
        // A full pipe wakes it as well.
        _ = unsafe write(waking.writing, &byte, 1)
    }

    // MARK: The thread

    /// Accepts until `stop`.
    ///
    /// - Parameter hand: gives a socket to MHD, which closes it also where it does not want it; false then.
    func run(hand: (Int32, sockaddr_storage) -> Bool) {
        while !state.withLock({ $0.isStopping }) {
            waitForNews()
            acceptAll()
            while let (socket, address) = next() {
                if !hand(socket, address) { state.withLock { $0.gate.closed(socket) } }
            }
        }
        state.withLock { state in
            for arrival in state.gate.dismissWaiting() { close(arrival.socket) }
            close(listening)
            state.hasStopped = true
        }
    }

    private func waitForNews() {
        let listens = state.withLock { $0.gate.hasRoomToWait }
        var files = [
            pollfd(fd: waking.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listens ? listening : -1, events: Int16(POLLIN), revents: 0),
        ]
        // Cut short by a signal it looks once more than needed.
        _ = unsafe poll(&files, nfds_t(files.count), -1)
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(waking.reading, &bytes, bytes.count) > 0 {}
    }

    private func acceptAll() {
        while state.withLock({ $0.gate.hasRoomToWait && !$0.isStopping }) {
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
            let words = SocketAddress.text(of: address)
            state.withLock { state in
                state.gate.arrive(ConnectionGate.Arrival(socket: socket, address: words))
                state.addresses[socket] = address
            }
        }
    }

    /// How long to wait where the system has no more files, in microseconds.
    private static let restMicroseconds: UInt32 = 50_000

    private func next() -> (Int32, sockaddr_storage)? {
        state.withLock { state in
            guard let arrival = state.gate.next() else { return nil }
            return (arrival.socket, state.addresses.removeValue(forKey: arrival.socket) ?? sockaddr_storage())
        }
    }
}
