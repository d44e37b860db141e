import CGnuTLS

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A private key in GnuTLS's hands.
@safe
struct PrivateKey: ~Copyable {
    private let handle: OpaquePointer

    /// An empty key.
    private init() throws(HTTPServingError) {
        try GnuTLS.start()
        var handle: gnutls_x509_privkey_t?
        try GnuTLS.check(unsafe gnutls_x509_privkey_init(&handle), "make a private key")
        guard let handle = unsafe handle else {
            throw .certificate(step: "make a private key", code: GNUTLS_E_MEMORY_ERROR)
        }
        unsafe self.handle = unsafe handle
    }

    /// Reads a PEM key.
    static func read(pem: [UInt8]) throws(HTTPServingError) -> PrivateKey {
        let key = try PrivateKey()
        let code = unsafe GnuTLS.lend(pem) { unsafe gnutls_x509_privkey_import(key.handle, $0, GNUTLS_X509_FMT_PEM) }
        try GnuTLS.check(code, "read the private key")
        return key
    }

    deinit { unsafe gnutls_x509_privkey_deinit(handle) }

    /// A new P-256 key.
    static func generate() throws(HTTPServingError) -> PrivateKey {
        let key = try PrivateKey()
        let code = unsafe gnutls_x509_privkey_generate2(
            key.handle, GNUTLS_PK_ECDSA, kith_gnutls_p256_bits(), 0, nil, 0)
        try GnuTLS.check(code, "make a private key")
        return key
    }

    /// The key as PKCS #8 PEM.
    func pem() throws(HTTPServingError) -> [UInt8] {
        try unsafe GnuTLS.collect("write the private key") {
            unsafe gnutls_x509_privkey_export2_pkcs8(
                handle, GNUTLS_X509_FMT_PEM, nil, UInt32(GNUTLS_PKCS_PLAIN.rawValue), $0)
        }
    }

    /// SHA-256 of the public key.
    func identifier() throws(HTTPServingError) -> [UInt8] {
        try unsafe GnuTLS.identifier { bytes, size in
            unsafe gnutls_x509_privkey_get_key_id(handle, GnuTLS.identifierFlags, bytes, size)
        }
    }

    /// Lends the handle for one call.
    func lend(_ body: (OpaquePointer) -> Int32) -> Int32 { unsafe body(handle) }
}

/// What every call to GnuTLS's keys and certificates shares.
enum GnuTLS {
    /// Asks for identifiers made with SHA-256.
    static var identifierFlags: UInt32 { UInt32(GNUTLS_KEYID_USE_SHA256.rawValue) }

    /// Prepares the library; GnuTLS counts these calls and does the work once.
    static func start() throws(HTTPServingError) {
        try check(gnutls_global_init(), "start GnuTLS")
    }

    /// Turns a negative answer into an error.
    static func check(_ code: Int32, _ step: String) throws(HTTPServingError) {
        guard code >= 0 else { throw .certificate(step: step, code: code) }
    }

    /// Lends bytes as a datum.
    static func lend(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Int32) -> Int32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // GnuTLS does not write to a datum that it takes as const.
            var datum = unsafe gnutls_datum_t(
                data: UnsafeMutablePointer(mutating: buffer.baseAddress), size: UInt32(buffer.count))
            return unsafe body(&datum)
        }
    }

    /// Copies what GnuTLS allocates, and frees it; wiped first, as it may be a secret.
    static func collect(
        _ step: String, _ body: (UnsafeMutablePointer<gnutls_datum_t>) -> Int32
    ) throws(HTTPServingError) -> [UInt8] {
        var datum = unsafe gnutls_datum_t()
        try check(unsafe body(&datum), step)
        guard let data = unsafe datum.data else { return [] }
        let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: Int(datum.size)))
        unsafe gnutls_memset(data, 0, Int(datum.size))
        unsafe kith_gnutls_free(data)
        return bytes
    }

    /// The 32 bytes that identify a public key.
    static func identifier(
        _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>) -> Int32
    ) throws(HTTPServingError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
        var size = bytes.count
        let code = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return GNUTLS_E_MEMORY_ERROR }
            return unsafe body(start, &size)
        }
        try check(code, "identify a key")
        return Array(bytes.prefix(size))
    }
}

/// SHA-256 (FIPS 180-4), by GnuTLS.
enum SHA256Digest {
    /// Bytes of a digest.
    static let byteCount = 32

    /// The digest of some bytes.
    static func of(_ bytes: [UInt8]) throws(HTTPServingError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: byteCount)
        let code = unsafe bytes.withUnsafeBytes { source in
            unsafe digest.withUnsafeMutableBytes { target in
                unsafe gnutls_hash_fast(GNUTLS_DIG_SHA256, source.baseAddress, source.count, target.baseAddress)
            }
        }
        try GnuTLS.check(code, "hash a certificate")
        return digest
    }
}

/// The clock on the wall, for certificates.
enum WallClock {
    /// Seconds since 1970.
    static func nowSeconds() -> Int {
        Int(time(nil))
    }
}
