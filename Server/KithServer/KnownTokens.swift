import Cryptography
import Synchronization

/// The tokens that some device has, by their hashes: what can be asked before a request's body is read, on threads that must
/// not wait for the database.
///
/// It decides nothing but whose memory a body takes: a token that was changed since counts on, and one that is new counts from
/// its first request on.
final class KnownTokens: Sendable {
    private static let scheme = "Bearer "

    private let hashes: Mutex<Set<[UInt8]>>

    /// - Parameter hashes: of the tokens that the database has.
    init(_ hashes: [[UInt8]]) { self.hashes = Mutex(Set(hashes)) }

    /// Whether the header `Authorization` bears a token that is known.
    func contains(_ header: String) -> Bool {
        guard let hash = Self.hash(of: header) else { return false }
        return hashes.withLock { $0.contains(hash) }
    }

    /// Takes note of a token that a device has shown.
    func note(_ hash: [UInt8]) { _ = hashes.withLock { $0.insert(hash) } }

    /// The hash of the token in the header `Authorization`; nil where it bears none.
    static func hash(of header: String) -> [UInt8]? {
        guard header.hasPrefix(scheme) else { return nil }
        do throws(CryptographyError) {
            return BLAKE2b.hash256(try Base64URL.decode(String(header.dropFirst(scheme.count))))
        } catch {
            return nil
        }
    }
}
