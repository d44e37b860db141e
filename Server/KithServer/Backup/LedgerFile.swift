import Cryptography
import SyncCore
import SyncHub
import Terminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The office's ledger in a file of its own beside the database: what a restore from an older backup replays, so that
/// nobody who was shut out since comes in again, and nothing that was erased since comes back.
///
/// Each entry stands behind its length in four bytes. It is written after the commit; an entry that a crash kept from
/// it is written with the next one, or when the server starts.
struct LedgerFile: Sendable {
    /// The most bytes that are read; a line has about 200.
    private static let largestBytes = 256 << 20

    let path: String

    /// All entries of the file up to the first that can't be read; none where there is no file.
    func entries() -> [LedgerEntry] {
        // A ledger that can't be read here is told by what is missing from it: the database has it too.
        guard let file = try? ByteFile(reading: path), file.size <= Self.largestBytes,
            let bytes = try? file.read(Int(file.size))
        else { return [] }
        var entries: [LedgerEntry] = []
        var rest = bytes[...]
        while rest.count >= 4 {
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            // An entry that was cut off by a crash ends the file.
            guard rest.count >= 4 + count,
                let entry = try? LedgerEntry(decoding: Array(rest.dropFirst(4).prefix(count)))
            else { break }
            entries.append(entry)
            rest = rest.dropFirst(4 + count)
        }
        return entries
    }

    /// Brings the file to where the database is; a failure leaves it as it was, which `doctor` tells.
    func catchUp(with store: SQLiteHubStore) {
        // The commit is done and must not seem to have failed.
        try? write(store)
    }

    /// Whether the file holds all that the database does.
    func isComplete(_ store: SQLiteHubStore) throws -> Bool { try store.lastLedgerEntry() == entries().last }

    /// The file's entries where the database does not go on from them: it may have been put back from an older copy. Nil
    /// otherwise.
    func unlike(_ store: SQLiteHubStore) throws -> [LedgerEntry]? {
        // The file first: what another process adds meanwhile is then in both.
        let entries = entries()
        guard let end = entries.last, try store.ledgerEntries(after: end.number - 1, limit: 1).first != end else {
            return nil
        }
        return entries
    }

    private func write(_ store: SQLiteHubStore) throws {
        let lock = try FolderLock(path: path + ".lock", waits: true)
        defer { withExtendedLifetime(lock) {} }
        let last = try store.lastLedgerEntry()
        let kept = entries()
        if kept.last == last { return }
        if let end = kept.last, try store.ledgerEntries(after: end.number - 1, limit: 1).first != end {
            // Another office's, or of another history than this: what it says was done when the database was opened, and
            // the file stays for who wants to look.
            unsafe rename(path, path + ".before")
        }
        // A file of another history, or a cut one, is written anew: few lines, seldom.
        try ByteFile.replace(path) { file in
            var number: UInt64 = 0
            while true {
                let entries = try store.ledgerEntries(after: number, limit: LedgerNews.largestCount)
                guard let end = entries.last else { return }
                for entry in entries {
                    let bytes = entry.encoded()
                    try file.write(BackupWriting.bigEndian(UInt32(clamping: bytes.count)) + bytes)
                }
                number = end.number
            }
        }
    }
}

/// Says to other processes that something goes on in a server's folder; given back when it ends, also by a crash
/// (flock(2)).
final class FolderLock {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Parameter waits: whether to wait for another process, which must hold it briefly alone.
    /// - Throws: `FolderLock.Taken` where another process has it and this does not wait; a failure that says why where
    ///   the file can't be used.
    init(path: String, waits: Bool) throws {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw Self.failure(path, errno) }
        var result: Int32
        repeat {
            result = flock(opened, waits ? LOCK_EX : LOCK_EX | LOCK_NB)
        } while result != 0 && errno == EINTR
        guard result == 0 else {
            let code = errno
            close(opened)
            if code == EWOULDBLOCK { throw Taken() }
            throw Self.failure(path, code)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(
            exitCode: .failed, message: "\(path) can't be used: \(TextFile.reason(code)). Nothing was changed.")
    }

    /// Another process has the lock.
    struct Taken: Error {}
}
