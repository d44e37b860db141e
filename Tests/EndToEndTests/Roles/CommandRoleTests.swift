import Foundation
import Testing

@Suite("Roles and commands", .enabled(if: SQLiteShell.isInstalled, "sqlite3 is missing"))
struct CommandRoleTests {
    /// Stands in every record of the other area.
    private static let canary = "Zanzibarquay"
    private let office: Office
    private let boss: Laptop
    /// The ids of records of the other area, by kind.
    private var ids: [String: String] = [:]

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        boss = try office.laptop("Boss", "admin")
        let canary = Self.canary
        for (kind, words) in [
            ("place", ["add", "Castle House"]), ("resource", ["add", "Listening", "--kind", "training"]),
            ("alex", ["add", "Alex", "--new", "--area", "canterbury"]),
            ("person", ["add", canary, "--new", "--area", "whitstable"]),
            ("visit", ["add", "Castle House", "2026-11-20", "--summary", canary, "--area", "whitstable"]),
            ("meeting", ["add", "Castle House", "2026-11-20", "--summary", canary, "--area", "whitstable"]),
            ("role", ["add", canary, "peer_mentor"]),
            ("attendance", ["add", canary, "--meeting", "$meeting", "--contribution", canary]),
            ("promise", ["add", canary, "--person", canary]), ("opportunity", ["add", canary, canary]),
            ("insight", ["add", canary, "--meeting", "$meeting"]),
            ("relationship", ["add", canary, canary + " Two", "--kind-other", canary]),
            ("consent", ["add", canary, "quotes", "--answer", "given"]), ("payment", ["add", canary, "20.50"]),
            ("concern", ["add", canary, "--person", canary]),
            (
                "round",
                [
                    "add", canary, "--buddy", canary, "--started", "2026-11-20 14:00", "--expected-end",
                    "2026-11-20 17:00", "--area", "whitstable",
                ]
            ),
        ] {
            if kind == "relationship" {
                try boss.run("person", "add", canary + " Two", "--new", "--area", "whitstable").succeeded()
            }
            let words = [kind == "alex" ? "person" : kind] + words.map { $0 == "$meeting" ? ids["meeting"] ?? "" : $0 }
            ids[kind] = try boss.start(words + ["--json"]).finish().succeeded().json()["id"].text()
        }
        ids["note"] = try boss.json("note", ids["visit"] ?? "", canary)["id"].text()
        try makeConflict()
    }

    /// Two values of one field in the other area.
    private mutating func makeConflict() throws {
        let zoe = try office.laptop("Zoe", areas: ["whitstable"])
        for laptop in [boss, zoe] { try laptop.run("sync").succeeded() }
        for laptop in [boss, zoe] {
            try laptop.run("visit", "edit", ids["visit"] ?? "", "--purpose", "\(Self.canary) \(laptop.person)")
                .succeeded()
        }
        for laptop in [zoe, boss] { try laptop.run("sync").succeeded() }
        ids["conflict"] = try boss.json("conflicts", "list")[0]["id"].text()
    }

    private func laptop(_ role: String) throws -> Laptop {
        let areas = role == "auditor" || role == "admin" ? [] : ["canterbury"]
        let laptop = try office.laptop("The \(role)", role, areas: areas)
        try laptop.run("sync").succeeded()
        return laptop
    }

    private func waiting(_ laptop: Laptop) throws -> Int { try laptop.json("status")["waiting"].integer ?? -1 }

    @Test("Every command of the program is in the table")
    func everyCommand() throws {
        let listed = (CommandTable.writing.map(\.words) + CommandTable.naming + CommandTable.looking)
        for command in try CommandList(Programs.client).runnable {
            let isListed = listed.contains { $0.starts(with: command) } || CommandTable.elsewhere.contains(command)
            #expect(isListed, "kith \(command.joined(separator: " ")) has no line")
        }
        try office.close()
    }

    @Test("Each role writes with the commands of its line; what is refused saves nothing", arguments: RoleTable.roles)
    func writing(role: String) throws {
        let laptop = try laptop(role)
        for line in CommandTable.writing {
            let before = try waiting(laptop)
            let told = try laptop.start(line.words + ["--no-input"]).finish()
            #expect((told.code == 0) == line.isAllowed(role), "\(role): \(told)")
            if told.code != 0 {
                #expect([2, 3, 5].contains(told.code) && told.errors.contains("Nothing was"), "\(told)")
                #expect(try waiting(laptop) == before)
            }
        }
        // What the program let through, the server takes too.
        let synced = try laptop.json("sync")
        #expect(synced["held"].integer == 0, "\(role): \(synced)")
        try office.close()
    }

    @Test("G7: a record of another area is answered like one that nobody made", arguments: RoleTable.roles)
    func naming(role: String) throws {
        let laptop = try laptop(role)
        let absent = "zzzzzzzzzzzzzzzzzzzzzzzzzz"
        for command in CommandTable.naming {
            let (named, made) = (fill(command, nil), fill(command, absent))
            let told = try laptop.start(named + ["--no-input"]).finish()
            if role == "admin" {
                if command[1] == "show", command[0] != "held" {
                    #expect(told.code == 0, "the record is there: \(told)")
                }
                continue
            }
            let other = try laptop.start(made + ["--no-input"]).finish()
            #expect(told.code == other.code && [3, 5].contains(told.code), "\(role): \(told) \(other)")
            #expect(told.output == other.output && told.errors == other.errors, "\(role): \(told) \(other)")
            #expect(!told.errors.contains(Self.canary))
        }
        if role != "admin" { #expect(try waiting(laptop) == 0) }
        try office.close()
    }

    @Test("G7: no command shows a word of another area", arguments: RoleTable.roles)
    func looking(role: String) throws {
        let laptop = try laptop(role)
        var shown = 0
        for command in CommandTable.looking {
            for form in [[], ["--json"]] {
                // Completions read what is typed; the other commands read nothing.
                let typed = Child.Input.bytes(Data("person\nshow\n\n".utf8))
                let told = try laptop.start(command + ["--no-input"] + form, input: typed).finish()
                #expect(told.code == 0, "\(role): \(told)")
                let isShown = (told.output + told.errors).localizedCaseInsensitiveContains(Self.canary)
                if role == "admin" {
                    shown += isShown ? 1 : 0
                } else {
                    #expect(!isShown || command[0] == "search", "\(role): \(told)")
                }
            }
        }
        if role == "admin" { #expect(shown > 30, "the search finds what is there") }
        try office.close()
    }

    @Test(
        "Live, expired or revoked: each command that asks the office says so, and nothing here is lost",
        arguments: RoleTable.roles)
    func standing(role: String) throws {
        let laptop = try laptop(role)
        let file = office.scratch.path("boss.kith")
        try boss.run("bundle", "export", file).succeeded()
        func ask(
            _ standing: String, _ code: KeyPath<(words: [String], live: Int32, expired: Int32, revoked: Int32), Int32>
        ) throws {
            for line in CommandTable.asking {
                let told = try laptop.start(line.words.map { $0 == "$file" ? file : $0 } + ["--no-input"]).finish()
                #expect(told.code == line[keyPath: code], "\(role), \(standing): \(told)")
                if told.code != 0 {
                    #expect(told.errors.contains("Next: kith") || told.errors.contains("Nothing"), "\(told)")
                }
            }
        }
        try ask("live", \.live)
        // The office knows the laptop by another token than it shows.
        _ = try SQLiteShell.run(
            "\(office.folder)/hub.sqlite",
            """
            INSERT INTO device_token SELECT randomblob(32), number, 0 FROM device
            WHERE name = '\(laptop.device.replacingOccurrences(of: "'", with: "''"))'
            """)
        try ask("expired", \.expired)
        try office.run("revoke", laptop.device, "--yes").succeeded()
        try ask("revoked", \.revoked)
        #expect(try laptop.run("place", "list").code == 0, "what is here stays readable")
        try office.close()
    }

    /// The words with ids for placeholders: those of the other area, or one that nobody has.
    private func fill(_ words: [String], _ id: String?) -> [String] {
        words.map { word in word.first == "$" ? id ?? ids[String(word.dropFirst())] ?? "?" : word }
    }
}
