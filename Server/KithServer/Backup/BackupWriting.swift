import Cryptography
import Database
import OutreachModel
import SyncCore
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

    /// Where the bytes of a file in the backup come from.
    private enum Source {
        case file(path: String, bytes: UInt64)
        case memory([UInt8])

        var size: UInt64 {
            switch self {
            case .file(_, let bytes): bytes
            case .memory(let content): UInt64(content.count)
            }
        }
    }

    /// Writes the backup; the server may go on serving meanwhile.
    ///
    /// What is written was checked before: a copy that could not be put back takes no place, least of all that of a good
    /// backup.
    ///
    /// From a disk that can't be written, or has no room, the database goes through memory: no copy can be made in its
    /// folder, and nowhere else should it lie unsealed.
    ///
    /// - Returns: what the backup says of itself.
    func write(to path: String, from connection: HubConnection) throws -> BackupManifest {
        let publicKey = try folder.recoveryKeyFile.publicKey()
        try ByteFile.checkReplacing(
            path, beginningWith: BackupForm.magic + publicKey, what: "a backup of this office")
        if !connection.database.isReadOnly {
            do {
                return try writeThroughFile(to: path, from: connection, publicKey: publicKey)
            } catch let error as DatabaseError where error.kind == .full {
                // The copy is gone again; what is written now lies on the other disk.
            }
        }
        let (manifest, content) = try Self.content(of: connection, made: made)
        return try write(manifest, database: .memory(content), to: path, publicKey: publicKey)
    }

    private func writeThroughFile(
        to path: String, from connection: HubConnection, publicKey: [UInt8]
    ) throws -> BackupManifest {
        let copy = UnsealedCopies.backupCopyPath(in: folder.path)
        // One that a crash left behind.
        for suffix in ["", "-wal", "-shm"] { unsafe unlink(copy + suffix) }
        // The copy has what the database has, in the same folder, and goes as soon as it is encrypted.
        defer { for suffix in ["", "-wal", "-shm"] { unsafe unlink(copy + suffix) } }
        try connection.database.copy(to: copy)
        let manifest = try Self.manifest(ofCopy: copy, made: made)
        return try write(manifest, database: try Self.file(copy), to: path, publicKey: publicKey)
    }

    /// How often the database is read into memory where others write meanwhile.
    private static let memoryAttempts = 5

    /// The database as it is at one moment, and what it says of itself then.
    private static func content(
        of connection: HubConnection, made: Int64
    ) throws -> (manifest: BackupManifest, content: [UInt8]) {
        try check(connection.database, connection.hub)
        for _ in 1...memoryAttempts {
            let manifest = try BackupManifest(of: connection.store, made: made)
            let content = try connection.database.content()
            // The same before and after it was read: nothing came between.
            if try BackupManifest(of: connection.store, made: made) == manifest { return (manifest, content) }
        }
        throw CommandFailure(
            exitCode: .failed,
            message: "Devices send work all the time, and there is no room beside the database for a copy. No backup "
                + "was written. Make room, or stop serve first.")
    }

    private static func file(_ path: String) throws -> Source {
        .file(path: path, bytes: try ByteFile(reading: path).size)
    }

    /// Writes the file with all that belongs into a backup.
    private func write(
        _ manifest: BackupManifest, database: Source, to path: String, publicKey: [UInt8]
    ) throws -> BackupManifest {
        let files = try folder.backupFiles().compactMap { name, path -> (name: String, source: Source)? in
            if path == folder.databasePath { return (name, database) }
            return TextFile.exists(path) ? (name, try Self.file(path)) : nil
        }
        var manifest = manifest
        manifest.files = files.map { BackupManifest.File(name: $0.name, bytes: $0.source.size) }
        try ByteFile.replace(path) { file in
            try write(manifest, files.map(\.source), to: file, publicKey: publicKey)
        }
        return manifest
    }

    private static func manifest(ofCopy path: String, made: Int64) throws -> BackupManifest {
        let database = try Database(path: path, mode: .readOnly, applicationID: HubConnection.applicationID)
        let store = SQLiteHubStore(database: database, schema: OutreachSchema.current)
        let random = RandomNumbers(generator: try SecureRandom())
        let hub = try Hub(
            store: store, schema: OutreachSchema.current, hash: Hash128 { BLAKE2b.hash128($0) },
            clock: { WallClock.milliseconds() }, random: { random.next() })
        try check(database, hub)
        return try BackupManifest(of: store, made: made)
    }

    /// Throws where what would be written could not be put back: `verify` and `restore` look at the same.
    private static func check(_ database: Database, _ hub: Hub) throws {
        var faults = try database.integrityCheck()
        if faults.isEmpty {
            faults = try hub.areasWithWrongDigest().map { "The digest of the area \($0) does not fit its records." }
        }
        guard let fault = faults.first else { return }
        throw CommandFailure(
            exitCode: .damaged,
            message: "The database is damaged, and no backup of it could be put back: \(fault) No backup was written; "
                + "one that is there stays as it was. Keep a copy of the folder.",
            next: "kith-server doctor")
    }

    private func write(
        _ manifest: BackupManifest, _ sources: [Source], to file: ByteFile, publicKey: [UInt8]
    ) throws {
        let key = try SecureRandom.bytes(StreamSealer.keyLength)
        var stream = try StreamSealer(key: key)
        try file.write(BackupForm.magic + publicKey + (try SealingKey.seal(key, to: publicKey)) + stream.header)
        let head = stream.seal(manifest.encoded(), isLast: false)
        try file.write(Self.bigEndian(UInt32(head.count)) + head)
        for source in sources {
            try Self.forEachPiece(of: source) { try file.write(stream.seal($0, isLast: false)) }
        }
        try file.write(stream.seal([], isLast: true))
    }

    private static func forEachPiece(of source: Source, _ body: ([UInt8]) throws -> Void) throws {
        switch source {
        case .memory(let content):
            for start in stride(from: 0, to: content.count, by: BackupForm.pieceBytes) {
                try body(Array(content[start..<min(content.count, start + BackupForm.pieceBytes)]))
            }
        case .file(let path, let size):
            let file = try ByteFile(reading: path)
            var left = size
            while left > 0 {
                let piece = try file.read(Int(min(left, UInt64(BackupForm.pieceBytes))))
                guard !piece.isEmpty else { throw BackupForm.damaged(path, "it became shorter meanwhile") }
                left -= UInt64(piece.count)
                try body(piece)
            }
        }
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }
}
