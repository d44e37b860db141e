import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A TCP socket without TLS, as an attacker or a broken network would use it.
struct RawSocket {
    let number: Int32

    private static func make() -> Int32 {
        #if canImport(Darwin)
            socket(AF_INET, SOCK_STREAM, 0)
        #else
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private static func withLoopback(
        _ port: UInt16, host: UInt32 = 1, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (UInt32(0x7f00_0000) + host).bigEndian
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    init(number: Int32) {
        self.number = number
    }

    /// Connects to a port of the loopback.
    init(connectingTo port: UInt16) throws {
        number = Self.make()
        let number = number
        guard unsafe Self.withLoopback(port, { unsafe connect(number, $0, $1) }) == 0 else {
            close(number)
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    /// The same from another address of the loopback, whose last number is given; Linux has all of them.
    init(connectingTo port: UInt16, fromHost host: UInt32) throws {
        number = Self.make()
        let number = number
        guard unsafe Self.withLoopback(0, host: host, { unsafe bind(number, $0, $1) }) == 0,
            unsafe Self.withLoopback(port, { unsafe connect(number, $0, $1) }) == 0
        else {
            close(number)
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    /// Listens on a free port of the loopback.
    static func listening() throws -> (socket: RawSocket, port: UInt16) {
        let number = make()
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withLoopback(0) { unsafe bind(number, $0, $1) }
        let named = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        guard bound == 0, named == 0, listen(number, 8) == 0 else {
            close(number)
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return (RawSocket(number: number), UInt16(bigEndian: address.sin_port))
    }

    /// Takes the next client.
    func accepted() -> RawSocket { RawSocket(number: accept(number, nil, nil)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let rest = Array(bytes[sent...])
            let count = unsafe write(number, rest, rest.count)
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Blocks until something comes; empty at the end.
    func receive(limit: Int = 16_384) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe read(number, &bytes, limit)
        return count > 0 ? Array(bytes.prefix(count)) : []
    }

    /// Blocks until the other side closes; throws if nothing at all happens, so that a test fails and never hangs.
    func receiveAll() throws -> [UInt8] {
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var all: [UInt8] = []
        while true {
            errno = 0
            let bytes = receive()
            if bytes.isEmpty {
                guard errno != EAGAIN else { throw POSIXError(.EAGAIN) }
                return all
            }
            all += bytes
        }
    }

    func shut() { shutdown(number, Int32(SHUT_RDWR)) }

    func end() { close(number) }
}

/// Passes bytes between one client and a server, and cuts both off after a number of bytes towards the client.
func startRelay(to port: UInt16, cutAfterBytes limit: Int) throws -> UInt16 {
    let (listener, relayPort) = try RawSocket.listening()
    let server = try RawSocket(connectingTo: port)
    Thread {
        let client = listener.accepted()
        Thread {
            while case let bytes = client.receive(), !bytes.isEmpty { server.send(bytes) }
            server.shut()
        }.start()
        var passed = 0
        while passed < limit, case let bytes = server.receive(limit: min(16_384, limit - passed)), !bytes.isEmpty {
            client.send(bytes)
            passed += bytes.count
        }
        client.shut()
        server.shut()
        listener.end()
    }.start()
    return relayPort
}
