import CSodium

/// The office's signing key: Ed25519 (RFC 8032), by libsodium's `crypto_sign`.
package struct OfficeKey: Sendable {
    /// The bytes of the seed that the key is made from; all that is kept.
    package static let seedLength = 32
    private static let secretLength = 64
    private static let signatureLength = 64

    /// The 32 bytes that everybody may know.
    package let publicKey: [UInt8]
    let secret: [UInt8]

    /// The key of a seed.
    ///
    /// - Parameter seed: 32 secret bytes.
    /// - Throws: `CryptographyError.malformedKey` for another number of bytes.
    package init(seed: [UInt8]) throws(CryptographyError) {
        guard seed.count == Self.seedLength else { throw .malformedKey }
        var publicKey = [UInt8](repeating: 0, count: Self.seedLength)
        var secret = [UInt8](repeating: 0, count: Self.secretLength)
        // It can't fail for buffers of these lengths.
        _ = unsafe crypto_sign_seed_keypair(&publicKey, &secret, seed)
        self.publicKey = publicKey
        self.secret = secret
    }

    /// The signature over a message: 64 bytes, the same each time.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Self.signatureLength)
        // It always succeeds; the length is that of every Ed25519 signature.
        _ = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret)
        return signature
    }

    /// Whether a signature over a message was made with the key of this public key; false for wrong lengths too.
    package static func verify(_ signature: [UInt8], over message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureLength, publicKey.count == seedLength else { return false }
        return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }
}
