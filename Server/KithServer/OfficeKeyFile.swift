import Cryptography
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file with the office's signing key: the seed in hexadecimal, readable by its owner alone.
///
/// It lies beside the database, not in it, and goes with the folder wherever that is copied: devices know the office
/// by this key.
struct OfficeKeyFile {
    let path: String

    /// Reads the key.
    ///
    /// - Parameter makes: whether a folder that has none gets one, as those of earlier versions do; not where a ledger
    ///   bears the signature of a key that is missing.
    func key(makes: Bool) throws -> OfficeKey {
        if !TextFile.exists(path) {
            guard makes else {
                throw CommandFailure(
                    exitCode: .failed,
                    message: "\(path) is missing: without it the devices would not trust this server. "
                        + "Nothing was changed. Put back this file as it was with this folder.")
            }
            try make()
        }
        let text = String(decoding: try TextFile.read(path), as: UTF8.self)
        do throws(CryptographyError) {
            return try OfficeKey(seed: try Hex.decode(text.filter { !$0.isWhitespace }))
        } catch {
            throw CommandFailure(
                exitCode: .failed,
                message: "\(path) holds no key. Nothing was changed. Put back this file as it was with this folder.")
        }
    }

    /// Makes a key under a name of this process's own, then gives it its name, unless another process was first.
    private func make() throws {
        let own = "\(path).\(getpid())"
        try TextFile.write(Array((Hex.encode(try SecureRandom.bytes(OfficeKey.seedLength)) + "\n").utf8), to: own)
        let code = unsafe link(own, path) == 0 ? 0 : errno
        // Harmless where it fails: the name of this process's own is never read.
        unsafe unlink(own)
        guard code == 0 || code == EEXIST else {
            throw CommandFailure(
                exitCode: .failed, message: "\(path) could not be written: \(TextFile.reason(code)).")
        }
    }
}
