import Cryptography
import SyncCore
import Terminal

/// Reads a backup into a folder, piece by piece; whatever was changed, cut or added is noticed.
struct BackupReading {
    let path: String
    let key: RecoveryKey

    /// Decrypts everything; the folder must exist and is the caller's to remove where this throws.
    func extract(to folder: String) throws -> BackupManifest {
        let file = try ByteFile(reading: path)
        var stream = try opener(file)
        let manifest = try manifest(file, &stream)
        for entry in manifest.files {
            guard BackupForm.names.contains(entry.name) else {
                throw BackupForm.damaged(path, "it names a file that no backup has")
            }
            let target = try ByteFile(writing: "\(folder)/\(entry.name)")
            var left = entry.bytes
            while left > 0 {
                let count = Int(min(left, UInt64(BackupForm.pieceBytes)))
                let piece = try open(file, &stream, count)
                left -= UInt64(piece.count)
                try target.write(piece)
            }
            try target.sync()
        }
        _ = try open(file, &stream, 0)
        guard stream.hasEnded, try file.read(1).isEmpty else {
            throw BackupForm.damaged(path, "something follows its end, or the end is missing")
        }
        return manifest
    }

    private func opener(_ file: ByteFile) throws -> StreamOpener {
        guard try file.read(BackupForm.magic.count) == BackupForm.magic else {
            throw BackupForm.damaged(path, "it does not begin as one does")
        }
        let recipient = try file.read(SealingKey.keyLength)
        let sealed = try file.read(BackupForm.sealedKeyBytes)
        guard recipient == key.sealing.publicKey else {
            throw CommandFailure(
                exitCode: .refused,
                message: "This backup was made for another recovery key, or its beginning is damaged. Nothing was "
                    + "changed. Use the key that was in force when it was made.")
        }
        guard let streamKey = key.sealing.open(sealed),
            let stream = StreamOpener(key: streamKey, header: try file.read(StreamSealer.headerLength))
        else { throw BackupForm.damaged(path, "its beginning was changed") }
        return stream
    }

    private func manifest(_ file: ByteFile, _ stream: inout StreamOpener) throws -> BackupManifest {
        let length = try file.read(4)
        let count = length.reduce(0) { $0 << 8 | Int($1) } - StreamSealer.overheadBytes
        guard length.count == 4, (0...BackupForm.largestManifestBytes).contains(count) else {
            throw BackupForm.damaged(path, "its list of contents can't be that long")
        }
        let bytes = try open(file, &stream, count)
        do throws(CBORError) {
            return try BackupManifest(decoding: bytes)
        } catch {
            throw CommandFailure(
                exitCode: .failed, message: "\(path) was made by a newer version. Nothing was changed.")
        }
    }

    /// The next piece, whose length is known.
    private func open(_ file: ByteFile, _ stream: inout StreamOpener, _ count: Int) throws -> [UInt8] {
        let sealed = try file.read(count + StreamSealer.overheadBytes)
        guard sealed.count == count + StreamSealer.overheadBytes, let piece = stream.open(sealed) else {
            throw BackupForm.damaged(path, "it was cut off or changed")
        }
        return piece
    }
}
