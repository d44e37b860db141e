import Cryptography
import Database
import SyncCore
import SyncReplica

/// What this laptop signs in with, and how it changes it.
///
/// The next token is on the disk here before the office is told it, and takes the place of the present one when the office
/// says that it has it. The office takes both until the next one is used. So a cut, a crash or a lost reply at any moment
/// leaves a token here that the office takes.
extension Laptop {
    /// How long a token is used, in milliseconds: 30 days.
    static let tokenLifetimeMilliseconds: Int64 = 30 * 86_400_000

    /// The token that this laptop shows.
    ///
    /// - Parameter first: the one that is kept: with which it joined, or to which it has changed.
    func token(orFirst first: [UInt8]) throws -> [UInt8] {
        // A copy that was given an identity of its own has left the token of its original behind.
        if let changed = try settings.tokenDevice(), try replica.device == changed { return first }
        return try replica.identityToken() ?? first
    }

    /// The token that the office is to be told: one that it was told before and has not confirmed, or a new one where the
    /// present one is old. nil otherwise.
    func untoldToken() throws -> [UInt8]? {
        guard let device = try replica.device else { return nil }
        if let next = try settings.nextToken(), next.device == device { return next.token }
        guard try isTokenOld(), try canProve(device) else { return nil }
        let token = try SecureRandom.bytes(SyncRequest.tokenLength)
        try database.transaction { try settings.keep(nextToken: token, device: device) }
        return token
    }

    /// Shows the next token from the next sync on.
    func takeNextToken() throws {
        try database.transaction { try settings.takeNextToken(milliseconds: clock()) }
    }

    private func isTokenOld() throws -> Bool {
        guard let made = try settings.tokenMade() else { return true }
        // Also by a clock that was far ahead when the token was made.
        return (clock() - made).magnitude >= UInt64(Self.tokenLifetimeMilliseconds)
    }

    /// Whether this laptop can show without a token who it is, to a server that was put back from a copy of before the change:
    /// the office's signed ledger names its key.
    private func canProve(_ device: UInt32) throws -> Bool {
        guard try settings.isSigningKeyKnown(), try isOwnKey() else { return false }
        let content = LedgerContent.DeviceKey(device: device, publicKey: try signingKey().publicKey)
        return try replica.ledger.entries(after: 0, kind: .deviceKey).contains {
            try LedgerContent.DeviceKey(decoding: $0.payload) == content
        }
    }

    /// What this laptop shows to a server that does not know its token: the ledger, and its key's signature over the token.
    /// nil where it has nothing to show.
    func introduction(showing token: [UInt8]) throws -> SyncRequest? {
        guard var request = try replica.introduction() else { return nil }
        guard let office = try replica.ledger.officeKey(), let device = try replica.device, try isOwnKey() else {
            return request
        }
        let key = try signingKey()
        let signed = DeviceProof.signedBytes(
            device: device, tokenHash: BLAKE2b.hash256(token), officeKey: office)
        request.set(DeviceProof(device: device, publicKey: key.publicKey, signature: key.sign(signed)))
        return request
    }
}
