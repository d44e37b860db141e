import HTTPServing

/// The bounds of what a server does for anybody, as lines of `server.conf` may change them.
struct ServerLimits: Equatable, Sendable {
    /// One of them: its word in the file, where it is kept, and which values make sense.
    private struct Line: Sendable {
        let word: String
        let range: ClosedRange<Int>
        let read: @Sendable (ServerLimits) -> Int
        let write: @Sendable (inout ServerLimits, Int) -> Void
    }

    /// The most bytes of a request's body, compressed and not.
    var bodyBytes = 8 << 20
    /// Connections open at once; more wait unread.
    var connections = 1_024
    /// Connections of one address that have shown no token; more wait unread.
    var connectionsPerAddress = 20
    /// Connections of one device; the oldest goes for one more.
    var connectionsPerDevice = 4
    /// Seconds from a request's first line to its end.
    var requestSeconds = 300
    /// Wrong tokens and codes in 15 minutes that are answered at once.
    var freeSignInFailures = 10
    /// How much of the time one device may use beyond a burst, in percent, while others are there.
    var sharePercent = 6

    private static let lines = [
        Line(word: "limit-body-bytes", range: 65_536...(1 << 30)) {
            $0.bodyBytes
        } write: {
            $0.bodyBytes = $1
        },
        Line(word: "limit-connections", range: 8...65_536) {
            $0.connections
        } write: {
            $0.connections = $1
        },
        Line(word: "limit-connections-per-address", range: 1...65_536) {
            $0.connectionsPerAddress
        } write: {
            $0.connectionsPerAddress = $1
        },
        // A laptop sends on two lines at once.
        Line(word: "limit-connections-per-device", range: 2...1_024) {
            $0.connectionsPerDevice
        } write: {
            $0.connectionsPerDevice = $1
        },
        Line(word: "limit-request-seconds", range: 10...3_600) {
            $0.requestSeconds
        } write: {
            $0.requestSeconds = $1
        },
        Line(word: "limit-free-sign-in-failures", range: 1...10_000) {
            $0.freeSignInFailures
        } write: {
            $0.freeSignInFailures = $1
        },
        Line(word: "limit-share-percent", range: 1...100) {
            $0.sharePercent
        } write: {
            $0.sharePercent = $1
        },
    ]

    /// The words that lines of the settings may begin with.
    static var words: [String] { lines.map(\.word) }

    /// The usual bounds.
    init() {}

    /// Reads those lines that there are; nil where one makes no sense.
    init?(_ values: [Substring: Substring]) {
        for line in Self.lines {
            guard let text = values[Substring(line.word)] else { continue }
            guard let number = Int(text), line.range.contains(number) else { return nil }
            line.write(&self, number)
        }
    }

    /// The lines of the settings for those that are not as usual.
    var text: String {
        Self.lines.filter { $0.read(self) != $0.read(ServerLimits()) }.map { "\($0.word) = \($0.read(self))\n" }
            .joined()
    }

    /// Gives the HTTP server its share of them.
    func set(_ settings: inout HTTPServerSettings) {
        settings.bodyLimitBytes = bodyBytes
        settings.allBodiesLimitBytes = max(settings.allBodiesLimitBytes, bodyBytes)
        settings.connectionLimit = connections
        settings.strangersPerAddressLimit = connectionsPerAddress
        settings.connectionsPerOwnerLimit = connectionsPerDevice
        settings.requestDeadlineMilliseconds = requestSeconds * 1_000
    }
}
