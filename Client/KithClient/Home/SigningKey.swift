import Cryptography
import Database
import SyncCore
import SyncReplica

/// The key that this laptop signs with, made here and known to nobody else.
extension Laptop {
    /// Makes a key in place of the one that is there, if any; the office is told with the next request.
    @discardableResult
    func makeSigningKey() throws -> OfficeKey {
        let seed = try SecureRandom.bytes(OfficeKey.seedLength)
        try database.transaction {
            try settings.keep(signingSeed: seed)
            if let number = try replica.device { try settings.keep(signingDevice: number) }
        }
        return try OfficeKey(seed: seed)
    }

    /// The key; made where this laptop joined with a version that had none, and where it got a number of its own since:
    /// the key belongs to the laptop that it was a copy of.
    func signingKey() throws -> OfficeKey {
        guard let seed = try settings.signingSeed(), try isOwnKey() else { return try makeSigningKey() }
        return try OfficeKey(seed: seed)
    }

    func isOwnKey() throws -> Bool {
        guard let noted = try settings.signingDevice(), let number = try replica.device else { return true }
        return noted == number
    }

    /// The public key, until the office has confirmed that it knows it.
    func untoldKey() throws -> [UInt8]? {
        try settings.isSigningKeyKnown() && isOwnKey() ? nil : signingKey().publicKey
    }

    /// Takes note of the key that the office knows this laptop by.
    func take(knownKey: [UInt8]?) throws {
        guard let knownKey, try untoldKey() == knownKey else { return }
        // What a loss of power takes back the office confirms again.
        try database.transaction(isSynced: false) {
            try settings.keep(signingKeyKnown: true)
            if let number = try replica.device { try settings.keep(signingDevice: number) }
        }
    }
}
