import SyncCore

/// Where a device stood when it made its last bundle.
package struct BundleStanding: Hashable, Sendable {
    /// By the device's clock, in milliseconds since 1970.
    package var made: Int64
    /// The request, encoded: of its groups only the number of the last one.
    package var request: [UInt8]
    /// The mark of the file; nil for one that an earlier version took.
    package var file: [UInt8]?
}

/// A bundle that waits, as it came: sealed.
package struct WaitingBundle: Hashable, Sendable {
    /// The device that made it.
    package var device: UInt32
    /// The numbers of its first and its last group; 0 for one without groups.
    package var first: UInt64
    package var last: UInt64
    /// When it came, in milliseconds since 1970.
    package var arrived: Int64
    /// The size of the file.
    package var bytes: Int
    /// Whether its numbers came with other content, from another copy of the device's database: it can't be taken any more.
    package var isForked: Bool

    package init(
        device: UInt32, first: UInt64, last: UInt64, arrived: Int64, bytes: Int = 0, isForked: Bool = false
    ) {
        self.device = device
        self.first = first
        self.last = last
        self.arrived = arrived
        self.bytes = bytes
        self.isForked = isForked
    }
}

/// What decides whether a bundle that waits can be taken: as long as it stays, another try ends as the one before.
package struct BundleChance: Hashable, Sendable {
    /// The history that the server has.
    let epoch: [UInt8]
    /// Whether its device was shut out.
    let isRevoked: Bool
    /// Its last number, once all that it brings has come by other ways.
    let reached: UInt64
}

/// Work that reaches the server as a file.
extension Hub {
    /// The most bundles of one device that wait.
    package static let largestWaitingBundleCount = 16

    /// What became of a bundle.
    package enum BundleOutcome: Hashable, Sendable {
        /// Its groups up to this number are on the server's disk, as much as they may be in force.
        case taken(Acceptance)
        /// Groups before its first are missing; the caller keeps it.
        case waits(missing: ClosedRange<UInt64>)
        /// It belongs to a history that this server does not have: the device must sync once. The caller keeps it.
        case otherHistory
        /// Its numbers were used with other content: another copy of that device's database has been here. Nothing was
        /// taken.
        case forked
    }

    /// Runs a body that takes bundles in one transaction.
    package func takingBundles<T>(_ body: () throws -> T) throws -> T { try store.transaction(body) }

    /// Takes a device's key: the first that it says is its key. Inside a transaction.
    func note(deviceKey key: [UInt8], of number: UInt32) throws {
        guard try store.deviceKey(ofDevice: number) == nil else { return }
        try store.setDeviceKey(key, ofDevice: number)
        try order(.deviceKey, payload: LedgerContent.DeviceKey(device: number, publicKey: key).encoded())
    }

    /// What a device signs with; nil for one that has not said it, and for one that nobody knows.
    package func deviceKey(of number: UInt32) throws -> [UInt8]? {
        try store.readTransaction { try store.deviceKey(ofDevice: number) }
    }

    /// Takes the request of a bundle whose signature the caller has checked. Rights are those of the device that made it.
    /// Inside a transaction that the caller has opened.
    ///
    /// - Parameters:
    ///   - made: when, by the device's clock, in milliseconds since 1970.
    ///   - number: the device that signed it.
    ///   - file: the mark of the file, which its answer names.
    /// - Throws: `HubError.deviceUnknown`, a `CBORError` for a part that can't be read, and what the store throws; then
    ///   nothing of it is taken.
    package func accept(
        bundle request: SyncRequest, made: Int64, from number: UInt32, file: [UInt8]? = nil
    ) throws -> BundleOutcome {
        try Self.checkParts(of: request)
        return try store.savepoint {
            let device = try knownDevice(number)
            if try !device.isRevoked && isOtherHistory(request, of: device) { return .otherHistory }
            if !device.isRevoked, let first = request.groups.first?.number, first > device.lastGroup + 1 {
                return .waits(missing: (device.lastGroup + 1)...(first - 1))
            }
            let withdrawals = try request.heldGroups()?.withdrawals ?? []
            let acceptance = try accept(request.groups, from: number, deviceClock: nil, withdrawals: withdrawals)
            if acceptance.notice == .fork { return .forked }
            if device.isRevoked { return .taken(acceptance) }
            let reports = try request.erasureReports()
            if !reports.isEmpty { try take(reports, from: number) }
            try keepStanding(request, made: made, of: number, file)
            return .taken(acceptance)
        }
    }

    private func keepStanding(_ request: SyncRequest, made: Int64, of number: UInt32, _ file: [UInt8]?) throws {
        // One that comes later than a newer one tells nothing new of where the device stands.
        let now = clock()
        if let last = try store.bundleStanding(ofDevice: number), last.made <= now, last.made > made { return }
        var standing = request
        standing.groups = request.groups.last.map { [ChangeGroup(number: $0.number, changes: [])] } ?? []
        // Nothing was made after it came: a clock that is fast must not outdo all that comes once it is set right.
        try store.setBundleStanding(
            BundleStanding(made: min(made, now), request: standing.encoded(), file: file), ofDevice: number)
    }

    /// Forgets where a device stood, for another copy of its database has been here: an answer would tell one copy that the
    /// other's work is its own. In a transaction of its own.
    package func forgetBundleStanding(of number: UInt32) throws {
        try store.transaction { try store.removeBundleStanding(ofDevice: number) }
    }

    // MARK: Waiting

    /// Keeps a bundle until the groups before it have come; inside a transaction.
    ///
    /// Of two with the same first group the longer one stays: files travel, and an older one may come after a newer one.
    /// - Parameter body: the file as it came.
    /// - Returns: false where too many of this device wait already; then it is not kept.
    package func keep(waiting bundle: WaitingBundle, body: [UInt8]) throws -> Bool {
        let waiting = try store.waitingBundles(ofDevice: bundle.device)
        if let known = waiting.first(where: { $0.first == bundle.first }) {
            if known.last >= bundle.last, !known.isForked { return true }
        } else if waiting.count >= Self.largestWaitingBundleCount {
            return false
        }
        try store.addWaitingBundle(bundle, body: body)
        return true
    }

    /// The bundles of a device that wait, the lowest number first.
    package func waitingBundles(of number: UInt32) throws -> [WaitingBundle] {
        try store.readTransaction { try store.waitingBundles(ofDevice: number) }
    }

    /// Those that may be taken now: nothing is missing before them, or the device was shut out and nothing need be there.
    /// Inside a transaction.
    package func ripeBundles(of number: UInt32) throws -> [WaitingBundle] {
        let waiting = try store.waitingBundles(ofDevice: number)
        if waiting.isEmpty { return [] }
        let device = try knownDevice(number)
        return waiting.filter { !$0.isForked && (device.isRevoked || $0.first <= device.lastGroup + 1) }
    }

    /// What decides whether a bundle that waits can be taken; inside a transaction.
    package func chance(of bundle: WaitingBundle) throws -> BundleChance {
        let device = try knownDevice(bundle.device)
        // Of one that an earlier version kept the last number is not known.
        let isCounted = bundle.last >= bundle.first
        let reached = isCounted ? (device.lastGroup >= bundle.last ? bundle.last : 0) : device.lastGroup
        return BundleChance(epoch: try epoch, isRevoked: device.isRevoked, reached: reached)
    }

    /// The file as it came; nil where it waits no more.
    package func body(ofWaiting bundle: WaitingBundle) throws -> [UInt8]? {
        try store.readTransaction { try store.waitingBundleBody(first: bundle.first, ofDevice: bundle.device) }
    }

    /// Lets go of a bundle that waited; inside a transaction.
    package func forget(waiting bundle: WaitingBundle) throws {
        try store.removeWaitingBundle(first: bundle.first, ofDevice: bundle.device)
    }

    /// Notes that a bundle can't be taken any more; inside a transaction.
    package func noteFork(ofWaiting bundle: WaitingBundle) throws {
        guard let body = try store.waitingBundleBody(first: bundle.first, ofDevice: bundle.device) else { return }
        var bundle = bundle
        bundle.isForked = true
        try store.addWaitingBundle(bundle, body: body)
        // An answer would tell one copy that the other's work is its own.
        try store.removeBundleStanding(ofDevice: bundle.device)
    }

    /// What becomes of a bundle of another history: all that it brings may have come over the line since, or none of it can
    /// be taken before the device has handed over what it holds. Inside a transaction.
    ///
    /// - Returns: nil where it goes on waiting.
    package func acceptance(overtaking request: SyncRequest, from number: UInt32) throws -> BundleOutcome? {
        let last = try knownDevice(number).lastGroup
        guard request.groups.allSatisfy({ $0.number <= last }) else { return nil }
        // Known groups are compared and dropped.
        let acceptance = try accept(request.groups, from: number, deviceClock: nil)
        return acceptance.notice == .fork ? .forked : .taken(acceptance)
    }

    // MARK: Answers

    /// What a device that sent a bundle would be told by syncs until nothing is left, or until it is enough for one file.
    ///
    /// - Parameter limitBytes: the encoded size of all replies, about.
    /// - Returns: nil for a device that has sent no bundle, or something by other ways since: that may be another copy's.
    /// - Throws: `HubError.deviceUnknown`, and what the store throws.
    package func bundleReplies(for number: UInt32, limitBytes: Int) throws -> (cursors: [Cursor], replies: [SyncReply])?
    {
        try store.readTransaction {
            guard let standing = try store.bundleStanding(ofDevice: number) else { return nil }
            var request = try SyncRequest(decoding: standing.request)
            let carried = try request.groups.last?.number ?? request.healing()?.receipt ?? 0
            guard try knownDevice(number).lastGroup <= carried else { return nil }
            request.groups = []
            let cursors = request.cursors
            var replies: [SyncReply] = []
            var size = 0
            repeat {
                var reply = try reply(to: request, device: number, acceptance: nil)
                if replies.isEmpty {
                    try addCorrections(to: &reply, since: request, device: number)
                    if let file = standing.file { reply.set(answeredFile: file) }
                }
                size += reply.encoded().count
                replies.append(reply)
                guard reply.notice == .none, reply.pages.contains(where: { !$0.isComplete }) else { break }
                try advance(&request, past: reply)
            } while size < limitBytes && replies.count < BundleLimits.largestReplyCount
            return (cursors, replies)
        }
    }

    private func addCorrections(to reply: inout SyncReply, since request: SyncRequest, device number: UInt32) throws {
        let first = (try request.healing()?.receipt ?? 0) + 1
        let last = try knownDevice(number).lastGroup
        if first <= last { reply.set(try store.corrections(device: number, numbers: first...last)) }
    }

    /// Where the device stands once it has applied a reply.
    private func advance(_ request: inout SyncRequest, past reply: SyncReply) throws {
        if let directory = reply.directory { request.directoryVersion = directory.version }
        var report = try request.fetchReport()
        let starts = try reply.fetchStarts()
        report.horizons.removeAll { horizon in starts.contains { $0.area == horizon.area } }
        request.setFetchReport(FetchReport(horizons: report.horizons + starts))
        if request.knowsStretches { request.set(stretches: try reply.stretches()) }
        for page in reply.pages {
            let cursor = Cursor(area: page.area, sequence: page.sequence, mark: page.mark)
            request.cursors.removeAll { $0.area == page.area }
            request.cursors.append(cursor)
        }
        request.cursors.sort { $0.area < $1.area }
        let ends = try request.seenEnds() + reply.seenEnds()
        request.set(seenEnds: Cursor.unreached(ends, from: request.cursors))
        if let entry = try reply.ledgerNews()?.entries.last {
            request.set(LedgerProgress(count: entry.number, hash: entry.hash(hash), hasKey: true))
        }
    }
}
