import Compression
import Cryptography
import Dispatch
import HTTPServing
import OutreachModel
import SyncCore
import SyncHub

/// Answers the requests of devices: decodes, checks who asks, hands changes to the writer, reads pages of the feed.
final class SyncService: Sendable {
    /// How many threads read pages; each has a connection of its own.
    private static let laneCount = 2

    /// The most bytes, as sent, that are read of a device whose token nobody knows: a ledger of 2,000 lines has fewer.
    static let introductionLimitBytes = 1 << 20

    let writer: PushQueue
    private let lanes: ServiceLanes
    let failedSignIns: FailedSignIns
    let shares: FairShares
    /// What may be asked before a body is read.
    let tokens: KnownTokens
    let log: ServerLog
    private let frontPage: FrontPage

    /// - Parameters:
    ///   - open: makes a new connection to the office's database.
    ///   - log: gets one line for each request, without personal data.
    ///   - frontPage: for who comes with a browser.
    init(
        open: () throws -> HubConnection, limits: ServerLimits, log: ServerLog, frontPage: FrontPage
    ) throws {
        BodyCodec.prepare()
        let connection = try open()
        tokens = KnownTokens(try connection.store.tokenHashes())
        try connection.store.widenCache()
        writer = PushQueue(connection: connection)
        lanes = ServiceLanes(
            try (0..<Self.laneCount).map {
                ServiceLane(connection: try open(), number: $0, bodyLimitBytes: limits.bodyBytes)
            })
        var failures = FailedSignIns.Limits()
        failures.freeCount = limits.freeSignInFailures
        failedSignIns = FailedSignIns(limits: failures)
        var share = FairShares.Limits()
        share.share = Double(limits.sharePercent) / 100
        shares = FairShares(limits: share)
        self.log = log
        self.frontPage = frontPage
    }

    /// Answers one request, now or later, from any thread.
    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        let exchange = Exchange(request: request, responder: responder)
        lanes.run(for: request.header("Authorization") ?? "") { lane in
            self.take(exchange, on: lane) { try self.route(request, on: lane, exchange: exchange) }
        }
    }

    /// Does a later step of an exchange on its lane; an error is the answer.
    func run(on lane: ServiceLane, _ exchange: Exchange, _ step: @escaping @Sendable () throws -> Void) {
        lane.run { _ in self.take(exchange, on: lane, step) }
    }

    private func take(_ exchange: Exchange, on lane: ServiceLane, _ step: () throws -> Void) {
        exchange.work.begin()
        defer { exchange.work.pause() }
        do {
            try step()
        } catch {
            refuse(error, exchange: exchange)
        }
    }

    /// Writes what waits and closes the log of the database.
    func finish() throws { try writer.finish() }

    private func route(_ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) throws {
        if request.method == "GET", request.path == "/" {
            let page = frontPage.response
            log.note(exchange.answered(status: page.status, bytesOut: page.body.count))
            return exchange.responder.respond(page)
        }
        guard request.method == "POST" else { throw ServiceRefusal(.notFound) }
        switch request.path {
        case "/v1/sync": try sync(request, on: lane, exchange: exchange)
        case "/v1/join": try join(request, on: lane, exchange: exchange)
        case "/v1/bundle": try bundle(request, on: lane, exchange: exchange)
        case "/v1/history":
            try versions(request, on: lane, exchange: exchange) { hub, asked, device in
                try hub.history(table: asked.table, record: asked.record, for: device)?.encoded()
            }
        case "/v1/arrivals":
            try versions(request, on: lane, exchange: exchange) { hub, asked, device in
                try hub.arrivals(
                    table: asked.table, record: asked.record, for: device, tellsVouchers: asked.asksForVouchers
                )?.encoded()
            }
        case "/v1/audit": try audit(request, on: lane, exchange: exchange)
        default: throw ServiceRefusal(.notFound)
        }
    }

    // MARK: Sync

    /// What a request for a sync is, as far as it can be told without the writer.
    private enum Look {
        /// Nobody knows its token.
        case stranger
        case showsNextToken
        case reads(SyncReply)
        case writes(SyncRequest, DeviceRecord)
    }

    func sync(_ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) throws {
        let tokenHash = try tokenHash(of: request)
        // One view of the data, from the token to the reply.
        let look = try lane.connection.store.readTransaction {
            try self.look(at: request, tokenHash, on: lane, exchange: exchange)
        }
        switch look {
        case .stranger: try introduce(request, tokenHash, on: lane, exchange: exchange)
        case .showsNextToken: takeNextToken(tokenHash, request, on: lane, exchange: exchange)
        case .reads(let reply): answer(reply.encoded(), on: lane, exchange: exchange)
        case .writes(let message, let device): push(message, from: device, on: lane, exchange: exchange)
        }
    }

    private func look(
        at request: HTTPRequest, _ tokenHash: [UInt8], on lane: ServiceLane, exchange: Exchange
    ) throws -> Look {
        let hub = lane.connection.hub
        guard let device = try hub.authenticate(tokenHash: tokenHash) else { return .stranger }
        exchange.authenticated(as: device.number)
        tokens.note(tokenHash)
        if try hub.isNextToken(tokenHash) { return .showsNextToken }
        let message = try self.message(of: request, on: lane)
        exchange.note(groups: message.groups)
        try writer.touch(device.number, at: WallClock.milliseconds(), message)
        if device.isRevoked { writer.noteRefusal(of: device.number) }
        guard try hub.onlyReads(message, from: device) else { return .writes(message, device) }
        return .reads(try reply(to: message, device: device, acceptance: nil, on: lane, exchange: exchange))
    }

    private func push(_ message: SyncRequest, from device: DeviceRecord, on lane: ServiceLane, exchange: Exchange) {
        let readings = lane.connection.hub.read(message.groups, from: device.number)
        writer.push(message, readings: readings, from: device.number, work: exchange.work) { outcome in
            self.run(on: lane, exchange) {
                let acceptance = try outcome.get()
                if device.isRevoked {
                    var refusal = ServiceRefusal(.revoked, receipt: acceptance.receipt)
                    refusal.order = try lane.connection.hub.wipeOrder(for: device.number)?.encoded()
                    throw refusal
                }
                let reply = try self.reply(
                    to: message, device: device, acceptance: acceptance, on: lane, exchange: exchange)
                self.answer(reply.encoded(), on: lane, exchange: exchange)
            }
        }
    }

    func message(of request: HTTPRequest, on lane: ServiceLane) throws -> SyncRequest {
        var message = try SyncRequest(decoding: try body(of: request, on: lane))
        if message.isShort {
            guard let whole = try lane.connection.hub.whole(message) else { throw ServiceRefusal(.unabridged) }
            message = whole
        }
        guard message.protocolVersion == SyncRequest.currentProtocol else { throw ServiceRefusal(.protocolVersion) }
        return message
    }

    func reply(
        to message: SyncRequest, device: DeviceRecord, acceptance: Acceptance?, on lane: ServiceLane, exchange: Exchange
    ) throws -> SyncReply {
        var message = message
        if !message.groups.isEmpty {
            message.pageBytes = Self.pageBytes(asked: message.pageBytes, waiting: lane.waitingCount)
        }
        let reply = try lane.connection.hub.reply(to: message, device: device.number, acceptance: acceptance)
        exchange.note(pages: reply.pages)
        return reply
    }

    /// The most bytes of pages in an answer to a push on a crowded lane.
    private static let crowdPageBytes = 4_096

    /// The most bytes of pages in the answer to a push, where so many steps wait on the lane.
    ///
    /// Work that is not on the server's disk yet goes before what is only read: where many push at once, each hears first that
    /// its own is safe, and fetches what the others sent with its next request.
    static func pageBytes(asked: Int, waiting: Int) -> Int {
        waiting < ServiceLane.crowdCount ? asked : min(asked, crowdPageBytes)
    }

    // MARK: Joining

    private func join(_ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) throws {
        let message = try JoinRequest(decoding: try body(of: request, on: lane))
        guard message.protocolVersion == SyncRequest.currentProtocol else { throw ServiceRefusal(.protocolVersion) }
        guard let name = DeviceName.kept(message.device) else {
            throw ServiceRefusal(.malformed, detail: "a device wanted a name that none may have")
        }
        let token = try SecureRandom.bytes(32)
        let secretHash = BLAKE2b.hash256(message.secret)
        let deviceKey = try message.deviceKey()
        guard try lane.connection.hub.countsAttempts(secretHash: secretHash) else {
            writer.noteWrongInvitation()
            throw ServiceRefusal(.invitation)
        }
        writer.perform { hub in
            try hub.join(
                secretHash: secretHash, deviceName: name, tokenHash: BLAKE2b.hash256(token),
                deviceKey: deviceKey)
        } completion: { joined in
            self.run(on: lane, exchange) {
                let number = try joined.get()
                exchange.note(device: number)
                let hub = lane.connection.hub
                var reply = JoinReply(
                    device: number, token: token, epoch: try hub.epoch, directory: try hub.directory(for: number))
                if let key = hub.officeKey { reply.setOfficeKey(key) }
                self.answer(reply.encoded(), on: lane, exchange: exchange)
            }
        }
    }

    // MARK: Bundles

    /// Takes a sealed file that a device carries for another one; the office's key opens it, not the carrier's rights.
    private func bundle(_ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) throws {
        let carrier = try authenticate(request, on: lane, exchange: exchange)
        if carrier.isRevoked { throw ServiceRefusal(.revoked) }
        let bundle = try SealedBundle(opening: try body(of: request, on: lane), for: lane.connection)
        writer.perform(work: exchange.work) { hub in
            try bundle.hand(to: hub)
        } completion: { outcome in
            self.run(on: lane, exchange) {
                self.answer(try outcome.get().reply.encoded(), on: lane, exchange: exchange)
            }
        }
    }

    // MARK: Every request

    /// The device whose token the request bears; revoked ones too.
    func authenticate(
        _ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange
    ) throws -> DeviceRecord {
        guard let device = try lane.connection.hub.authenticate(tokenHash: try tokenHash(of: request)) else {
            throw ServiceRefusal(.notAllowed)
        }
        exchange.authenticated(as: device.number)
        return device
    }

    /// The hash of the token that a request bears.
    private func tokenHash(of request: HTTPRequest) throws -> [UInt8] {
        guard let hash = request.header("Authorization").flatMap(KnownTokens.hash) else {
            throw ServiceRefusal(.notAllowed)
        }
        return hash
    }

    func body(of request: HTTPRequest, on lane: ServiceLane) throws -> [UInt8] {
        try lane.decode(request.body, coding: request.header("Content-Encoding"))
    }
}
