import Database
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A backup that was unpacked into a folder of its own and looked at; the folder goes when this does.
final class BackupTrial {
    let manifest: BackupManifest
    /// The server as it would be put back.
    let folder: ServerFolder
    private let madeParent: String?

    /// Unpacks a backup beside a server's data, where all that it holds lies as safely as what is there.
    ///
    /// - Throws: what is wrong with the file: a `CommandFailure` of the code `damaged`, or `refused` for another key.
    init(_ path: String, key: RecoveryKey, beside parent: ServerFolder) throws {
        madeParent = TextFile.exists(parent.path) ? nil : parent.path
        try Self.make(parent.path)
        folder = ServerFolder(path: UnsealedCopies.trialPath(in: parent.path))
        // One that a crash left behind.
        Self.remove(folder.path)
        try Self.make(folder.path)
        do {
            manifest = try BackupReading(path: path, key: key).extract(to: folder.path)
        } catch {
            Self.remove(folder.path)
            if let madeParent { unsafe rmdir(madeParent) }
            throw error
        }
    }

    deinit {
        Self.remove(folder.path)
        // Harmless where something was put into it meanwhile: then it stays.
        if let madeParent { unsafe rmdir(madeParent) }
    }

    /// Opens the copy and compares it with what the backup says of itself.
    func check() throws -> HubConnection {
        let connection = try folder.open()
        var faults = try connection.database.integrityCheck()
        if faults.isEmpty { faults = try differences(connection.hub) }
        guard faults.isEmpty else {
            throw CommandFailure(
                exitCode: .damaged,
                message: "The backup can be read, but its records are not sound: \(faults[0]) Nothing was changed. "
                    + "Use another one.")
        }
        return connection
    }

    private func differences(_ hub: Hub) throws -> [String] {
        var faults = try hub.areasWithWrongDigest().map { "The digest of the area \($0) does not fit its records." }
        for area in manifest.areas {
            let head = try hub.head(area: area.number)
            if head.sequence != area.sequence || head.digest != area.digest {
                faults.append("Area \(area.number) is not what the backup says.")
            }
        }
        if try hub.areas().count != manifest.areas.count { faults.append("The areas are not those of the backup.") }
        return faults
    }

    private static func make(_ path: String) throws(CommandFailure) {
        guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw CommandFailure(
            exitCode: .failed,
            message: "The folder \(path) can't be made: \(TextFile.reason(errno)). Nothing was changed."
        )
    }

    /// Removes the folder and the files in it, those too that a crash left half written under another name.
    static func remove(_ path: String) {
        // What can't be removed stays in the closed folder of the server; the next command tells nothing wrong.
        for name in FolderListing.names(in: path) { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }
}
