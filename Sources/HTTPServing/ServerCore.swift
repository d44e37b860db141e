import CGnuTLS
import CMicroHTTPD

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What MHD's callbacks work with: the decisions of the server, without its life cycle.
@safe
final class ServerCore: Sendable {
    let ledger: ConnectionLedger
    let threads: HandlerThreads
    let tickets: SessionTickets
    let acceptor: Acceptor
    let handshakes: HandshakeWatch
    private let bodyLimitBytes: Int
    private let isKnown: @Sendable (String) -> Bool
    private let log: @Sendable (String) -> Void

    init(
        settings: HTTPServerSettings, acceptor: Acceptor,
        handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) throws(HTTPServingError) {
        self.acceptor = acceptor
        ledger = ConnectionLedger(settings: settings)
        tickets = try SessionTickets()
        handshakes = try HandshakeWatch()
        bodyLimitBytes = settings.bodyLimitBytes
        isKnown = settings.isKnown
        log = settings.log
        threads = try HandlerThreads(count: settings.handlerThreads, handler: handler)
    }

    // MARK: Connections

    /// A connection was accepted: its TLS handshake has not begun.
    ///
    /// - Returns: what `closed` needs.
    func opened(_ connection: OpaquePointer) -> UnsafeMutableRawPointer? {
        let socket = unsafe kith_mhd_socket(connection)
        guard socket >= 0 else { return nil }
        ledger.connectionBegins(socket: socket)
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // Without it the line is slower, not wrong: a failure changes nothing else.
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, size)
        unsafe tickets.enable(on: kith_mhd_tls_session(connection))
        return unsafe handshakes.watch(connection, socket: socket)
    }

    /// MHD is about to close a connection.
    func closed(_ connection: OpaquePointer, _ line: UnsafeMutableRawPointer?) {
        unsafe HandshakeWatch.forget(line)
        let socket = unsafe kith_mhd_socket(connection)
        ledger.closed(socket: socket)
        acceptor.closed(socket)
    }

    /// The first line of a request came.
    func requestLineCame(_ connection: OpaquePointer) {
        ledger.requestBegins(socket: unsafe kith_mhd_socket(connection))
    }

    // MARK: Requests

    /// The headers are there: begins an exchange, or refuses it before any of its body is read.
    func headersCame(
        _ connection: OpaquePointer, method: String, path: String,
        context: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        let headers = unsafe HeaderList.read(from: connection)
        let address = unsafe SocketAddress.text(of: kith_mhd_client_address(connection))
        let parts = RequestExchange.Parts(method: method, path: path, headers: headers, remoteAddress: address)
        let socket = unsafe kith_mhd_socket(connection)
        let credential = headers.first { HTTPHeaderName.isEqual($0.name, "Authorization") }?.value
        let isKnown = credential.map(isKnown) == true
        if isKnown { acceptor.vouch(for: socket) }
        let exchange = unsafe RequestExchange(
            connection: connection, socket: socket, parts: parts, stranger: isKnown ? nil : address, ledger: ledger,
            acceptor: acceptor)
        unsafe context.pointee = Unmanaged.passRetained(exchange).toOpaque()
        let lengths = headers.filter { HTTPHeaderName.isEqual($0.name, "Content-Length") }
        if lengths.contains(where: { !isWithinLimit($0.value) }) {
            return unsafe queue(HTTPResponse(status: 413, headers: [("Connection", "close")]), on: connection)
        }
        return .YES
    }

    private func isWithinLimit(_ contentLength: String) -> Bool {
        guard let length = UInt64(contentLength) else { return false }
        return length <= UInt64(bodyLimitBytes)
    }

    /// A piece of the body came; MHD closes the connection if it goes over a limit, as it can't answer in mid-body.
    func bodyCame(_ bytes: UnsafeRawBufferPointer, for exchange: RequestExchange) -> MHD_Result {
        unsafe exchange.receive(bytes, limit: bodyLimitBytes) ? .YES : .NO
    }

    /// The body is complete, or the answer is there: suspends, or sends.
    func turnCame(_ exchange: RequestExchange, on connection: OpaquePointer) -> MHD_Result {
        if let response = exchange.response() { return unsafe queue(response, on: connection) }
        guard exchange.suspend() else {
            let headers = [("Connection", "close"), ("Retry-After", "5")]
            return unsafe queue(HTTPResponse(status: 503, headers: headers), on: connection)
        }
        threads.hand(exchange)
        return .YES
    }

    // MARK: Answers

    private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        let made = unsafe make(response)
        let status = unsafe made == nil ? 500 : response.status
        guard let answer = unsafe made ?? make(HTTPResponse(status: 500)) else { return .NO }
        defer { unsafe MHD_destroy_response(answer) }
        return unsafe MHD_queue_response(connection, UInt32(status), answer)
    }

    /// nil if the status or a header can't be sent as given.
    private func make(_ response: HTTPResponse) -> OpaquePointer? {
        guard (200...599).contains(response.status) else {
            log("An answer had no valid status; 500 was sent instead.")
            return nil
        }
        let made = unsafe response.body.withUnsafeBytes { bytes in
            // MHD copies the bytes and never writes to them, though its parameter is not const.
            unsafe MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made = unsafe made else { return nil }
        for (name, value) in response.headers where unsafe MHD_add_response_header(made, name, value) != .YES {
            log("A header of an answer was refused; 500 was sent instead.")
            unsafe MHD_destroy_response(made)
            return nil
        }
        return unsafe made
    }

    /// Logs the pattern of MHD's message without its values, as these may come from the request.
    func mhdSays(_ pattern: String) {
        var line = pattern[...]
        while line.last?.isNewline == true { line.removeLast() }
        log("HTTP library: " + line)
    }
}

/// The headers of a request.
enum HeaderList {
    private final class Collected {
        var headers: [(name: String, value: String)] = []
    }

    /// Copies them; their size is bounded by the memory of a connection.
    static func read(from connection: OpaquePointer) -> [(name: String, value: String)] {
        let collected = Collected()
        unsafe MHD_get_connection_values(
            connection, .HEADER_KIND,
            { context, _, name, value in
                guard let context = unsafe context, let name = unsafe name else { return .YES }
                let collected = unsafe Unmanaged<Collected>.fromOpaque(context).takeUnretainedValue()
                let text = if let value = unsafe value { unsafe String(cString: value) } else { "" }
                unsafe collected.headers.append((String(cString: name), text))
                return .YES
            }, Unmanaged.passUnretained(collected).toOpaque())
        return collected.headers
    }
}
