import Foundation
import Testing

@Suite("The key that the server shows, after a restore")
struct ServerKeyRestoreTests {
    @Test("G12: a backup from before a change of the key brings the next key along, so that nobody is locked out")
    func lockedOut() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.run("server-key", "prepare").succeeded()
        try priya.run("sync").succeeded()
        let file = office.scratch.path("monday.kith")
        try office.run("backup", file).succeeded()
        try office.close()
        try office.run("server-key", "change", "--yes").succeeded()
        try office.open()
        try priya.run("sync").succeeded()
        try office.close()

        try FileManager.default.removeItem(atPath: office.folder)
        let restored = try office.run(
            "restore", file, "--recovery-key", "-", "--yes", input: .bytes(Data(office.recoveryKey.utf8))
        ).succeeded()
        #expect(restored.errors.contains("kith-server server-key change"), "\(restored)")
        try office.open()
        #expect(try priya.run("sync").code == 5)
        try office.close()
        try office.run("server-key", "change", "--yes").succeeded()
        try office.open()
        try priya.run("sync").succeeded()
        try office.close()
    }
}
