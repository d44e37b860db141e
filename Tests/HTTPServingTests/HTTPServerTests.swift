import Foundation
import HTTPFetching
import HTTPServing
import Testing

@Suite("HTTPS server", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    @Test("A request comes whole to the handler, and its answer whole to the client")
    func echoes() throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let reply = try live.fetcher().post(
            path: "/v1/sync", headers: [("content-TYPE", "application/cbor")], body: body)
        #expect(reply.status == 200)
        #expect(reply.body == body)
        #expect(reply.header("CONTENT-type") == "application/cbor")
        #expect(reply.header("X-Kith-Path") == "/v1/sync")
        #expect(reply.header("X-Kith-Method") == "POST")
        #expect(reply.header("X-Kith-From") == "127.0.0.1")
    }

    @Test(
        "What the client does meanwhile, it does once, while the server has all of the body", arguments: [1, 300_000])
    func worksMeanwhile(byteCount: Int) throws {
        let (arrived, worked) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let live = try LiveServer { request, responder in
            // The answer waits for the work, and the work for the body.
            arrived.signal()
            worked.wait()
            responder.respond(HTTPResponse(status: 200, body: [UInt8](String(request.body.count).utf8)))
        }
        defer { live.server.stop() }
        var calls = 0
        let fetcher = live.fetcher()
        for round in 1...2 {
            let reply = try fetcher.post(
                path: "/", headers: [], body: [UInt8](repeating: 7, count: byteCount),
                meanwhile: {
                    calls += 1
                    arrived.wait()
                    worked.signal()
                })
            #expect(reply.body == [UInt8](String(byteCount).utf8))
            #expect(calls == round)
        }
    }

    @Test("An empty body is a body")
    func takesEmptyBody() throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        let reply = try live.fetcher().post(path: "/", headers: [], body: [])
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(reply.header("Content-Type") == "none")
    }

    @Test("The server listens on an IPv6 literal as well")
    func listensOnIPv6() throws {
        let live = try LiveServer(change: { $0.host = "::1" })
        defer { live.server.stop() }
        let fetcher = HTTPFetcher(host: "::1", port: live.server.port, pin: live.certificate.publicKeyPin)
        #expect(try fetcher.post(path: "/", headers: [], body: [7]).header("X-Kith-From") == "::1")
    }

    @Test("One connection carries 300 requests", arguments: [1, 2])
    func keepsConnection(pollingThreads: Int) throws {
        let live = try LiveServer(change: { $0.pollingThreads = pollingThreads })
        defer { live.server.stop() }
        let relayPort = try startRelay(to: live.server.port, cutAfterBytes: .max)
        let fetcher = live.fetcher(port: relayPort)
        for number in 0..<300 {
            let body = [UInt8(truncatingIfNeeded: number)]
            #expect(try fetcher.post(path: "/", headers: [], body: body).body == body)
        }
    }

    @Test("Two hundred connections are served at once", arguments: [1, 2])
    func servesManyConnections(pollingThreads: Int) throws {
        let count = 200
        let waiting = Gathered<HTTPResponder>()
        // No one is answered before all have asked: a server that stalls on the way never gets there.
        let live = try LiveServer(change: {
            $0.pollingThreads = pollingThreads
            $0.strangersPerAddressLimit = count
        }) { request, responder in
            waiting.add(responder, completeAt: count)?.forEach { $0.respond(HTTPResponse(status: 200)) }
        }
        defer { live.server.stop() }
        let statuses = onThreads(count) { _ in
            do {
                return try live.fetcher { $0.connectTimeoutMilliseconds = 60_000 }
                    .post(path: "/", headers: [], body: [1]).status
            } catch {
                Issue.record(error)
                return 0
            }
        }
        #expect(statuses == Array(repeating: 200, count: count))
    }

    @Test("Strangers beyond the bound wait and are not refused: each comes in once another has shown who it is")
    func strangersWait() throws {
        let count = 30
        let waiting = Gathered<HTTPResponder>()
        // No one is answered before all have asked: with the bound alone no more than two ever could.
        let live = try LiveServer(change: { $0.strangersPerAddressLimit = 2 }) { request, responder in
            responder.belongs(to: UInt64(request.body[0]))
            waiting.add(responder, completeAt: count)?.forEach { $0.respond(HTTPResponse(status: 200)) }
        }
        defer { live.server.stop() }
        let statuses = onThreads(count) { index in
            do {
                return try live.fetcher { $0.connectTimeoutMilliseconds = 60_000 }
                    .post(path: "/", headers: [], body: [UInt8(index)]).status
            } catch {
                Issue.record(error)
                return 0
            }
        }
        #expect(statuses == Array(repeating: 200, count: count))
    }

    @Test("A handler may answer later and from another thread", arguments: [0, 1, 4])
    func answersLater(handlerThreads: Int) throws {
        let live = try LiveServer(change: { $0.handlerThreads = handlerThreads }) { request, responder in
            Thread { responder.respond(HTTPResponse(status: 202, body: request.body)) }.start()
        }
        defer { live.server.stop() }
        let fetcher = live.fetcher()
        for _ in 0..<20 { #expect(try fetcher.post(path: "/", headers: [], body: [5]).status == 202) }
    }

    @Test("A handler that blocks does not hold up the others")
    func blockedHandlerHoldsNothingUp() throws {
        let release = DispatchSemaphore(value: 0)
        let live = try LiveServer { request, responder in
            if request.path == "/slow" { release.wait() }
            responder.respond(HTTPResponse(status: 200))
        }
        defer { live.server.stop() }
        let statuses = onThreads(2) { index in
            do {
                let path = index == 0 ? "/slow" : "/quick"
                let status = try live.fetcher().post(path: path, headers: [], body: []).status
                // The slow one ends only after the quick one has its answer.
                if index == 1 { release.signal() }
                return status
            } catch {
                Issue.record(error)
                return 0
            }
        }
        #expect(statuses == [200, 200])
    }

    @Test("The first answer counts; a dropped request is answered with 500", arguments: [0, 1, 4])
    func answersOnce(handlerThreads: Int) throws {
        let live = try LiveServer(change: { $0.handlerThreads = handlerThreads }) { request, responder in
            guard request.path == "/twice" else { return }
            responder.respond(HTTPResponse(status: 201))
            responder.respond(HTTPResponse(status: 404))
        }
        defer { live.server.stop() }
        let fetcher = live.fetcher()
        #expect(try fetcher.post(path: "/twice", headers: [], body: []).status == 201)
        #expect(try fetcher.post(path: "/dropped", headers: [], body: []).status == 500)
    }

    @Test("An answer that can't be sent as given becomes a 500, and the log names no value")
    func refusesBrokenAnswer() throws {
        let lines = Gathered<String>()
        let live = try LiveServer(change: { $0.log = { _ = lines.add($0) } }) { _, responder in
            responder.respond(HTTPResponse(status: 200, headers: [("X-Kith", "secret\r\nInjected: 1")]))
        }
        defer { live.server.stop() }
        let reply = try live.fetcher().post(path: "/", headers: [], body: [])
        #expect(reply.status == 500)
        #expect(reply.header("Injected") == nil)
        #expect(!lines.all.isEmpty)
        #expect(!lines.all.contains { $0.contains("secret") })
    }

    @Test("Stopping answers who waits with 503, and then nothing listens")
    func stopsGracefully() throws {
        let kept = Gathered<HTTPResponder>()
        let came = DispatchSemaphore(value: 0)
        let live = try LiveServer(change: { $0.stopWaitMilliseconds = 200 }) { _, responder in
            _ = kept.add(responder)
            came.signal()
        }
        let statuses = onThreads(2) { index in
            if index == 1 {
                came.wait()
                live.server.stop()
                return 0
            }
            do { return try live.fetcher().post(path: "/", headers: [], body: []).status } catch {
                Issue.record(error)
                return -1
            }
        }
        #expect(Set(statuses) == [0, 503])
        // Too late, and harmless.
        kept.all.first?.respond(HTTPResponse(status: 200))
        #expect(throws: FetchError.self) { try live.fetcher().post(path: "/", headers: [], body: []) }
    }

    @Test("Starting says what is wrong: no address, a port in use, a setting out of bounds")
    func namesStartErrors() throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        #expect(throws: HTTPServingError.invalidHost("localhost")) {
            try LiveServer(change: { $0.host = "localhost" })
        }
        #expect(throws: HTTPServingError.invalidSetting(name: "connectionLimit", value: 0)) {
            try LiveServer(change: { $0.connectionLimit = 0 })
        }
        let port = live.server.port
        let error = #expect(throws: HTTPServingError.self) { try LiveServer(change: { $0.port = port }) }
        let words = error?.description ?? ""
        #expect(words.contains("127.0.0.1, port \(port)") && words.contains("in use"))
    }
}
