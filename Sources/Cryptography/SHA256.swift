import CSodium

/// The hash function SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The 32-byte hash.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // The function always returns 0.
        _ = unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest
    }
}
