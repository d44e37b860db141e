import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Copies of the database that lie unsealed in the server's folder: what a killed backup, verify or restore left there, and
/// the databases that backups were put in the place of. No erasure reaches into them.
struct UnsealedCopies {
    /// How the names of former databases begin; seconds since 1970 follow.
    static let formerStart = "hub-before-"
    private static let formerEnd = ".sqlite"
    /// After how long a former database is called old, in milliseconds: 7 days.
    private static let oldMilliseconds: Int64 = 7 * 86_400_000

    let folder: ServerFolder

    /// The copy that becomes a backup.
    static func backupCopyPath(in folder: String) -> String { folder + "/backup-copy.sqlite" }
    /// The folder in which a backup is tried.
    static func trialPath(in folder: String) -> String { folder + "/trial" }

    /// Removes what was left behind by backups and trials that ended in the middle.
    ///
    /// - Returns: whether none is left; false while a backup, verify or restore goes on.
    func removeAbandoned() -> Bool {
        let (copy, trial) = (Self.backupCopyPath(in: folder.path), Self.trialPath(in: folder.path))
        let copies = ["", "-wal", "-shm", "-journal"].map { copy + $0 }
        let isThere = (copies + [trial]).contains(where: TextFile.exists)
        guard isThere else { return true }
        // While another process has the lock the copies are its own, and it removes them.
        guard let lock = try? folder.backupLock() else { return false }
        defer { withExtendedLifetime(lock) {} }
        for path in copies { unsafe unlink(path) }
        BackupTrial.remove(trial)
        return !(copies + [trial]).contains(where: TextFile.exists)
    }

    /// The names of the databases that backups were put in the place of, logs not counted.
    var former: [String] {
        FolderListing.names(in: folder.path).filter { $0.hasPrefix(Self.formerStart) && $0.hasSuffix(Self.formerEnd) }
            .sorted()
    }

    /// What needs attention, for people.
    ///
    /// - Parameter now: milliseconds since 1970.
    func warnings(now: Int64) -> [String] {
        former.compactMap { name in
            let seconds = Int64(name.dropFirst(Self.formerStart.count).dropLast(Self.formerEnd.count))
            guard let made = seconds.map({ $0 * 1_000 }), now - made > Self.oldMilliseconds else { return nil }
            return "\(name), the database before a restore, lies here since \(TimeText.local(made)), unsealed, and no "
                + "erasure reaches it. Remove it, with the -wal beside it, when all is well."
        }
    }
}
