#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The folder on this laptop where everything is kept.
package struct HomeFolder: Sendable {
    /// The longest path in bytes that is used.
    static let largestPathBytes = 1_024

    /// The absolute or relative path, without a slash at its end.
    package let path: String

    /// Names a folder.
    package init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Finds the folder: `KITH_HOME`, else the system's place for data of programs.
    ///
    /// The place is `$XDG_DATA_HOME/kith` or `~/.local/share/kith` (XDG Base Directory Specification), on macOS
    /// `~/Library/Application Support/kith`.
    package init(environment: (String) -> String?) throws(ClientError) {
        func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        if let home = variable("KITH_HOME") {
            self.init(path: home)
            return
        }
        #if !canImport(Darwin)
            if let data = variable("XDG_DATA_HOME"), data.hasPrefix("/") {
                self.init(path: data + "/kith")
                return
            }
        #endif
        guard let user = variable("HOME"), user.hasPrefix("/") else { throw .noHome }
        #if canImport(Darwin)
            self.init(path: user + "/Library/Application Support/kith")
        #else
            self.init(path: user + "/.local/share/kith")
        #endif
    }

    /// The database with all records.
    package var databasePath: String { path + "/kith.sqlite" }
    /// The file whose lock says that a sync runs.
    package var syncLockPath: String { path + "/sync.lock" }

    /// Whether there is a database, joined or not.
    package var hasDatabase: Bool { unsafe access(databasePath, F_OK) == 0 }

    /// Creates the folder and those above it, with mode 0700 where they are missing.
    package func create() throws(ClientError) {
        guard path.utf8.count <= Self.largestPathBytes else {
            throw .folder(path: path, reason: "the path is too long")
        }
        var position = path.startIndex
        while position < path.endIndex {
            let rest = path[path.index(after: position)...]
            position = rest.firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<position])
            if unsafe mkdir(part, 0o700) == 0 || errno == EEXIST || isFolder(part) { continue }
            throw .folder(path: part, reason: systemWords(errno))
        }
        guard isFolder(path) else { throw .folder(path: path, reason: "it is not a folder") }
    }

    /// The permission bits of a file in the folder, or nil where there is none.
    package static func mode(of path: String) -> Int? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Int(status.st_mode & 0o777)
    }

    /// How many bytes are free on the disk of the folder; nil where the system does not say (statvfs(3)).
    package var freeBytes: Int? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// The system's words for an error number (strerror(3)).
func systemWords(_ number: Int32) -> String {
    guard let words = unsafe strerror(number) else { return "system error \(number)" }
    return unsafe String(cString: words)
}
