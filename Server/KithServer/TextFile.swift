import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Small files that only their owner may read.
enum TextFile {
    /// The most bytes that are read from one.
    static let largestBytes = 1 << 20

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether this user may not even look whether there is such a file.
    static func isHidden(_ path: String) -> Bool { unsafe access(path, F_OK) != 0 && errno == EACCES }

    /// The permission bits, or nil where there is no such file.
    static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode : nil
    }

    /// When a file was last written, in milliseconds since 1970; nil where there is none.
    static func changed(_ path: String) -> Int64? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        #if canImport(Glibc)
            return Int64(status.st_mtim.tv_sec) * 1_000
        #else
            return Int64(status.st_mtimespec.tv_sec) * 1_000
        #endif
    }

    /// The size of a file in bytes; nil where there is none (stat(2)).
    static func size(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    static func isFolder(_ path: String) -> Bool { mode(path).map { $0 & S_IFMT == S_IFDIR } ?? false }

    /// The path without links and dots (realpath(3)); nil where there is no such file.
    static func realPath(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(validatingCString: found)
    }

    /// What the system says of an error number.
    static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    /// Reads a whole file.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("read", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= largestBytes {
            let count = Self.read(file, into: &buffer)
            if count < 0 { throw failure("read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw CommandFailure(exitCode: .failed, message: "\(path) is larger than it can be. Nothing was changed.")
    }

    /// Writes a new file with mode 0600 under a temporary name, brings it to the disk, then gives it its name,
    /// which is on the disk too.
    static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        let temporary = path + ".new"
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("written", path) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe systemWrite(file, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { throw failure("written", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0, unsafe rename(temporary, path) == 0 else { throw failure("written", path) }
        ByteFile.syncFolder(of: path)
    }

    private static func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe writeBytes(file, bytes, count)
    }

    private static func read(_ file: Int32, into buffer: inout [UInt8]) -> Int {
        unsafe buffer.withUnsafeMutableBytes { unsafe readBytes(file, $0.baseAddress, $0.count) }
    }

    private static func failure(_ verb: String, _ path: String) -> CommandFailure {
        CommandFailure(exitCode: .failed, message: "\(path) could not be \(verb): \(reason(errno)).")
    }
}

#if canImport(Glibc)
    private func writeBytes(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Glibc.write(file, bytes, count)
    }
    private func readBytes(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        unsafe Glibc.read(file, bytes, count)
    }
#else
    private func writeBytes(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Darwin.write(file, bytes, count)
    }
    private func readBytes(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        unsafe Darwin.read(file, bytes, count)
    }
#endif
