#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What this module asks of the file system beside SQLite.
enum FileSystem {
    /// The size of a file in bytes, or nil if there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Int(status.st_size)
    }

    /// The absolute path without symbolic links, so that every process finds the same lock file.
    ///
    /// The file itself need not exist, its folder must.
    static func canonical(_ path: String) throws(DatabaseError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw DatabaseError(.cannotOpen, "the path is empty or holds a NUL", path: path)
        }
        if let resolved = resolve(path) { return resolved }
        let split = path.lastIndex(of: "/")
        let folder = split.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = split.map { path[path.index(after: $0)...] } ?? path[...]
        guard !name.isEmpty, var resolved = resolve(folder) else {
            throw DatabaseError(.cannotOpen, SystemError.message(SystemError.current), path: path)
        }
        if !resolved.hasSuffix("/") { resolved += "/" }
        return resolved + name
    }

    /// Creates an empty file that only its owner can read; a file that is there already stays as it is.
    static func createPrivately(_ path: String) throws(DatabaseError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        let number = errno
        guard number == EEXIST else {
            throw DatabaseError(
                DatabaseError.Kind(systemError: number) ?? .cannotOpen, SystemError.message(number), path: path)
        }
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}
