import Foundation
import Testing

#if os(Linux)
    @Suite("A disk that can't be written")
    struct ReadOnlyDiskTests {
        /// Whether a folder can be made read-only here: root may mount it so, for others modes do.
        static let canFreeze: Bool = {
            guard geteuid() == 0 else { return true }
            guard let scratch = try? Scratch(), let frozen = try? FrozenFolder(scratch.path("")) else { return false }
            frozen.thaw()
            return true
        }()

        @Test(
            "G11: on a read-only disk a laptop shows, lists, finds and exports everything that was saved, and saves nothing",
            .enabled(if: canFreeze, "no folder can be made read-only here"))
        func laptop() throws {
            let office = try Office()
            try office.open()
            let priya = try office.laptop("Priya")
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            let id = try priya.visit("Castle House", summary: "Tea and crumpets")
            try priya.run("sync").succeeded()
            try priya.run("search", "crumpets").succeeded()
            let late = try priya.visit("Castle House", summary: "A late crumpet")
            try office.close()
            let frozen = try FrozenFolder(priya.home)
            defer { frozen.thaw() }
            for words in [
                ["visit", "list"], ["visit", "show", id], ["visit", "show", late], ["today"], ["status"], ["due"],
                ["week"], ["conflicts", "list"], ["held", "list"], ["export", "visits"], ["report", "activity"],
                ["doctor"],
            ] {
                let run = try priya.start(words).finish()
                #expect(run.code == 0, "\(words): \(run.errors)")
            }
            #expect(try priya.json("visit", "list").array?.count == 2)
            #expect(try priya.json("search", "crumpet*").array?.count == 2, "also what the index has not seen")
            #expect(try priya.run("export", "visits").succeeded().output.contains("Tea and crumpets"))
            let refused = try priya.run("visit", "add", "Castle House", "today")
            #expect(refused.code == 1 && refused.errors.contains("cannot be written"), "\(refused.errors)")
            #expect(refused.errors.contains("can still be read"), "\(refused.errors)")
            #expect(try priya.run("sync").code == 1)
        }

        @Test(
            "G11: a read-only copy without the index of its log is read; what lies in the log alone is named",
            .enabled(if: canFreeze && SQLiteShell.isInstalled, "no folder can be made read-only here"))
        func copy() throws {
            let office = try Office()
            try office.open()
            let priya = try office.laptop("Priya")
            // The first command after joining folds the log that joining filled; what the second one saves stays in it.
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            _ = try priya.visit("Castle House")
            try office.close()
            let files = FileManager.default
            let log = try Data(contentsOf: URL(fileURLWithPath: priya.database + "-wal"))
            try #require(!log.isEmpty)
            try SQLiteShell.run(priya.database, "PRAGMA wal_checkpoint(TRUNCATE)")
            for end in ["-wal", "-shm"] where files.fileExists(atPath: priya.database + end) {
                try files.removeItem(atPath: priya.database + end)
            }
            do {
                let frozen = try FrozenFolder(priya.home)
                defer { frozen.thaw() }
                #expect(try priya.json("place", "list").array?.count == 1)
            }
            try log.write(to: URL(fileURLWithPath: priya.database + "-wal"))
            let frozen = try FrozenFolder(priya.home)
            defer { frozen.thaw() }
            let run = try priya.run("place", "list")
            #expect(run.code == 1 && run.errors.contains("copy both to a disk that can be written"), "\(run.errors)")
        }

        @Test(
            "G11: on a read-only disk the office reads, exports and backs up everything to another one, and changes nothing",
            .enabled(if: canFreeze, "no folder can be made read-only here"))
        func server() throws {
            let office = try Office()
            try office.open()
            let priya = try office.laptop("Priya")
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            _ = try priya.visit("Castle House", summary: "Tea and crumpets")
            try priya.run("sync").succeeded()
            try office.close()
            let other = try Scratch()
            do {
                let frozen = try FrozenFolder(office.folder)
                defer { frozen.thaw() }
                for words in [
                    ["stats"], ["conflicts", "list"], ["quarantine", "list"], ["devices", "list"], ["areas", "list"],
                    ["audit", "list"], ["audit", "verify"], ["rounds"], ["doctor"], ["export", "visits"],
                    ["export", "--sqlite", other.path("records.sqlite")], ["backup", other.path("office.kith")],
                ] {
                    let run = try Child(Programs.server, words + ["--data", office.folder]).finish()
                    #expect(run.code == 0, "\(words): \(run.errors)")
                }
                #expect(try office.run("export", "visits").succeeded().output.contains("Tea and crumpets"))
                let refused = try office.run("areas", "add", "dover")
                #expect(refused.code == 1 && refused.errors.contains("can still be read"), "\(refused.errors)")
            }
            let key = Child.Input.bytes(Data(office.recoveryKey.utf8))
            try office.run("verify", other.path("office.kith"), "--recovery-key", "-", input: key).succeeded()
        }
    }

    /// A folder that nobody can write until it is thawed: mounted over itself read-only where this process may mount,
    /// else by its modes.
    private final class FrozenFolder {
        private let path: String
        private let isMounted: Bool

        init(_ path: String) throws {
            self.path = path
            isMounted = geteuid() == 0
            guard isMounted else {
                try change(folder: 0o500, files: 0o400)
                return
            }
            try Child("/usr/bin/mount", ["--bind", path, path]).finish().succeeded()
            do {
                try Child("/usr/bin/mount", ["-o", "remount,bind,ro", path]).finish().succeeded()
            } catch {
                thaw()
                throw error
            }
        }

        func thaw() {
            // What stays as it is keeps the scratch folder from going; the test itself is over.
            if isMounted {
                _ = try? Child("/usr/bin/umount", [path]).finish()
            } else {
                try? change(folder: 0o700, files: 0o600)
            }
        }

        private func change(folder: Int, files: Int) throws {
            let manager = FileManager.default
            if folder & 0o200 != 0 { try manager.setAttributes([.posixPermissions: folder], ofItemAtPath: path) }
            for name in try manager.contentsOfDirectory(atPath: path) {
                try manager.setAttributes([.posixPermissions: files], ofItemAtPath: "\(path)/\(name)")
            }
            try manager.setAttributes([.posixPermissions: folder], ofItemAtPath: path)
        }
    }
#endif
