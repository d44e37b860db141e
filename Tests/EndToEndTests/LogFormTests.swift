import Foundation
import OutreachModel
import SyncCore
import Testing

/// What the programs say beside results: the server's log in each form, and every message on standard error.
@Suite("Logs and errors", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct LogFormTests {
    private let canaries = Canaries("zanzibarquay", day: "1903-02-17")

    /// An office with every field of every kind, in the area of Priya's laptop, and conflicts about some of it.
    private func office(_ form: String) throws -> (Office, Laptop) {
        let office = try Office()
        try office.open(["--log", form])
        let (priya, boss) = (try office.laptop("Priyanka"), try office.laptop("Bosswell", "admin"))
        let changes = canaries.creations(area: 2, tables: RecordKind.all.filter { $0 != .concern })
        let reply = try Wire(office, as: boss).sync([ChangeGroup(number: 1, changes: changes)])
        #expect(try SyncReply(decoding: reply.body).held.isEmpty)
        try priya.run("sync").succeeded()
        return (office, priya)
    }

    /// Requests of every kind, good, bad and hostile.
    private func ask(_ office: Office, _ priya: Laptop) throws {
        let wire = try Wire(office, as: priya)
        let visit = try #require(canaries.ids[OutreachSchema.Number.visit])
        _ = try wire.history(RecordReference(table: OutreachSchema.Number.visit, id: visit))
        for path in ["/v1/sync", "/v1/history", "/v1/join", "/v1/bundle", "/\(canaries.word)", "/?\(canaries.word)"] {
            _ = try wire.send(Array(canaries.word.utf8), to: path)
            _ = try Wire(office, token: canaries.word).send(Array(canaries.word.utf8), to: path)
        }
        _ = try wire.send([], to: "/v1/sync", headers: ["X-Name: \(canaries.word)"])
        try office.run("revoke", priya.device, "--yes").succeeded()
        _ = try wire.sync()
    }

    @Test("G13: each request leaves a line with numbers alone, in each form", arguments: ["text", "json", "journal"])
    func forms(form: String) throws {
        let (office, priya) = try office(form)
        try ask(office, priya)
        let told = try office.stopped()
        let log = told.errors
        #expect(canaries.found(in: Data(log.utf8)) == [])
        for name in ["Priya", "Bosswell", "canterbury", "127.0.0.1", try Wire.token(of: priya)] {
            #expect(!log.contains(name), "\(name)")
        }
        let lines = log.split(separator: "\n")
        #expect(lines.count > 15)
        switch form {
        case "json":
            let entries = try lines.map { JSON(try JSONSerialization.jsonObject(with: Data($0.utf8))) }
            let sync = try #require(entries.first { $0["path"].string == "/v1/sync" && $0["status"].integer == 200 })
            #expect(
                sync.keys == [
                    "time", "level", "path", "status", "device", "bytes_in", "bytes_out", "groups", "changes",
                    "records",
                    "ms", "request", "detail",
                ])
            #expect(sync["request"].string?.count == 16)
            #expect(entries.contains { $0["changes"].integer ?? 0 > 10 && $0["device"].integer == 2 })
            #expect(entries.contains { $0["records"].integer ?? 0 > 10 && $0["device"].integer == 1 })
            #expect(
                Set(entries.compactMap { $0["request"].string }).count == entries.filter { !$0["path"].isNull }.count)
        case "journal":
            #expect(lines.allSatisfy { $0.hasPrefix("<6>") || $0.hasPrefix("<4>") || $0.hasPrefix("<3>") })
            #expect(lines.contains { $0.contains("path=\"/v1/sync\" status=200 device=1") }, "\(lines.prefix(3))")
            #expect(lines.contains { $0.hasPrefix("<4>") && $0.contains("status=401") })
        default: #expect(lines.contains { $0.contains("/v1/sync, 200, device 1") && $0.contains(" ms, request ") })
        }
    }

    @Test("G13: nothing that a command says on standard error, and no file outside the store, has a word of a record")
    func errors() throws {
        let (office, priya) = try office("json")
        let elsewhere = try Scratch()
        let surroundings = [
            "HOME": elsewhere.path("home"), "TMPDIR": elsewhere.path("tmp"), "XDG_CACHE_HOME": elsewhere.path("cache"),
        ]
        for path in surroundings.values {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let ids = canaries.ids.mapValues(\.description)
        let named = CommandTable.naming.map { words in
            words.map { word in
                guard word.first == "$" else { return word }
                return RecordKind.named(String(word.dropFirst())).flatMap { ids[$0.number] } ?? word
            }
        }
        let exports = RecordKind.all.map { ["export", $0.plural] }
        var said = 0
        for command in CommandTable.looking + exports + named + [["sync"], ["doctor"], ["sync"]] {
            for form in [[], ["--json"], ["--dry-run"]] {
                let told = try priya.start(command + ["--no-input"] + form, environment: surroundings).finish()
                said += told.errors.isEmpty ? 0 : 1
                let found = canaries.found(in: Data(told.errors.utf8)).filter { !$0.hasPrefix("shown id") }
                #expect(found == [], "\(told.command): \(told.errors)")
            }
        }
        #expect(said > 30, "a search of nothing finds nothing")
        #expect(try canaries.found(inFilesOf: elsewhere.path("home")) == [])
        #expect(try canaries.found(inFilesOf: elsewhere.path("tmp")) == [])
        for words in [
            ["conflicts", "list"], ["quarantine", "list"], ["stats"], ["devices", "list"], ["audit", "list"],
            ["doctor"],
            ["rounds"], ["deleted", "list"], ["breach-report", priya.device], ["erase", "status"], ["areas", "list"],
        ] {
            let told = try Child(Programs.server, words + ["--data", office.folder]).finish()
            #expect(canaries.found(in: Data(told.errors.utf8)) == [], "\(told.errors)")
        }
        #expect(canaries.found(in: Data(try office.stopped().errors.utf8)) == [])
    }
}
