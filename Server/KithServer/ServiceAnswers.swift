import Compression
import Cryptography
import Dispatch
import HTTPServing
import SyncCore

/// How exchanges end: with an answer or a refusal, now or once whoever asked has waited long enough.
extension SyncService {
    func answer(_ body: [UInt8], on lane: ServiceLane, exchange: Exchange) {
        var headers = [("Content-Type", "application/cbor")]
        var bytes = body
        do {
            let accepted = exchange.request.header("Accept-Encoding")
            if accepted?.contains(BodyCoding.zstd.rawValue) == true {
                let encoded = try lane.encode(body, allowsDictionary: BodyCoding.allowsDictionary(accepted))
                bytes = encoded.bytes
                if encoded.coding != .plain { headers.append(("Content-Encoding", encoded.coding.rawValue)) }
            }
        } catch {
            refuse(error, exchange: exchange)
            return
        }
        log.note(exchange.answered(status: 200, bytesOut: bytes.count))
        let response = HTTPResponse(status: 200, headers: headers, body: bytes)
        guard let device = exchange.device else { return exchange.responder.respond(response) }
        respond(response, to: exchange, of: device, after: shares.note(exchange.work.pause(), of: device))
    }

    func refuse(_ error: any Error, exchange: Exchange) {
        let refusal = ServiceRefusal(describing: error)
        let body = refusal.reason.encoded(receipt: refusal.receipt)
        log.note(exchange.answered(status: refusal.status, bytesOut: body.count, detail: refusal.detail))
        // With it a person finds the line of the log.
        var headers = [("Content-Type", "application/cbor"), ("Kith-Request", exchange.id)]
        if let order = refusal.order { headers.append(("Kith-Order", Base64URL.encode(order))) }
        let response = HTTPResponse(status: refusal.status, headers: headers, body: body)
        // What is refused costs work like what is answered, and whoever causes it over and over waits for it too.
        let share = exchange.device.map { shares.note(exchange.work.pause(), of: $0) } ?? 0
        respond(response, to: exchange, after: max(Double(delay(of: refusal, exchange)), share))
    }

    /// How long an answer waits before it is asked again whether anybody is there for whom it must, in milliseconds.
    private static let longestPause = 50.0

    /// Answers once the device has waited as long as it must beside others; as soon as these are gone at the latest.
    ///
    /// - Parameter delay: milliseconds.
    private func respond(_ response: HTTPResponse, to exchange: Exchange, of device: UInt32, after delay: Double) {
        guard delay >= 1, shares.hasOthers(beside: device) else { return exchange.responder.respond(response) }
        let pause = min(delay, Self.longestPause)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(pause))) {
            self.respond(response, to: exchange, of: device, after: delay - pause)
        }
    }

    /// - Parameter delay: milliseconds.
    private func respond(_ response: HTTPResponse, to exchange: Exchange, after delay: Double) {
        guard delay >= 1 else { return exchange.responder.respond(response) }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(delay))) {
            exchange.responder.respond(response)
        }
    }

    /// How long whoever could not sign in waits for the answer, in milliseconds.
    private func delay(of refusal: ServiceRefusal, _ exchange: Exchange) -> Int64 {
        guard refusal.reason == .notAllowed || refusal.reason == .invitation else { return 0 }
        return failedSignIns.note(
            address: exchange.request.remoteAddress, secretHash: Self.shown(by: exchange.request),
            at: WallClock.milliseconds())
    }

    /// A hash of the credential that a request bears; empty without one: then nothing was guessed, yet the address has asked
    /// in vain.
    static func shown(by request: HTTPRequest) -> [UInt8] {
        request.header("Authorization").map { BLAKE2b.hash256(Array($0.utf8)) } ?? []
    }
}
