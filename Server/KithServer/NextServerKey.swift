import HTTPServing
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The key that the server shows on the line, and the one that will take its place.
///
/// The next key lies beside the present one until it is taken into use: by renaming its two files over the present ones, the
/// private key first. From then on the new key counts; where a crash keeps the certificate from following, it is found under
/// its former name.
extension ServerFolder {
    private var keyPath: String { path + "/tls-key.pem" }
    private var certificatePath: String { path + "/tls-certificate.pem" }
    private var nextKeyPath: String { path + "/tls-next-key.pem" }
    private var nextCertificatePath: String { path + "/tls-next-certificate.pem" }
    /// The files of the keys for the line, secret ones and others.
    var serverKeyPaths: [String] { [keyPath, certificatePath, nextKeyPath, nextCertificatePath] }

    /// Whether a key is here that is in use.
    var hasServerKey: Bool { TextFile.exists(keyPath) }

    /// How many years a certificate is good; nobody looks at it but a browser.
    private static let validYears = 20

    /// Makes the first key of a new server.
    func makeServerKey() throws {
        let certificate = try ServerCertificate.make(commonName: "kith-server", validYears: Self.validYears)
        try TextFile.write(certificate.privateKeyPEM, to: keyPath)
        try TextFile.write(certificate.certificatePEM, to: certificatePath)
    }

    /// The key that is in use, with its certificate.
    func certificate() throws -> ServerCertificate {
        let (key, certificate) = (try TextFile.read(keyPath), try TextFile.read(certificatePath))
        do throws(HTTPServingError) {
            return try ServerCertificate(privateKeyPEM: key, certificatePEM: certificate)
        } catch .keyDoesNotMatch where TextFile.exists(nextCertificatePath) {
            // A change was cut off between its two steps.
            return try ServerCertificate(privateKeyPEM: key, certificatePEM: try TextFile.read(nextCertificatePath))
        }
    }

    /// The key that will be in use; nil where none was made.
    func nextCertificate() throws -> ServerCertificate? {
        guard TextFile.exists(nextKeyPath), TextFile.exists(nextCertificatePath) else { return nil }
        return try ServerCertificate(
            privateKeyPEM: try TextFile.read(nextKeyPath), certificatePEM: try TextFile.read(nextCertificatePath))
    }

    /// Makes a next key, in place of one that is there and not in use.
    func makeNextServerKey() throws -> ServerCertificate {
        let next = try ServerCertificate.make(commonName: "kith-server", validYears: Self.validYears)
        // A crash between the two leaves a pair that does not fit together: no next key.
        try Self.remove(nextKeyPath)
        try TextFile.write(next.certificatePEM, to: nextCertificatePath)
        try TextFile.write(next.privateKeyPEM, to: nextKeyPath)
        return next
    }

    /// Takes the next key into use.
    ///
    /// - Throws: a failure that says which key counts; nothing is lost by it.
    func takeNextServerKey() throws {
        try Self.move(nextKeyPath, to: keyPath)
        try finishKeyChange()
    }

    /// Does the second step of a change that was cut off after the first; nothing where there is none to be done.
    func finishKeyChange() throws {
        guard !TextFile.exists(nextKeyPath), TextFile.exists(nextCertificatePath) else { return }
        let (key, next) = (try TextFile.read(keyPath), try TextFile.read(nextCertificatePath))
        do throws(HTTPServingError) {
            _ = try ServerCertificate(privateKeyPEM: key, certificatePEM: next)
        } catch .keyDoesNotMatch {
            // It was left behind when a next key was to be made.
            return
        }
        try Self.move(nextCertificatePath, to: certificatePath)
    }

    private static func move(_ source: String, to target: String) throws(CommandFailure) {
        guard unsafe rename(source, target) == 0 else {
            throw CommandFailure(
                exitCode: .failed,
                message: "\(source) could not be moved: \(TextFile.reason(errno)). Nothing was lost; do it again.")
        }
        ByteFile.syncFolder(of: target)
    }

    private static func remove(_ path: String) throws(CommandFailure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw CommandFailure(
                exitCode: .failed,
                message: "\(path) could not be removed: \(TextFile.reason(errno)). Nothing was changed.")
        }
        ByteFile.syncFolder(of: path)
    }
}
