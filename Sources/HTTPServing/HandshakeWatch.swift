import CGnuTLS
import CMicroHTTPD

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Lets connections sleep whose clients take their time over the TLS handshake.
///
/// With epoll MHD 0.9.75 takes a connection for ready until a read of its own finds nothing. In a handshake GnuTLS does the
/// reading, so that MHD would ask it again and again without a pause: each client on a slow line, and each stranger who stops
/// in the middle, would take a whole core. Therefore GnuTLS reads through this class, which suspends a connection that has
/// nothing to read yet, and a thread of its own resumes it as soon as it has.
@safe
final class HandshakeWatch: Sendable {
    /// A connection as its reads know it.
    ///
    /// `@unchecked Sendable`: the flag is used by the connection's polling thread alone.
    @safe
    fileprivate final class Line: @unchecked Sendable {
        let connection: OpaquePointer
        let socket: Int32
        let watch: HandshakeWatch
        var isHandshakeOver = false

        init(connection: OpaquePointer, socket: Int32, watch: HandshakeWatch) {
            unsafe self.connection = connection
            self.socket = socket
            self.watch = watch
        }
    }

    private struct State {
        var sleeping: [Int32: Line] = [:]
        var isOver = false
    }

    /// Tells those who wait, as tests do, of each change.
    private let state = Monitor(State())
    /// Written to wake the thread, and read by it.
    private let waking: WakingPipe

    init() throws(HTTPServingError) { waking = try WakingPipe() }

    // MARK: Connections

    /// From here on a connection is read through this class.
    ///
    /// - Returns: what `forget` needs once MHD closes the connection; nil where it has no TLS session.
    func watch(_ connection: OpaquePointer, socket: Int32) -> UnsafeMutableRawPointer? {
        guard let session = unsafe kith_mhd_tls_session(connection) else { return nil }
        let line = unsafe Line(connection: connection, socket: socket, watch: self)
        let pointer = unsafe Unmanaged.passRetained(line).toOpaque()
        // What is written goes to the socket as before.
        unsafe gnutls_transport_set_ptr2(
            OpaquePointer(session), pointer, UnsafeMutableRawPointer(bitPattern: Int(socket)))
        unsafe gnutls_transport_set_pull_function(OpaquePointer(session)) { pointer, buffer, size in
            guard let pointer = unsafe pointer else { return -1 }
            return unsafe Unmanaged<Line>.fromOpaque(pointer).takeUnretainedValue().read(into: buffer, size)
        }
        unsafe gnutls_handshake_set_hook_function(
            OpaquePointer(session), GNUTLS_HANDSHAKE_FINISHED.rawValue, Int32(GNUTLS_HOOK_POST)
        ) { session, _, _, isIncoming, _ in
            // The client's last word of the handshake, in both versions of TLS.
            if isIncoming != 0, let line = unsafe gnutls_transport_get_ptr(session) {
                unsafe Unmanaged<Line>.fromOpaque(line).takeUnretainedValue().isHandshakeOver = true
            }
            return 0
        }
        return unsafe pointer
    }

    /// Forgets a connection that MHD closes: it is awake then.
    static func forget(_ line: UnsafeMutableRawPointer?) {
        guard let line = unsafe line else { return }
        unsafe Unmanaged<Line>.fromOpaque(line).release()
    }

    /// Waits until so many connections sleep.
    func wait(untilAsleep count: Int) { state.wait { $0.sleeping.count == count ? () : nil } }

    /// Suspends a connection until there is something to read; not while the server stops, which MHD does not allow.
    fileprivate func suspend(_ line: Line) {
        let sleeps = state.withLock { state in
            guard !state.isOver else { return false }
            unsafe MHD_suspend_connection(line.connection)
            state.sleeping[line.socket] = line
            return true
        }
        if sleeps { waking.wake() }
    }

    // MARK: The thread

    /// Resumes those that have something to read, or an end, until `stop`.
    func run() {
        while let sockets = state.withLock({ $0.isOver ? nil : Array($0.sleeping.keys) }) {
            var files = ([waking.reading] + sockets).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // Cut short by a signal it looks once more than needed.
            _ = unsafe poll(&files, nfds_t(files.count), -1)
            waking.empty()
            for file in files.dropFirst() where file.revents != 0 { resume(file.fd) }
        }
    }

    private func resume(_ socket: Int32) {
        state.withLock { state in
            guard let line = state.sleeping.removeValue(forKey: socket) else { return }
            unsafe MHD_resume_connection(line.connection)
        }
    }

    /// Resumes all and ends the thread; nobody is suspended from here on.
    func stop() {
        state.withLock { state in
            state.isOver = true
            for line in state.sleeping.values { unsafe MHD_resume_connection(line.connection) }
            state.sleeping = [:]
        }
        waking.wake()
    }
}

extension HandshakeWatch.Line {
    /// Reads for GnuTLS, as recv(2) does.
    fileprivate func read(into buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
        let count = unsafe recv(socket, buffer, size, 0)
        guard count < 0, errno == EAGAIN || errno == EWOULDBLOCK else { return count }
        // Later MHD sees by itself that there is nothing to read.
        if !isHandshakeOver { watch.suspend(self) }
        // GnuTLS looks at it, and others may have set it meanwhile.
        errno = EAGAIN
        return count
    }
}
