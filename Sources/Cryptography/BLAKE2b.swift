import CSodium

/// The hash function BLAKE2b without a key (RFC 7693), by libsodium's `crypto_generichash`.
package enum BLAKE2b {
    /// The 16-byte hash, read as a big-endian number.
    package static func hash128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
        var digest = UInt128.zero
        unsafe withUnsafeMutableBytes(of: &digest) { unsafe hash(bytes, into: $0) }
        return UInt128(bigEndian: digest)
    }

    /// The 16-byte hash, read as a big-endian number.
    package static func hash128(_ bytes: [UInt8]) -> UInt128 {
        unsafe bytes.withUnsafeBytes { unsafe hash128($0) }
    }

    /// The 32-byte hash.
    package static func hash256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe bytes.withUnsafeBytes { source in
            unsafe digest.withUnsafeMutableBytes { unsafe hash(source, into: $0) }
        }
        return digest
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
        guard let target = digest.baseAddress else { return }
        // Hashing needs no randomness, so it goes on, slower, where the library could not start.
        _ = Sodium.isReady
        let code = unsafe crypto_generichash(
            target.assumingMemoryBound(to: UInt8.self), digest.count,
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count), nil, 0)
        // It fails for lengths outside 16...64 bytes alone, and the callers above ask for 16 and 32.
        precondition(code == 0, "BLAKE2b has no digest of \(digest.count) bytes")
    }
}
