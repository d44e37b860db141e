// Glibc's module lacks members of socket addresses; they come with the header of MHD.
import CMicroHTTPD

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A bound and listening TCP socket: made here and not by MHD, so that an error names its cause.
struct ListeningSocket {
    /// The socket's number; the owner closes it.
    let number: Int32
    /// The port that it is bound to.
    let port: UInt16

    /// Binds to an IPv4 or IPv6 literal and listens.
    init(host: String, port: UInt16, backlog: Int) throws(HTTPServingError) {
        var (address, length) = try SocketAddress.parse(host: host, port: port)
        let number = SocketAddress.makeSocket(family: Int32(address.ss_family))
        guard number >= 0 else { throw .cannotListen(host: host, port: port, errno: errno) }
        var isOn: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &isOn, size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(number, $0, length) }
        }
        guard result == 0, listen(number, Int32(backlog)) == 0,
            fcntl(number, F_SETFL, O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else {
            let code = errno
            close(number)
            throw .cannotListen(host: host, port: port, errno: code)
        }
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            _ = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        self.number = number
        self.port = SocketAddress.port(of: address)
    }
}

/// Addresses as the system keeps them, and as people read them.
enum SocketAddress {
    /// Bytes enough for the longest text of an address.
    private static let textLimitBytes = Int(INET6_ADDRSTRLEN)
    /// Where the bytes of an address begin, in both systems.
    private static let (fourOffset, sixOffset) = (4, 8)

    /// Reads an IP literal; the length is that of its kind of address.
    static func parse(host: String, port: UInt16) throws(HTTPServingError) -> (sockaddr_storage, socklen_t) {
        var storage = sockaddr_storage()
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &storage) { target in
                unsafe withUnsafeBytes(of: four) { unsafe target.copyMemory(from: $0) }
            }
            return (storage, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        guard unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { throw .invalidHost(host) }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &storage) { target in
            unsafe withUnsafeBytes(of: six) { unsafe target.copyMemory(from: $0) }
        }
        return (storage, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }

    /// A stream socket; the constant has another type on each system.
    static func makeSocket(family: Int32) -> Int32 {
        #if canImport(Darwin)
            socket(family, SOCK_STREAM, 0)
        #else
            socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    /// The port: at the same place in both kinds of address.
    static func port(of address: sockaddr_storage) -> UInt16 {
        unsafe withUnsafeBytes(of: address) {
            UInt16(bigEndian: unsafe $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// The address in words, without its port; "" for what is no IP address.
    static func text(of address: sockaddr_storage) -> String {
        var address = address
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe text(of: $0) }
        }
    }

    /// The address in words; of one of the sixth version the network of 64 bits that it is in, for who has one address of it
    /// has all of them; of one of the fourth in the form of the sixth, that one.
    static func neighbourhood(of address: sockaddr_storage) -> String {
        guard Int32(address.ss_family) == AF_INET6 else { return text(of: address) }
        var network = address
        unsafe withUnsafeMutableBytes(of: &network) { bytes in
            let start = sixOffset
            let isFour =
                unsafe bytes[start..<start + 10].allSatisfy { $0 == 0 }
                && bytes[start + 10..<start + 12].allSatisfy { $0 == 0xff }
            if !isFour { for index in start + 8..<start + 16 { unsafe bytes[index] = 0 } }
        }
        return text(of: network)
    }

    /// How many bytes of the storage an address of its kind takes.
    static func length(of address: sockaddr_storage) -> socklen_t {
        let isFour = Int32(address.ss_family) == AF_INET
        return socklen_t(isFour ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    }

    /// The address in words, without its port; "" for what is no IP address.
    static func text(of address: UnsafePointer<sockaddr>?) -> String {
        guard let address = unsafe address else { return "" }
        let family = unsafe Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6 else { return "" }
        let offset = family == AF_INET ? fourOffset : sixOffset
        let bytes = unsafe [CChar](unsafeUninitializedCapacity: textLimitBytes) { buffer, count in
            unsafe buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress else { return }
            let source = unsafe UnsafeRawPointer(address).advanced(by: offset)
            if unsafe inet_ntop(family, source, start, socklen_t(textLimitBytes)) != nil {
                count = unsafe strnlen(start, textLimitBytes)
            }
        }
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
