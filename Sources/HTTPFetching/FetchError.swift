/// Why there is no reply; the server may or may not have done what was asked, and asking again is safe for a sync.
package struct FetchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened.
    package enum Kind: Equatable, Sendable {
        /// libcurl is not installed, or lacks what is needed.
        case cannotLoadLibrary
        /// Host, port or pin can't be used as given.
        case invalidServer
        /// The host has no address, or the network is away.
        case cannotResolve
        /// Nothing answers at host and port.
        case cannotConnect
        /// The connection could not be made in time, or stalled.
        case timedOut
        /// Another key than the pinned one: nothing was sent.
        case wrongKey
        /// No TLS 1.2 or 1.3 connection could be agreed on.
        case tlsFailed
        /// The connection ended in mid-sending or mid-reply.
        case cutOff
        /// The reply is larger than the limit, in bytes.
        case tooLarge(limitBytes: Int)
        /// libcurl's number for anything else.
        case other(code: UInt32)
    }

    /// What happened.
    package let kind: Kind
    /// The host that was asked.
    package let host: String
    /// The port that was asked.
    package let port: UInt16
    /// libcurl's own words, or "".
    package let detail: String
    /// Whether it is certain that nothing of the request was written to the line.
    package internal(set) var isUnsent = false

    init(_ kind: Kind, host: String, port: UInt16, detail: String = "") {
        self.kind = kind
        self.host = host
        self.port = port
        self.detail = detail
    }

    /// Whether the cause is the missing network or server, so that work goes on without it.
    package var isOffline: Bool {
        switch kind {
        case .cannotResolve, .cannotConnect, .timedOut: true
        default: false
        }
    }

    /// What failed, with which values, and what to do next; the path and headers, which may be secret, are left out.
    package var description: String {
        let server = "\(host), port \(port)"
        let words = detail.isEmpty ? "" : " (\(detail))"
        return switch kind {
        case .cannotLoadLibrary:
            "Cannot load libcurl\(words). Nothing was sent. Install the package libcurl4 and try again."
        case .invalidServer:
            "Cannot use \(server) as a server\(words). Nothing was sent. Check the server's address and key."
        case .cannotResolve:
            "Cannot find \(host)\(words). Nothing was sent. Try again with a network, or check the name."
        case .cannotConnect:
            "Cannot reach \(server)\(words). Nothing was sent. Try again when the server can be reached."
        case .timedOut:
            "No answer from \(server) in time\(words). It may have received the request. Try again later."
        case .wrongKey:
            "The server at \(server) has another key than expected. Nothing was sent. Ask the office before trying again."
        case .tlsFailed:
            "No secure connection to \(server)\(words). Nothing was sent. Check that the address is the sync server's."
        case .cutOff:
            "The connection to \(server) was cut\(words). It may have received the request. Try again."
        case .tooLarge(let limit):
            "The reply of \(server) is larger than \(limit) bytes, and was dropped. Update this program, then try again."
        case .other(let code):
            "The exchange with \(server) failed with libcurl error \(code)\(words). Try again, or tell the office."
        }
    }
}
