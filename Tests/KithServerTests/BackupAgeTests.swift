import Cryptography
import Foundation
import SyncHub
import Testing

@testable import KithServer

@Suite("The age of the last backup")
struct BackupAgeTests {
    private static let day: Int64 = 86_400_000

    @Test(
        "From the seventh day on the office is warned, and not before",
        arguments: [(Int64(0), false), (6, false), (7, true), (30, true)])
    func age(days: Int64, isTooOld: Bool) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("kith-age-\(UUID().uuidString)").path
        // A folder that was never made is no failure.
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ServerFolder(path: path)
        try folder.create(
            settings: ServerSettings(host: "127.0.0.1", port: 8443, address: nil), areas: ["main"],
            recoveryKey: try RecoveryKey.make())
        let hub = try folder.open().hub
        let now = WallClock.milliseconds()
        #expect(try !BackupAge(hub, folder: folder, now: now).isTooOld, "a new office has time for its first backup")
        #expect(try BackupAge(hub, folder: folder, now: now + 8 * Self.day).isTooOld)
        try hub.noteBackup(at: now)
        let age = try BackupAge(hub, folder: folder, now: now + days * Self.day)
        #expect(age.isTooOld == isTooOld)
        #expect(age.line.contains("make one now") == isTooOld)
    }

    @Test("A recovery key is read as it is typed, and a wrong letter is noticed")
    func recoveryKey() throws {
        let key = try RecoveryKey.make()
        let typed = key.text.uppercased().replacingOccurrences(of: "-", with: " ")
        #expect(try RecoveryKey(text: typed).sealing.publicKey == key.sealing.publicKey)
        let last = key.text.dropLast().last == "b" ? "c" : "b"
        for wrong in [
            String(key.text.dropLast(2)) + last + key.text.suffix(1), String(key.text.dropLast()), "", "kith1-aaaa",
        ] {
            #expect(throws: (any Error).self) { try RecoveryKey(text: wrong) }
        }
    }
}
