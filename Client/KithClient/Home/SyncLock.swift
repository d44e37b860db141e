#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Says to other processes that a sync of this laptop runs; given back when it ends, also by a crash (flock(2)).
final class SyncLock {
    let descriptor: Int32

    /// Takes the lock, or throws `.syncIsRunning` at once where another process has it.
    init(path: String) throws(ClientError) {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .folder(path: path, reason: systemWords(errno)) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(opened)
            if number == EWOULDBLOCK { throw .syncIsRunning }
            throw .folder(path: path, reason: systemWords(number))
        }
        descriptor = opened
    }

    deinit {
        // Closing alone would not do: where a program is being started at this moment, an editor for example, it holds a
        // copy of the open file until it has begun. Unlocking has nothing that could fail.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
