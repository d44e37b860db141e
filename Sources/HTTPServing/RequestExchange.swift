import CMicroHTTPD
import Synchronization

/// One request and its answer, from the first call of MHD to the last.
///
/// `@unchecked Sendable`: the parts that arrive (`parts`, `body`) are touched by MHD's thread alone until the
/// connection is suspended, then by one handler thread alone; the rest is behind the mutex.
@safe
final class RequestExchange: @unchecked Sendable {
    /// How far the exchange has come.
    private enum Phase {
        case receiving
        case waiting
        case answered(HTTPResponse)
        case over
    }

    /// What comes before the body.
    struct Parts {
        var method: String
        var path: String
        var headers: [(name: String, value: String)]
        var remoteAddress: String
    }

    /// The connection's socket, the key of its deadline.
    let socket: Int32
    /// The address of whoever has shown no credential that is known; nil for the others.
    let stranger: String?
    private let connection: OpaquePointer
    private let ledger: ConnectionLedger
    private let acceptor: Acceptor
    private let parts: Parts
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private let phase = Mutex(Phase.receiving)

    init(
        connection: OpaquePointer, socket: Int32, parts: Parts, stranger: String?, ledger: ConnectionLedger,
        acceptor: Acceptor
    ) {
        unsafe self.connection = connection
        self.socket = socket
        self.stranger = stranger
        self.parts = parts
        self.ledger = ledger
        self.acceptor = acceptor
    }

    /// Takes a piece of the body; false if it goes over the limit of this body or of all.
    func receive(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard bodyBytes + bytes.count <= limit, ledger.addBody(bytes: bytes.count, stranger: stranger) else {
            return false
        }
        bodyBytes += bytes.count
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Suspends the connection for the handler's time; false if the server is stopping, and nothing is suspended.
    ///
    /// Registered and suspended under one lock: whoever answers from another thread finds both or neither, so that
    /// `stop()` never leaves a suspended connection, which MHD would answer by ending the process.
    func suspend() -> Bool {
        phase.withLock { phase in
            guard ledger.handlerBegins(self) else { return false }
            unsafe MHD_suspend_connection(connection)
            phase = .waiting
            return true
        }
    }

    /// The request, given away with its body.
    func takeRequest() -> HTTPRequest {
        let taken = body
        body = []
        return HTTPRequest(
            method: parts.method, path: parts.path, headers: parts.headers, body: taken,
            remoteAddress: parts.remoteAddress)
    }

    /// Says whose connection this is, while the request waits for its answer: later the socket may be another one's.
    func belongs(to owner: UInt64) {
        phase.withLock { phase in
            guard case .waiting = phase else { return }
            acceptor.belongs(socket, to: owner)
        }
    }

    /// Keeps the first answer and resumes the connection; later ones are ignored.
    func answer(_ response: HTTPResponse) {
        phase.withLock { phase in
            guard case .waiting = phase else { return }
            phase = .answered(response)
            ledger.replyBegins(self)
            unsafe MHD_resume_connection(connection)
        }
    }

    /// The answer to send, once there is one.
    func response() -> HTTPResponse? {
        phase.withLock { phase in
            guard case .answered(let response) = phase else { return nil }
            return response
        }
    }

    /// MHD is done with the connection's request; the connection is not touched any more.
    func complete() {
        phase.withLock { phase in
            let wasReply = if case .answered = phase { true } else { false }
            phase = .over
            ledger.completed(self, bodyBytes: bodyBytes, wasReply: wasReply)
        }
    }
}
