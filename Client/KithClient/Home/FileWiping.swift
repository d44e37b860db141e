#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Takes a file away with what it says.
enum FileWiping {
    private static let pieceBytes = 64 << 10

    /// Overwrites a file with zeros, brings them to the disk and removes it; one that is not there is removed already.
    ///
    /// - Throws: `ClientError.folder` with what the system says.
    static func remove(_ path: String) throws(ClientError) {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return }
            // A link holds no words; what it leads to is not this folder's.
            if errno == ELOOP, unsafe unlink(path) == 0 { return }
            throw ClientError.folder(path: path, reason: systemWords(errno))
        }
        defer { close(file) }
        var left = Int(lseek(file, 0, SEEK_END))
        lseek(file, 0, SEEK_SET)
        let zeros = [UInt8](repeating: 0, count: pieceBytes)
        while left > 0 {
            let put = unsafe zeros.withUnsafeBytes { unsafe write(file, $0.baseAddress, min(left, pieceBytes)) }
            guard put > 0 else { throw ClientError.folder(path: path, reason: systemWords(errno)) }
            left -= put
        }
        fsync(file)
        guard unsafe unlink(path) == 0 else { throw ClientError.folder(path: path, reason: systemWords(errno)) }
    }
}
