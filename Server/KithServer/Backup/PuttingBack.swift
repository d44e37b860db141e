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
    /// At any moment the folder holds the former database or the new one, whole: the former gets a second name, and the new
    /// one takes its place in one step. Only where the former can't be made one file is it moved away first; a crash after
    /// that leaves none, and the same command does the rest. Settings come last, so that an empty folder is no server before
    /// all of it is there.
    ///
    /// - Parameters:
    ///   - time: for the other name, milliseconds since 1970.
    ///   - isOneFile: whether the present database stands in its file alone, and nothing of it in the log beside it.
    /// - Returns: where the present database is now; nil where there was none.
    func putBack(_ trial: ServerFolder, at time: Int64, isOneFile: Bool) throws -> String? {
        let present = "\(path)/hub.sqlite"
        let former = "\(path)/\(UnsealedCopies.formerStart)\(time / 1_000).sqlite"
        let aside = TextFile.exists(present) ? former : nil
        // Beside a key that is here already the backup's next one may be the one that is in use by now.
        let names = hasServerKey ? BackupForm.names.filter { !BackupForm.nextKeyNames.contains($0) } : BackupForm.names
        for name in names.dropFirst() where name != "server.conf" { try putBack(name, trial) }
        if aside != nil, !isOneFile || !Self.link(present, as: former) { try Self.move(present, to: former) }
        // Also where a crash left the log alone behind: it must not lie beside a database that it does not belong to.
        if TextFile.exists(present + "-wal") {
            if isOneFile {
                unsafe unlink(present + "-wal")
            } else {
                try Self.move(present + "-wal", to: former + "-wal")
            }
        }
        ByteFile.syncFolder(of: present)
        // An index of the log that is gone; harmless where there is none.
        unsafe unlink(present + "-shm")
        try Self.move("\(trial.path)/hub.sqlite", to: present)
        try putBack("server.conf", trial)
        ByteFile.syncFolder(of: present)
        return aside
    }

    private func putBack(_ name: String, _ trial: ServerFolder) throws {
        let (source, target) = ("\(trial.path)/\(name)", "\(path)/\(name)")
        guard TextFile.exists(source), !TextFile.exists(target) else { return }
        try Self.move(source, to: target)
    }

    /// Gives a file a second name; false where this disk can't.
    private static func link(_ source: String, as target: String) -> Bool {
        Self.systemLink(source, target) == 0
    }

    private static func systemLink(_ source: String, _ target: String) -> Int32 {
        #if canImport(Glibc)
            unsafe Glibc.link(source, target)
        #else
            unsafe Darwin.link(source, target)
        #endif
    }

    private static func move(_ source: String, to target: String) throws(CommandFailure) {
        guard unsafe rename(source, target) == 0 else {
            throw CommandFailure(
                exitCode: .failed,
                message: "\(source) could not be moved: \(TextFile.reason(errno)). Nothing was lost; restore again.")
        }
    }
}
