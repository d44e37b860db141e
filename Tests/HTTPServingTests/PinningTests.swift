import HTTPFetching
import HTTPServing
import Testing

@Suite("Fetching from the HTTPS server", .timeLimit(.minutes(1)))
struct PinningTests {
    @Test(
        "Another key than the pinned one is refused before anything is sent",
        arguments: [["libcurl.so.4"], ["libcurl-gnutls.so.4"], FetchSettings.systemLibraryNames])
    func refusesWrongKey(libraryNames: [String]) throws {
        let calls = Gathered<Int>()
        let live = try LiveServer { _, responder in
            _ = calls.add(1)
            responder.respond(HTTPResponse(status: 200))
        }
        defer { live.server.stop() }
        var settings = FetchSettings()
        settings.libraryNames = libraryNames
        var pin = live.certificate.publicKeyPin
        pin[31] ^= 1
        let wrong = HTTPFetcher(host: "127.0.0.1", port: live.server.port, pin: pin, settings: settings)
        let error = #expect(throws: FetchError.self) {
            try wrong.post(path: "/", headers: [("Authorization", "secret")], body: [1])
        }
        if error?.kind == .cannotLoadLibrary, libraryNames.count == 1 { return }
        #expect(error?.kind == .wrongKey)
        #expect(error?.isOffline == false)
        #expect(calls.all.isEmpty)
        let right = live.fetcher { $0.libraryNames = libraryNames }
        #expect(try right.post(path: "/", headers: [], body: [1]).status == 200)
    }

    @Test("A server that is gone is offline, and one that comes back on another key is not trusted")
    func noticesServerGone() throws {
        let live = try LiveServer()
        let fetcher = live.fetcher()
        #expect(try fetcher.post(path: "/", headers: [], body: [1]).status == 200)
        live.server.stop()
        let gone = #expect(throws: FetchError.self) { try fetcher.post(path: "/", headers: [], body: [1]) }
        #expect(gone?.kind == .cannotConnect)
        #expect(gone?.isOffline == true)
        let port = live.server.port
        let other = try LiveServer(change: { $0.port = port })
        defer { other.server.stop() }
        let stranger = #expect(throws: FetchError.self) { try fetcher.post(path: "/", headers: [], body: [1]) }
        #expect(stranger?.kind == .wrongKey)
    }

    @Test("A line that is cut in mid-reply is told apart from being offline, and the next fetch works")
    func noticesCutLine() throws {
        let big = Array(repeating: UInt8(7), count: 1 << 20)
        let live = try LiveServer { _, responder in responder.respond(HTTPResponse(status: 200, body: big)) }
        defer { live.server.stop() }
        let relayPort = try startRelay(to: live.server.port, cutAfterBytes: 100_000)
        let error = #expect(throws: FetchError.self) {
            try live.fetcher(port: relayPort).post(path: "/", headers: [], body: [1])
        }
        #expect(error?.kind == .cutOff)
        #expect(error?.isOffline == false)
        #expect(try live.fetcher().post(path: "/", headers: [], body: [1]).body == big)
    }

    @Test("A reply over the limit is dropped")
    func boundsReply() throws {
        let live = try LiveServer { _, responder in
            responder.respond(HTTPResponse(status: 200, body: Array(repeating: 1, count: 5_000)))
        }
        defer { live.server.stop() }
        let small = live.fetcher { $0.replyLimitBytes = 4_999 }
        let error = #expect(throws: FetchError.self) { try small.post(path: "/", headers: [], body: []) }
        #expect(error?.kind == .tooLarge(limitBytes: 4_999))
        let enough = live.fetcher { $0.replyLimitBytes = 5_000 }
        #expect(try enough.post(path: "/", headers: [], body: []).body.count == 5_000)
    }

    @Test("A redirect is given back and not followed")
    func followsNoRedirect() throws {
        let live = try LiveServer { request, responder in
            let headers = [("Location", "/elsewhere"), ("Retry-After", "7")]
            responder.respond(HTTPResponse(status: request.path == "/" ? 307 : 200, headers: headers))
        }
        defer { live.server.stop() }
        let reply = try live.fetcher().post(path: "/", headers: [], body: [])
        #expect(reply.status == 307)
        #expect(reply.header("retry-after") == "7")
    }
}
