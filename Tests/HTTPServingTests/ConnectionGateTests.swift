import Testing

@testable import HTTPServing

@Suite("Who may come in")
struct ConnectionGateTests {
    private func gate(open: Int = 10, strangers: Int = 2, owned: Int = 2, waiting: Int = 100) -> ConnectionGate {
        var settings = HTTPServerSettings()
        settings.connectionLimit = open
        settings.strangersPerAddressLimit = strangers
        settings.connectionsPerOwnerLimit = owned
        settings.waitingLimit = waiting
        return ConnectionGate(settings: settings)
    }

    private func arrive(_ sockets: ClosedRange<Int32>, _ address: String, at gate: inout ConnectionGate) {
        for socket in sockets {
            let surplus = gate.arrive(
                ConnectionGate.Arrival(socket: socket, address: address, milliseconds: Int(socket)))
            #expect(surplus == nil)
        }
    }

    private func entering(_ gate: inout ConnectionGate, now: Int = 0) -> [Int32] {
        var sockets: [Int32] = []
        while let arrival = gate.next(now: now) { sockets.append(arrival.socket) }
        return sockets
    }

    @Test("Strangers of one address wait for each other, those of another do not wait for them")
    func strangers() {
        var gate = gate()
        arrive(1...4, "a", at: &gate)
        arrive(5...5, "b", at: &gate)
        #expect(entering(&gate) == [1, 5, 2], "first whose address has the fewest inside")
        #expect(gate.hasWaiting && gate.owner(of: 2) == nil)
        gate.closed(1)
        #expect(entering(&gate) == [3])
        #expect(gate.belongs(2, to: 7) == nil)
        #expect(entering(&gate) == [4], "whoever has shown who they are is no stranger")
        #expect(!gate.hasWaiting && gate.owner(of: 2) == 7)
        gate.closed(2)
        #expect(entering(&gate) == [])
    }

    @Test("No more are open than may be in all; the earliest comes in first")
    func all() {
        var gate = gate(open: 3, strangers: 10)
        arrive(1...5, "a", at: &gate)
        #expect(entering(&gate) == [1, 2, 3])
        _ = gate.belongs(1, to: 7)
        #expect(entering(&gate) == [])
        gate.closed(2)
        gate.closed(1)
        #expect(entering(&gate) == [4, 5])
        #expect(gate.dismissWaiting().isEmpty)
    }

    @Test("Of one owner the oldest goes when there is one too many, also where many ask on one connection")
    func owners() {
        var gate = gate(strangers: 10)
        arrive(1...4, "a", at: &gate)
        _ = entering(&gate)
        for socket in [1, 1, 2, 2] as [Int32] { #expect(gate.belongs(socket, to: 7) == nil) }
        #expect(gate.belongs(3, to: 8) == nil)
        #expect(gate.belongs(4, to: 7) == 1)
        gate.closed(1)
        #expect(gate.belongs(3, to: 7) == 2, "another owner on the same connection")
    }

    @Test("When all places to wait are taken the last of the greatest crowd goes, and anybody else comes in")
    func waiting() throws {
        var gate = gate(strangers: 2, waiting: 4_096)
        arrive(1...2, "crowd", at: &gate)
        #expect(entering(&gate) == [1, 2])
        arrive(3...4_098, "crowd", at: &gate)
        #expect(gate.arrive(ConnectionGate.Arrival(socket: 5_000, address: "crowd"))?.socket == 5_000)
        #expect(gate.arrive(ConnectionGate.Arrival(socket: 5_001, address: "office"))?.socket == 4_098)
        #expect(entering(&gate) == [5_001])
        #expect(gate.waitingCount(of: "crowd") == 4_095 && gate.waitingCount == 4_095)
        gate.closed(1)
        #expect(entering(&gate) == [3], "of an address the first that came is the first to come in")
    }

    @Test("Where all places are taken strangers who have been in for long go, of the greatest crowd first")
    func room() {
        let patience = HTTPServerSettings().strangerPatienceMilliseconds
        var gate = gate(open: 5, strangers: 3)
        arrive(1...3, "crowd", at: &gate)
        #expect(entering(&gate, now: 100) == [1, 2, 3])
        #expect(gate.makeRoom(now: patience + 500) == nil, "there is room")
        arrive(4...4, "office", at: &gate)
        #expect(entering(&gate, now: 0) == [4])
        arrive(5...5, "office", at: &gate)
        #expect(entering(&gate, now: 60) == [5] && gate.isFull && gate.strangerCount == 5)
        #expect(gate.makeRoom(now: patience + 500) == nil, "nobody waits")
        arrive(6...7, "crowd", at: &gate)
        #expect(gate.makeRoom(now: patience + 500) == nil, "those who wait could not come in")
        arrive(8...9, "other", at: &gate)
        gate.vouch(for: 1)
        _ = gate.belongs(2, to: 7)
        #expect(gate.makeRoom(now: patience - 1) == nil)
        #expect(gate.makeRoom(now: patience + 50) == 4, "the crowd has not been in for long enough")
        #expect(gate.makeRoom(now: patience + 100) == 5, "both addresses have two, and this one came first")
        #expect(gate.makeRoom(now: patience + 100) == 3)
        #expect(gate.makeRoom(now: patience + 100) == nil, "of those that are left one has a token, one an owner")
        gate.closed(4)
        #expect(entering(&gate, now: patience) == [8], "whose address has the fewest inside comes in first")
        gate.closed(3)
        gate.closed(5)
        #expect(entering(&gate, now: patience) == [6, 9])
    }

    @Test("Who has waited for too long is let go, and a number that the system gives anew is another connection")
    func late() {
        var gate = gate(open: 1, strangers: 1)
        arrive(1...4, "a", at: &gate)
        arrive(5...5, "b", at: &gate)
        #expect(entering(&gate) == [1])
        #expect(gate.dismiss(since: 3).map(\.socket).sorted() == [2, 3])
        #expect(gate.waitingCount == 2 && gate.waitingCount(of: "a") == 1)
        gate.closed(1)
        arrive(1...1, "a", at: &gate)
        #expect(entering(&gate) == [4], "the earliest of all addresses comes in first")
        #expect(gate.dismissWaiting().map(\.socket).sorted() == [1, 5] && !gate.hasWaiting)
    }

    @Test(
        "Addresses of one network of 64 bits count as one, and those of the fourth version one by one",
        arguments: [
            ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"), ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"), ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
            ("192.0.2.7", "192.0.2.7"), ("::1", "::"),
        ])
    func networks(address: String, network: String) throws {
        #expect(SocketAddress.neighbourhood(of: try SocketAddress.parse(host: address, port: 1).0) == network)
    }
}
