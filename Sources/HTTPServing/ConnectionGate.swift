/// Who may come in: how many connections are open at once, in all, from one address before they have shown who they are,
/// and of one device.
///
/// Offices share one address, so that nobody is turned away for that: whoever is one too many waits, accepted but unread, until
/// another leaves or shows a credential. Only where all places to wait are taken the last that came of the address with the most
/// of them must go, so that there is room for anybody else. Where all places inside are taken those must go who have not shown who
/// they are for longer than it takes over the slowest line: a crowd from many addresses can be a nuisance, and keeps nobody out. A
/// pure value; sockets are its numbers.
struct ConnectionGate {
    /// A connection that was accepted and is not read yet.
    struct Arrival {
        let socket: Int32
        /// The IP address in words, of one of the sixth version the network (`SocketAddress.neighbourhood`); "" counts as one
        /// address too.
        let address: String
        /// When it came, in milliseconds of a clock that never goes back.
        var milliseconds = 0
    }

    private struct Open {
        let address: String
        /// When it came in, in milliseconds of a clock that never goes back.
        var since = 0
        /// Whether it may stay where places are short, though its owner is not known yet: its request has a known credential.
        var isVouchedFor = false
        /// Whether it was told to go.
        var isLeaving = false
        /// The key of whom it belongs to, once that is known.
        var owner: UInt64?
    }

    /// Those of one address who wait, each with its place among all that came.
    private struct Waiting {
        var arrivals: [(place: UInt64, arrival: Arrival)] = []
    }

    private let connectionLimit: Int
    private let strangerLimit: Int
    private let ownerLimit: Int
    private let waitingLimit: Int
    private let strangerPatience: Int
    private var open: [Int32: Open] = [:]
    /// How many open connections of an address have not shown who they are.
    private var strangers: [String: Int] = [:]
    /// The open connections of each owner, in the order in which they showed it.
    private var owned: [UInt64: [Int32]] = [:]
    /// By address, each in the order of arrival.
    private var waiting: [String: Waiting] = [:]
    /// How many wait.
    private(set) var waitingCount = 0
    /// How many have come to wait so far.
    private var arrivedCount: UInt64 = 0

    init(settings: HTTPServerSettings) {
        connectionLimit = settings.connectionLimit
        strangerLimit = settings.strangersPerAddressLimit
        ownerLimit = settings.connectionsPerOwnerLimit
        waitingLimit = settings.waitingLimit
        strangerPatience = settings.strangerPatienceMilliseconds
    }

    /// Whether somebody waits to come in.
    var hasWaiting: Bool { waitingCount > 0 }

    /// Whether all places inside are taken.
    var isFull: Bool { open.count >= connectionLimit }

    /// How many open connections have not shown who they are.
    var strangerCount: Int { strangers.values.reduce(0, +) }

    /// Whose an open connection is, once it has shown that.
    func owner(of socket: Int32) -> UInt64? { open[socket]?.owner }

    /// A connection was accepted: it waits for `next`.
    ///
    /// - Returns: one that must go, as too many wait: perhaps this one.
    mutating func arrive(_ arrival: Arrival) -> Arrival? {
        // The number of a socket that was closed without a word of it.
        closed(arrival.socket)
        arrivedCount += 1
        waitingCount += 1
        waiting[arrival.address, default: Waiting()].arrivals.append((arrivedCount, arrival))
        guard waitingCount > waitingLimit,
            let most = waiting.max(by: { $0.value.arrivals.count < $1.value.arrivals.count })
        else { return nil }
        return take(most.value.arrivals.count - 1, of: most.key)
    }

    /// How many connections of an address wait.
    func waitingCount(of address: String) -> Int { waiting[address]?.arrivals.count ?? 0 }

    /// The address whose turn it is to come in: the one with the fewest strangers inside, of several the one that came first.
    private var turn: String? {
        waiting.filter { strangers[$0.key, default: 0] < strangerLimit }
            .min { first, second in
                (strangers[first.key, default: 0], first.value.arrivals[0].place)
                    < (strangers[second.key, default: 0], second.value.arrivals[0].place)
            }?.key
    }

    /// Lets somebody in whose turn it is; nil: nobody may.
    mutating func next(now milliseconds: Int) -> Arrival? {
        guard !isFull, let turn, let arrival = take(0, of: turn) else { return nil }
        open[arrival.socket] = Open(address: arrival.address, since: milliseconds)
        strangers[arrival.address, default: 0] += 1
        return arrival
    }

    /// Where all places inside are taken and somebody else could come in: which connection must go for them.
    ///
    /// It is of the address with the most that have not shown who they are, and of these the one that has been in for longest. It
    /// keeps its place until it is closed; meanwhile the next call names another one only if there are more that wait.
    mutating func makeRoom(now milliseconds: Int) -> Int32? {
        guard isFull, turn != nil, open.values.count(where: \.isLeaving) < waitingCount else { return nil }
        let candidates = open.filter { _, connection in
            connection.owner == nil && !connection.isVouchedFor && !connection.isLeaving
                && connection.since <= milliseconds - strangerPatience
        }
        let leaving = candidates.min { first, second in
            let counts = (strangers[first.value.address, default: 0], strangers[second.value.address, default: 0])
            return (-counts.0, first.value.since) < (-counts.1, second.value.since)
        }
        guard let leaving else { return nil }
        open[leaving.key]?.isLeaving = true
        return leaving.key
    }

    /// The request of a connection has a known credential, and its body may take its time.
    mutating func vouch(for socket: Int32) { open[socket]?.isVouchedFor = true }

    /// Takes those out who have waited since a moment or for longer; in no order.
    mutating func dismiss(since milliseconds: Int) -> [Arrival] {
        var late: [Arrival] = []
        for (address, waiting) in waiting {
            let count = waiting.arrivals.prefix { $0.arrival.milliseconds <= milliseconds }.count
            for _ in 0..<count { if let arrival = take(0, of: address) { late.append(arrival) } }
        }
        return late
    }

    private mutating func take(_ index: Int, of address: String) -> Arrival? {
        guard let (_, arrival) = waiting[address]?.arrivals.remove(at: index) else { return nil }
        waitingCount -= 1
        if waiting[address]?.arrivals.isEmpty == true { waiting[address] = nil }
        return arrival
    }

    /// A connection is about to be closed.
    mutating func closed(_ socket: Int32) {
        guard let connection = open.removeValue(forKey: socket) else { return }
        guard let owner = connection.owner else { return leave(connection.address) }
        owned[owner]?.removeAll { $0 == socket }
        if owned[owner]?.isEmpty == true { owned[owner] = nil }
    }

    /// A connection has shown whose it is.
    ///
    /// - Returns: an older connection of the same owner that must go, as there are too many; nil: all may stay.
    mutating func belongs(_ socket: Int32, to owner: UInt64) -> Int32? {
        guard let connection = open[socket], connection.owner != owner else { return nil }
        closed(socket)
        open[socket] = Open(address: connection.address, owner: owner)
        owned[owner, default: []].append(socket)
        guard let sockets = owned[owner], sockets.count > ownerLimit else { return nil }
        return sockets.first
    }

    private mutating func leave(_ address: String) {
        guard let count = strangers[address] else { return }
        strangers[address] = count > 1 ? count - 1 : nil
    }

    /// Takes all out that wait.
    mutating func dismissWaiting() -> [Arrival] { dismiss(since: .max) }
}
