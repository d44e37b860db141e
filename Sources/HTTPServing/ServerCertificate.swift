/// The server's private key and certificate, in memory alone; keeping them in files is the caller's.
package struct ServerCertificate: Sendable {
    /// The private key, PKCS #8 in PEM, unencrypted: a secret.
    package let privateKeyPEM: [UInt8]
    /// The certificate, X.509 in PEM.
    package let certificatePEM: [UInt8]
    /// SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes: what clients pin (RFC 7469, section 2.4).
    package let publicKeyPin: [UInt8]
    /// SHA-256 of the DER certificate, 32 bytes: what a browser shows as its fingerprint.
    package let certificateFingerprint: [UInt8]

    /// Reads a key and certificate, and checks that they belong together.
    ///
    /// Throws `certificate` for what is no PEM key or certificate, `keyDoesNotMatch` if they are not of one pair.
    package init(privateKeyPEM: [UInt8], certificatePEM: [UInt8]) throws(HTTPServingError) {
        let key = try PrivateKey.read(pem: privateKeyPEM)
        let certificate = try Certificate.read(pem: certificatePEM)
        guard try key.identifier() == certificate.keyIdentifier() else { throw .keyDoesNotMatch }
        self.privateKeyPEM = privateKeyPEM
        self.certificatePEM = certificatePEM
        publicKeyPin = try SHA256Digest.of(certificate.publicKeyDER())
        certificateFingerprint = try SHA256Digest.of(certificate.der())
    }

    /// Makes a P-256 key and a certificate that it signs itself (X.509 version 3, SHA-256, random serial).
    ///
    /// - Parameters:
    ///   - commonName: what a browser shows as the server's name.
    ///   - alternativeNames: names and IP literals by which the server is reached, besides `localhost`, 127.0.0.1
    ///     and the address ::1.
    ///   - validYears: 1...100, years of 365.25 days.
    ///   - nowSeconds: seconds since 1970; the certificate is valid from a day earlier, for clocks that are slow.
    ///
    /// Throws `invalidSetting` for other years, `certificate` if GnuTLS can't do a step.
    package static func make(
        commonName: String, alternativeNames: [String] = [], validYears: Int, nowSeconds: Int
    ) throws(HTTPServingError) -> ServerCertificate {
        guard (1...100).contains(validYears) else { throw .invalidSetting(name: "validYears", value: validYears) }
        let key = try PrivateKey.generate()
        let certificate = try Certificate()
        try certificate.describe(commonName: commonName, key: key)
        try certificate.setValidity(
            fromSeconds: nowSeconds - secondsPerDay, toSeconds: nowSeconds + validYears * secondsPerYear)
        for name in ["localhost", "127.0.0.1", "::1"] + alternativeNames {
            try certificate.addAlternativeName(name)
        }
        try certificate.sign(with: key)
        return try ServerCertificate(privateKeyPEM: key.pem(), certificatePEM: certificate.pem())
    }

    /// The same with the system's clock.
    package static func make(commonName: String, validYears: Int) throws(HTTPServingError) -> ServerCertificate {
        try make(commonName: commonName, validYears: validYears, nowSeconds: WallClock.nowSeconds())
    }

    private static let secondsPerDay = 86_400
    private static let secondsPerYear = 31_557_600
}
