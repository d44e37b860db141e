/// A whole request, as the handler gets it; its body is within the server's limit.
package struct HTTPRequest: Sendable {
    /// The method as sent, such as `POST`.
    package let method: String
    /// The path without its query, percent-decoded.
    package let path: String
    /// The headers in the order sent.
    package let headers: [(name: String, value: String)]
    /// The body, still encoded as its `Content-Encoding` says.
    package let body: [UInt8]
    /// The client's IP address, or "" where the system does not know it.
    package let remoteAddress: String

    /// Makes a request, for tests of handlers without a server.
    package init(
        method: String, path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        remoteAddress: String = ""
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The value of the first header with this name, whatever its case (RFC 9110, section 5.1).
    package func header(_ name: String) -> String? {
        headers.first { HTTPHeaderName.isEqual($0.name, name) }?.value
    }
}

/// How names of headers are compared.
enum HTTPHeaderName {
    /// Compares without regard to the case of ASCII letters.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
