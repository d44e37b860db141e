import Foundation
import Testing

@Suite("Who is let in, and what is believed")
struct TrustTests {
    private let office: Office

    init() throws {
        office = try Office()
        try office.open()
    }

    private func expectRefused(_ outcome: Outcome, _ code: Int32, _ location: SourceLocation = #_sourceLocation) {
        #expect(outcome.code == code, "\(outcome)", sourceLocation: location)
        #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: location)
        let told = outcome.errors
        #expect(
            told.contains("Nothing was") || told.contains("saved"), "says what became of the data: \(outcome)",
            sourceLocation: location)
        #expect(told.contains("kith"), "names the next command: \(outcome)", sourceLocation: location)
    }

    @Test("A code that was used, mistyped or made up lets nobody in")
    func invitations() throws {
        let code = try office.invite("Priya")
        let mistyped = code.dropLast(9) + (code.dropLast(8).last == "2" ? "3" : "2") + code.suffix(8)
        for (typed, expected) in [(String(mistyped), Int32(2)), ("kith1-nonsense", 2), ("hello", 2), ("", 2)] {
            let nobody = try Laptop("Nobody")
            expectRefused(try nobody.run("join", typed, "--device", "d"), expected)
        }
        let priya = try Laptop("Priya")
        try priya.run("join", code, "--device", "Priya's laptop").succeeded()
        let thief = try Laptop("Thief")
        expectRefused(try thief.run("join", code, "--device", "d"), 5)
        #expect(try thief.run("visit", "list").code == 1, "it has joined nothing")
        expectRefused(try priya.run("join", try office.invite("Priya"), "--device", "again"), 1)
        #expect(try office.run("devices", "list", "--json").json().array?.count == 1)
        try office.close()
    }

    @Test(
        "An invitation of the day before yesterday lets nobody in",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func expired() throws {
        let words = ["invite", "--name", "Priya", "--role", "worker", "--json", "--data", office.folder]
        let old = try FakeClock.run("-48h", Programs.server, words).succeeded().json()["code"].text()
        expectRefused(try Laptop("Priya").run("join", old, "--device", "d"), 5)
        try office.close()
    }

    @Test("G12: another server at the office's address is not believed, and gets nothing")
    func wrongCertificate() throws {
        let proxy = try CuttingProxy()
        let real = try Office(publicPort: proxy.port)
        proxy.start(to: real.port)
        defer { proxy.stop() }
        try real.open()
        let priya = try real.laptop("Priya")
        let code = try real.invite("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let before = try priya.exported()
        proxy.turn(to: office.port)
        let report = try priya.run("sync")
        expectRefused(report, 5)
        expectRefused(try Laptop("Sam").run("join", code, "--device", "d"), 5)
        #expect(try priya.exported() == before)
        #expect(try priya.json("status")["waiting"].integer == 1)
        proxy.turn(to: real.port)
        #expect(try priya.json("sync")["sent"].integer == 1)
        try real.close()
        try office.close()
    }

    @Test("G8: a code that went astray is seen and taken back, and lets nobody in any more")
    func cancelled() throws {
        let (astray, other) = (try office.invite("Wrong Address"), try office.invite("Sam"))
        let listed = try office.run("invitations", "list", "--json").succeeded().json().array ?? []
        #expect(Set(listed.compactMap { $0["name"].string }) == ["Wrong Address", "Sam"])
        try office.run("invitations", "cancel", "Wrong Address", "--yes").succeeded()
        let refused = try Laptop("Wrong").run("join", astray, "--device", "d", "--no-passphrase")
        #expect(refused.code != 0 && !refused.errors.isEmpty, "\(refused)")
        try Laptop("Sam").run("join", other, "--device", "d", "--no-passphrase").succeeded()
        #expect(try office.run("invitations", "list", "--json").succeeded().json().array?.isEmpty == true)
        #expect(try office.run("invitations", "cancel", "Wrong Address").code == 3)
        try office.close()
    }

    @Test("G8: a revoked laptop is told so at its next sync, and what it had not sent is held at the office")
    func revoked() throws {
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        let visit = try priya.visit("Castle House", summary: "Not yet sent.")
        try office.run("revoke", "Priya's laptop", "--yes").succeeded()
        #expect(try office.run("devices", "list", "--json").json()[0]["revoked"].boolean == true)
        let before = try priya.exported()
        let refused = try priya.run("sync", "--json")
        #expect(refused.code == 5, "\(refused)")
        #expect(try refused.json()["server_digest"].isNull)
        #expect(try priya.exported() == before)
        let held = try office.run("quarantine", "list", "--json").succeeded().json()
        #expect(held.array?.count == 1 && held[0]["device"].string == "Priya's laptop", "\(held) \(visit)")
        #expect(held[0]["changes"].integer == 1)
        let id = String(held[0]["id"].integer ?? 0)
        #expect(try office.run("quarantine", "show", id).succeeded().output.contains("Not yet sent."))
        #expect(try office.run("export", "visits").output.contains("Not yet sent.") == false)
        #expect(try priya.run("sync").code == 5, "and again, without a second copy")
        #expect(try office.run("quarantine", "list", "--json").json().array?.count == 1)
        try office.close()
    }

    @Test("What is kept on a laptop and in the office is readable by its owner alone")
    func fileModes() throws {
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        for folder in [priya.home, office.folder] {
            #expect(try mode(folder) == 0o700, "\(folder)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!names.isEmpty)
            for name in names { #expect(try mode("\(folder)/\(name)") == 0o600, "\(name)") }
        }
        try office.close()
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test(
        "G12: without encryption the office answers nothing",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "curl is not installed"))
    func noPlainHTTP() throws {
        let answer = try Child("/usr/bin/curl", ["-s", "--max-time", "20", "http://\(office.address)/v1/sync"]).finish()
        #expect(answer.code != 0 && answer.outputBytes.isEmpty, "\(answer)")
        try office.close()
    }

    @Test("Two syncs of one laptop at once: one runs, the other says so or runs after it, and nothing is doubled")
    func twoSyncs() throws {
        let priya = try office.laptop("Priya")
        for number in 1...5 { try priya.run("place", "add", "Place \(number)", "--kind", "residential").succeeded() }
        let both = try [priya.start(["sync"]), priya.start(["sync"])].map { try $0.finish() }
        #expect(both.contains { $0.code == 0 })
        #expect(both.allSatisfy { $0.code == 0 || ($0.code == 1 && $0.errors.contains("Another sync")) }, "\(both)")
        try expectAgreement([priya], office)
        #expect(try office.run("export", "places").output.split(separator: "\n").count == 6)
        try office.close()
    }

    @Test(
        "Random, truncated and foreign bodies are refused, and the office goes on working",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "curl is not installed"))
    func bodies() throws {
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        let before = try office.exported()
        let random = Data((0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7_919 >> 3) })
        let bodies: [(Data, [String])] = [
            (random, ["Content-Encoding: zstd"]), (random, []), (Data(), []), (Data([0xbf]), []),
            (Data([0x28, 0xb5, 0x2f, 0xfd]), ["Content-Encoding: zstd"]), (Data("{\"a\": 1}".utf8), []),
            (random, ["Content-Length: 99999999999"]),
        ]
        let token = try Wire.token(of: priya)
        for (body, headers) in bodies {
            for path in ["v1/sync", "v1/join", "v1/history", "v1/nothing", ""] {
                let status = try post(body, headers + ["Authorization: Bearer \(token)"], to: path)
                #expect(status.hasPrefix("4") && status != "401", "\(path) \(headers): \(status)")
            }
            for path in ["v1/sync", "v1/history"] {
                #expect(try post(body, headers + ["Authorization: Bearer AAAA"], to: path) != "200")
            }
        }
        #expect(try post(Data(), ["Authorization: Bearer AAAA"], to: "v1/sync") == "401")
        #expect(try office.exported() == before)
        try expectAgreement([priya], office)
        try office.close()
    }

    /// The status of an answer to a body that no laptop would send.
    private func post(_ body: Data, _ headers: [String], to path: String) throws -> String {
        let words = [
            "-sk", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-",
            "-H", "Content-Type: application/cbor", "https://\(office.address)/\(path)",
        ]
        return try Child("/usr/bin/curl", words + headers.flatMap { ["-H", $0] }, input: .bytes(body)).finish().output
    }
}
