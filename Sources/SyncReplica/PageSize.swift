import SyncCore

/// How large the pages of a sync are, in both directions: smaller on a slow line and after a cut, larger again when the
/// line is quick.
///
/// A cut loses a whole page. On a line that drops after every few KB a page must be smaller than that, or none ever
/// arrives. Whoever owns it keeps `bytes` between two syncs. It belongs to one thread.
package final class PageSize {
    /// The smallest pages, in bytes; one group may be larger, and is sent as a whole.
    package static let smallestBytes = 4 << 10
    /// The largest pages, in bytes.
    package static let largestBytes = SyncRequest.largestPageBytes
    /// A page that takes longer is followed by smaller ones.
    static let slowMilliseconds: Int64 = 5_000
    /// A full page that takes less is followed by larger ones.
    static let quickMilliseconds: Int64 = 1_000
    /// A cut loses more than time: the next page is this many times smaller.
    private static let cutDivisor = 4

    /// The size that a page should have at most, in bytes.
    package private(set) var bytes: Int

    /// - Parameter bytes: the size that was kept from the last sync; what is out of bounds is brought within.
    package init(bytes: Int = largestBytes) {
        self.bytes = min(max(bytes, Self.smallestBytes), Self.largestBytes)
    }

    /// Takes note of a page that arrived.
    ///
    /// - Parameters:
    ///   - milliseconds: from its first byte to the last of its reply.
    ///   - isFull: whether it held as much as it could in one direction; a small one says nothing of a quick line.
    package func note(milliseconds: Int64, isFull: Bool) {
        if milliseconds > Self.slowMilliseconds {
            bytes = max(Self.smallestBytes, bytes / 2)
        } else if isFull, milliseconds < Self.quickMilliseconds {
            bytes = min(Self.largestBytes, bytes * 2)
        }
    }

    /// Takes note of a page that was cut.
    package func noteCut() { bytes = max(Self.smallestBytes, bytes / Self.cutDivisor) }
}
