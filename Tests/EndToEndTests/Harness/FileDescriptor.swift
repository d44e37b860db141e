import Foundation
import Synchronization

/// An open file that is closed with its last holder, and that no child inherits unless it is given it.
final class FileDescriptor: Sendable {
    /// Held from the making of a file until it is marked as not for children, and while a child starts.
    static let uninherited = Mutex(())

    let number: Int32

    init(_ number: Int32, from call: String) throws {
        guard number >= 0 else { throw HarnessFailure.system(call) }
        self.number = number
    }

    convenience init(opening path: String, _ flags: Int32) throws {
        unsafe try self.init(open(path, flags | O_CLOEXEC), from: "open \(path)")
    }

    /// Makes a file by a call that can't mark it itself.
    convenience init(uninheritedFrom call: String, _ make: () -> Int32) throws {
        let number = FileDescriptor.uninherited.withLock { _ in
            let number = make()
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
            return number
        }
        try self.init(number, from: call)
    }

    deinit { close(number) }

    static func pipe() throws -> (reading: FileDescriptor, writing: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        let code = uninherited.withLock { _ in
            let code = unsafe Foundation.pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return code
        }
        guard code == 0 else { throw HarnessFailure.system("pipe") }
        return (try FileDescriptor(ends[0], from: "pipe"), try FileDescriptor(ends[1], from: "pipe"))
    }
}

/// A terminal without a window: what a program takes for a person's.
struct PseudoTerminal {
    let controlling: FileDescriptor
    let inner: FileDescriptor

    #if !canImport(Darwin)
        /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which Swift's module of the C library leaves out.
        private static let setLock: UInt = 0x4004_5431
        private static let getNumber: UInt = 0x8004_5430
    #endif

    init() throws {
        #if canImport(Darwin)
            controlling = try FileDescriptor(uninheritedFrom: "posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY) }
            guard grantpt(controlling.number) == 0, unlockpt(controlling.number) == 0,
                let found = unsafe ptsname(controlling.number)
            else { throw HarnessFailure.system("ptsname") }
            let name = unsafe String(cString: found)
        #else
            controlling = try FileDescriptor(opening: "/dev/ptmx", O_RDWR | O_NOCTTY)
            var number: Int32 = 0
            var lock: Int32 = 0
            guard unsafe ioctl(controlling.number, PseudoTerminal.setLock, &lock) == 0,
                unsafe ioctl(controlling.number, PseudoTerminal.getNumber, &number) == 0
            else { throw HarnessFailure.system("ptmx") }
            let name = "/dev/pts/\(number)"
        #endif
        inner = try FileDescriptor(opening: name, O_RDWR | O_NOCTTY)
    }
}
