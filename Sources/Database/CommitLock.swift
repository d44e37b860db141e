#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The lock that every write transaction and every checkpoint holds, on a file beside the database.
///
/// SQLite before 3.51.3 can damage a WAL when two connections write or checkpoint at the same moment
/// (https://sqlite.org/wal.html, "WAL-reset bug"). The lock belongs to the open file, not to the process, so that two
/// connections of one process exclude each other too; the system drops it when the process ends, however it ends.
/// On Linux who waits holds the gate, so that a connection that commits again and again lets others in between.
final class CommitLock {
    private static let firstPauseMicroseconds: UInt32 = 100
    private static let longestPauseMicroseconds: UInt32 = 5_000

    /// One byte of the lock file each.
    private enum Part: Int {
        case gate = 0
        case commit = 1
    }

    private let descriptor: Int32
    private let databasePath: String
    private let timeoutMilliseconds: Int

    /// Opens the lock file of a database, creating it with mode 0600.
    init(databasePath: String, timeoutMilliseconds: Int) throws(DatabaseError) {
        let path = databasePath + "-lock"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            let number = errno
            let isForbidden = number == EACCES || number == EPERM
            throw DatabaseError(
                isForbidden ? .readOnly : DatabaseError.Kind(systemError: number) ?? .cannotOpen,
                SystemError.message(number), path: path)
        }
        descriptor = opened
        self.databasePath = databasePath
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    deinit { close(descriptor) }

    /// Waits for the lock, at most as long as the timeout.
    func acquire() throws(DatabaseError) {
        let deadline = Self.nowMilliseconds() + Int64(timeoutMilliseconds)
        #if canImport(Darwin)
            try wait(for: .commit, until: deadline)
        #else
            try wait(for: .gate, until: deadline)
            // Unlocking a byte of an open file has nothing that could fail.
            defer { _ = set(.gate, F_UNLCK) }
            try wait(for: .commit, until: deadline)
        #endif
    }

    /// Lets the next one write.
    func release() {
        // As above: nothing can fail here, and closing the file would unlock as well.
        _ = set(.commit, F_UNLCK)
    }

    private func wait(for part: Part, until deadline: Int64) throws(DatabaseError) {
        var pause = Self.firstPauseMicroseconds
        while !set(part, F_WRLCK) {
            let number = errno
            guard number == EAGAIN || number == EACCES || number == EINTR else {
                throw DatabaseError(
                    .inputOutput, "cannot lock: \(SystemError.message(number))", path: databasePath + "-lock")
            }
            guard Self.nowMilliseconds() < deadline else {
                throw DatabaseError(
                    .busy, "it has been writing for more than \(timeoutMilliseconds) ms", path: databasePath)
            }
            usleep(pause)
            pause = min(pause * 2, Self.longestPauseMicroseconds)
        }
    }

    #if canImport(Darwin)
        private func set(_ part: Part, _ type: Int32) -> Bool {
            flock(descriptor, type == F_UNLCK ? LOCK_UN : LOCK_EX | LOCK_NB) == 0
        }
    #else
        /// `F_OFD_SETLK` of fcntl(2), part of the kernel's fixed interface; Glibc shows it under `_GNU_SOURCE` alone.
        private static let setOpenFileLock: Int32 = 37

        private func set(_ part: Part, _ type: Int32) -> Bool {
            var range = flock()
            range.l_type = Int16(type)
            range.l_whence = Int16(SEEK_SET)
            range.l_start = off_t(part.rawValue)
            range.l_len = 1
            return unsafe fcntl(descriptor, Self.setOpenFileLock, &range) == 0
        }
    #endif

    private static func nowMilliseconds() -> Int64 {
        var now = timespec()
        // The monotonic clock exists on every system that this runs on.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
