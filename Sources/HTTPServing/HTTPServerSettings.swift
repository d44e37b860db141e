/// Where the server listens, and the bounds of everything that it does for a client.
package struct HTTPServerSettings: Sendable {
    /// An IPv4 or IPv6 literal.
    package var host = "127.0.0.1"
    /// 0 lets the operating system choose a free port.
    package var port: UInt16 = 0
    /// Largest body of one request, in bytes.
    package var bodyLimitBytes = 8 << 20
    /// Largest sum of the bodies that are in memory at once, in bytes; a request that goes over it is cut off.
    package var allBodiesLimitBytes = 256 << 20
    /// The part of it that bodies of strangers may take, of requests without a credential that `isKnown` knows: they can never
    /// take what the others need.
    package var strangersBodiesLimitBytes = 64 << 20
    /// The part of that for one address.
    package var strangersBodiesPerAddressLimitBytes = 16 << 20
    /// Tells from the header `Authorization` whether the credential is a known one; called by the polling threads before the
    /// body is read, so it must not block.
    package var isKnown: @Sendable (String) -> Bool = { _ in false }
    /// Longest time from a request's first line to the end of its body. However fast the bytes trickle in, the connection is
    /// closed then.
    package var requestDeadlineMilliseconds = 300_000
    /// Longest time that a client may take to receive a reply.
    package var replyDeadlineMilliseconds = 600_000
    /// Longest time that a connection may do nothing, longest time from its start to the first line of the first request,
    /// and longest time between one reply and the next request.
    package var idleTimeoutSeconds = 75
    /// Connections open at once; further ones wait unread.
    package var connectionLimit = 1_024
    /// Connections open at once from one address, of the sixth version from one network of 64 bits, that have not shown whose
    /// they are (`HTTPResponder.belongs`); further ones wait unread. Offices share one address: nobody is turned away.
    package var strangersPerAddressLimit = 20
    /// Where all connections are taken and others wait: how long one may be open without a request that `isKnown` knows. A
    /// handshake over 64 kbit/s with 800 ms round trip takes 2 to 3 s.
    package var strangerPatienceMilliseconds = 10_000
    /// Connections of one owner; the oldest is closed for one more.
    package var connectionsPerOwnerLimit = 4
    /// Connections that wait unread; for one more the last that came of the address with the most of them is closed.
    package var waitingLimit = 4_096
    /// Connections that the operating system keeps waiting.
    package var backlog = 511
    /// Memory for the headers and buffers of one connection, in bytes.
    package var connectionMemoryBytes = 64 << 10
    /// Threads that read and write; each takes its share of the connection limit.
    package var pollingThreads = 1
    /// Threads that call the handler, so that a handler that blocks never holds up reading and writing. 0: the threads that read
    /// and write call it, and it must hand on what takes time.
    package var handlerThreads = 4
    /// Longest time that `stop()` waits for unanswered requests, and then for replies on their way.
    package var stopWaitMilliseconds = 5_000
    /// Receives what the HTTP library has to say: texts without any value in them, so without personal data.
    package var log: @Sendable (String) -> Void = { _ in }

    /// The defaults: loopback, a free port.
    package init() {}

    /// Refuses what MHD or the operating system would misread.
    func check() throws(HTTPServingError) {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("bodyLimitBytes", bodyLimitBytes, 1...1 << 30),
            ("allBodiesLimitBytes", allBodiesLimitBytes, bodyLimitBytes...Int.max),
            ("strangersBodiesLimitBytes", strangersBodiesLimitBytes, 1...Int.max),
            ("strangersBodiesPerAddressLimitBytes", strangersBodiesPerAddressLimitBytes, 1...Int.max),
            ("requestDeadlineMilliseconds", requestDeadlineMilliseconds, 1...86_400_000),
            ("replyDeadlineMilliseconds", replyDeadlineMilliseconds, 1...86_400_000),
            ("idleTimeoutSeconds", idleTimeoutSeconds, 1...86_400),
            ("connectionLimit", connectionLimit, pollingThreads...65_536),
            ("strangersPerAddressLimit", strangersPerAddressLimit, 1...65_536),
            ("strangerPatienceMilliseconds", strangerPatienceMilliseconds, 0...86_400_000),
            ("connectionsPerOwnerLimit", connectionsPerOwnerLimit, 1...65_536),
            ("waitingLimit", waitingLimit, 1...65_536),
            ("backlog", backlog, 1...65_535),
            ("connectionMemoryBytes", connectionMemoryBytes, 4_096...16 << 20),
            ("pollingThreads", pollingThreads, 1...64),
            ("handlerThreads", handlerThreads, 0...256),
            ("stopWaitMilliseconds", stopWaitMilliseconds, 0...600_000),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw .invalidSetting(name: name, value: value)
        }
    }
}
