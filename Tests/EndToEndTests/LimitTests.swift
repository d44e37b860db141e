import Foundation
import Testing

/// The bounds of the server, narrow ones from `server.conf`, met by the built programs.
@Suite("Limits", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct LimitTests {
    @Test("Who fails to sign in waits for the answer, and colleagues of the same address do not")
    func failures() throws {
        let office = try Office(limits: ["limit-free-sign-in-failures = 1"])
        try office.open()
        let priya = try office.laptop("Priya")
        let stranger = Wire(office, token: String(repeating: "A", count: 43))
        #expect(try stranger.sync().status == 401)
        let guess = try stranger.start([0xff], to: "/v1/sync")
        try priya.run("place", "add", "Castle House").succeeded()
        #expect(try priya.json("sync")["sent"].integer == 1)
        #expect(try guess.finish().output.hasSuffix("401"), "it is answered in the end")
        let code = try office.invite("Sam")
        try Laptop("Sam").run("join", code, "--device", "d", "--no-passphrase").succeeded()
        try office.close()
    }

    @Test("Connections that say nothing do not keep a laptop of the same address out once one of them leaves")
    func strangers() throws {
        let office = try Office(limits: ["limit-connections-per-address = 3"])
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House").succeeded()
        var silent = try (1...3).map { _ in try Sockets.connected(to: office.port) }
        let sync = try priya.start(["sync", "--json"])
        // The laptop waits, accepted and unread: it is neither refused nor answered while all three are there.
        silent.removeFirst()
        #expect(try sync.finish().succeeded().json()["sent"].integer == 1)
        withExtendedLifetime(silent) {}
        try office.close()
    }

    @Test("A laptop's older connections go for newer ones, and no other laptop's")
    func greedy() throws {
        let office = try Office(limits: ["limit-connections-per-device = 2", "limit-connections = 8"])
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House").succeeded()
        let asking = try (1...12).map { _ in try priya.start(["sync"]) }
        try sam.run("sync").succeeded()
        for sync in asking { #expect([0, 1, 4].contains(try sync.finish().code)) }
        try priya.run("sync").succeeded()
        #expect(try priya.json("status")["waiting"].integer == 0)
        try sam.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("The server raises its limit of open files: more connections than the system allows at first are served")
    func files() throws {
        let office = try Office(limits: ["limit-connections-per-address = 1000"])
        try office.open(fileLimit: 128)
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House").succeeded()
        let silent = try (1...300).map { _ in try Sockets.connected(to: office.port) }
        #expect(try priya.json("sync")["sent"].integer == 1)
        withExtendedLifetime(silent) {}
        try office.close()
    }

    @Test("A body beyond the bound is refused before it is read, whatever it says of its length")
    func bodies() throws {
        let office = try Office(limits: ["limit-body-bytes = 65536"])
        try office.open()
        let priya = try office.laptop("Priya")
        let wire = try Wire(office, as: priya)
        #expect(try wire.send([UInt8](repeating: 0, count: 70_000), to: "/v1/sync").status == 413)
        let claims = try wire.send([0], to: "/v1/sync", headers: ["Content-Length: 10737418240"])
        #expect(claims.status == 413)
        #expect(try wire.send([UInt8](repeating: 0, count: 60_000), to: "/v1/sync").status == 400)
        try priya.run("place", "add", "Castle House").succeeded()
        #expect(try priya.json("sync")["sent"].integer == 1)
        try office.close()
    }

    @Test("A request that trickles in is cut off at its deadline, and colleagues are served meanwhile and after it")
    func trickle() throws {
        let office = try Office(limits: ["limit-request-seconds = 10"])
        try office.open()
        let priya = try office.laptop("Priya")
        // A byte a second: curl(1) is not done before the deadline, and is told so by the end of its connection.
        let words = [
            "-sk", "--limit-rate", "1", "--data-binary", "@-", "-o", "/dev/null", "-w", "%{http_code}",
            "-H", "Authorization: Bearer \(try Wire.token(of: priya))", "https://\(office.address)/v1/sync",
        ]
        let slow = try Child("/usr/bin/curl", words, input: .bytes(Data(repeating: 0, count: 60_000)))
        try priya.run("place", "add", "Castle House").succeeded()
        #expect(try priya.json("sync")["sent"].integer == 1)
        let told = try slow.finish()
        #expect(told.output == "000" || told.output == "408", "\(told)")
        try priya.run("sync").succeeded()
        try office.close()
    }

    @Test("A line of the settings that makes no sense stops the start and names what may stand there")
    func settings() throws {
        for line in ["limit-connections = plenty", "limit-conections = 9"] {
            let office = try Office(limits: [line])
            let told = try office.run("serve")
            #expect(told.code == 1 && told.errors.contains("limit-connections-per-address"), "\(told)")
        }
    }
}
