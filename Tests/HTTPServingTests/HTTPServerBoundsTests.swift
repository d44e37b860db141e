import Foundation
import HTTPFetching
import HTTPServing
import Testing

@Suite("Bounds of the HTTPS server", .timeLimit(.minutes(1)))
struct HTTPServerBoundsTests {
    private static let deadlineMilliseconds = 300

    private func head(_ lines: String...) -> String {
        (["POST /v1/sync HTTP/1.1", "Host: kith"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
    }

    @Test(
        "A body over the limit is refused by its Content-Length before any of it is read",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func refusesByContentLength() throws {
        let calls = Gathered<Int>()
        let live = try LiveServer(change: { $0.bodyLimitBytes = 1_000 }) { request, responder in
            _ = calls.add(request.body.count)
            responder.respond(HTTPResponse(status: 200))
        }
        defer { live.server.stop() }
        let refused = try OpenSSLClient(port: live.server.port)
        try refused.send(head("Content-Length: 1001"))
        #expect(try refused.outputToEnd().contains("HTTP/1.1 413 "))
        #expect(calls.all.isEmpty)
        #expect(try live.fetcher().post(path: "/", headers: [], body: Array(repeating: 1, count: 1_000)).status == 200)
        #expect(calls.all == [1_000])
    }

    @Test("A chunked body is cut off at the limit", .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func cutsChunkedBody() throws {
        let calls = Gathered<Int>()
        let live = try LiveServer(change: { $0.bodyLimitBytes = 1_000 }) { request, responder in
            _ = calls.add(request.body.count)
            responder.respond(HTTPResponse(status: 200))
        }
        defer { live.server.stop() }
        let chunk = "1f4\r\n" + String(repeating: "k", count: 500) + "\r\n"
        let within = try OpenSSLClient(port: live.server.port)
        try within.send(head("Transfer-Encoding: chunked", "Connection: close") + chunk + chunk + "0\r\n\r\n")
        #expect(try within.outputToEnd().contains("HTTP/1.1 200 "))
        let over = try OpenSSLClient(port: live.server.port)
        try over.send(head("Transfer-Encoding: chunked") + chunk + chunk + chunk)
        #expect(try !over.outputToEnd().contains("HTTP/1.1 200 "))
        #expect(calls.all == [1_000])
    }

    #if os(Linux)
        @Test("A crowd of one address that waits keeps nobody else out, and the log tells of it")
        func crowds() throws {
            let lines = Gathered<String>()
            let live = try LiveServer {
                $0.strangersPerAddressLimit = 2
                $0.waitingLimit = 4
                $0.log = { _ = lines.add($0) }
            } handler: { _, responder in
                responder.respond(HTTPResponse(status: 200))
            }
            defer { live.server.stop() }
            let crowd = try (0..<12).map { _ in try RawSocket(connectingTo: live.server.port, fromHost: 2) }
            defer { for socket in crowd { socket.end() } }
            for _ in 0..<3 { #expect(try live.fetcher().post(path: "/", headers: [], body: []).status == 200) }
            #expect(lines.all.filter { $0.contains("connections of one address wait") }.count == 1)
        }

        @Test("Silent strangers from many addresses keep nobody out, and the log tells of them")
        func silentStrangers() throws {
            let lines = Gathered<String>()
            let live = try LiveServer {
                $0.connectionLimit = 4
                $0.strangersPerAddressLimit = 2
                $0.strangerPatienceMilliseconds = 0
                $0.log = { _ = lines.add($0) }
            } handler: { _, responder in
                responder.respond(HTTPResponse(status: 200))
            }
            defer { live.server.stop() }
            let crowd = try (2..<10).flatMap { host in
                try (0..<3).map { _ in try RawSocket(connectingTo: live.server.port, fromHost: UInt32(host)) }
            }
            defer { for socket in crowd { socket.end() } }
            for _ in 0..<3 { #expect(try live.fetcher().post(path: "/", headers: [], body: []).status == 200) }
            #expect(lines.all.filter { $0.hasPrefix("All places for connections are taken") }.count == 1)
        }
    #endif

    @Test("Bodies of strangers never take the room of those who show a known credential")
    func strangersBodies() throws {
        let live = try LiveServer(change: {
            $0.strangersBodiesLimitBytes = 1_000
            $0.isKnown = { $0 == "Bearer known" }
        }) { request, responder in
            guard request.path == "/outer" else { return responder.respond(HTTPResponse(status: 200)) }
            // The stranger's request still counts while others come.
            let statuses = ["Bearer other", "Bearer known"].map { credential in
                let inner = HTTPFetcher(
                    host: "127.0.0.1", port: UInt16(request.header("X-Kith-Port") ?? "") ?? 0,
                    pin: request.body.suffix(32).map { $0 })
                // Whoever is cut off gets no answer.
                let reply = try? inner.post(
                    path: "/inner", headers: [("Authorization", credential)], body: Array(repeating: 1, count: 100_000))
                return String(reply?.status ?? 0)
            }
            responder.respond(HTTPResponse(status: 200, body: Array(statuses.joined(separator: " ").utf8)))
        }
        defer { live.server.stop() }
        let body = Array(repeating: UInt8(1), count: 568) + live.certificate.publicKeyPin
        let reply = try live.fetcher().post(
            path: "/outer", headers: [("X-Kith-Port", "\(live.server.port)")], body: body)
        #expect(String(decoding: reply.body, as: UTF8.self) == "0 200")
    }

    @Test(
        "Bodies that are too much together are cut off, and room is made when one is done",
        arguments: ["Bearer known", "Bearer other"])
    func boundsAllBodies(credential: String) throws {
        let live = try LiveServer(change: {
            $0.bodyLimitBytes = 1_000
            $0.allBodiesLimitBytes = 1_000
            $0.isKnown = { $0 == "Bearer known" }
        }) { request, responder in
            // The outer request still counts while the inner one comes.
            guard request.path == "/outer" else { return responder.respond(HTTPResponse(status: 200)) }
            let inner = HTTPFetcher(
                host: "127.0.0.1", port: UInt16(request.header("X-Kith-Port") ?? "") ?? 0,
                pin: request.body.suffix(32).map { $0 })
            do throws(FetchError) {
                _ = try inner.post(
                    path: "/inner", headers: [("Authorization", credential)], body: Array(repeating: 1, count: 600))
                responder.respond(HTTPResponse(status: 200))
            } catch {
                responder.respond(HTTPResponse(status: error.kind == .cutOff ? 409 : 500))
            }
        }
        defer { live.server.stop() }
        let body = Array(repeating: UInt8(1), count: 568) + live.certificate.publicKeyPin
        let headers = [("X-Kith-Port", "\(live.server.port)"), ("Authorization", credential)]
        #expect(try live.fetcher().post(path: "/outer", headers: headers, body: body).status == 409)
        #expect(try live.fetcher().post(path: "/inner", headers: headers, body: body).status == 200)
    }

    @Test(
        "A body that trickles in is cut off at the request's deadline",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func cutsTrickledBody() throws {
        let live = try LiveServer(change: { $0.requestDeadlineMilliseconds = Self.deadlineMilliseconds })
        defer { live.server.stop() }
        let client = try OpenSSLClient(port: live.server.port)
        try client.send(head("Content-Length: 1000000") + "x")
        #expect(try !client.trickleToEnd(paceMilliseconds: 20).contains("HTTP/1.1 200 "))
        // The server itself is well.
        #expect(try live.fetcher().post(path: "/", headers: [], body: [1]).status == 200)
    }

    @Test("A connection that never gets as far as a request is cut off too")
    func cutsSilentConnection() throws {
        let live = try LiveServer(change: { $0.requestDeadlineMilliseconds = Self.deadlineMilliseconds })
        defer { live.server.stop() }
        let silent = try RawSocket(connectingTo: live.server.port)
        defer { silent.end() }
        #expect(try silent.receiveAll().isEmpty)
    }

    @Test("The handler's own time has no deadline")
    func leavesHandlerItsTime() throws {
        let live = try LiveServer(change: { $0.requestDeadlineMilliseconds = Self.deadlineMilliseconds }) {
            request, responder in
            guard let port = UInt16(request.header("X-Kith-Port") ?? "") else { return }
            do {
                // As long as another connection lives until its deadline, opened after this request began.
                let other = try RawSocket(connectingTo: port)
                _ = try other.receiveAll()
                other.end()
                responder.respond(HTTPResponse(status: 200))
            } catch {
                Issue.record(error)
            }
        }
        defer { live.server.stop() }
        let headers = [("X-Kith-Port", "\(live.server.port)")]
        #expect(try live.fetcher().post(path: "/", headers: headers, body: []).status == 200)
    }

    @Test("Plain HTTP gets no answer")
    func ignoresPlainHTTP() throws {
        let calls = Gathered<Int>()
        let live = try LiveServer { _, responder in
            _ = calls.add(1)
            responder.respond(HTTPResponse(status: 200))
        }
        defer { live.server.stop() }
        let plain = try RawSocket(connectingTo: live.server.port)
        defer { plain.end() }
        plain.send(Array((head("Content-Length: 0")).utf8))
        #expect(try !String(decoding: plain.receiveAll(), as: UTF8.self).contains("HTTP/"))
        #expect(calls.all.isEmpty)
    }

    @Test(
        "TLS 1.1 is refused by the server; 1.2 and 1.3 are spoken",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func refusesOldTLS() throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        func talk(_ version: String) throws -> String {
            let client = try OpenSSLClient(
                port: live.server.port, options: ["-quiet", version, "-cipher", "ALL:@SECLEVEL=0"])
            // A client that was refused has ended, and takes nothing any more.
            try? client.send(head("Content-Length: 0", "Connection: close"))
            return try client.outputToEnd()
        }
        let refusal = try talk("-tls1_1")
        // MHD closes without an alert; what must not be is that the client itself refused to try.
        #expect(!refusal.contains("HTTP/1.1 "))
        #expect(refusal.contains("error") && !refusal.contains("no protocols available"))
        #expect(try talk("-tls1_2").contains("HTTP/1.1 200 "))
        #expect(try talk("-tls1_3").contains("HTTP/1.1 200 "))
    }

    @Test(
        "A client that sends a key for X25519 alone is not asked for another one",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"))
    func takesFirstKey() throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        let client = try OpenSSLClient(port: live.server.port, options: ["-ign_eof", "-tls1_3", "-msg"])
        try client.send(head("Content-Length: 0", "Connection: close"))
        let text = try client.outputToEnd()
        #expect(text.contains("HTTP/1.1 200 ") && text.contains("Server Temp Key: X25519"))
        #expect(text.split(separator: "\n").filter { $0.hasSuffix(" ServerHello") }.count == 1, "one more is a retry")
    }

    @Test(
        "A client that returns resumes its TLS session",
        .enabled(if: OpenSSLClient.isInstalled, "openssl is not installed"),
        arguments: ["-tls1_2", "-tls1_3"])
    func resumesSessions(version: String) throws {
        let live = try LiveServer()
        defer { live.server.stop() }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("kith-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }  // A leftover in the temporary folder harms no one.
        func talk(_ option: String) throws -> String {
            let client = try OpenSSLClient(port: live.server.port, options: ["-ign_eof", version, option, file])
            try client.send(head("Content-Length: 0", "Connection: close"))
            return try client.outputToEnd()
        }
        #expect(try talk("-sess_out").contains("New, TLSv1."))
        #expect(try talk("-sess_in").contains("Reused, TLSv1."))
    }
}
