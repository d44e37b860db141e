import SyncCore

/// A device at whose word alone a new history began: it showed nothing that this office gave and this server lost.
package struct HistoryClaim: Hashable, Sendable {
    package var device: UInt32
    /// When it did so last, in milliseconds since 1970.
    package var milliseconds: Int64
    /// How often in a row, with no more than `Hub.claimMemoryMilliseconds` between two of them.
    package var count: Int

    package init(device: UInt32, milliseconds: Int64, count: Int) {
        self.device = device
        self.milliseconds = milliseconds
        self.count = count
    }
}

extension Hub {
    /// How long claims of a device are told, and counted as several, in milliseconds.
    package static let claimMemoryMilliseconds: Int64 = 7 * 86_400_000

    /// The devices at whose word alone a new history began in the last days.
    package func recentClaims() throws -> [HistoryClaim] {
        try store.readTransaction {
            try store.historyClaims().filter { abs(clock() - $0.milliseconds) < Self.claimMemoryMilliseconds }
        }
    }

    /// Lets a device begin a new history by its word alone, once in a while: an honest one has to where the server lost no
    /// more than what that device heard of alone, and any live one can.
    ///
    /// - Throws: `HubError.claimedLately`.
    func admitClaim(of device: UInt32) throws {
        let known = try store.historyClaims().first { $0.device == device }
        let pause = known.map { abs(clock() - $0.milliseconds) }
        if let pause, pause < claimPauseMilliseconds { throw HubError.claimedLately }
        let isRepeated = pause.map { $0 < Self.claimMemoryMilliseconds } ?? false
        try store.setHistoryClaim(
            HistoryClaim(
                device: device, milliseconds: clock(), count: isRepeated ? (known?.count ?? 0) + 1 : 1))
    }
}
