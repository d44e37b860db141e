import Database
import SyncCore
import SyncReplica

/// What one sync says to the office's server, with this laptop's token.
package final class OfficeConversation {
    private let laptop: Laptop
    private let makeLink: ([UInt8]) -> any ServerLink
    /// The line in use, and a second one once two requests are on their way at once.
    private var line: OfficeLine
    private var other: OfficeLine?
    /// What the last exchange took on its line.
    private var lastExchange: LineExchange?
    /// The shortest round trip of all lines, in milliseconds: one that was made while the other one was sending waited for that.
    private var roundTripMilliseconds = Int64.max
    /// What this laptop shows.
    private(set) var token: [UInt8]
    private var hasAsked = false
    private var hasIntroduced = false
    /// Whether the office took the next token, which is used from the next sync on: one in use here stays so to the end, for
    /// another request may be on its way with it.
    private var hasChangedToken = false
    /// The device that this laptop was when it last looked.
    private var device: UInt32?
    /// The order that came with a refusal, as it came.
    private(set) var wipeOrder: [UInt8]?
    /// How many changes were sent and how many records came so far, told after each reply; what it throws ends the sync.
    var progress: (_ sent: Int, _ received: Int) throws -> Void = { _, _ in }
    private var counts = (sent: 0, received: 0)
    /// Whether all that was said was said on the line in hand.
    private var isFirstLine = true
    /// What the last reply said of the audit log, the office's signature over it, and its history.
    private var auditHead: (head: AuditHead, signature: [UInt8]?, epoch: [UInt8])?

    /// - Parameter makeLink: a link that shows a token.
    package init(_ laptop: Laptop, token: [UInt8], makeLink: @escaping ([UInt8]) -> any ServerLink) {
        self.laptop = laptop
        self.token = token
        self.makeLink = makeLink
        line = OfficeLine(makeLink(token))
    }

    /// The conversation as a sync session wants it.
    package var transport: SyncTransport {
        SyncTransport(
            send: { [self] in try send($0, meanwhile: $1) },
            start: line.link.isOneOfSeveral ? { [self] in try start($0) } : nil,
            lastExchange: { [self] in lastExchange },
            mayHaveSent: { [self] in !isFirstLine || line.link.mayHaveSent })
    }

    /// Sends a request and returns the reply.
    ///
    /// A server that does not know the token is shown the office's ledger and this laptop's signature once: it may have been
    /// put back from a copy of before this laptop joined, or before it changed its token.
    /// - Parameter meanwhile: called once while the server works.
    /// - Throws: `ShutOut` where the server takes this laptop's unsent work for checking and nothing else.
    func send(_ request: SyncRequest, meanwhile: @escaping () -> Void) throws -> SyncReply {
        try takeNewToken()
        var request = request
        request.set(DeviceStanding(disk: DiskEncryption.of(laptop.home.path).rawValue, isWiped: false))
        request.set(auditHead: try laptop.auditHead(in: request.epoch))
        request.set(auditSignature: try laptop.auditSignature(in: request.epoch))
        if let key = try laptop.untoldKey() { request.set(deviceKey: key) }
        let next = hasChangedToken ? nil : try laptop.untoldToken()
        if let next { request.set(nextToken: next) }
        do {
            let reply = try ask(request, meanwhile)
            note(line.link.lastExchange)
            try count(request, reply)
            if let pin = line.link.seenPin { try laptop.keep(seenPin: pin) }
            try laptop.take(knownKey: try reply.knownDeviceKey())
            if next != nil, try reply.isNextTokenTaken() {
                try laptop.takeNextToken()
                hasChangedToken = true
            }
            if let head = try reply.auditHead() { auditHead = (head, try reply.auditSignature(), reply.epoch) }
            return reply
        } catch ClientError.shutOut(let receipt, let order) {
            wipeOrder = order
            throw ShutOut(receipt: receipt)
        } catch ClientError.refused(.notAllowed) {
            guard !hasIntroduced, let introduction = try laptop.introduction(showing: token) else {
                throw ClientError.refused(.notAllowed)
            }
            hasIntroduced = true
            try introduce(introduction)
            return try send(request) {}
        }
    }

    /// Sends a request and works meanwhile; at the first one that brings something from the beginning, for until the connection
    /// is there much can be read.
    private func ask(_ request: SyncRequest, _ meanwhile: @escaping () -> Void) throws(ClientError) -> SyncReply {
        defer { hasAsked = true }
        guard line.link.isOneOfSeveral, !hasAsked, !request.groups.isEmpty else {
            return try line.link.sync(request, meanwhile: meanwhile)
        }
        let reply = line.start(request)
        meanwhile()
        return try reply()
    }

    private func note(_ exchange: LineExchange?) {
        lastExchange = exchange
        guard let exchange else { return }
        roundTripMilliseconds = min(roundTripMilliseconds, exchange.roundTripMilliseconds)
        lastExchange?.roundTripMilliseconds = roundTripMilliseconds
    }

    /// Makes this laptop known again; then what it wanted to say can be said.
    private func introduce(_ introduction: SyncRequest) throws {
        do throws(ClientError) {
            _ = try line.link.sync(introduction)
        } catch .shutOut {
            // It is known again, as one that may only hand in its work.
        }
    }

    /// Sends a request on the line that is free, while the reply to the one before is waited for on the other.
    ///
    /// - Returns: waits for the reply; throws as `send` does.
    private func start(_ request: SyncRequest) throws -> () throws -> SyncReply {
        isFirstLine = false
        let free = other ?? OfficeLine(makeLink(token))
        (line, other) = (free, line)
        let reply = free.start(request)
        return { [self] in
            do {
                let reply = try reply()
                note(free.link.lastExchange)
                try count(request, reply)
                return reply
            } catch ClientError.shutOut(let receipt, let order) {
                wipeOrder = order
                throw ShutOut(receipt: receipt)
            }
        }
    }

    private func count(_ request: SyncRequest, _ reply: SyncReply) throws {
        counts.sent += request.groups.reduce(0) { $0 + $1.changes.count }
        counts.received += reply.pages.reduce(0) { $0 + $1.records.count }
        try progress(counts.sent, counts.received)
    }

    /// Keeps what the office said of its audit log.
    ///
    /// - Returns: false where the log has become shorter than this laptop knows it.
    func keepAuditHead() throws -> Bool {
        guard let (head, signature, epoch) = auditHead else { return true }
        return try laptop.take(auditHead: head, signature: signature, in: epoch)
    }

    /// Shows the token of a new identity as soon as there is one.
    private func takeNewToken() throws {
        let present = try laptop.replica.device
        defer { device = present }
        guard device != nil, present != device else { return }
        let new = try laptop.office().token
        token = new
        // The key belongs to the laptop that this one was a copy of.
        try laptop.makeSigningKey()
        isFirstLine = false
        line = OfficeLine(makeLink(new))
        other = nil
    }
}
