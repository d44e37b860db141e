import CSodium

/// A key to which anybody can seal a message that its owner alone can read (X25519; libsodium's `crypto_box_seal`).
package struct SealingKey: Sendable {
    /// The bytes of the secret that the key is made from, and of the public key.
    package static let keyLength = 32
    /// How many bytes longer a sealed message is.
    package static let overheadBytes = 48

    /// The 32 bytes that everybody may know.
    package let publicKey: [UInt8]
    private let secret: [UInt8]

    /// The key of a secret.
    ///
    /// - Parameter seed: 32 secret bytes.
    /// - Throws: `CryptographyError.malformedKey` for another number of bytes.
    package init(seed: [UInt8]) throws(CryptographyError) {
        guard seed.count == Self.keyLength else { throw .malformedKey }
        var publicKey = [UInt8](repeating: 0, count: Self.keyLength)
        var secret = [UInt8](repeating: 0, count: Self.keyLength)
        // It can't fail for buffers of these lengths.
        _ = unsafe crypto_box_seed_keypair(&publicKey, &secret, seed)
        self.publicKey = publicKey
        self.secret = secret
    }

    /// The sealing key of a signing key: what is sealed to its public key is read with this
    /// (libsodium's `crypto_sign_ed25519_sk_to_curve25519`).
    init(signingSecret: [UInt8], publicKey signer: [UInt8]) throws(CryptographyError) {
        var secret = [UInt8](repeating: 0, count: Self.keyLength)
        guard unsafe crypto_sign_ed25519_sk_to_curve25519(&secret, signingSecret) == 0 else { throw .malformedKey }
        self.secret = secret
        publicKey = try Self.publicKey(ofSigner: signer)
    }

    /// What to seal to so that the owner of a signing key can read it.
    ///
    /// - Parameter signer: an Ed25519 public key of 32 bytes.
    /// - Throws: `CryptographyError.malformedKey` for bytes that are no such key.
    package static func publicKey(ofSigner signer: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: keyLength)
        guard signer.count == keyLength, unsafe crypto_sign_ed25519_pk_to_curve25519(&key, signer) == 0 else {
            throw .malformedKey
        }
        return key
    }

    /// Seals a message; nobody learns from it who sealed it.
    ///
    /// - Throws: `CryptographyError.malformedKey` for a public key of another length.
    package static func seal(_ message: [UInt8], to publicKey: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard publicKey.count == keyLength else { throw .malformedKey }
        try Sodium.start()
        var sealed = [UInt8](repeating: 0, count: message.count + overheadBytes)
        guard unsafe crypto_box_seal(&sealed, message, UInt64(message.count), publicKey) == 0 else {
            throw .malformedKey
        }
        return sealed
    }

    /// Opens a sealed message; nil where it was changed, or sealed to another key.
    package func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.overheadBytes else { return nil }
        var message = [UInt8](repeating: 0, count: sealed.count - Self.overheadBytes)
        guard unsafe crypto_box_seal_open(&message, sealed, UInt64(sealed.count), publicKey, secret) == 0 else {
            return nil
        }
        return message
    }
}

extension OfficeKey {
    /// The key that opens what is sealed to this key's public key.
    package func sealingKey() throws(CryptographyError) -> SealingKey {
        try SealingKey(signingSecret: secret, publicKey: publicKey)
    }
}
