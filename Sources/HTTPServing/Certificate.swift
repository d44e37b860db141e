import CGnuTLS

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An X.509 certificate in GnuTLS's hands.
@safe
struct Certificate: ~Copyable {
    private static let serialBytes = 16

    private let handle: OpaquePointer

    /// An empty certificate.
    init() throws(HTTPServingError) {
        try GnuTLS.start()
        var handle: gnutls_x509_crt_t?
        try GnuTLS.check(unsafe gnutls_x509_crt_init(&handle), "make a certificate")
        guard let handle = unsafe handle else {
            throw .certificate(step: "make a certificate", code: GNUTLS_E_MEMORY_ERROR)
        }
        unsafe self.handle = unsafe handle
    }

    /// Reads a PEM certificate.
    static func read(pem: [UInt8]) throws(HTTPServingError) -> Certificate {
        let certificate = try Certificate()
        let code = unsafe GnuTLS.lend(pem) {
            unsafe gnutls_x509_crt_import(certificate.handle, $0, GNUTLS_X509_FMT_PEM)
        }
        try GnuTLS.check(code, "read the certificate")
        return certificate
    }

    deinit { unsafe gnutls_x509_crt_deinit(handle) }

    // MARK: Making

    /// Sets version, serial, name, key and purpose (RFC 5280, section 4).
    func describe(commonName: String, key: borrowing PrivateKey) throws(HTTPServingError) {
        let step = "describe the certificate"
        try GnuTLS.check(unsafe gnutls_x509_crt_set_version(handle, 3), step)
        var serial = [UInt8](repeating: 0, count: Self.serialBytes)
        try GnuTLS.check(unsafe gnutls_rnd(GNUTLS_RND_NONCE, &serial, serial.count), step)
        // Positive and never zero, as RFC 5280 asks.
        serial[0] = serial[0] & 0x7f | 0x40
        try GnuTLS.check(unsafe gnutls_x509_crt_set_serial(handle, serial, serial.count), step)
        let name = Array(commonName.utf8)
        let code = unsafe gnutls_x509_crt_set_dn_by_oid(
            handle, GNUTLS_OID_X520_COMMON_NAME, 0, name, UInt32(name.count))
        try GnuTLS.check(code, "name the certificate \"\(commonName)\"")
        try GnuTLS.check(unsafe key.lend { unsafe gnutls_x509_crt_set_key(handle, $0) }, step)
        try GnuTLS.check(unsafe gnutls_x509_crt_set_basic_constraints(handle, 0, -1), step)
        try GnuTLS.check(unsafe gnutls_x509_crt_set_key_usage(handle, UInt32(GNUTLS_KEY_DIGITAL_SIGNATURE)), step)
        try GnuTLS.check(unsafe gnutls_x509_crt_set_key_purpose_oid(handle, GNUTLS_KP_TLS_WWW_SERVER, 0), step)
        var identifier = try key.identifier()
        let identified = unsafe gnutls_x509_crt_set_subject_key_id(handle, &identifier, identifier.count)
        try GnuTLS.check(identified, step)
    }

    /// Sets from when to when it is valid, in seconds since 1970.
    func setValidity(fromSeconds: Int, toSeconds: Int) throws(HTTPServingError) {
        try GnuTLS.check(unsafe gnutls_x509_crt_set_activation_time(handle, fromSeconds), "date the certificate")
        try GnuTLS.check(unsafe gnutls_x509_crt_set_expiration_time(handle, toSeconds), "date the certificate")
    }

    /// Adds a name, or an address if the text is an IP literal.
    func addAlternativeName(_ name: String) throws(HTTPServingError) {
        var kind = GNUTLS_SAN_IPADDRESS
        var bytes = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, name, &bytes) == 1 {
            bytes.removeLast(12)
        } else if unsafe inet_pton(AF_INET6, name, &bytes) != 1 {
            kind = GNUTLS_SAN_DNSNAME
            bytes = Array(name.utf8)
        }
        let code = unsafe gnutls_x509_crt_set_subject_alt_name(
            handle, kind, bytes, UInt32(bytes.count), UInt32(GNUTLS_FSAN_APPEND))
        try GnuTLS.check(code, "add the name \"\(name)\" to the certificate")
    }

    /// Signs with the key that it describes.
    func sign(with key: borrowing PrivateKey) throws(HTTPServingError) {
        let code = unsafe key.lend { unsafe gnutls_x509_crt_sign2(handle, handle, $0, GNUTLS_DIG_SHA256, 0) }
        try GnuTLS.check(code, "sign the certificate")
    }

    // MARK: Reading

    /// The certificate in PEM.
    func pem() throws(HTTPServingError) -> [UInt8] {
        try unsafe GnuTLS.collect("write the certificate") {
            unsafe gnutls_x509_crt_export2(handle, GNUTLS_X509_FMT_PEM, $0)
        }
    }

    /// The certificate in DER.
    func der() throws(HTTPServingError) -> [UInt8] {
        try unsafe GnuTLS.collect("write the certificate") {
            unsafe gnutls_x509_crt_export2(handle, GNUTLS_X509_FMT_DER, $0)
        }
    }

    /// SHA-256 of the public key.
    func keyIdentifier() throws(HTTPServingError) -> [UInt8] {
        try unsafe GnuTLS.identifier { bytes, size in
            unsafe gnutls_x509_crt_get_key_id(handle, GnuTLS.identifierFlags, bytes, size)
        }
    }

    /// The DER SubjectPublicKeyInfo.
    func publicKeyDER() throws(HTTPServingError) -> [UInt8] {
        var key: gnutls_pubkey_t?
        try GnuTLS.check(unsafe gnutls_pubkey_init(&key), "read the public key")
        defer { unsafe gnutls_pubkey_deinit(key) }
        try GnuTLS.check(unsafe gnutls_pubkey_import_x509(key, handle, 0), "read the public key")
        return try unsafe GnuTLS.collect("write the public key") {
            unsafe gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, $0)
        }
    }
}
