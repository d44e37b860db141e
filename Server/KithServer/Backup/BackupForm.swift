import Cryptography
import Terminal

/// The form of a backup file, which both its writer and its reader keep to:
/// magic, recovery public key, sealed stream key, stream header, then pieces of the encrypted stream.
///
/// The first piece is the manifest; the others are the contents of its files, one behind the other. The last one ends
/// the stream, so that a file that was cut is noticed.
enum BackupForm {
    static let magic = Array("kith backup 1\n".utf8)
    /// The most bytes of a piece before it is encrypted; memory is bounded by it.
    static let pieceBytes = 256 << 10
    /// The most bytes of a manifest.
    static let largestManifestBytes = 8 << 20
    static let sealedKeyBytes = StreamSealer.keyLength + SealingKey.overheadBytes

    /// The files that a backup may hold; no other name is ever written.
    static let names =
        [
            "hub.sqlite", "office-key", "tls-key.pem", "tls-certificate.pem", "server.conf", "recovery-key.pub",
        ] + nextKeyNames
    /// The key for the line that was made and is not in use; only where there is one.
    static let nextKeyNames = ["tls-next-key.pem", "tls-next-certificate.pem"]

    static func damaged(_ path: String, _ why: String) -> CommandFailure {
        CommandFailure(
            exitCode: .damaged, message: "\(path) is no whole backup: \(why). Nothing was changed. Use another one.")
    }
}
