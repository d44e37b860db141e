import Foundation
import HTTPFetching
import HTTPServing
import Synchronization

/// A server on a free port of the loopback, for one test.
struct LiveServer {
    let server: HTTPServer
    let certificate: ServerCertificate

    init(
        change: (inout HTTPServerSettings) -> Void,
        handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void = LiveServer.echo
    ) throws {
        var settings = HTTPServerSettings()
        settings.stopWaitMilliseconds = 1_000
        change(&settings)
        certificate = try ServerCertificate.make(commonName: "Kith test", validYears: 1)
        server = try HTTPServer(settings: settings, certificate: certificate, handler: handler)
    }

    /// The same with the default settings.
    init(handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void = LiveServer.echo) throws {
        try self.init(change: { _ in }, handler: handler)
    }

    /// Answers with what came.
    static let echo: @Sendable (HTTPRequest, HTTPResponder) -> Void = { request, responder in
        let headers = [
            ("Content-Type", request.header("content-type") ?? "none"), ("X-Kith-Path", request.path),
            ("X-Kith-Method", request.method), ("X-Kith-From", request.remoteAddress),
        ]
        responder.respond(HTTPResponse(status: 200, headers: headers, body: request.body))
    }

    /// A client that pins the server's key.
    func fetcher(port: UInt16? = nil, change: (inout FetchSettings) -> Void = { _ in }) -> HTTPFetcher {
        var settings = FetchSettings()
        change(&settings)
        return HTTPFetcher(
            host: "127.0.0.1", port: port ?? server.port, pin: certificate.publicKeyPin, settings: settings)
    }
}

/// Runs a body on many threads at once and gathers what they return.
func onThreads<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Gathered<Result>()
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        let thread = Thread {
            _ = results.add(body(index))
            group.leave()
        }
        thread.stackSize = 512 << 10
        thread.start()
    }
    group.wait()
    return results.all
}

/// A box that threads fill.
final class Gathered<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    /// Adds one and gives all when there are as many as asked for.
    func add(_ element: Element, completeAt count: Int = .max) -> [Element]? {
        elements.withLock {
            $0.append(element)
            return $0.count == count ? $0 : nil
        }
    }

    var all: [Element] { elements.withLock { $0 } }
}
