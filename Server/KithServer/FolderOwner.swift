import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The user whose folder a server's is, where root runs a command in it.
///
/// A service has a user of its own. What root wrote there belongs to root, so that the service could not read its own keys when it
/// starts the next time: it is handed to the folder's owner once the command is done. SQLite does the same for its logs.
struct FolderOwner {
    private let path: String
    private let user: uid_t
    private let group: gid_t

    /// The owner of a folder; nil where this user is not root, or the folder is root's own.
    init?(of path: String) {
        var status = stat()
        guard geteuid() == 0, unsafe stat(path, &status) == 0, status.st_uid != 0 else { return nil }
        self.path = path
        user = status.st_uid
        group = status.st_gid
    }

    /// Hands the ordinary files over that are root's.
    ///
    /// Whoever owns the folder may have put a link there, or a second name of a file elsewhere: those stay as they are.
    ///
    /// - Returns: the names of those that the system did not hand over.
    func takeAll() -> [String] {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return [path] }
        defer { close(folder) }
        return FolderListing.names(in: path).filter { !take($0, in: folder) }
    }

    private func take(_ name: String, in folder: Int32) -> Bool {
        var status = stat()
        guard unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_uid == 0 else { return true }
        let file = unsafe openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        // A link, or a file that has gone meanwhile.
        guard file >= 0 else { return true }
        defer { close(file) }
        // What was looked at may be another one by now.
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
            status.st_uid == 0
        else { return true }
        return fchown(file, user, group) == 0
    }
}
