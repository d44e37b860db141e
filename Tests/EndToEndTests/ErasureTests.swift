import Foundation
import Testing

/// An office that erases a person, by the built programs over TLS.
@Suite("G9: erasing a person")
struct ErasureTests {
    private func person(_ name: String, on laptop: Laptop) throws -> String {
        try laptop.json("person", "add", name)["id"].text()
    }

    private func castleHouse(_ laptop: Laptop) throws {
        try laptop.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
    }

    /// The state of each device with an order, by the name of its person.
    private func states(_ office: Office) throws -> [String: String] {
        let orders = try office.run("erase", "status", "--json").succeeded().json().array ?? []
        var states: [String: String] = [:]
        for device in orders.last?["devices"].array ?? [] {
            states[try device["person"].text()] = device["state"].string
        }
        return states
    }

    @Test(
        "G9: nothing stays in any file of the server, of a laptop that synced, or of one that was away with unsent work"
    )
    func everywhere() throws {
        let office = try Office()
        try office.open()
        let (priya, sam, ada) = (
            try office.laptop("Priya"), try office.laptop("Sam"), try office.laptop("Ada", "admin")
        )
        let canary = "Zebedee"
        try castleHouse(priya)
        let zebedee = try person("\(canary) Quill", on: priya)
        let visit = try priya.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--person", zebedee, "--summary", "Tea.")["id"]
            .text()
        let other = try priya.visit("Castle House", summary: "\(canary) Quill asked for the art group.")
        for laptop in [priya, sam, ada] { try laptop.run("sync").succeeded() }
        // A conflict and history about the person; words in the index for searching.
        try priya.run("person", "edit", zebedee, "--strengths", "\(canary) sings").succeeded()
        try sam.run("person", "edit", zebedee, "--strengths", "\(canary) paints").succeeded()
        for laptop in [priya, sam, priya, ada] { try laptop.run("sync").succeeded() }
        #expect(try sam.run("search", canary).succeeded().output.contains("Quill"))
        // Sam goes away with unsent edits; Ada is away for long.
        try sam.run("person", "edit", zebedee, "--interests", "\(canary) and trains").succeeded()
        try sam.run("note", zebedee, "\(canary) has moved").succeeded()
        try sam.run("visit", "edit", other, "--purpose", "Drop-in").succeeded()

        let preview = try office.run("erase", "person", zebedee, "--dry-run", "--json").succeeded().json()
        let links = Dictionary(
            uniqueKeysWithValues: try (preview["records"].array ?? []).map {
                (try $0["id"].text(), try $0["link"].text())
            })
        #expect(links == [zebedee: "person", visit: "reference", other: "text"])
        #expect(preview["open_conflicts"].integer == 1)
        let missing = try office.run("erase", "person", zebedee, "--no-input")
        #expect(missing.code == 2 && missing.errors.contains("--all"), "\(missing)")
        let erased = try office.run("erase", "person", zebedee, "--all", "--yes", "--json").succeeded().json()
        #expect(Set((erased["erased"].array ?? []).compactMap(\.string)) == [zebedee, visit])
        #expect(erased["redacted"][0].string == other)
        #expect(try states(office) == ["Priya": "not_yet", "Sam": "not_yet", "Ada": "not_yet"])
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        #expect(try states(office) == ["Priya": "confirmed", "Sam": "confirmed", "Ada": "not_yet"])

        #expect(try FolderBytes.files(in: priya.home, with: canary) == [])
        #expect(try priya.listed(visit).isNull)
        #expect(try priya.listed(other)["summary"].string == "[erased] asked for the art group.")
        // What Sam wrote about others has arrived, and a note that came later shows in the next preview.
        #expect(try priya.run("sync").succeeded().code == 0)
        #expect(try priya.listed(other)["purpose"].string == "Drop-in")
        let late = try office.run("erase", "person", zebedee, "--dry-run", "--json").succeeded().json()
        #expect(late["records"].array?.map { $0["link"].string } == ["reference"])
        try office.run("erase", "person", zebedee, "--all", "--yes").succeeded()

        for laptop in [sam, ada, priya] { try laptop.run("sync").succeeded() }
        for laptop in [priya, sam, ada] {
            #expect(try FolderBytes.files(in: laptop.home, with: canary) == [], "\(laptop.person)")
            #expect(try laptop.run("doctor").succeeded().code == 0)
        }
        #expect(try states(office) == ["Priya": "confirmed", "Sam": "confirmed", "Ada": "confirmed"])
        try expectAgreement([priya, sam, ada], office)
        try office.close()
        try office.run("erase", "status").succeeded()
        #expect(try FolderBytes.files(in: office.folder, with: canary) == [])
        #expect(try office.run("doctor").succeeded().code == 0)
    }

    @Test("G9: unsent changes of an erased record are told, and a large order waits for the user's yes")
    func answers() throws {
        let office = try Office()
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try castleHouse(priya)
        let alex = try person("Alex Morgan", on: priya)
        let visits = try (1...14).map { day in
            try priya.json("visit", "add", "Castle House", "2026-11-\(day + 9) 14:30", "--person", alex)["id"].text()
        }
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try sam.run("visit", "edit", visits[0], "--summary", "unsent").succeeded()
        try office.run("erase", "person", alex, "--all", "--yes").succeeded()

        let told = try sam.run("sync").succeeded()
        #expect(told.output.contains("The office asks this laptop to erase 15 of 16 records."), "\(told)")
        #expect(told.output.contains("kith erase"))
        #expect(try !sam.listed(visits[3]).isNull)
        #expect(try sam.run("status").succeeded().output.contains("erase 15 of 16 records"))
        #expect(try sam.json("status")["erasure_waiting"].integer == 15)
        #expect(try states(office)["Sam"] == "waits_for_user")
        let refused = try sam.run("visit", "edit", visits[3], "--summary", "no")
        #expect(refused.code != 0 && refused.errors.contains("has asked to erase"), "\(refused)")
        #expect(try sam.run("erase", "--no-input").code == 2)

        let done = try sam.run("erase", "--yes").succeeded()
        #expect(done.output.contains("has erased 15 records here"), "\(done)")
        #expect(done.output.contains("1 change of yours"), "\(done)")
        #expect(try sam.listed(visits[3]).isNull)
        try sam.run("sync").succeeded()
        #expect(try states(office)["Sam"] == "confirmed")
        // Priya answers with the sync itself.
        let answered = try priya.run("sync", "--yes", "--json").succeeded().json()
        #expect(answered["erased"].integer == 15)
        #expect(try states(office) == ["Priya": "confirmed", "Sam": "confirmed"])
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("G9: a spreadsheet that is imported again brings nobody back, and its other rows are taken in")
    func imports() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let file = office.scratch.path("people.csv")
        try Data("name,external_id\nAlex Morgan,7\nKim,8\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try priya.json("import", "people", file)["imported"].integer == 2)
        try priya.run("sync").succeeded()
        let people = try priya.json("person", "list").array ?? []
        let alex = try #require(people.first { $0["name"].string == "Alex Morgan" })["id"].text()
        try office.run("erase", "person", alex, "--all", "--yes").succeeded()
        try priya.run("sync").succeeded()
        let again = try priya.run("import", "people", file, "--json").json()
        #expect(again["rejected"].integer == 1 && again["unchanged"].integer == 1, "\(again)")
        let atOffice = try office.run("import", "people", file, "--area", "canterbury", "--json").json()
        #expect(atOffice["rejected"].integer == 1, "\(atOffice)")
        #expect(try priya.json("person", "list").array?.count == 1)
        try priya.run("sync").succeeded()
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("G9 G10: a server that is set up again from an old copy of its folder brings nothing back")
    func oldBackup() throws {
        let office = try Office()
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try castleHouse(priya)
        let zebedee = try person("Zebedee Quill", on: priya)
        let other = try priya.visit("Castle House", summary: "Zebedee Quill asked for the art group.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.close()
        let backup = office.scratch.path("backup")
        try FileManager.default.copyItem(atPath: office.folder, toPath: backup)
        try office.open()
        try office.run("erase", "person", zebedee, "--all", "--yes").succeeded()
        try priya.run("sync").succeeded()
        try office.close()

        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: backup, toPath: office.folder)
        try office.open()
        // Sam has not heard of the order, and comes back first.
        for laptop in [sam, priya, sam, priya] { try laptop.run("sync").succeeded() }
        #expect(try states(office) == ["Priya": "confirmed", "Sam": "confirmed"])
        for laptop in [priya, sam] {
            #expect(try FolderBytes.files(in: laptop.home, with: "Zebedee") == [], "\(laptop.person)")
            #expect(try laptop.listed(other)["summary"].string == "[erased] asked for the art group.")
        }
        try expectAgreement([priya, sam], office)
        try office.close()
        try office.run("erase", "status").succeeded()
        #expect(try FolderBytes.files(in: office.folder, with: "Zebedee") == [])
    }

    @Test(
        "G9: an order without the office's signature erases nothing and is told",
        .enabled(if: SQLiteShell.isInstalled, "the sqlite3 shell is not installed"))
    func forged() throws {
        let office = try Office()
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let alex = try person("Alex Morgan", on: priya)
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.close()
        let backup = office.scratch.path("backup")
        try FileManager.default.copyItem(atPath: office.folder, toPath: backup)
        try office.run("erase", "person", alex, "--all", "--yes").succeeded()
        let database = office.folder + "/hub.sqlite"
        let order = try SQLiteShell.run(
            database, "SELECT number || ' ' || hex(entry) FROM ledger ORDER BY number DESC LIMIT 1"
        ).split(whereSeparator: \.isWhitespace)
        // Somebody with the server's disk, and without the office's key, changes the order's last byte, and puts it into
        // the ledger of an office that never gave it.
        let forged = String(order[1].dropLast(2)) + (order[1].hasSuffix("00") ? "01" : "00")
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: backup, toPath: office.folder)
        try office.run("areas", "add", "whitstable").succeeded()
        try SQLiteShell.run(
            database, "UPDATE ledger SET kind = 6, entry = x'\(forged)' WHERE number = \(order[0])")
        try office.open()
        for laptop in [sam, priya] {
            let told = try laptop.run("sync").succeeded()
            #expect(told.errors.contains("does not bear your office's signature"), "\(told)")
            #expect(try laptop.json("person", "list").array?.count == 1)
            #expect(!told.output.contains("erase"))
        }
        try office.close()
    }

    @Test("G9: what other people and places are called by stays, unless somebody names them")
    func namesOfOthers() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let robin = try person("Robin Example", on: priya)
        let relative = try priya.json(
            "person", "add", "Robin Example Junior", "--new", "--interests", "Walks with Robin Example")["id"].text()
        let part = try person("Example Smith", on: priya)
        let place = try priya.json("place", "add", "Robin Example House", "--kind", "residential")["id"].text()
        let other = try priya.json("place", "add", "Robin Example Hall", "--kind", "residential")["id"].text()
        try priya.run("sync").succeeded()
        let done = try office.run(
            "erase", "person", robin, "--all", "--redact", other, "--yes", "--json"
        ).succeeded().json()
        #expect(Set(done["redacted"].array?.compactMap(\.string) ?? []) == [relative, other], "\(done)")
        #expect(done["erased"].array?.compactMap(\.string) == [robin], "\(done)")
        try priya.run("sync").succeeded()
        let person = try priya.json("person", "show", relative)
        #expect(person["name"].string == "Robin Example Junior", "\(person)")
        #expect(person["interests"].string == "Walks with [erased]", "\(person)")
        #expect(try priya.json("person", "show", part)["name"].string == "Example Smith")
        let places = try priya.json("place", "list").array ?? []
        #expect(places.first { $0["id"].string == place }?["name"].string == "Robin Example House", "\(places)")
        #expect(places.first { $0["id"].string == other }?["name"].string == "[erased] Hall", "\(places)")
        try office.close()
    }

    @Test("A preview fits 40 columns, choices are named by options, and a wrong one changes nothing")
    func choosing() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try castleHouse(priya)
        let alex = try person("Alex Morgan", on: priya)
        let visit = try priya.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--person", alex, "--summary", "Tea.")["id"]
            .text()
        try priya.run("sync").succeeded()
        let short = String(visit.prefix(8))
        let narrow = try office.run("erase", "person", alex, "--dry-run", environment: ["COLUMNS": "40"]).succeeded()
        #expect(narrow.output.contains("ID: \(short)"), "\(narrow)")
        #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        for last in ["--yes", "--dry-run"] {
            let unknown = try office.run("erase", "person", alex, "--all", "--keep", "zzzzzzzz", last)
            #expect(unknown.code == 3, "\(unknown)")
        }
        let tried = try office.run("erase", "person", alex, "--keep", visit, "--dry-run", "--json").succeeded().json()
        let chosen = try (tried["records"].array ?? []).map { "\(try $0["id"].text()) \(try $0["chosen"].text())" }
        #expect(Set(chosen) == ["\(alex) erase", "\(visit) keep"], "\(tried)")
        let long = Array(repeating: "and so on", count: 12).joined(separator: " ") + " with Alex Morgan"
        let other = try priya.visit("Castle House", summary: long)
        try priya.run("sync").succeeded()
        let whole = try office.run("erase", "person", alex, "--dry-run", "--plain").succeeded()
        #expect(whole.output.contains(long), "what is decided on for good is shown whole: \(whole)")
        let person = try office.run("erase", "person", alex, "--keep", alex, "--all", "--yes")
        #expect(person.code == 2, "\(person)")
        let kept = try office.run("erase", "person", alex, "--keep", visit, "--redact", other, "--yes").succeeded()
        #expect(kept.output.contains("Erased 1 record") && !kept.output.contains("Alex"), "\(kept)")
        try priya.run("sync").succeeded()
        #expect(try priya.listed(visit)["summary"].string == "Tea.")
        #expect(try priya.json("person", "list").array?.isEmpty == true)
        #expect(try office.run("erase", "person", "zzzzzzzz", "--yes").code == 3)
        try office.close()
    }
}
