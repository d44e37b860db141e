/// A whole reply.
package struct FetchReply: Sendable {
    /// The HTTP status.
    package let status: Int
    /// The headers in the order received.
    package let headers: [(name: String, value: String)]
    /// The body as sent.
    package let body: [UInt8]
    /// What it took.
    package var times = FetchTimes()

    /// The value of the first header with this name, whatever its case (RFC 9110, section 5.1).
    package func header(_ name: String) -> String? {
        headers.first { Self.lower($0.name).elementsEqual(Self.lower(name)) }?.value
    }

    private static func lower(_ name: String) -> some Sequence<UInt8> {
        name.utf8.lazy.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

/// What a fetch took on the line.
package struct FetchTimes: Hashable, Sendable {
    /// From the moment at which the connection could carry the request to the end of the reply, in milliseconds.
    package var exchangeMilliseconds: Int64 = 0
    /// How long the slower step of making the connection took, TCP's or TLS's: about one round trip, in milliseconds; nil for
    /// a connection that was there already.
    package var roundTripMilliseconds: Int64?
}
