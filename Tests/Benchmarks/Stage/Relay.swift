import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A line between a laptop and its server that counts what passes, and can be slow, long and cut.
///
/// All connections share the line in each direction, as they do on a telephone.
final class Relay: Sendable {
    /// How the line is.
    struct Line: Sendable {
        /// How long each byte is on its way, in milliseconds.
        var delayMilliseconds = 0.0
        /// Bytes a second in each direction; nil: as many as come.
        var bytesPerSecond: Double?
        /// After how many bytes to the server everything is cut once; nil: never.
        var cutAfterBytes: Int?
    }

    private struct State {
        var sockets: [Int32] = []
        var isCut = false
        var isClosed = false
    }

    /// Where the laptop connects to.
    let port: UInt16
    private let targetPort: UInt16
    private let line: Line
    private let listener: Int32
    private let state = Mutex(State())
    private let toServer: RelayDirection
    private let toLaptop: RelayDirection

    /// Listens on a free port of this machine.
    init(to targetPort: UInt16, line: Line = Line()) throws {
        (self.targetPort, self.line) = (targetPort, line)
        toServer = RelayDirection(line)
        toLaptop = RelayDirection(line)
        listener = LocalSocket.make()
        port = try LocalSocket.listen(listener)
        Thread.detachNewThread { self.acceptAll() }
    }

    /// The bytes that passed so far, TLS included.
    var counts: (up: Int, down: Int) { (toServer.count, toLaptop.count) }

    /// Whether the line was cut.
    var hasCut: Bool { state.withLock(\.isCut) }

    /// Ends all connections and listens no more.
    func close() {
        let sockets = state.withLock { state in
            state.isClosed = true
            defer { state.sockets = [] }
            return state.sockets
        }
        for socket in sockets + [listener] { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func acceptAll() {
        while true {
            let laptop = accept(listener, nil, nil)
            guard laptop >= 0, !state.withLock(\.isClosed) else { break }
            let server = LocalSocket.make()
            guard LocalSocket.connect(server, to: targetPort) else {
                Self.closeSocket(laptop)
                continue
            }
            state.withLock { $0.sockets += [laptop, server] }
            toServer.carry(from: laptop, to: server) { [self] in cutWhenDue() }
            toLaptop.carry(from: server, to: laptop) {}
        }
        Self.closeSocket(listener)
    }

    private func cutWhenDue() {
        guard let limit = line.cutAfterBytes, toServer.count >= limit else { return }
        let sockets = state.withLock { state -> [Int32] in
            if state.isCut { return [] }
            state.isCut = true
            defer { state.sockets = [] }
            return state.sockets
        }
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private static func closeSocket(_ socket: Int32) {
        #if canImport(Darwin)
            Darwin.close(socket)
        #else
            Glibc.close(socket)
        #endif
    }
}

/// One direction of a line: what is read is written when it would have arrived.
private final class RelayDirection: Sendable {
    private struct Clock {
        var free = DispatchTime.now().uptimeNanoseconds
        var count = 0
    }

    /// About one packet, so that a slow line is one all the time.
    private static let slowPieceBytes = 1_400
    private static let pieceBytes = 65_536
    /// What a slow line holds at most before it takes no more.
    private static let slowBufferBytes = 16_384
    private static let nanoseconds = 1e9

    private let line: Relay.Line
    private let clock = Mutex(Clock())

    init(_ line: Relay.Line) { self.line = line }

    var count: Int { clock.withLock(\.count) }

    /// Carries everything from one socket to another until one of them ends.
    func carry(from source: Int32, to target: Int32, afterPiece: @escaping @Sendable () -> Void) {
        let queue = PieceQueue(limitBytes: line.bytesPerSecond == nil ? .max : Self.slowBufferBytes)
        Thread.detachNewThread { self.read(source, queue, afterPiece) }
        Thread.detachNewThread { self.write(target, queue) }
    }

    private func read(_ source: Int32, _ queue: PieceQueue, _ afterPiece: () -> Void) {
        var buffer = [UInt8](
            repeating: 0, count: line.bytesPerSecond == nil ? Self.pieceBytes : Self.slowPieceBytes)
        while true {
            queue.waitForRoom()
            let count = unsafe recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let time = clock.withLock { clock -> UInt64 in
                clock.count += count
                clock.free = max(clock.free, DispatchTime.now().uptimeNanoseconds)
                if let rate = line.bytesPerSecond {
                    clock.free += UInt64(Double(count) / rate * Self.nanoseconds)
                }
                return clock.free + UInt64(line.delayMilliseconds * 1e6)
            }
            queue.add(Array(buffer[..<count]), at: time)
            afterPiece()
        }
        queue.end()
    }

    private func write(_ target: Int32, _ queue: PieceQueue) {
        while let (bytes, time) = queue.next() {
            let now = DispatchTime.now().uptimeNanoseconds
            if time > now { usleep(UInt32((time - now) / 1_000)) }
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes.withUnsafeBytes {
                    unsafe LocalSocket.send($0[sent...], to: target)
                }
                guard count > 0 else { return queue.end() }
                sent += count
            }
        }
        shutdown(target, Int32(SHUT_WR))
    }
}
