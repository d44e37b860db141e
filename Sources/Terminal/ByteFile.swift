#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An open file that is read or written from beginning to end.
package final class ByteFile {
    /// As it was given.
    package let path: String
    private let descriptor: Int32

    /// Opens an ordinary file for reading; a folder, a pipe or a device is refused without waiting for it.
    package init(reading path: String) throws(CommandFailure) {
        self.path = path
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw Self.failure("read", path, errno) }
        descriptor = opened
        guard let status = Self.status(opened), status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure(
                exitCode: .usage, message: "\(path) is not an ordinary file. Nothing was changed.")
        }
    }

    /// Makes a new file with mode 0600; one that is there is overwritten where it is an ordinary file.
    package init(writing path: String) throws(CommandFailure) {
        self.path = path
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard opened >= 0 else { throw Self.failure("written", path, errno) }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// The bytes of the file.
    package var size: UInt64 { Self.status(descriptor).map { UInt64(clamping: $0.st_size) } ?? 0 }

    /// Reads up to `count` bytes; fewer only at the end.
    package func read(_ count: Int) throws(CommandFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        while length < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe systemRead(descriptor, buffer.baseAddress?.advanced(by: length), count - length)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure("read", path, errno) }
            if got == 0 { break }
            length += got
        }
        return length == count ? bytes : Array(bytes.prefix(length))
    }

    /// Writes all bytes.
    package func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var length = 0
        while length < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe systemWrite(descriptor, buffer.baseAddress?.advanced(by: length), bytes.count - length)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw Self.failure("written", path, errno) }
            length += put
        }
    }

    /// Brings everything to the disk.
    package func sync() throws(CommandFailure) {
        guard fsync(descriptor) == 0 else { throw Self.failure("written", path, errno) }
    }

    /// Writes a file under a temporary name beside its own, brings it to the disk and gives it its name; what a failure
    /// leaves is removed, and what earlier processes left that were cut in the middle.
    package static func replace(_ path: String, _ body: (ByteFile) throws -> Void) throws {
        removeAbandoned(besides: path)
        let temporary = "\(path).\(getpid())\(temporaryEnd)"
        do {
            let file = try ByteFile(writing: temporary)
            try body(file)
            try file.sync()
            guard unsafe rename(temporary, path) == 0 else { throw failure("written", path, errno) }
        } catch {
            // What is left of it is of no use; where it can't be removed the error below says enough.
            unsafe unlink(temporary)
            throw error
        }
        syncFolder(of: path)
    }

    private static let temporaryEnd = ".new"

    /// Removes the parts of a file whose writers are gone: a power cut leaves them, and nobody looks for them.
    private static func removeAbandoned(besides path: String) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "./"
        let start = (slash.map { String(path[path.index(after: $0)...]) } ?? path) + "."
        for name in FolderListing.names(in: folder) where name.hasPrefix(start) && name.hasSuffix(temporaryEnd) {
            let digits = name.dropFirst(start.count).dropLast(temporaryEnd.count)
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let process = pid_t(digits), process > 1
            else { continue }
            // Of another user's process it is not said that there is none (kill(2)).
            guard kill(process, 0) != 0, errno == ESRCH else { continue }
            unsafe unlink(folder + name)
        }
    }

    /// Throws where something would be lost by writing under a name: something is there that is no ordinary file, or one
    /// that holds something and does not begin as what is to be written.
    ///
    /// - Parameter what: what a file that may be replaced is, such as "a sealed file".
    package static func checkReplacing(
        _ path: String, beginningWith start: [UInt8], what: String
    ) throws(CommandFailure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFREG {
            if status.st_size == 0 { return }
            if try ByteFile(reading: path).read(start.count) == start { return }
        }
        throw CommandFailure(
            exitCode: .failed,
            message: "There is something named \(path) already that is not \(what). Nothing was written. Name another "
                + "file, or move that one away.")
    }

    /// Brings the names in a file's folder to the disk.
    package static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let opened = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return }
        // Some file systems can't sync a folder; then the name is as safe as they make it.
        fsync(opened)
        close(opened)
    }

    private static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    private static func status(_ descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    private static func failure(_ verb: String, _ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(
            exitCode: .failed, message: "\(path) could not be \(verb): \(reason(code)). Nothing was changed.")
    }
}

#if canImport(Glibc)
    private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        unsafe Glibc.read(file, bytes, count)
    }
    private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Glibc.write(file, bytes, count)
    }
#else
    private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        unsafe Darwin.read(file, bytes, count)
    }
    private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        unsafe Darwin.write(file, bytes, count)
    }
#endif
