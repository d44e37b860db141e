import Foundation
import Terminal
import Testing

@testable import KithServer

@Suite("Locks in a server's folder")
struct FolderLockTests {
    private let folder: ServerFolder

    init() throws {
        folder = ServerFolder(path: FileManager.default.temporaryDirectory.path + "/kith-lock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    }

    @Test("Whoever holds a lock is told to stop")
    func taken() throws {
        let lock = try folder.serveLock()
        let failure = #expect(throws: CommandFailure.self) { try folder.serveLock() }
        #expect(failure?.message.hasPrefix("A server answers devices from \(folder.path) now.") == true)
        withExtendedLifetime(lock) {}
        #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder.path) }
    }

    @Test("A lock file that can't be opened is no other process: the system's reason is told")
    func unusable() throws {
        for path in [folder.serveLockPath, folder.backupLockPath] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let failure = #expect(throws: CommandFailure.self) {
                _ = try path == folder.serveLockPath ? folder.serveLock() : folder.backupLock()
            }
            #expect(failure?.message == "\(path) can't be used: Is a directory. Nothing was changed.")
        }
        #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder.path) }
    }
}
