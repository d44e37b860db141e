import Foundation
import Testing

@testable import HTTPFetching

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite("HTTPS client without a server", .timeLimit(.minutes(1)))
struct HTTPFetcherTests {
    private static let pin = [UInt8](repeating: 7, count: 32)

    private func failure(
        host: String = "127.0.0.1", port: UInt16, pin: [UInt8] = pin, path: String = "/",
        headers: [(String, String)] = [], change: (inout FetchSettings) -> Void = { _ in }
    ) -> FetchError? {
        var settings = FetchSettings()
        change(&settings)
        let fetcher = HTTPFetcher(host: host, port: port, pin: pin, settings: settings)
        return #expect(throws: FetchError.self) { try fetcher.post(path: path, headers: headers, body: [1]) }
    }

    @Test("Where nothing listens, the device is offline")
    func noticesNoServer() throws {
        // Bound without listening: nobody else gets the port, and connections are refused.
        let closed = try BoundSocket(isListening: false)
        defer { closed.end() }
        let error = failure(port: closed.port)
        #expect(error?.kind == .cannotConnect)
        #expect(error?.isOffline == true)
    }

    @Test("A server that says nothing is given up at the time limit")
    func givesUpOnSilence() throws {
        let silent = try BoundSocket(isListening: true)
        defer { silent.end() }
        let error = failure(port: silent.port) { $0.connectTimeoutMilliseconds = 100 }
        #expect(error?.kind == .timedOut)
        #expect(error?.isOffline == true)
    }

    @Test("A server that speaks no TLS gets nothing")
    func refusesPlainServer() throws {
        let plain = try BoundSocket(isListening: true)
        defer { plain.end() }
        let number = plain.number
        Thread {
            let client = accept(number, nil, nil)
            let reply = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
            _ = unsafe write(client, reply, reply.count)
            shutdown(client, Int32(SHUT_WR))
            var rest = [UInt8](repeating: 0, count: 4_096)
            while unsafe read(client, &rest, rest.count) > 0 {}
            close(client)
        }.start()
        let error = failure(port: plain.port)
        #expect(error?.kind == .tlsFailed)
        #expect(error?.isOffline == false)
    }

    @Test(
        "The client speaks TLS 1.2 and 1.3 and nothing older",
        .enabled(if: OpenSSLServer.isInstalled, "openssl is not installed"),
        arguments: [
            ("-tls1_1", FetchError.Kind.tlsFailed), ("-tls1_2", FetchError.Kind.wrongKey),
            ("-tls1_3", FetchError.Kind.wrongKey),
        ])
    func refusesOldTLS(version: String, kind: FetchError.Kind) throws {
        // The key is not the pinned one: that is found out once the versions agree.
        let server = try OpenSSLServer(version: version)
        defer { server.stop() }
        #expect(failure(port: server.port)?.kind == kind)
    }

    @Test("A name that can't exist is offline")
    func noticesUnknownName() {
        let error = failure(host: "kith.invalid", port: 443)
        #expect(error?.kind == .cannotResolve)
        #expect(error?.isOffline == true)
    }

    @Test("Without libcurl the error says so")
    func noticesMissingLibrary() {
        let error = failure(port: 1) { $0.libraryNames = ["libnothing-of-this-name.so.0"] }
        #expect(error?.kind == .cannotLoadLibrary)
        #expect(error?.description.contains("Install the package libcurl4") == true)
    }

    @Test(
        "A host that could smuggle something into the address is refused",
        arguments: ["", "a/b", "user@host", "host?x", "ho st", "host#", "[::1]", "a\r\nb", "a%41"])
    func refusesOddHost(host: String) {
        #expect(failure(host: host, port: 1)?.kind == .invalidServer)
    }

    @Test("A short pin, port 0, an odd path and an odd header are refused")
    func refusesOddInput() {
        #expect(failure(port: 1, pin: [1, 2, 3])?.kind == .invalidServer)
        #expect(failure(port: 0)?.kind == .invalidServer)
        #expect(failure(port: 1, path: "v1")?.kind == .invalidServer)
        #expect(failure(port: 1, path: "/a b")?.kind == .invalidServer)
        #expect(failure(port: 1, headers: [("X-Kith", "a\r\nb: c")])?.kind == .invalidServer)
    }

    @Test("Errors leave out path and headers")
    func keepsSecretsOut() throws {
        let closed = try BoundSocket(isListening: false)
        defer { closed.end() }
        let error = failure(port: closed.port, path: "/secret", headers: [("Authorization", "token")])
        #expect(error?.description.contains("127.0.0.1, port \(closed.port)") == true)
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains("token") == false)
    }

    @Test(
        "Base 64 agrees with the examples of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func encodesBase64(plain: String, text: String) {
        #expect(Base64.text(of: Array(plain.utf8)) == text)
    }
}

/// A socket on a free port of the loopback.
private struct BoundSocket {
    let number: Int32
    let port: UInt16

    init(isListening: Bool) throws {
        #if canImport(Darwin)
            number = socket(AF_INET, SOCK_STREAM, 0)
        #else
            number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = number
        let isBound = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(number, $0, length) == 0 && getsockname(number, $0, &length) == 0
            }
        }
        guard isBound, !isListening || listen(number, 8) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    func end() { close(number) }
}
