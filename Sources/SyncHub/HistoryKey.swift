import SyncCore

/// Makes the random marks of feeds, and the identities of histories, so that this office knows them again: a part of each
/// follows from the rest and from a secret.
///
/// A server that was put back from an old copy has lost them, and still can tell whether a device shows what the office gave
/// it, or something made up.
struct HistoryKey {
    private static let domain = Array("kith history key 1\n".utf8)
    private static let partBytes = 8
    private let secret: UInt128
    private let hash: Hash128

    init(_ signer: OfficeSigner, hash: Hash128) throws {
        // Ed25519 gives the same signature each time, and nobody else can make it: so it serves as a secret of this office.
        secret = hash(try signer.sign(Self.domain))
        self.hash = hash
    }

    /// A mark of an area's feed: 32 random bits, and 32 that follow from them.
    func mark(random: UInt64, area: Int, epoch: [UInt8]) -> UInt64 {
        let free = random & 0xFFFF_FFFF_0000_0000
        return free | check(free, area, epoch) & 0xFFFF_FFFF
    }

    /// Whether a mark was made for an area in a history.
    func isOwn(mark: UInt64, area: Int, epoch: [UInt8]) -> Bool {
        self.mark(random: mark, area: area, epoch: epoch) == mark
    }

    /// The identity of a history: 64 random bits, and 64 that follow from them.
    func epoch(random: UInt64) -> [UInt8] {
        var epoch: [UInt8] = []
        Hub.append(random, to: &epoch)
        Hub.append(check(random, 0, []), to: &epoch)
        return epoch
    }

    /// Whether this office began a history of that identity.
    func isOwn(epoch: [UInt8]) -> Bool {
        guard epoch.count == Hub.epochLength else { return false }
        let random = epoch.prefix(Self.partBytes).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return self.epoch(random: random) == epoch
    }

    private func check(_ random: UInt64, _ area: Int, _ epoch: [UInt8]) -> UInt64 {
        var bytes = secret.bytes
        Hub.append(random, to: &bytes)
        Hub.append(UInt64(clamping: area), to: &bytes)
        return UInt64(truncatingIfNeeded: hash(bytes + epoch))
    }
}

/// Who may bring back what others wrote: a device that shows that it saw what this server has lost.
extension Hub {
    /// A mark for the end of an area's feed.
    func newMark(area: Int) throws -> UInt64 {
        let random = max(1, random())
        return try historyKey?.mark(random: random, area: area, epoch: epoch) ?? random
    }

    /// For how long after an upgrade marks are believed that nobody can tell from made up ones, in milliseconds: a backup of
    /// before may be put back, and what was lost then has such marks.
    private static let upgradeMilliseconds: Int64 = 30 * 86_400_000

    /// Whether a device may show such marks: until it was heard of since, for then it was given others.
    private func believesAnyMark(of device: DeviceRecord) throws -> Bool {
        let since = Int64(clamping: try store.counter(.marksKeyed))
        return since > 0 && clock() - since < Self.upgradeMilliseconds && (device.seenMilliseconds ?? 0) < since
    }

    /// Whether a request bears the identity of a history, or a place in a feed, that this office gave and this server has
    /// not any more.
    ///
    /// Whoever brings neither has seen nothing of other people's that is not here.
    func provesLoss(_ request: SyncRequest, of device: DeviceRecord) throws -> Bool {
        guard let historyKey else { return false }
        let present = try epoch
        var epochs = [present]
        if request.epoch != present {
            if try historyKey.isOwn(epoch: request.epoch) && !store.isOwnFormerEpoch(request.epoch) { return true }
            epochs += try store.formerEpochs()
        }
        let believesAny = try believesAnyMark(of: device)
        return try (request.cursors + request.seenEnds()).contains { cursor in
            guard cursor.sequence > 0,
                believesAny
                    || epochs.contains(where: { historyKey.isOwn(mark: cursor.mark, area: cursor.area, epoch: $0) })
            else { return false }
            return try !store.hasMark(cursor.mark, area: cursor.area)
        }
    }

    /// Whether a request of another history proves a loss, and that is not written down yet.
    func bringsProof(_ request: SyncRequest, of device: DeviceRecord) throws -> Bool {
        guard try request.epoch != epoch, try !store.hasHealingProof(device.number) else { return false }
        return try provesLoss(request, of: device)
    }
}
