import Foundation
import Testing

#if os(Linux)
    @Suite("A full disk")
    struct FullDiskTests {
        /// Whether this process may mount a small disk in memory.
        static let mayMount: Bool = {
            guard geteuid() == 0, let disk = try? SmallDisk() else { return false }
            disk.unmount()
            return true
        }()

        @Test(
            "G11: what does not fit is refused in plain words, and everything saved before is still listed",
            .enabled(if: mayMount, "a small disk can't be mounted here"))
        func fullDisk() throws {
            let office = try Office()
            try office.open()
            let disk = try SmallDisk()
            defer { disk.unmount() }
            let priya = try Laptop("Priya", home: disk.path + "/home")
            try priya.run("join", try office.invite("Priya"), "--device", "Priya's laptop").succeeded()
            try office.close()
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            var saved: [String] = []
            let text = String(repeating: "A long visit with much to say. ", count: 2_000)
            for _ in 0..<500 {
                let added = try priya.run(
                    "visit", "add", "Castle House", "2026-11-22 14:30", "--summary", text, "--json")
                if added.code == 0 {
                    saved.append(try added.json()["id"].text())
                    continue
                }
                #expect(added.code == 1, "\(added.code) \(added.errors)")
                #expect(added.errors.contains("full") || added.errors.contains("space"), "\(added.errors)")
                #expect(added.errors.lowercased().contains("nothing was"), "\(added.errors)")
                break
            }
            #expect(!saved.isEmpty && saved.count < 500)
            let listed = try priya.json("visit", "list").array?.compactMap { $0["id"].string } ?? []
            #expect(Set(listed) == Set(saved))
            #expect(try priya.run("export", "visits").succeeded().output.contains("much to say"))
        }

        @Test(
            "G11: an import that fills the disk keeps whole groups, says how many rows, goes on later, and one undo takes it back",
            .enabled(if: mayMount, "a small disk can't be mounted here"))
        func importing() throws {
            let office = try Office()
            try office.open()
            let disk = try SmallDisk()
            defer { disk.unmount() }
            let priya = try Laptop("Priya", home: disk.path + "/home")
            try priya.run("join", try office.invite("Priya"), "--device", "Priya's laptop").succeeded()
            let interests = String(repeating: "Long walks, and talking. ", count: 40)
            let rows = (0..<5_000).map { "\($0),Person \($0),\"\(interests)\"\n" }.joined()
            let path = priya.scratch.path("people.csv")
            try Data(("external_id,name,interests\n" + rows).utf8).write(to: URL(fileURLWithPath: path))
            let run = try priya.run("import", "people", path)
            #expect(run.code == 1, "\(run)")
            let kept = try priya.run("export", "people").succeeded().output.split(separator: "\n").count - 1
            #expect((1..<5_000).contains(kept))
            let grouped = kept < 1_000 ? "\(kept)" : "\(kept / 1_000),\(String(kept % 1_000 + 1_000).dropFirst())"
            #expect(
                run.errors
                    == "kith: The disk is full: \(disk.path)/home/kith.sqlite cannot grow. \(grouped) rows are imported "
                    + "and stay. Free some space, then try again. The same command then goes on from there.\n")
            let files = try FileManager.default.contentsOfDirectory(atPath: priya.scratch.path(""))
            #expect(files.allSatisfy { !$0.contains("rejects") && !$0.hasSuffix(".part") }, "\(files)")

            let search = try priya.run("search", "talking")
            #expect(search.code == 1 && search.output.isEmpty, "\(search)")
            #expect(search.errors.contains("could not be looked through"), "\(search)")

            try disk.grow()
            let rest = try priya.json("import", "people", path)
            #expect(rest["imported"].integer == 5_000 - kept)
            #expect(rest["unchanged"].integer == kept)
            try priya.run("undo").succeeded()
            #expect(try priya.json("person", "list").array?.isEmpty == true)
            // What is imported after that is a step of its own.
            #expect(try priya.json("import", "people", path)["imported"].integer == 5_000)
        }

        @Test(
            "G11: a server whose disk is full tells laptops so, keeps nothing by halves, and takes all once there is room",
            .enabled(if: mayMount, "a small disk can't be mounted here"))
        func server() throws {
            let disk = try SmallDisk()
            defer { disk.unmount() }
            let office = try Office(disk: disk.path)
            try office.open()
            let priya = try office.laptop("Priya")
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            try priya.run("sync").succeeded()
            let text = String(repeating: "A long visit with much to say. ", count: 2_000)
            for _ in 0..<100 { _ = try priya.visit("Castle House", summary: text) }
            let full = try priya.run("sync")
            #expect(full.code == 4 && full.errors.contains("its disk is full"), "\(full)")
            #expect(full.errors.contains("Tell the office") && full.errors.contains("saved here"), "\(full.errors)")
            #expect(try office.run("stats").succeeded().output.contains("make room"))
            #expect(try office.run("doctor").succeeded().output.contains("make room"))
            try disk.grow()
            #expect(try priya.json("sync")["held"].integer == 0)
            #expect(try office.run("export", "visits").succeeded().output == priya.run("export", "visits").output)
            let log = try office.stopped().errors
            #expect(log.contains("507") && log.contains("the disk is full"))
        }

        @Test(
            "G11: whoever saves the records from a full disk is not kept from it: exports and backups go on, and say what is not noted",
            .enabled(if: mayMount, "a small disk can't be mounted here"))
        func savedFromIt() throws {
            let disk = try SmallDisk()
            defer { disk.unmount() }
            let office = try Office(disk: disk.path)
            try office.open()
            let priya = try office.laptop("Priya")
            try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
            try priya.run("sync").succeeded()
            // What the log beside the database had room for would be noted.
            try office.close()
            try office.open()
            _ = try Child("/bin/sh", ["-c", "cat /dev/zero > \"$0\"", disk.path + "/filler"]).finish()
            let other = try Scratch()
            let export = try office.run("export", "places").succeeded()
            #expect(export.output.contains("Castle House"), "\(export)")
            #expect(export.errors.contains("full: the audit log does not tell"), "\(export)")
            let backup = try office.run("backup", other.path("office.kith")).succeeded()
            #expect(backup.errors.contains("full: the audit log does not tell"), "\(backup)")
            try FileManager.default.removeItem(atPath: disk.path + "/filler")
            try disk.grow()
            let key = Child.Input.bytes(Data(office.recoveryKey.utf8))
            let verified = try office.run(
                "verify", other.path("office.kith"), "--recovery-key", "-", "--json", input: key
            ).succeeded().json()
            #expect(verified["records"].integer == 1, "\(verified)")
            try office.close()
        }
    }

    /// Four MiB of memory as a file system.
    private final class SmallDisk {
        let path: String
        private let scratch: Scratch

        init() throws {
            scratch = try Scratch()
            path = scratch.path("disk")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Child("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path]).finish().succeeded()
        }

        /// Makes room for 512 MiB.
        func grow() throws {
            try Child("/usr/bin/mount", ["-o", "remount,size=512m", path]).finish().succeeded()
        }

        func unmount() {
            // A folder that stays mounted is seen when the scratch folder can't go; the test itself is over.
            _ = try? Child("/usr/bin/umount", [path]).finish()
        }
    }
#endif
