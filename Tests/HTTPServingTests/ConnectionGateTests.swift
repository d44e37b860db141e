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
        for socket in sockets { gate.arrive(ConnectionGate.Arrival(socket: socket, address: address)) }
    }

    private func entering(_ gate: inout ConnectionGate) -> [Int32] {
        var sockets: [Int32] = []
        while let arrival = gate.next() { sockets.append(arrival.socket) }
        return sockets
    }

    @Test("Strangers of one address wait for each other, those of another do not wait for them")
    func strangers() {
        var gate = gate()
        arrive(1...4, "a", at: &gate)
        arrive(5...5, "b", at: &gate)
        #expect(entering(&gate) == [1, 2, 5])
        gate.closed(1)
        #expect(entering(&gate) == [3])
        #expect(gate.belongs(2, to: 7) == nil)
        #expect(entering(&gate) == [4], "whoever has shown who they are is no stranger")
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

    @Test("When all places to wait are taken nobody more is accepted")
    func waiting() {
        var gate = gate(open: 1, strangers: 1, waiting: 2)
        arrive(1...3, "a", at: &gate)
        #expect(entering(&gate) == [1] && !gate.hasRoomToWait)
        gate.closed(1)
        #expect(entering(&gate) == [2] && gate.hasRoomToWait)
        #expect(gate.dismissWaiting().map(\.socket) == [3])
        arrive(2...2, "a", at: &gate)
        #expect(entering(&gate) == [2], "a number that the system has given anew")
    }
}
