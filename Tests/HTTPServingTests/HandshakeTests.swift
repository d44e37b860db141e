import Foundation
import HTTPFetching
import Testing

@testable import HTTPServing

@Suite("Slow handshakes", .timeLimit(.minutes(1)))
struct HandshakeTests {
    /// The head of a TLS record that says 512 bytes of a handshake follow, and none of them.
    private static let begun: [UInt8] = [0x16, 3, 1, 2, 0, 1]

    @Test("A connection sleeps while its client is slow with the handshake, and others are served")
    func sleeps() throws {
        let live = try LiveServer()
        let slow = try RawSocket(connectingTo: live.server.port)
        slow.send(Self.begun)
        live.server.core.handshakes.wait(untilAsleep: 1)
        #expect(try live.fetcher().post(path: "/", headers: [], body: [7]).body == [7])
        // The other one's own handshake slept as well, and is over.
        live.server.core.handshakes.wait(untilAsleep: 1)
        // What is no handshake ends it.
        slow.send([UInt8](repeating: 0, count: 1_024))
        _ = try slow.receiveAll()
        live.server.core.handshakes.wait(untilAsleep: 0)
        slow.end()
        #expect(try live.fetcher().post(path: "/", headers: [], body: [8]).body == [8])
    }

    @Test("A client that leaves in the middle of its handshake is let go")
    func leaves() throws {
        let live = try LiveServer()
        let slow = try (0..<3).map { _ in try RawSocket(connectingTo: live.server.port) }
        for socket in slow { socket.send(Self.begun) }
        live.server.core.handshakes.wait(untilAsleep: 3)
        for socket in slow { socket.end() }
        live.server.core.handshakes.wait(untilAsleep: 0)
    }

    @Test("A handshake that does not go on is cut off when a silent connection is")
    func late() throws {
        let live = try LiveServer(change: { $0.idleTimeoutSeconds = 1 })
        let slow = try RawSocket(connectingTo: live.server.port)
        slow.send(Self.begun)
        live.server.core.handshakes.wait(untilAsleep: 1)
        _ = try slow.receiveAll()
        live.server.core.handshakes.wait(untilAsleep: 0)
        slow.end()
    }

    @Test("A server stops while connections sleep")
    func stops() throws {
        let live = try LiveServer()
        let slow = try RawSocket(connectingTo: live.server.port)
        slow.send(Self.begun)
        live.server.core.handshakes.wait(untilAsleep: 1)
        live.server.stop()
        _ = try slow.receiveAll()
        slow.end()
    }

    @Test("Once the handshake is over a connection that has nothing to say does not sleep here: MHD waits for it")
    func over() throws {
        let live = try LiveServer()
        let fetcher = live.fetcher()
        for number in 0..<3 as Range<UInt8> {
            #expect(try fetcher.post(path: "/", headers: [], body: [number]).body == [number])
        }
        live.server.core.handshakes.wait(untilAsleep: 0)
    }

    @Test("Many handshakes at once come to their end")
    func many() throws {
        let live = try LiveServer()
        let bodies = onThreads(32) { number in
            // A failure is a body that is not the one expected.
            (try? live.fetcher().post(path: "/", headers: [], body: [UInt8(number)]).body) ?? []
        }
        #expect(Set(bodies) == Set((0..<32).map { [UInt8($0)] }))
        live.server.core.handshakes.wait(untilAsleep: 0)
    }
}
