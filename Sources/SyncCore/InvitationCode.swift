/// What an invitation carries: where the office listens, which key it shows, and a secret that works once.
///
/// The text is `kith1-` and base 32 (`RecordID.alphabet`) of: version byte 1, secret, key pin, `HOST:PORT`, and the first
/// four bytes of a hash of all that. Dashes after every fifth letter help the eye and are ignored when it is read.
package struct InvitationCode: Hashable, Sendable {
    /// The size of the one-time secret in bytes.
    package static let secretBytes = 16
    /// The size of the key pin in bytes.
    package static let pinBytes = 32
    /// The longest host name in bytes (RFC 1035, section 2.3.4).
    package static let largestHostBytes = 253
    /// The longest text that is looked at, in bytes, spaces and dashes included.
    package static let largestTextBytes = 2_048

    private static let prefix = "kith1-"
    private static let version: UInt8 = 1
    private static let checksumBytes = 4

    /// The one-time secret: 16 bytes.
    package var secret: [UInt8]
    /// SHA-256 of the server's SubjectPublicKeyInfo (RFC 5280): 32 bytes.
    package var pin: [UInt8]
    /// The name or address of the server; an IPv6 address stands without its brackets.
    package var host: String
    /// The port of the server.
    package var port: UInt16

    /// Why a text is no invitation; nothing was sent anywhere.
    package enum Problem: Error, Hashable, Sendable {
        /// The text does not begin as an invitation does.
        case notACode
        /// A letter is wrong, missing or too much.
        case mistyped
        /// The code was made by a newer version.
        case newerVersion
    }

    /// Makes a code from its parts.
    package init(secret: [UInt8], pin: [UInt8], host: String, port: UInt16) {
        self.secret = secret
        self.pin = pin
        self.host = host
        self.port = port
    }

    /// The text to hand over, in lower case, with a dash after every fifth letter.
    ///
    /// - Parameter hash: BLAKE2b with 32 bytes of output (RFC 7693).
    package func encoded(hash: ([UInt8]) -> [UInt8]) -> String {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var bytes = [Self.version] + secret + pin + Array(address.utf8)
        bytes += hash(bytes).prefix(Self.checksumBytes)
        return Self.prefix + Base32.grouped(bytes)
    }

    /// Reads a code; upper case, spaces and missing or extra dashes do no harm.
    ///
    /// - Parameters:
    ///   - text: what was typed or pasted, at most `largestTextBytes`.
    ///   - hash: BLAKE2b with 32 bytes of output (RFC 7693).
    package init(decoding text: String, hash: ([UInt8]) -> [UInt8]) throws(Problem) {
        guard text.utf8.count <= Self.largestTextBytes else { throw .notACode }
        let folded = Base32.folded(text)
        let start = Array(Self.prefix.utf8.dropLast())
        guard folded.starts(with: start) else { throw .notACode }
        guard let bytes = Base32.bytes(of: folded.dropFirst(start.count)) else { throw .mistyped }
        let content = Array(bytes.dropLast(Self.checksumBytes))
        guard content.count > 1 + Self.secretBytes + Self.pinBytes,
            bytes.suffix(Self.checksumBytes).elementsEqual(hash(content).prefix(Self.checksumBytes))
        else { throw .mistyped }
        guard content[0] == Self.version else { throw .newerVersion }
        secret = Array(content[1...Self.secretBytes])
        pin = Array(content.dropFirst(1 + Self.secretBytes).prefix(Self.pinBytes))
        guard let address = String(validating: content.dropFirst(1 + Self.secretBytes + Self.pinBytes), as: UTF8.self),
            let (host, port) = Self.split(address)
        else { throw .mistyped }
        self.host = host
        self.port = port
    }

    /// Splits `HOST:PORT` or `[IPV6]:PORT`; nil where it is neither, or the port is not from 1 to 65,535.
    package static func split(_ address: String) -> (host: String, port: UInt16)? {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard (1...largestHostBytes).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else { return nil }
        return (String(host), port)
    }

    /// Letters, digits and the marks of names and addresses; nothing that could end a header or a URL.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
