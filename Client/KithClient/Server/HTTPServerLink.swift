import Compression
import Cryptography
import HTTPFetching
import SyncCore
import SyncReplica

/// The link over HTTPS: CBOR bodies, compressed, on one kept-alive connection to the pinned server.
package final class HTTPServerLink: ServerLink {
    /// The largest reply in bytes, uncompressed.
    static let largestReplyBytes = 64 << 20
    /// Smaller bodies are sent as they are.
    private static let smallestCompressedBytes = 200

    package let isOneOfSeveral = true
    package private(set) var seenPin: [UInt8]?
    package private(set) var lastExchange: LineExchange?
    /// The round trip as it was when the connection was made.
    private var roundTripMilliseconds: Int64 = 0
    private let address: ServerAddress
    private let settings: FetchSettings
    private var fetcher: HTTPFetcher
    /// The key that is expected; the announced one once the server did not show the other.
    private var pin: [UInt8]
    private let token: [UInt8]?
    /// Made at the first use, then kept.
    private var compressor: Compressor?
    private var decompressor: Decompressor?

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
        let body = try post("/v1/sync", request.encoded(), meanwhile: meanwhile)
        do throws(CBORError) { return try SyncReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func history(_ request: HistoryRequest) throws(ClientError) -> HistoryReply {
        let body = try post("/v1/history", request.encoded())
        do throws(CBORError) { return try HistoryReply(decoding: body) } catch { throw .unreadableReply(status: 200) }
    }

    package func arrivals(_ request: HistoryRequest) throws(ClientError) -> ArrivalReply {
        let body = try post("/v1/arrivals", request.encoded())
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
        var headers = [("Content-Type", "application/cbor"), ("Accept-Encoding", "zstd")]
        var body = message
        if compresses, message.count >= Self.smallestCompressedBytes {
            body = try compressed(message)
            headers.append(("Content-Encoding", "zstd"))
        }
        if let token { headers.append(("Authorization", "Bearer \(Base64URL.encode(token))")) }
        let reply = try fetch(path, headers, body, meanwhile)
        let content = try decompressed(reply)
        roundTripMilliseconds = reply.times.roundTripMilliseconds ?? roundTripMilliseconds
        lastExchange = LineExchange(
            sentBytes: message.count, receivedBytes: content.count, milliseconds: reply.times.exchangeMilliseconds,
            roundTripMilliseconds: roundTripMilliseconds)
        guard (200...299).contains(reply.status) else {
            throw refusal(content, reply)
        }
        return content
    }

    private func refusal(_ body: [UInt8], _ reply: FetchReply) -> ClientError {
        do throws(CBORError) {
            let (refusal, receipt) = try Refusal.decode(body)
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
            return reply
        } catch {
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

    private func compressed(_ bytes: [UInt8]) throws(ClientError) -> [UInt8] {
        do throws(CompressionError) {
            let compressor = if let kept = self.compressor { kept } else { try Compressor() }
            self.compressor = compressor
            return try compressor.compress(bytes)
        } catch {
            throw .cutOff(reason: "\(error)")
        }
    }

    private func decompressed(_ reply: FetchReply) throws(ClientError) -> [UInt8] {
        guard reply.header("Content-Encoding") == "zstd" else { return reply.body }
        do throws(CompressionError) {
            let decompressor = if let kept = self.decompressor { kept } else { try Decompressor() }
            self.decompressor = decompressor
            return try decompressor.decompress(reply.body, limitBytes: Self.largestReplyBytes)
        } catch {
            throw .unreadableReply(status: reply.status)
        }
    }
}
