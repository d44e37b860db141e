/// Which keys a server may show on the line, as the office's signed lines say: the one that is pinned, and the newest that
/// was announced after it.
package struct ServerKeys: Hashable, Sendable {
    private struct Announcement: Hashable, Sendable {
        let time: Int64
        let pin: [UInt8]
    }

    /// Oldest first; each was given a later time than the ones before.
    private let announcements: [Announcement]

    /// - Parameter lines: lines of a ledger whose signatures were checked; those of other kinds, and those that can't be
    ///   read, announce nothing.
    package init(_ lines: [LedgerEntry]) {
        announcements = lines.compactMap { line in
            guard line.kind == LedgerEntry.Kind.serverKey.rawValue,
                // A form that only a later version knows.
                let key = try? LedgerContent.ServerKey(decoding: line.payload)
            else { return nil }
            return Announcement(time: line.time, pin: key.pin)
        }.sorted { $0.time < $1.time }
    }

    /// The time of the newest announcement, in milliseconds since 1970; nil where there is none.
    package var lastTime: Int64? { announcements.last?.time }

    /// The pin of the newest announcement; nil where there is none.
    package var lastPin: [UInt8]? { announcements.last?.pin }

    /// The key that may take the place of a pinned one: the newest that was announced, unless that is the pinned one.
    ///
    /// A key that was announced before the pinned one never comes back.
    /// - Parameter pin: the key that was seen last: 32 bytes.
    package func next(after pin: [UInt8]) -> [UInt8]? {
        guard let last = announcements.last, last.pin != pin else { return nil }
        return last.pin
    }
}
