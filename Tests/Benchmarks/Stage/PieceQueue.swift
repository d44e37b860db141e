import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Pieces on their way, each with the time at which it arrives.
///
/// `@unchecked Sendable`: everything is used under the condition's lock.
final class PieceQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private let limitBytes: Int
    private var pieces: [(bytes: [UInt8], time: UInt64)] = []
    private var heldBytes = 0
    private var hasEnded = false

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// Waits until something more may come in.
    func waitForRoom() {
        condition.lock()
        defer { condition.unlock() }
        while heldBytes >= limitBytes, !hasEnded { condition.wait() }
    }

    func add(_ bytes: [UInt8], at time: UInt64) {
        condition.lock()
        defer { condition.unlock() }
        pieces.append((bytes, time))
        heldBytes += bytes.count
        condition.broadcast()
    }

    /// The next piece; nil once nothing more will come.
    func next() -> (bytes: [UInt8], time: UInt64)? {
        condition.lock()
        defer { condition.unlock() }
        while pieces.isEmpty, !hasEnded { condition.wait() }
        guard !pieces.isEmpty else { return nil }
        let piece = pieces.removeFirst()
        heldBytes -= piece.bytes.count
        condition.broadcast()
        return piece
    }

    func end() {
        condition.lock()
        defer { condition.unlock() }
        hasEnded = true
        condition.broadcast()
    }
}

/// Sockets of this machine alone.
enum LocalSocket {
    private static let backlog: Int32 = 1_024
    private static let address = UInt32(0x7F00_0001).bigEndian

    /// A new socket for TCP.
    static func make() -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
            var one: Int32 = 1
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        // No child may hold it open.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var noDelay: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// Listens on a free port and returns it.
    static func listen(_ descriptor: Int32) throws -> UInt16 {
        var name = name(port: 0)
        let isBound = unsafe withSocketAddress(&name) { unsafe bind(descriptor, $0, $1) } == 0
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard isBound, isNamed == 0, listenOn(descriptor) else {
            throw ChildProcess.Failure(description: "No port of this machine can be listened on.")
        }
        return UInt16(bigEndian: name.sin_port)
    }

    /// Connects to a port of this machine.
    static func connect(_ descriptor: Int32, to port: UInt16) -> Bool {
        var name = name(port: port)
        #if canImport(Darwin)
            return unsafe withSocketAddress(&name) { unsafe Darwin.connect(descriptor, $0, $1) } == 0
        #else
            return unsafe withSocketAddress(&name) { unsafe Glibc.connect(descriptor, $0, $1) } == 0
        #endif
    }

    /// Sends what fits; no signal where the other side has gone.
    static func send(_ bytes: Slice<UnsafeRawBufferPointer>, to descriptor: Int32) -> Int {
        let whole = unsafe UnsafeRawBufferPointer(rebasing: bytes)
        #if canImport(Darwin)
            return unsafe Darwin.send(descriptor, whole.baseAddress, whole.count, 0)
        #else
            return unsafe Glibc.send(descriptor, whole.baseAddress, whole.count, Int32(MSG_NOSIGNAL))
        #endif
    }

    private static func listenOn(_ descriptor: Int32) -> Bool {
        #if canImport(Darwin)
            return Darwin.listen(descriptor, backlog) == 0
        #else
            return Glibc.listen(descriptor, backlog) == 0
        #endif
    }

    private static func name(port: UInt16) -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address
        return name
    }

    private static func withSocketAddress<T>(
        _ name: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
    ) -> T {
        unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
