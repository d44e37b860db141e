import Foundation
import Testing

@Suite("What surrounds the records at the office")
struct SurroundingsTests {
    #if os(Linux)
        private static let setpriv = "/usr/bin/setpriv"

        @Test(
            "Who may not look into the folder is told so, and not that no server is there",
            .enabled(if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: setpriv), "needs another user"))
        func otherUser() throws {
            let office = try Office()
            let around = office.scratch.path("program")
            // The built program may lie where nobody else can read.
            try FileManager.default.createDirectory(atPath: around, withIntermediateDirectories: false)
            // By a process of its own: what this one has open for writing, children of other tests would keep open.
            try Child("/bin/cp", [Programs.server, around + "/kith-server"]).finish().succeeded()
            for path in [office.scratch.path, around, around + "/kith-server"] {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            for words in [["doctor"], ["serve"], ["devices", "list"], ["invite", "--name", "Sam", "--role", "lead"]] {
                let asOther = ["--reuid=65534", "--regid=65534", "--clear-groups", around + "/kith-server"]
                let run = try Child(Self.setpriv, asOther + words + ["--data", office.folder]).finish()
                #expect(run.code == 1 && run.errors.contains("may not read the folder"), "\(run)")
                #expect(!run.errors.contains("no server") && !run.errors.contains("init"), "\(run)")
            }
            try office.run("doctor").succeeded()
        }

        @Test(
            "What root writes into the folder of a service belongs to the service's user, and links there stay as they are",
            .enabled(if: geteuid() == 0, "needs root"))
        func filesOfTheService() throws {
            let office = try Office()
            let service = 65_534
            func owner(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? Int
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: office.folder)
            for path in [office.folder] + files.map({ "\(office.folder)/\($0)" }) {
                try FileManager.default.setAttributes(
                    [.ownerAccountID: service, .groupOwnerAccountID: service], ofItemAtPath: path)
            }
            let outside = office.scratch.path("outside")
            try office.scratch.write("outside", "root's")
            try FileManager.default.createSymbolicLink(atPath: "\(office.folder)/link", withDestinationPath: outside)
            try FileManager.default.linkItem(atPath: outside, toPath: "\(office.folder)/second-name")
            try office.run("server-key", "prepare").succeeded()
            let backup = office.scratch.path("backup.kith")
            try office.run("backup", backup).succeeded()
            let key = Child.Input.bytes(Data(office.recoveryKey.utf8))
            try office.run("restore", backup, "--recovery-key", "-", "--yes", input: key).succeeded()
            #expect(try owner(outside) == 0)
            let now = Set(try FileManager.default.contentsOfDirectory(atPath: office.folder))
            #expect(now.count > files.count + 2, "\(now)")
            for name in now.subtracting(["link", "second-name"]) {
                #expect(try owner("\(office.folder)/\(name)") == service, "\(name)")
            }
        }
    #endif

    @Test("A window that is closed stops the server as Ctrl-C does, and not one that nohup keeps running")
    func closedWindow() throws {
        let office = try Office()
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            try office.open()
            let ended = try office.stopped(by: signal)
            #expect(ended.errors.contains("Stopped. Everything"), "\(signal): \(ended)")
        }
        let kept = try Child("/usr/bin/nohup", [Programs.server, "serve", "--data", office.folder])
        _ = try kept.firstLine()
        kept.send(SIGHUP)
        let priya = try office.laptop("Priya")
        try priya.run("sync").succeeded()
        kept.send(SIGTERM)
        #expect(try kept.finish().succeeded().errors.contains("Stopped. Everything"))
    }

    @Test("Both sides of an enrolment show the same six words, and each laptop has its own")
    func words() throws {
        let office = try Office()
        try office.open()
        var seen: Set<String> = []
        for name in ["Priya", "Sam"] {
            let laptop = try Laptop(name)
            let code = try office.invite(name)
            let told = try laptop.json("join", code, "--device", laptop.device, "--no-passphrase")
            let words = try told["words"].text()
            #expect(words.split(separator: "-").count == 6)
            #expect(try office.run("devices", "words", laptop.device).succeeded().output == words + "\n")
            seen.insert(words)
        }
        #expect(seen.count == 2)
        #expect(try office.run("devices", "words", "nobody").code == 3)
        try office.close()
    }

    @Test(
        "doctor tells which laptops are behind, a clock that was set back, and the key that laptops pin",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func doctor() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("sync").succeeded()
        try office.close()
        let words = ["doctor", "--json", "--data", office.folder]
        func warnings(_ clock: String) throws -> String {
            let told = try FakeClock.run(clock, Programs.server, words).succeeded().json()
            return told["warnings"].array?.compactMap(\.string).joined(separator: "\n") ?? ""
        }
        #expect(try !warnings("+13d").contains("was heard of last"))
        #expect(try warnings("+15d").contains("Priya's laptop of Priya was heard of last"))
        #expect(try warnings("-2d").contains("set the clock"))
        let now = try office.run("doctor", "--json").succeeded().json()
        #expect(now["behind"].array?.isEmpty == true && !now["warnings"].description.contains("set the clock"))
        let key = try #require(now["pin"].string)
        let pinned =
            try priya.json("doctor").array?.first { $0["check"].string == "server key" }?["detail"].string ?? ""
        #expect(key.count == 64 && pinned.contains(key.prefix(16)), "\(pinned)")
    }

    @Test(
        "doctor tells on both sides of a clock at the office that was fast for one sync",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func onceFast() throws {
        let clock = try MovingClock()
        let office = try Office(environment: clock.environment)
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("sync").succeeded()
        #expect(try !priya.run("doctor").succeeded().output.contains("dated"))
        try priya.run("person", "add", "Robin").succeeded()
        try clock.set("+400d")
        try priya.run("sync").succeeded()
        try clock.set("+0")
        try office.close()
        let told = try office.run("doctor", "--json").succeeded().json()
        let warnings = told["warnings"].array?.compactMap(\.string).joined(separator: "\n") ?? ""
        #expect(warnings.contains("Priya's laptop of Priya saved changes that are dated up to"), "\(warnings)")
        #expect(warnings.contains("it was fast once"))
        let slow = try priya.run("doctor").succeeded().output
        #expect(slow.contains("400 days slow beside the office's"), "\(slow)")
        try office.open()
        try priya.run("sync").succeeded()
        let ahead = try priya.run("doctor").succeeded().output
        #expect(ahead.contains("what you save is dated after"), "\(ahead)")
        try office.close()
    }

    @Test(
        "A folder whose ledger is newer than its database begins a new history, says so, and its laptops complete it",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"))
    func newerLedger() throws {
        let office = try Office()
        let database = "\(office.folder)/hub.sqlite"
        let copy = office.scratch.path("monday.sqlite")
        try FileManager.default.copyItem(atPath: database, toPath: copy)
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("person", "add", "Robin").succeeded()
        try priya.run("sync").succeeded()
        try office.close()
        for name in ["hub.sqlite", "hub.sqlite-wal", "hub.sqlite-shm"] {
            let path = "\(office.folder)/\(name)"
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
        try FileManager.default.copyItem(atPath: copy, toPath: database)
        try office.open()
        #expect(try priya.run("sync").succeeded().output.contains("put back from an older copy"))
        #expect(try office.run("export", "people").succeeded().output.contains("Robin"))
        try expectAgreement([priya], office)
        let said = try office.stopped().errors
        #expect(said.contains("The ledger beside the database is newer"), "\(said)")
    }
}
