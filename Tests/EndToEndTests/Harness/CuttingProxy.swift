import Foundation
import Synchronization

/// Stands between laptops and a server, passes every byte on, and at a chosen byte does something to them.
final class CuttingProxy: Sendable {
    enum Direction: String, Sendable, CaseIterable {
        case toServer, toClient
    }

    /// What happens after byte k, which is still passed on.
    struct Cut: Sendable {
        let direction: Direction
        let byte: Int
        /// Runs before the connection is closed.
        let action: @Sendable () -> Void
    }

    private struct State {
        var target: UInt16 = 0
        var cut: Cut?
        var passed: [Direction: Int] = [:]
        var isStopped = false
        /// How many bytes each connection carries to the server before it is closed.
        var connectionBytes: Int?
    }

    /// Where laptops reach it on 127.0.0.1.
    let port: UInt16
    private let listener: FileDescriptor
    private let wake: (reading: FileDescriptor, writing: FileDescriptor)
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    init() throws {
        (listener, port) = try Sockets.listener()
        wake = try FileDescriptor.pipe()
    }

    /// Begins to pass bytes to a server's port.
    func start(to target: UInt16) {
        state.withLock { $0.target = target }
        Thread { [self] in
            relay()
            ended.signal()
        }.start()
    }

    /// From the next connection on, passes bytes to another server.
    func turn(to target: UInt16) { state.withLock { $0.target = target } }

    func stop() {
        state.withLock { $0.isStopped = true }
        unsafe _ = write(wake.writing.number, "x", 1)
        ended.wait()
    }

    /// From the next connection on, each is closed once it has carried so many bytes to the server; nil: none is.
    func closeEach(after bytes: Int?) { state.withLock { $0.connectionBytes = bytes } }

    /// Counts from here on, and cuts where told.
    func arm(_ cut: Cut?) {
        state.withLock {
            $0.cut = cut
            $0.passed = [:]
        }
    }

    /// Whether the cut that it was armed with has been made.
    var hasCut: Bool { state.withLock { $0.cut == nil } }

    /// The bytes that went by since it was armed.
    func passed(_ direction: Direction) -> Int { state.withLock { $0.passed[direction] ?? 0 } }

    private func relay() {
        var pairs: [Pair] = []
        while !state.withLock({ $0.isStopped }) {
            var waiting =
                [listener.number, wake.reading.number] + pairs.flatMap { [$0.client.number, $0.server.number] }
            var polled = waiting.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            waiting = polled.filter { $0.revents != 0 }.map(\.fd)
            pairs.removeAll { pair in
                if waiting.contains(pair.client.number), !pass(pair) { return true }
                return waiting.contains(pair.server.number) && !pass(pair.server, pair.client, .toClient)
            }
            if waiting.contains(listener.number), let pair = accept() { pairs.append(pair) }
        }
    }

    private final class Pair {
        let client: FileDescriptor
        let server: FileDescriptor
        /// How many bytes it may still carry to the server.
        var left: Int?

        init(client: FileDescriptor, server: FileDescriptor, left: Int?) {
            self.client = client
            self.server = server
            self.left = left
        }
    }

    /// Takes a connection; where the server is gone, it is closed at once.
    private func accept() -> Pair? {
        let target = state.withLock { $0.target }
        guard let client = try? Sockets.accepted(listener), let server = try? Sockets.connected(to: target) else {
            return nil
        }
        return Pair(client: client, server: server, left: state.withLock { $0.connectionBytes })
    }

    /// Passes on what is there for the server; false where the connection has carried what it may.
    private func pass(_ pair: Pair) -> Bool {
        let before = passed(.toServer)
        guard pass(pair.client, pair.server, .toServer) else { return false }
        guard let left = pair.left else { return true }
        pair.left = left - (passed(.toServer) - before)
        return pair.left ?? 0 > 0
    }

    /// Passes on what is there; false where the connection is to be closed.
    private func pass(_ source: FileDescriptor, _ target: FileDescriptor, _ direction: Direction) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(source.number, &piece, piece.count)
        guard count > 0 else { return false }
        let (allowed, cut) = state.withLock { state -> (Int, Cut?) in
            let before = state.passed[direction] ?? 0
            guard let cut = state.cut, cut.direction == direction, before + count >= cut.byte else {
                state.passed[direction] = before + count
                return (count, nil)
            }
            state.cut = nil
            state.passed[direction] = cut.byte
            return (max(0, cut.byte - before), cut)
        }
        var sent = 0
        while sent < allowed {
            let written = unsafe piece[sent..<allowed].withUnsafeBytes {
                unsafe send(target.number, $0.baseAddress, $0.count, Sockets.sendFlags)
            }
            guard written > 0 else { return false }
            sent += written
        }
        cut?.action()
        return cut == nil
    }
}
