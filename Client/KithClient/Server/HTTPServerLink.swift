import Compression
import Cryptography
import HTTPFetching
import SyncCore
import SyncReplica

/// The link over HTTPS: CBOR bodies, compressed, on one kept-alive connection to the pinned server.
package final class HTTPServerLink: ServerLink {
    /// The largest reply in bytes, uncompressed.
    static let largestReplyBytes = 64 << 20

    package let isOneOfSeveral = true
    package private(set) var seenPin: [UInt8]?
    package private(set) var lastExchange: LineExchange?
    package private(set) var mayHaveSent = false
    /// The round trip as it was when the connection was made.
    private var roundTripMilliseconds: Int64 = 0
    private let address: ServerAddress
    private let settings: FetchSettings
    private var fetcher: HTTPFetcher
    /// The key that is expected; the announced one once the server did not show the other.
    private var pin: [UInt8]
    private let token: [UInt8]?
    /// Made at the first use, then kept.
    private var codec: BodyCodec?
    /// Whether the server may have the dictionary; until it has said that it has not.
    private var mayKnowDictionary = true
    /// Whether the server may hold what a request in short form leaves out; until it has said that it does not.
    private var maySayLess = true

    /// Loads what links need while the caller does something else; nothing is sent.
    @Sendable static func prepare() { HTTPFetcher.prepare() }

    /// Makes a link; nothing is loaded or sent yet.
    ///
    /// - Parameters:
    ///   - token: the 32 bytes that the laptop shows; nil before it has joined.
    ///   - timeoutMilliseconds: how long to wait for a connection and for a silent server; nil: as long as slow lines need.
    package init(address: ServerAddress, token: [UInt8]?, timeoutMilliseconds: Int?) {
        var settings = FetchSettings()
        if let timeoutMilliseconds {
            settings.connectTimeoutMilliseconds = timeoutMilliseconds
            settings.stallSeconds = max(1, timeoutMilliseconds / 1_000)
        }
        fetcher = HTTPFetcher(host: address.host, port: address.port, pin: address.pin, settings: settings)
        self.address = address
        self.settings = settings
        pin = address.pin
        self.token = token
    }

    package func join(_ request: JoinRequest) throws(ClientError) -> JoinReply {
        let body = try post("/v1/join", request.encoded())
        do throws(CBORError) { return try JoinReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func sync(_ request: SyncRequest) throws(ClientError) -> SyncReply { try sync(request, meanwhile: {}) }

    package func sync(_ request: SyncRequest, meanwhile: @escaping () -> Void) throws(ClientError) -> SyncReply {
        let body: [UInt8]
        if let answer = try short(request, meanwhile) {
            body = answer
        } else {
            body = try post("/v1/sync", request.encoded(), meanwhile: meanwhile)
        }
        do throws(CBORError) { return try SyncReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    /// Sends a request in short form; nil where all of it must be said: it has news, or the server wants it so.
    private func short(_ request: SyncRequest, _ meanwhile: @escaping () -> Void) throws(ClientError) -> [UInt8]? {
        guard maySayLess, let short = shortened(request) else { return nil }
        do throws(ClientError) {
            return try post("/v1/sync", short.encoded(), meanwhile: meanwhile)
        } catch {
            switch error {
            case .refused(.unabridged), .refused(.protocolVersion), .refused(.malformed):
                maySayLess = false
                return nil
            default: throw error
            }
        }
    }

    private func shortened(_ request: SyncRequest) -> SyncRequest? {
        // A part that can't be read is told by whoever reads all of it.
        try? request.shortened(Hash128(BLAKE2b.hash128))
    }

    package func history(_ request: HistoryRequest) throws(ClientError) -> HistoryReply {
        let body = try post("/v1/history", request.encoded())
        do throws(CBORError) { return try HistoryReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func arrivals(_ request: HistoryRequest) throws(ClientError) -> ArrivalReply {
        let body: [UInt8]
        do throws(ClientError) {
            body = try post("/v1/arrivals", request.encoded())
        } catch .refused(.malformed) where request.asksForVouchers {
            // A server of a version before.
            body = try post("/v1/arrivals", HistoryRequest(table: request.table, record: request.record).encoded())
        }
        do throws(CBORError) { return try ArrivalReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func audit(_ request: AuditRequest) throws(ClientError) -> AuditReply {
        let body = try post("/v1/audit", request.encoded())
        do throws(CBORError) { return try AuditReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func carry(_ bundle: [UInt8]) throws(ClientError) -> CarryReply {
        let body = try post("/v1/bundle", bundle, compresses: false)
        do throws(CBORError) { return try CarryReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    private func post(
        _ path: String, _ message: [UInt8], compresses: Bool = true, meanwhile: @escaping () -> Void = {}
    ) throws(ClientError) -> [UInt8] {
        let body =
            compresses
            ? try encoded(message) : BodyCodec.Body(bytes: message, coding: .plain)
        var headers = [("Content-Type", "application/cbor"), ("Accept-Encoding", BodyCoding.accepted)]
        if body.coding != .plain { headers.append(("Content-Encoding", body.coding.rawValue)) }
        if let token { headers.append(("Authorization", "Bearer \(Base64URL.encode(token))")) }
        let reply = try fetch(path, headers, body.bytes, meanwhile)
        let content = try decoded(reply)
        roundTripMilliseconds = reply.times.roundTripMilliseconds ?? roundTripMilliseconds
        lastExchange = LineExchange(
            sentBytes: message.count, receivedBytes: content.count, milliseconds: reply.times.exchangeMilliseconds,
            roundTripMilliseconds: roundTripMilliseconds)
        guard (200...299).contains(reply.status) else {
            let refusal = refusal(content, reply)
            guard body.coding == .dictionary, refusal.isOfDictionary else { throw refusal }
            // The same once more, without: of a refused request nothing was taken.
            mayKnowDictionary = false
            return try post(path, message)
        }
        return content
    }

    private func refusal(_ body: [UInt8], _ reply: FetchReply) -> ClientError {
        do throws(CBORError) {
            let (refusal, receipt) = try Refusal.decode(body)
            if refusal == .unavailable {
                switch reply.status {
                case Refusal.statusOfFullDisk: return .officeDiskFull
                case Refusal.statusOfTooManyCopies: return .tooManyCopies
                default: break
                }
            }
            guard refusal == .revoked else { return .refused(refusal) }
            // What can't be read is no order.
            let order = reply.header("Kith-Order").flatMap { try? Base64URL.decode($0) }
            return .shutOut(receipt: receipt, order: order)
        } catch {
            return .unreadableReply(status: reply.status)
        }
    }

    private func fetch(
        _ path: String, _ headers: [(String, String)], _ body: [UInt8], _ meanwhile: @escaping () -> Void
    ) throws(ClientError) -> FetchReply {
        do throws(FetchError) {
            let reply = try fetcher.post(path: path, headers: headers, body: body, meanwhile: meanwhile)
            seenPin = pin
            mayHaveSent = true
            return reply
        } catch {
            if !error.isUnsent { mayHaveSent = true }
            switch error.kind {
            case .wrongKey:
                // Nothing was sent to a server that shows another key.
                guard let next = address.nextPin, next != pin else { throw .wrongKey }
                pin = next
                fetcher = HTTPFetcher(host: address.host, port: address.port, pin: next, settings: settings)
                return try fetch(path, headers, body, meanwhile)
            case .cannotResolve, .cannotConnect, .timedOut: throw .offline(reason: error.detail)
            default: throw .cutOff(reason: error.detail)
            }
        }
    }

    private func makeCodec() throws(CompressionError) -> BodyCodec {
        let codec = if let kept = self.codec { kept } else { try BodyCodec() }
        self.codec = codec
        return codec
    }

    private func encoded(_ message: [UInt8]) throws(ClientError) -> BodyCodec.Body {
        do throws(CompressionError) {
            return try makeCodec().encode(message, allowsDictionary: mayKnowDictionary)
        } catch {
            throw .cutOff(reason: "\(error)")
        }
    }

    private func decoded(_ reply: FetchReply) throws(ClientError) -> [UInt8] {
        guard let coding = BodyCoding(header: reply.header("Content-Encoding")) else {
            throw .unreadableReply(status: reply.status)
        }
        if coding == .plain { return reply.body }
        do throws(CompressionError) {
            return try makeCodec().decode(
                BodyCodec.Body(bytes: reply.body, coding: coding), limitBytes: Self.largestReplyBytes)
        } catch {
            throw .unreadableReply(status: reply.status)
        }
    }
}

extension ClientError {
    /// Whether a server may have said this because of the dictionary: one that has another says so, an older one can't read
    /// the body.
    fileprivate var isOfDictionary: Bool {
        switch self {
        case .refused(.dictionary), .refused(.malformed): true
        default: false
        }
    }
}
