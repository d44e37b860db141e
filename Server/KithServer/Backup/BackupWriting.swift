import Cryptography
import Database
import OutreachModel
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes one backup: a copy of the database as it is at one moment, then copy and keys, encrypted, into one file.
struct BackupWriting {
    let folder: ServerFolder
    /// Milliseconds since 1970.
    let made: Int64

    /// Writes the backup; the server may go on serving meanwhile.
    ///
    /// - Returns: what the backup says of itself.
    func write(to path: String, from connection: HubConnection) throws -> BackupManifest {
        let publicKey = try folder.recoveryKeyFile.publicKey()
        let copy = "\(folder.path)/backup-copy.sqlite"
        // One that a crash left behind.
        for suffix in ["", "-wal", "-shm"] { unsafe unlink(copy + suffix) }
        // The copy has what the database has, in the same folder, and goes as soon as it is encrypted.
        defer { for suffix in ["", "-wal", "-shm"] { unsafe unlink(copy + suffix) } }
        try connection.database.copy(to: copy)
        var manifest = try Self.manifest(ofCopy: copy, made: made)
        let files = folder.backupFiles(database: copy).filter { TextFile.exists($0.path) }
        manifest.files = try files.map {
            BackupManifest.File(name: $0.name, bytes: try ByteFile(reading: $0.path).size)
        }
        try ByteFile.replace(path) { file in
            try write(manifest, files.map(\.path), to: file, publicKey: publicKey)
        }
        return manifest
    }

    private static func manifest(ofCopy path: String, made: Int64) throws -> BackupManifest {
        let database = try Database(path: path, mode: .readOnly, applicationID: HubConnection.applicationID)
        return try BackupManifest(
            of: SQLiteHubStore(database: database, schema: OutreachSchema.current), made: made)
    }

    private func write(
        _ manifest: BackupManifest, _ paths: [String], to file: ByteFile, publicKey: [UInt8]
    ) throws {
        let key = try SecureRandom.bytes(StreamSealer.keyLength)
        var stream = try StreamSealer(key: key)
        try file.write(BackupForm.magic + publicKey + (try SealingKey.seal(key, to: publicKey)) + stream.header)
        let head = stream.seal(manifest.encoded(), isLast: false)
        try file.write(Self.bigEndian(UInt32(head.count)) + head)
        for (path, size) in zip(paths, manifest.files.map(\.bytes)) {
            let source = try ByteFile(reading: path)
            var left = size
            while left > 0 {
                let piece = try source.read(Int(min(left, UInt64(BackupForm.pieceBytes))))
                guard !piece.isEmpty else { throw BackupForm.damaged(path, "it became shorter meanwhile") }
                left -= UInt64(piece.count)
                try file.write(stream.seal(piece, isLast: false))
            }
        }
        try file.write(stream.seal([], isLast: true))
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }
}
