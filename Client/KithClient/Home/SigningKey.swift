import Cryptography
import Database
import SyncCore

/// The key that this laptop signs with, made here and known to nobody else.
extension Laptop {
    /// Makes a key in place of the one that is there, if any; the office is told with the next request.
    @discardableResult
    func makeSigningKey() throws -> OfficeKey {
        let seed = try SecureRandom.bytes(OfficeKey.seedLength)
        try database.transaction { try settings.keep(signingSeed: seed) }
        return try OfficeKey(seed: seed)
    }

    /// The key; made where this laptop joined with a version that had none.
    func signingKey() throws -> OfficeKey {
        guard let seed = try settings.signingSeed() else { return try makeSigningKey() }
        return try OfficeKey(seed: seed)
    }

    /// The public key, until the office has confirmed that it knows it.
    func untoldKey() throws -> [UInt8]? {
        try settings.isSigningKeyKnown() ? nil : signingKey().publicKey
    }

    /// Takes note of the key that the office knows this laptop by.
    func take(knownKey: [UInt8]?) throws {
        guard let knownKey, try untoldKey() == knownKey else { return }
        try database.transaction { try settings.keep(signingKeyKnown: true) }
    }
}
