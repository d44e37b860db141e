import SyncCore

/// What one request and its reply took on the line.
package struct LineExchange: Hashable, Sendable {
    /// The size of the request, encoded and not compressed, in bytes.
    package var sentBytes: Int
    /// The same of the reply.
    package var receivedBytes: Int
    /// From the moment at which the connection could carry the request to the end of the reply.
    package var milliseconds: Int64
    /// How long one byte and its answer are on their way at least; 0 where nobody knows.
    package var roundTripMilliseconds: Int64

    /// Makes a measurement.
    package init(sentBytes: Int, receivedBytes: Int = 0, milliseconds: Int64, roundTripMilliseconds: Int64 = 0) {
        self.sentBytes = sentBytes
        self.receivedBytes = receivedBytes
        self.milliseconds = milliseconds
        self.roundTripMilliseconds = roundTripMilliseconds
    }
}

/// How large the pages of a sync are: as much as the line carries in a short while, less after a cut.
///
/// A cut loses the page that is on its way. On a line that drops after every few KB a page must be smaller than that, or none
/// ever arrives. How long a byte is on its way is no reason for small pages, on the contrary: it counts apart. Only on a quick
/// line two pages may be on their way: on a slow one a cut would lose both, and neither would tell how long it took. Whoever
/// owns it keeps `bytes` between two syncs. It belongs to one thread.
package final class PageSize {
    /// The smallest pages, in bytes; one group may be larger, and is sent as a whole.
    package static let smallestBytes = 4 << 10
    /// The largest pages, in bytes.
    package static let largestBytes = SyncRequest.largestPageBytes
    /// How long a page that is sent should take, but for the round trip.
    static let wantedMilliseconds: Int64 = 750
    /// A page that is fetched may be as many times as large: what is read soon is read in few round trips.
    static let fetchFactor = 2
    /// From this size on the line is quick enough for two pages at once.
    static let smallestBytesAhead = 64 << 10
    /// An exchange of fewer bytes says nothing of how much the line carries in a second.
    static let tellingBytes = 4 << 10
    /// One that takes longer is followed by smaller pages all the same.
    static let slowMilliseconds: Int64 = 5_000
    /// A cut loses more than time: the next page is this many times smaller.
    private static let cutDivisor = 4

    /// The size that a page that is sent should have at most, in bytes.
    package private(set) var bytes: Int
    /// The size that a page that is fetched should have at most, in bytes.
    package var fetchBytes: Int { min(Self.largestBytes, bytes * Self.fetchFactor) }

    /// Whether a page may be sent before the reply to the one before it has come.
    var sendsAhead: Bool { bytes >= Self.smallestBytesAhead }

    /// - Parameter bytes: the size that was kept from the last sync; what is out of bounds is brought within.
    package init(bytes: Int = largestBytes) {
        self.bytes = min(max(bytes, Self.smallestBytes), Self.largestBytes)
    }

    /// Takes note of a page that arrived.
    ///
    /// - Parameter isFull: whether more was left than it held; one that held all there was is no reason for larger ones.
    package func note(_ exchange: LineExchange, isFull: Bool) {
        let carried = exchange.sentBytes + exchange.receivedBytes / Self.fetchFactor
        let milliseconds = max(1, exchange.milliseconds - exchange.roundTripMilliseconds)
        guard carried >= Self.tellingBytes else {
            if milliseconds > Self.slowMilliseconds { bytes = max(Self.smallestBytes, bytes / 2) }
            return
        }
        let fitting = Int(clamping: Int64(clamping: carried) * Self.wantedMilliseconds / milliseconds)
        if milliseconds > Self.wantedMilliseconds {
            bytes = max(Self.smallestBytes, min(bytes, fitting))
        } else if isFull, carried >= bytes / 2 {
            bytes = min(Self.largestBytes, max(bytes, min(bytes * 2, fitting)))
        }
    }

    /// Takes note of a page that was cut.
    package func noteCut() { bytes = max(Self.smallestBytes, bytes / Self.cutDivisor) }
}
