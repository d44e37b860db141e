import Foundation
import Testing

@Suite("Backups")
struct BackupTests {
    private let office: Office
    private let file: String

    init() throws {
        office = try Office()
        file = office.scratch.path("monday.kith")
        try office.open()
    }

    private func verify(_ path: String, key: String? = nil) throws -> Outcome {
        try office.run(
            "verify", path, "--recovery-key", "-", "--json", input: .bytes(Data((key ?? office.recoveryKey).utf8)))
    }

    @Test(
        "G1: a backup is made while the office serves, says what it holds, and nothing of it can be read without the key"
    )
    func whileServing() throws {
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        _ = try priya.visit("Castle House", summary: "Canary of the kettle.")
        try priya.run("sync").succeeded()
        try office.run("backup", file).succeeded()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for word in ["Canary of the kettle", "Castle House", "Priya", "SQLite format"] {
            #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) can be read")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let found = try verify(file).succeeded().json()
        #expect(found["records"].integer == 2)
        #expect(try priya.json("sync")["sent"].integer == 0, "the office serves on")
        let left = try FileManager.default.contentsOfDirectory(atPath: office.folder)
        #expect(!left.contains { $0.hasPrefix("backup-copy") || $0 == "trial" }, "\(left)")
        #expect(try office.run("stats", "--json").json()["last_backup"].string != nil)
        try office.close()
    }

    @Test(
        "G9: no copy that a killed backup or trial left outlives an erasure, and a former database is named until it is gone"
    )
    func unsealedCopies() throws {
        let priya = try office.laptop("Priya")
        let word = "Zanzibarquay"
        var people = try ["One", "Two"].map { try priya.json("person", "add", "\(word) \($0)", "--new")["id"].text() }
        try priya.run("sync").succeeded()
        let (copy, trial) = ("\(office.folder)/backup-copy.sqlite", "\(office.folder)/trial")
        try FileManager.default.createDirectory(atPath: trial, withIntermediateDirectories: false)
        for path in [copy, copy + "-wal", "\(trial)/hub.sqlite"] {
            try Data(word.utf8).write(to: URL(fileURLWithPath: path))
        }
        func erase() throws -> JSON {
            try office.run("erase", "person", people.removeFirst(), "--all", "--yes", "--json").succeeded().json()
        }
        #expect(try erase()["files_clean"].boolean == true)
        for path in [copy, copy + "-wal", trial] { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
        let former = "\(office.folder)/hub-before-1700000000.sqlite"
        try Data(word.utf8).write(to: URL(fileURLWithPath: former))
        #expect(try erase()["files_clean"].boolean == false)
        let status = try office.run("erase", "status").succeeded()
        #expect(status.errors.contains("hub-before-1700000000.sqlite"), "\(status)")
        let warnings = try office.run("doctor", "--json").succeeded().json()["warnings"].array ?? []
        #expect(warnings.contains { $0.string?.contains("hub-before-1700000000.sqlite") == true }, "\(warnings)")
        try FileManager.default.removeItem(atPath: former)
        #expect(try !office.run("erase", "status").succeeded().errors.contains("hub-before"))
        // A server that begins finds what an earlier one could not remove.
        try office.close()
        try Data(word.utf8).write(to: URL(fileURLWithPath: copy))
        try office.open()
        #expect(!FileManager.default.fileExists(atPath: copy))
        try office.close()
    }

    @Test("A backup takes no - for a file, and one that lies with the data is said to be no safer than they are")
    func whereBackupsLie() throws {
        let words = ["backup", "-", "--data", office.folder]
        let inScratch = ["-c", "cd \"$0\" && exec \"$@\"", office.scratch.path, Programs.server]
        let bare = try Child("/bin/sh", inScratch + words).finish()
        #expect(bare.code == 2 && bare.errors.contains("Nothing was written"), "\(bare)")
        #expect(!FileManager.default.fileExists(atPath: office.scratch.path("-")))
        let link = office.scratch.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: office.folder)
        for path in ["\(office.folder)/monday.kith", "\(link)/monday.kith"] {
            let told = try office.run("backup", path).succeeded()
            #expect(told.errors.contains("Keep it on another disk"), "\(path): \(told)")
        }
        #expect(try !office.run("backup", file).succeeded().errors.contains("another disk"))
        try office.close()
    }

    @Test("What a backup that was cut left beside its file goes with the next one, and nothing else does")
    func cutBefore() throws {
        let gone = try Child("/bin/sh", ["-c", "printf %s $$"]).finish().output
        let own = "\(file).\(ProcessInfo.processInfo.processIdentifier).new"
        let others = [own, "\(file).x.new", "\(file).\(gone).old", office.scratch.path("tuesday.kith.\(gone).new")]
        for path in others + ["\(file).\(gone).new"] { try Data("part".utf8).write(to: URL(fileURLWithPath: path)) }
        try office.run("backup", file).succeeded()
        #expect(!FileManager.default.fileExists(atPath: "\(file).\(gone).new"))
        for path in others { #expect(FileManager.default.fileExists(atPath: path), "\(path)") }
        try office.close()
    }

    @Test("doctor and serve tell that no backup can be made, and recovery-key mends it")
    func withoutRecoveryKey() throws {
        let path = "\(office.folder)/recovery-key.pub"
        #expect(try !office.run("doctor").succeeded().output.contains("recovery-key"))
        for content in [nil, "no key"] {
            if content == nil { try FileManager.default.removeItem(atPath: path) }
            if let content { try content.write(toFile: path, atomically: true, encoding: .utf8) }
            let told = try office.run("doctor").succeeded().output
            #expect(told.contains(path) && told.contains("kith-server recovery-key"), "\(told)")
            let warnings = try office.run("doctor", "--json").succeeded().json()["warnings"].array ?? []
            #expect(warnings.contains { $0.string?.contains(path) == true }, "\(warnings)")
            _ = try office.stopped()
            try office.open()
            let log = try office.stopped().errors
            #expect(log.contains("No backup can be made") && !log.contains(office.folder), "\(log)")
            try office.open()
            #expect(try office.run("backup", file).code == 1)
        }
        try office.run("recovery-key", "--yes").succeeded()
        #expect(try !office.run("doctor").succeeded().output.contains("recovery-key"))
        try office.run("backup", file).succeeded()
        try office.close()
    }

    @Test("A backup replaces an older one of the same office, and nothing else")
    func replacing() throws {
        for _ in 1...2 { try office.run("backup", file).succeeded() }
        let other = try Office()
        let refused = try other.run("backup", file)
        #expect(refused.code == 1 && refused.errors.contains("not a backup of this office"), "\(refused)")
        #expect(try verify(file).succeeded().code == 0)
        let letter = try office.scratch.write("letter", "precious")
        for words in [["backup", letter], ["backup", letter, "--dry-run"]] {
            let run = try Child(Programs.server, words + ["--data", office.folder]).finish()
            #expect(run.code == 1 && run.errors.contains("Nothing was written"), "\(run)")
        }
        #expect(try String(contentsOfFile: letter, encoding: .utf8) == "precious")
        try office.close()
    }

    @Test("A backup that was changed, cut off or lengthened, or made for another key, is refused and changes nothing")
    func damaged() throws {
        try office.run("backup", file).succeeded()
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        let other = try Office()
        let places = [0, 20, 60, 130, 160, 200, whole.count / 2, whole.count - 1]
        for place in places {
            var changed = whole
            changed[place] ^= 0x10
            try changed.write(to: URL(fileURLWithPath: file))
            let outcome = try verify(file)
            #expect([5, 7].contains(outcome.code) && outcome.errors.contains("Nothing was changed"), "\(outcome)")
        }
        for length in [0, 5, 14, 100, 200, whole.count / 3, whole.count - 1] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: file))
            #expect([5, 7].contains(try verify(file).code), "cut to \(length)")
        }
        try (whole + Data([0])).write(to: URL(fileURLWithPath: file))
        #expect(try verify(file).code == 7)
        try whole.write(to: URL(fileURLWithPath: file))
        #expect(try verify(file, key: other.recoveryKey).code == 5)
        #expect(try verify(file, key: "kithkey1-nonsense").code == 2)
        try verify(file).succeeded()
        for path in ["/dev/null", office.folder, "\(office.folder)/nothing"] {
            #expect(try [1, 2].contains(verify(path).code), "\(path)")
        }
        try office.close()
    }

    @Test(
        "G8, G9, G10: a restored office goes on where the backup ends, and its ledger keeps out and erases what it had")
    func restored() throws {
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let robin = try priya.json("person", "add", "Robin Canary")["id"].text()
        try priya.run("sync").succeeded()
        try office.run("backup", file).succeeded()
        _ = try priya.visit("Castle House", summary: "After the backup.")
        try priya.run("sync").succeeded()
        try office.run("erase", "person", robin, "--yes").succeeded()
        try office.run("revoke", "Sam's laptop", "--yes").succeeded()
        let refused = try office.run(
            "restore", file, "--recovery-key", "-", "--yes", input: .bytes(Data((office.recoveryKey).utf8)))
        #expect(refused.code == 1 && refused.errors.contains("Stop it first"), "\(refused)")
        try office.close()
        let done = try office.run(
            "restore", file, "--recovery-key", "-", "--yes", "--json", input: .bytes(Data((office.recoveryKey).utf8))
        ).succeeded().json()
        #expect((done["replayed"].integer ?? 0) >= 2, "\(done)")
        #expect(try office.run("export", "people").output.contains("Robin Canary") == false)
        #expect(try office.run("export", "visits").output.contains("After the backup.") == false)
        try office.open()
        #expect(try sam.run("sync").code == 5, "who was shut out stays out")
        #expect(try priya.run("sync").succeeded().output.contains("put back from an older copy"))
        #expect(try office.run("export", "visits").output.contains("After the backup."))
        #expect(try office.run("export", "people").output.contains("Robin Canary") == false)
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test(
        "G8, G9, G10: an older copy of the database is noticed by whatever command opens it first, which adds a line too"
    )
    func copiedBack() throws {
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let robin = try priya.json("person", "add", "Robin Canary")["id"].text()
        try priya.run("sync").succeeded()
        try office.close()
        let (database, copy) = ("\(office.folder)/hub.sqlite", office.scratch.path("monday.sqlite"))
        try FileManager.default.copyItem(atPath: database, toPath: copy)
        try office.run("erase", "person", robin, "--yes").succeeded()
        try office.run("revoke", sam.device, "--yes").succeeded()
        for name in ["hub.sqlite", "hub.sqlite-wal", "hub.sqlite-shm"] {
            let path = "\(office.folder)/\(name)"
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
        try FileManager.default.copyItem(atPath: copy, toPath: database)
        try office.run("areas", "add", "north").succeeded()
        #expect(try office.run("export", "people").succeeded().output.contains("Robin Canary") == false)
        try office.open()
        #expect(try sam.run("sync").code == 5, "who was shut out stays out")
        #expect(try priya.run("sync").succeeded().output.contains("put back from an older copy"))
        #expect(try office.run("export", "people").succeeded().output.contains("Robin Canary") == false)
        #expect(try office.run("areas", "list").succeeded().output.contains("north"))
        try office.close()
        try office.run("doctor").succeeded()
    }

    @Test("A restore that was cut off between moving the old database away and putting the new one there is done again")
    func cutOff() throws {
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        try office.run("backup", file).succeeded()
        try office.run("revoke", sam.device, "--yes").succeeded()
        try office.close()
        let files = FileManager.default
        for end in ["", "-wal"] where files.fileExists(atPath: "\(office.folder)/hub.sqlite\(end)") {
            try files.moveItem(
                atPath: "\(office.folder)/hub.sqlite\(end)", toPath: "\(office.folder)/hub-before-1.sqlite\(end)")
        }
        try files.createDirectory(atPath: "\(office.folder)/trial", withIntermediateDirectories: false)
        try Data("half a file".utf8).write(to: URL(fileURLWithPath: "\(office.folder)/trial/hub.sqlite"))
        #expect(try office.run("stats").code != 0, "there is no database")
        try office.run(
            "restore", file, "--recovery-key", "-", "--yes", input: .bytes(Data(office.recoveryKey.utf8))
        ).succeeded()
        #expect(!files.fileExists(atPath: "\(office.folder)/trial"))
        try office.open()
        #expect(try sam.run("sync").code == 5, "the ledger beside the database keeps out whom the backup knows")
        try priya.run("sync").succeeded()
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("A backup becomes a whole office on another machine, that devices trust")
    func elsewhere() throws {
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        try office.run("backup", file).succeeded()
        try office.close()
        try FileManager.default.removeItem(atPath: office.folder)
        try office.run("restore", file, "--recovery-key", "-", input: .bytes(Data((office.recoveryKey).utf8)))
            .succeeded()
        #expect(try office.run("stats").succeeded().output.contains("The last backup was made"), "the one it came from")
        try office.open()
        try priya.run("sync").succeeded()
        #expect(try office.run("export", "places").output.contains("Castle House"))
        try office.close()
    }

    @Test(
        "After a week without a backup the office is warned",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func age() throws {
        #expect(try office.run("stats").output.contains("no backup yet"))
        #expect(try !office.run("doctor").output.contains("make one now"))
        try office.run("backup", file).succeeded()
        let words = ["doctor", "--data", office.folder]
        #expect(try !FakeClock.run("+6d", Programs.server, words).succeeded().output.contains("make one now"))
        #expect(
            try FakeClock.run("+8d", Programs.server, words).succeeded().output.contains("8 days ago: make one now"))
        try office.close()
    }
}
