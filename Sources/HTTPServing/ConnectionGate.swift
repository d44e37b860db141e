/// Who may come in: how many connections are open at once, in all, from one address before they have shown who they are,
/// and of one device.
///
/// Offices share one address, so that nobody is turned away: whoever is one too many waits, accepted but unread, until
/// another leaves or shows a credential. A pure value; sockets are its numbers.
struct ConnectionGate {
    /// A connection that was accepted and is not read yet.
    struct Arrival {
        let socket: Int32
        /// The IP address in words; "" counts as one address too.
        let address: String
    }

    private struct Open {
        let address: String
        /// The key of whom it belongs to, once that is known.
        var owner: UInt64?
    }

    private let connectionLimit: Int
    private let strangerLimit: Int
    private let ownerLimit: Int
    private let waitingLimit: Int
    private var open: [Int32: Open] = [:]
    /// How many open connections of an address have not shown who they are.
    private var strangers: [String: Int] = [:]
    /// The open connections of each owner, in the order in which they showed it.
    private var owned: [UInt64: [Int32]] = [:]
    /// In the order of their arrival.
    private var waiting: [Arrival] = []

    init(settings: HTTPServerSettings) {
        connectionLimit = settings.connectionLimit
        strangerLimit = settings.strangersPerAddressLimit
        ownerLimit = settings.connectionsPerOwnerLimit
        waitingLimit = settings.waitingLimit
    }

    /// Whether another connection may be accepted; others wait with the operating system.
    var hasRoomToWait: Bool { waiting.count < waitingLimit }

    /// A connection was accepted: it waits for `next`.
    mutating func arrive(_ arrival: Arrival) {
        // The number of a socket that was closed without a word of it.
        closed(arrival.socket)
        waiting.append(arrival)
    }

    /// Lets the earliest in that may come in; nil: nobody may.
    mutating func next() -> Arrival? {
        guard open.count < connectionLimit,
            let index = waiting.firstIndex(where: { strangers[$0.address, default: 0] < strangerLimit })
        else { return nil }
        let arrival = waiting.remove(at: index)
        open[arrival.socket] = Open(address: arrival.address)
        strangers[arrival.address, default: 0] += 1
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
    mutating func dismissWaiting() -> [Arrival] {
        defer { waiting = [] }
        return waiting
    }
}
