import Foundation
import Synchronization

/// Starts a program with exactly the files that it is given, as the leader of its own group.
@safe
struct Spawn: ~Copyable {
    #if canImport(Darwin)
        private var actions: posix_spawn_file_actions_t?
        private var attributes: posix_spawnattr_t?
        private static let flags = Int16(
            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT)
    #else
        private var actions = unsafe posix_spawn_file_actions_t()
        private var attributes = posix_spawnattr_t()
        private static let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    #endif

    init() throws {
        guard unsafe posix_spawn_file_actions_init(&actions) == 0, unsafe posix_spawnattr_init(&attributes) == 0 else {
            throw HarnessFailure("posix_spawn could not be prepared.")
        }
    }

    deinit {
        var (actions, attributes) = unsafe (actions, attributes)
        unsafe posix_spawn_file_actions_destroy(&actions)
        unsafe posix_spawnattr_destroy(&attributes)
    }

    mutating func give(_ file: FileDescriptor, as number: Int32) throws {
        let code = unsafe posix_spawn_file_actions_adddup2(&actions, file.number, number)
        guard code == 0 else { throw HarnessFailure.system("adddup2", code) }
    }

    mutating func start(_ program: String, _ arguments: [String], environment: [String: String]) throws -> pid_t {
        unsafe posix_spawnattr_setflags(&attributes, Self.flags)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        // The threads that run tests hold back signals, and a program begins with what its parent holds back.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        // Nor does one pass over a closed window because whoever runs the tests does.
        unsafe sigaddset(&signals, SIGHUP)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        var pid: pid_t = 0
        let code = unsafe withCStrings([program] + arguments) { words in
            unsafe withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                FileDescriptor.uninherited.withLock { _ in
                    unsafe posix_spawn(&pid, program, &actions, &attributes, words, variables)
                }
            }
        }
        guard code == 0 else { throw HarnessFailure.system("start of \(program)", code) }
        return pid
    }

    /// Lends strings as C has them, with a null pointer at the end.
    private func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
        return unsafe body(&pointers)
    }
}
