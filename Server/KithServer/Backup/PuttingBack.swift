import Cryptography
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ServerFolder {
    /// Takes the lock under which backups are made and tried.
    func backupLock() throws -> FolderLock {
        do {
            return try FolderLock(path: backupLockPath, waits: false)
        } catch is FolderLock.Taken {
            throw CommandFailure(
                exitCode: .failed,
                message: "Another backup, verify or restore works in \(path) now. Nothing was changed. Wait for it.")
        }
    }

    /// Takes the lock that a server holds while it answers devices.
    func serveLock() throws -> FolderLock {
        do {
            return try FolderLock(path: serveLockPath, waits: false)
        } catch is FolderLock.Taken {
            throw CommandFailure(
                exitCode: .failed,
                message: "A server answers devices from \(path) now. Nothing was changed. Stop it first."
            )
        }
    }

    /// The public key of the office in this folder; nil where there is none that can be read.
    func officeKey() -> [UInt8]? {
        // A folder without a key is an empty one, or one whose key is lost and comes back with the backup.
        try? OfficeKeyFile(path: path + "/office-key").key(makes: false).publicKey
    }

    /// Puts the files of an unpacked backup in place: the database always, keys and settings where they are missing.
    ///
    /// The present database is given another name first, so that a crash in between loses nothing: then there is none,
    /// and the same command does the rest.
    ///
    /// - Parameter time: for the other name, milliseconds since 1970.
    /// - Returns: where the present database is now; nil where there was none.
    func putBack(_ trial: ServerFolder, at time: Int64) throws -> String? {
        let present = "\(path)/hub.sqlite"
        let former = "\(path)/hub-before-\(time / 1_000).sqlite"
        let aside = TextFile.exists(present) ? former : nil
        if let aside { try Self.move(present, to: aside) }
        // Also where a crash left the log alone behind: it must not lie beside a database that it does not belong to.
        if TextFile.exists(present + "-wal") { try Self.move(present + "-wal", to: former + "-wal") }
        ByteFile.syncFolder(of: present)
        // An index of the log that was moved away; harmless where there is none.
        unsafe unlink(present + "-shm")
        for name in BackupForm.names {
            let (source, target) = ("\(trial.path)/\(name)", "\(path)/\(name)")
            guard TextFile.exists(source), name == "hub.sqlite" || !TextFile.exists(target) else { continue }
            try Self.move(source, to: target)
        }
        ByteFile.syncFolder(of: present)
        return aside
    }

    private static func move(_ source: String, to target: String) throws(CommandFailure) {
        guard unsafe rename(source, target) == 0 else {
            throw CommandFailure(
                exitCode: .failed,
                message: "\(source) could not be moved: \(TextFile.reason(errno)). Nothing was lost; restore again.")
        }
    }
}
