import CSodium

/// The libsodium library, started once per process.
package enum Sodium {
    /// Whether the library has started; asking starts it, and lets it choose the fastest code for this processor.
    static let isReady = sodium_init() >= 0

    /// Starts the library, once; later calls cost nothing.
    ///
    /// Hashing and comparing work in any case; programs call it before they need keys or random bytes.
    ///
    /// - Throws: `CryptographyError.unavailable` if the system has no source of randomness.
    package static func start() throws(CryptographyError) {
        guard isReady else { throw CryptographyError.unavailable }
    }

    /// The version of the libsodium library in use, such as `1.0.18`.
    package static var libraryVersion: String { unsafe String(cString: sodium_version_string()) }
}
