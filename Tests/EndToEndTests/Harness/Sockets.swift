import Foundation
import Synchronization

/// TCP on 127.0.0.1.
enum Sockets {
    #if canImport(Darwin)
        static let sendFlags: Int32 = 0
        private static let stream = SOCK_STREAM
    #else
        static let sendFlags = Int32(MSG_NOSIGNAL)
        private static let stream = Int32(SOCK_STREAM.rawValue)
    #endif

    /// The port that is tried next: below those that the system gives to outgoing connections.
    private static let nextPort = Mutex<UInt16>(22_000 + UInt16(getpid() % 4_000))

    /// A free port for a server of a test, which no other server of these tests has or gets, also while it is stopped.
    static func portOfItsOwn() throws -> UInt16 {
        for _ in 0..<2_000 {
            let port = nextPort.withLock { port in
                defer { port += 1 }
                return port
            }
            if (try? listener(on: port)) != nil { return port }
        }
        throw HarnessFailure("No port is free.")
    }

    /// Listens on a free port.
    static func listener() throws -> (FileDescriptor, UInt16) { try listener(on: 0) }

    private static func listener(on port: UInt16) throws -> (FileDescriptor, UInt16) {
        let file = try made()
        var address = address(port: port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(file.number, generic, length) == 0 && listen(file.number, 64) == 0
                    && getsockname(file.number, generic, &length) == 0
            }
        }
        guard isListening else { throw HarnessFailure.system("listen") }
        return (file, UInt16(bigEndian: address.sin_port))
    }

    static func accepted(_ listener: FileDescriptor) throws -> FileDescriptor {
        try FileDescriptor(uninheritedFrom: "accept") { accept(listener.number, nil, nil) }
    }

    static func connected(to port: UInt16) throws -> FileDescriptor {
        let file = try made()
        var address = address(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(file.number, generic, length)
            }
        }
        guard code == 0 else { throw HarnessFailure.system("connect") }
        return file
    }

    private static func made() throws -> FileDescriptor {
        try FileDescriptor(uninheritedFrom: "socket") { socket(AF_INET, stream, 0) }
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        return address
    }
}
