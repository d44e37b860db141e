import CMicroHTTPD
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An HTTPS server (TLS 1.2 and 1.3, HTTP/1.1, kept-alive connections); there is no mode without TLS.
///
/// The handler is called on one of the handler threads, may block there where there are any, and may answer later from
/// any thread; while it works its connection is suspended, as it is while its client is slow with the handshake
/// (`HandshakeWatch`). SIGPIPE is ignored in the whole process from the first server on, and the soft
/// limit of open files is raised to fit the connection limit where the hard limit allows it.
/// `@unchecked Sendable`: the daemon's pointer is behind a mutex; MHD itself may be called from any thread.
@safe
package final class HTTPServer: @unchecked Sendable {
    /// The pointers of a running server.
    @safe
    private struct Daemon: @unchecked Sendable {
        let pointer: OpaquePointer
        let context: UnsafeMutableRawPointer
    }

    /// TLS 1.3 and 1.2 alone, in the server's order of preference (GnuTLS manual, "Priority strings").
    ///
    /// The group that clients send a key for at once comes first: for any other the server would have to ask, which is one
    /// more round trip for each connection. The first cipher is as strong as the certificate, and its hash the quickest.
    private static let tlsPriorities =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
        + ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
        + ":-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:%SERVER_PRECEDENCE"

    /// Connections that MHD may count for a moment after they were closed here.
    private static let connectionReserve = 64

    /// The port that the server listens on.
    package let port: UInt16

    let core: ServerCore
    private let stopWaitMilliseconds: Int
    private let daemon: Mutex<Daemon?>

    /// Binds, listens and starts; throws what went wrong, and then nothing runs.
    ///
    /// - Parameters:
    ///   - settings: where to listen, and all bounds.
    ///   - certificate: the key and certificate that clients pin.
    ///   - handler: called once for each whole request; it must answer through the responder.
    package init(
        settings: HTTPServerSettings, certificate: ServerCertificate,
        handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) throws(HTTPServingError) {
        try settings.check()
        signal(SIGPIPE, SIG_IGN)
        OpenFileLimit.raise(toFit: settings.connectionLimit + settings.waitingLimit)
        let socket = try ListeningSocket(host: settings.host, port: settings.port, backlog: settings.backlog)
        let core: ServerCore
        let started: Daemon
        do throws(HTTPServingError) {
            let acceptor = try Acceptor(socket: socket.number, settings: settings)
            core = try ServerCore(settings: settings, acceptor: acceptor, handler: handler)
            started = try Self.start(core, settings: settings, certificate: certificate, port: socket.port)
        } catch {
            close(socket.number)
            throw error
        }
        port = socket.port
        self.core = core
        stopWaitMilliseconds = settings.stopWaitMilliseconds
        daemon = Mutex(started)
    }

    deinit { stop() }

    /// Stops accepting, waits for answers and replies within the setting's bound, then closes everything.
    ///
    /// A request without an answer by then gets 503. A second call does nothing.
    package func stop() {
        guard let daemon = self.daemon.withLock({ daemon in exchange(&daemon) }) else { return }
        // Clients are refused from here on.
        core.acceptor.stop()
        for late in core.ledger.refuseAndWait(milliseconds: stopWaitMilliseconds) {
            late.answer(HTTPResponse(status: 503, headers: [("Connection", "close")]))
        }
        core.ledger.waitForReplies(milliseconds: stopWaitMilliseconds)
        core.handshakes.stop()
        unsafe MHD_stop_daemon(daemon.pointer)
        core.threads.end()
        core.ledger.stopped()
        unsafe Unmanaged<ServerCore>.fromOpaque(daemon.context).release()
    }

    private func exchange(_ daemon: inout Daemon?) -> Daemon? {
        defer { daemon = nil }
        return daemon
    }

    // MARK: Starting

    private static func start(
        _ core: ServerCore, settings: HTTPServerSettings, certificate: ServerCertificate, port: UInt16
    ) throws(HTTPServingError) -> Daemon {
        let context = unsafe Unmanaged.passRetained(core)
        let pointer = unsafe withTexts(of: certificate) { key, chain, priorities in
            var options = unsafe options(settings, key: key, chain: chain, priorities: priorities)
            return unsafe ServerCallbacks.start(flags: flags(settings), context: context.toOpaque(), options: &options)
        }
        do throws(HTTPServingError) {
            guard let pointer = unsafe pointer else { throw .cannotStart(host: settings.host, port: port) }
            let daemon = unsafe Daemon(pointer: pointer, context: context.toOpaque())
            do throws(HTTPServingError) {
                try startThreads(core, daemon)
            } catch {
                unsafe MHD_stop_daemon(pointer)
                throw error
            }
            return daemon
        } catch {
            core.threads.end()
            unsafe context.release()
            throw error
        }
    }

    /// The threads that end late connections, that wake those in a handshake, and that accept new ones: the last that can fail, so that no thread hands
    /// connections to a daemon that was stopped.
    private static func startThreads(_ core: ServerCore, _ daemon: Daemon) throws(HTTPServingError) {
        let (ledger, acceptor, handshakes) = (core.ledger, core.acceptor, core.handshakes)
        do throws(HTTPServingError) {
            try DetachedThread.start { ledger.sweep() }
            try DetachedThread.start { handshakes.run() }
            try DetachedThread.start {
                acceptor.run { socket, address in
                    var address = address
                    let length = SocketAddress.length(of: address)
                    return unsafe withUnsafePointer(to: &address) { pointer in
                        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            unsafe MHD_add_connection(daemon.pointer, socket, $0, length) == .YES
                        }
                    }
                }
            }
        } catch {
            ledger.stopped()
            handshakes.stop()
            throw error
        }
    }

    private static func flags(_ settings: HTTPServerSettings) -> UInt32 {
        // With poll(2) each event would cost a look at every open connection.
        #if canImport(Darwin)
            let waiting = MHD_USE_POLL.rawValue
        #else
            let waiting = MHD_USE_EPOLL.rawValue
        #endif
        let flags =
            MHD_USE_TLS.rawValue | MHD_USE_INTERNAL_POLLING_THREAD.rawValue | waiting
            | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ITC.rawValue | MHD_USE_ERROR_LOG.rawValue
            | MHD_USE_NO_LISTEN_SOCKET.rawValue
        return settings.host.contains(":") ? flags | MHD_USE_IPv6.rawValue : flags
    }

    /// Lends the texts with their final NUL.
    private static func withTexts<Result>(
        of certificate: ServerCertificate,
        _ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>) -> Result
    ) -> Result {
        let key = certificate.privateKeyPEM.map { CChar(bitPattern: $0) } + [0]
        let chain = certificate.certificatePEM.map { CChar(bitPattern: $0) } + [0]
        return unsafe key.withUnsafeBufferPointer { key in
            unsafe chain.withUnsafeBufferPointer { chain in
                unsafe tlsPriorities.withCString { unsafe body(key.baseAddress, chain.baseAddress, $0) }
            }
        }
    }

    private static func options(
        _ settings: HTTPServerSettings, key: UnsafePointer<CChar>?,
        chain: UnsafePointer<CChar>?, priorities: UnsafePointer<CChar>
    ) -> [MHD_OptionItem] {
        var numbers: [(MHD_OPTION, Int)] = [
            (.SIGPIPE_HANDLED_BY_APP, 1),
            (.STRICT_FOR_CLIENT, 1),
            // More than are ever handed over: MHD would refuse those that are too many.
            (.CONNECTION_LIMIT, settings.connectionLimit + connectionReserve),
            (.CONNECTION_TIMEOUT, settings.idleTimeoutSeconds),
            (.CONNECTION_MEMORY_LIMIT, settings.connectionMemoryBytes),
        ]
        // MHD takes a pool of one as a mistake.
        if settings.pollingThreads > 1 { numbers.append((.THREAD_POOL_SIZE, settings.pollingThreads)) }
        let texts: [(MHD_OPTION, UnsafePointer<CChar>?)] = unsafe [
            (.HTTPS_MEM_KEY, key), (.HTTPS_MEM_CERT, chain),
            (.HTTPS_PRIORITIES, priorities),
        ]
        return unsafe numbers.map { unsafe MHD_OptionItem(option: $0.0, value: $0.1, ptr_value: nil) }
            + texts.map {
                unsafe MHD_OptionItem(option: $0.0, value: 0, ptr_value: UnsafeMutableRawPointer(mutating: $0.1))
            } + [unsafe MHD_OptionItem(option: .END, value: 0, ptr_value: nil)]
    }
}

/// The operating system's limit of open files for this process.
enum OpenFileLimit {
    /// Files besides connections: databases, logs, pipes.
    private static let reserve = 256

    /// Raises the soft limit towards the connections' need; a failure leaves fewer connections possible, no more.
    static func raise(toFit connections: Int) {
        var limit = rlimit()
        #if canImport(Darwin)
            let kind = RLIMIT_NOFILE
        #else
            let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
        guard unsafe getrlimit(kind, &limit) == 0 else { return }
        let needed = rlim_t(connections + reserve)
        guard limit.rlim_cur < needed else { return }
        limit.rlim_cur = min(needed, limit.rlim_max)
        unsafe setrlimit(kind, &limit)
    }
}
