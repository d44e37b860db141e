import CCurl
import Dispatch

/// One kept-alive HTTPS connection to one server, which is trusted for its pinned key and nothing else.
///
/// The connection is made at the first fetch and again when it was lost. Not `Sendable`: one thread at a time.
@safe
package final class HTTPFetcher {
    /// libcurl's handle and the functions that it belongs to.
    @safe
    private struct Session {
        let library: CurlLibrary
        let handle: CurlLibrary.Handle
    }

    private static let pinBytes = 32

    private let host: String
    private let port: UInt16
    private let pin: [UInt8]
    private let settings: FetchSettings
    private var session: Session?

    /// Remembers where and whom to ask; nothing is loaded or sent yet.
    ///
    /// - Parameters:
    ///   - host: a name or an IP literal, IPv6 without brackets.
    ///   - port: 1...65535.
    ///   - pin: SHA-256 of the server's DER SubjectPublicKeyInfo, 32 bytes.
    ///   - settings: the bounds of each fetch.
    package init(host: String, port: UInt16, pin: [UInt8], settings: FetchSettings = FetchSettings()) {
        self.host = host
        self.port = port
        self.pin = pin
        self.settings = settings
    }

    deinit {
        if let session { unsafe session.library.free(session.handle) }
    }

    /// Loads what fetches need on another thread, so that it is there when the first one begins; returns at once.
    package static func prepare(settings: FetchSettings = FetchSettings()) {
        // Where it can't be loaded the fetch says so.
        DispatchQueue.global().async { _ = CurlLibrary.load(names: settings.libraryNames) }
    }

    /// Sends a body and waits for the whole reply, whatever its status.
    ///
    /// - Parameters:
    ///   - path: begins with `/`.
    ///   - headers: in the order to send; a line break in one is refused as `invalidServer`.
    ///   - body: sent with its length.
    ///   - meanwhile: called once when the body is on its way, while the server works on it; not called where that can't
    ///     be told.
    package func post(
        path: String, headers: [(String, String)], body: [UInt8], meanwhile: (() -> Void)? = nil
    ) throws(FetchError) -> FetchReply {
        let session = try opened()
        let list = unsafe try headerList(headers, library: session.library)
        defer { unsafe session.library.free(list) }
        let collector = ReplyCollector(limitBytes: settings.replyLimitBytes, whenSent: meanwhile)
        let code = unsafe try send(path: path, list: list, body: body, collector: collector, session: session)
        guard code == CURLE_OK else { throw failure(code, collector: collector, session: session) }
        let status = unsafe session.library.status(of: session.handle)
        return unsafe FetchReply(
            status: status, headers: collector.headers, body: collector.body,
            times: times(of: session.handle, session.library))
    }

    private func times(of handle: CurlLibrary.Handle, _ library: CurlLibrary) -> FetchTimes {
        func milliseconds(from start: CURLINFO, to end: CURLINFO) -> Int64 {
            max(0, unsafe library.microseconds(end, of: handle) - library.microseconds(start, of: handle)) / 1_000
        }
        var times = FetchTimes()
        times.exchangeMilliseconds = milliseconds(from: CURLINFO_PRETRANSFER_TIME_T, to: CURLINFO_TOTAL_TIME_T)
        // Of a kept connection libcurl says that it took no time.
        if unsafe library.microseconds(CURLINFO_APPCONNECT_TIME_T, of: handle) > 0 {
            // Something on the way may answer in the server's place; what TLS took is the whole way.
            times.roundTripMilliseconds = max(
                milliseconds(from: CURLINFO_NAMELOOKUP_TIME_T, to: CURLINFO_CONNECT_TIME_T),
                milliseconds(from: CURLINFO_CONNECT_TIME_T, to: CURLINFO_APPCONNECT_TIME_T))
        }
        return times
    }

    // MARK: Opening

    private func opened() throws(FetchError) -> Session {
        if let session { return session }
        try checkServer()
        guard let library = CurlLibrary.load(names: settings.libraryNames), let handle = unsafe library.newHandle()
        else { throw error(.cannotLoadLibrary, settings.libraryNames.joined(separator: ", ")) }
        let session = unsafe Session(library: library, handle: handle)
        // An option that this libcurl can't do might be the pin: nothing goes out then.
        guard unsafe options(library, handle).allSatisfy({ $0 == CURLE_OK }) else {
            unsafe library.free(handle)
            throw error(.cannotLoadLibrary, "this libcurl can't pin keys or lacks TLS")
        }
        self.session = session
        return session
    }

    private func checkServer() throws(FetchError) {
        let isHost = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: byte >= 0x80
            }
        }
        guard isHost, !host.isEmpty, port != 0 else { throw error(.invalidServer, "no host name or no port") }
        guard pin.count == Self.pinBytes else { throw error(.invalidServer, "the key's pin is not 32 bytes") }
    }

    private func options(_ library: CurlLibrary, _ handle: CurlLibrary.Handle) -> [CURLcode] {
        let numbers: [(CURLoption, Int)] = [
            // Trust is the pin alone: a self-signed certificate has no chain and any name.
            (CURLOPT_SSL_VERIFYPEER, 0),
            (CURLOPT_SSL_VERIFYHOST, 0),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_SSL_SESSIONID_CACHE, 1),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_TCP_NODELAY, 1),
            (CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeoutMilliseconds),
            (CURLOPT_LOW_SPEED_LIMIT, 1),
            (CURLOPT_LOW_SPEED_TIME, settings.stallSeconds),
            (CURLOPT_POST, 1),
            (CURLOPT_NOPROGRESS, 0),
        ]
        let texts: [(CURLoption, String)] = [
            (CURLOPT_PINNEDPUBLICKEY, "sha256//" + Base64.text(of: pin)),
            (CURLOPT_PROXY, ""),
        ]
        return unsafe numbers.map { unsafe library.set($0.0, to: $0.1, on: handle) }
            + texts.map { unsafe library.set($0.0, to: $0.1, on: handle) }
            + [
                library.allowHTTPSAlone(on: handle),
                library.set(CURLOPT_WRITEFUNCTION, to: CurlReceiving.body, on: handle),
                library.set(CURLOPT_HEADERFUNCTION, to: CurlReceiving.header, on: handle),
                library.set(CURLOPT_XFERINFOFUNCTION, to: CurlReceiving.progress, on: handle),
            ]
    }

    // MARK: Sending

    private func headerList(
        _ headers: [(String, String)], library: CurlLibrary
    ) throws(FetchError) -> CurlLibrary.HeaderList? {
        // Without "Expect:" libcurl waits for a 100 before it sends more than 1 MB.
        var lines = ["Expect:"]
        if !headers.contains(where: { $0.0.lowercased() == "content-type" }) { lines.append("Content-Type:") }
        // A header without a value is sent only if a semicolon ends its name (CURLOPT_HTTPHEADER(3)).
        lines += headers.map { $0.1.isEmpty ? "\($0.0);" : "\($0.0): \($0.1)" }
        var list: CurlLibrary.HeaderList?
        for line in lines {
            let isSafe = line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            guard isSafe, let longer = unsafe library.appending(line, to: list) else {
                unsafe library.free(list)
                throw error(.invalidServer, "a header can't be sent")
            }
            unsafe list = unsafe longer
        }
        return unsafe list
    }

    private func send(
        path: String, list: CurlLibrary.HeaderList?, body: [UInt8], collector: ReplyCollector, session: Session
    ) throws(FetchError) -> CURLcode {
        let isPath = path.utf8.first == UInt8(ascii: "/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard isPath else { throw error(.invalidServer, "the path does not begin with /") }
        let library = session.library
        let handle = unsafe session.handle
        let name = host.contains(":") ? "[\(host)]" : host
        let receiver = unsafe UnsafeRawPointer(Unmanaged.passUnretained(collector).toOpaque())
        return withExtendedLifetime(collector) {
            unsafe body.withUnsafeBytes { bytes in
                // With no bytes a pointer is still needed, or libcurl would read from standard input.
                let set = unsafe [
                    library.set(CURLOPT_URL, to: "https://\(name):\(port)\(path)", on: handle),
                    library.set(CURLOPT_HTTPHEADER, toPointer: list, on: handle),
                    library.set(CURLOPT_POSTFIELDSIZE_LARGE, toSize: bytes.count, on: handle),
                    library.set(CURLOPT_POSTFIELDS, toPointer: bytes.baseAddress ?? receiver, on: handle),
                    library.set(CURLOPT_WRITEDATA, toPointer: receiver, on: handle),
                    library.set(CURLOPT_HEADERDATA, toPointer: receiver, on: handle),
                    library.set(CURLOPT_XFERINFODATA, toPointer: receiver, on: handle),
                ]
                if let refused = set.first(where: { $0 != CURLE_OK }) { return refused }
                return unsafe library.run(handle)
            }
        }
    }

    // MARK: Errors

    private func error(_ kind: FetchError.Kind, _ detail: String) -> FetchError {
        FetchError(kind, host: host, port: port, detail: detail)
    }

    private func failure(_ code: CURLcode, collector: ReplyCollector, session: Session) -> FetchError {
        let kind: FetchError.Kind =
            collector.isTooLarge ? .tooLarge(limitBytes: settings.replyLimitBytes) : CurlFailure.kind(of: code)
        var failure = error(kind, session.library.text(of: code))
        failure.isUnsent = unsafe session.library.isUnsent(session.handle)
        return failure
    }
}
