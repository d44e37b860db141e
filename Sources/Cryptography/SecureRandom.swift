import CSodium

/// Random numbers that nobody can foresee, from the system's generator.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    /// Starts the library if that has not happened yet.
    ///
    /// - Throws: `CryptographyError.unavailable` if the system has no source of randomness.
    package init() throws(CryptographyError) { try Sodium.start() }

    /// 64 random bits.
    package mutating func next() -> UInt64 {
        var number = UInt64.zero
        unsafe randombytes_buf(&number, MemoryLayout<UInt64>.size)
        return number
    }

    /// Random bytes.
    ///
    /// - Parameter count: how many; a negative count gives none.
    /// - Throws: `CryptographyError.unavailable` if the system has no source of randomness.
    package static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        try Sodium.start()
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        unsafe randombytes_buf(&bytes, bytes.count)
        return bytes
    }
}
