import Cryptography
import Foundation
import SyncCore
import Testing

@Suite("Who may do what, as the office changes it")
struct PeopleTests {
    private let office: Office

    init() throws {
        office = try Office()
        try office.open()
    }

    private func invite(_ name: String, _ role: String, _ more: String...) throws -> Outcome {
        let words = ["invite", "--name", name, "--role", role, "--no-input", "--data", office.folder]
        return try Child(Programs.server, words + more).finish()
    }

    // MARK: Members

    @Test("Nobody gives a member a team's area by a word left out: it must be named, and what they will read is asked")
    func memberOfTeam() throws {
        let alone = try invite("Max", "member")
        #expect(alone.code == 2 && alone.errors.contains("Missing --area"), "\(alone)")
        let priya = try office.laptop("Priya")
        _ = try office.laptop("Lee")
        let asked = try invite("Max", "member", "--area", "canterbury")
        #expect(asked.code == 2 && asked.output.isEmpty && asked.errors.contains("--yes"), "\(asked)")
        // On the first day nobody has joined yet.
        try office.run("areas", "add", "dover").succeeded()
        for name in ["Dee", "Don"] { try invite(name, "worker", "--area", "dover").succeeded() }
        #expect(try invite("Max", "member", "--area", "dover").code == 2)
        try office.run("areas", "add", "max").succeeded()
        try invite("Max", "member", "--area", "max").succeeded()
        #expect(try office.run("areas", "give", "Priya", "max", "--no-input").succeeded().code == 0)
        // What was written before anybody shared the area is not shown without asking either.
        try office.run("areas", "add", "ann").succeeded()
        try office.run("areas", "give", "Priya", "ann").succeeded()
        try priya.run("sync").succeeded()
        try priya.run("person", "add", "Robin", "--area", "ann").succeeded()
        try priya.run("sync").succeeded()
        #expect(try invite("Ann", "member", "--area", "ann").code == 2)
        try invite("Ann", "member", "--area", "ann", "--yes").succeeded()
        try office.close()
    }

    @Test("A member is told before anything is typed what they can't write, and whom to tell")
    func memberMayNotWrite() throws {
        try office.run("areas", "add", "max").succeeded()
        let max = try office.laptop("Max", "member", areas: ["max"])
        let place = try max.run("place", "add", "Castle House")
        #expect(
            place.code == 5 && place.errors.contains("Places are written by workers, leads and admins."), "\(place)")
        let concern = try max.run("concern", "add")
        #expect(concern.code == 5 && concern.errors.contains("Tell a lead, or the worker you know."), "\(concern)")
        let list = try max.run("concern", "list").succeeded()
        #expect(list.errors.contains("There are no concerns here.\n"), "\(list)")
    }

    @Test("Nobody gives a second worker the area of a member without being asked")
    func secondWorker() throws {
        try office.run("areas", "add", "max").succeeded()
        _ = try office.laptop("Max", "member", areas: ["max"])
        _ = try office.laptop("Priya", areas: ["canterbury"])
        _ = try office.laptop("Lee", areas: ["canterbury"])
        try office.run("areas", "give", "Priya", "max", "--no-input").succeeded()
        let asked = try office.run("areas", "give", "Lee", "max", "--no-input")
        #expect(asked.code == 2 && asked.errors.contains("--yes"), "\(asked)")
        try office.run("areas", "give", "Lee", "max", "--yes").succeeded()
        try office.close()
    }

    // MARK: Names

    @Test("A name that differs from a known one by capitals alone is no other person and no other area")
    func names() throws {
        _ = try office.laptop("Priya")
        let other = try invite("priya", "admin")
        #expect(other.code == 2 && other.errors.contains("called Priya already"), "\(other)")
        try invite("Zoë", "worker").succeeded()
        let invited = try invite("Zoe", "worker")
        #expect(invited.code == 2 && invited.errors.contains("called Zoë already"), "not joined yet: \(invited)")
        for name in ["Pri\nya", "Priya\u{200B}", "\u{202E}Priya"] {
            #expect(try invite(name, "worker").code == 2, "\(name.debugDescription)")
            #expect(try invite(name, "worker", "--new").code == 2, "\(name.debugDescription)")
        }
        try invite("priya", "admin", "--new").succeeded()
        try invite("Priya", "worker").succeeded()
        for name in ["Canterbury", "a\nb"] { #expect(try office.run("areas", "add", name).code == 2, "\(name)") }
        try office.close()
    }

    @Test(
        "No device is called as the office is, or by nothing that can be seen, and its invitation stays good",
        .enabled(if: Wire.isPossible, "curl is missing"))
    func deviceNames() throws {
        let code = try office.invite("Sam")
        let laptop = try Laptop("Sam")
        let secret = try InvitationCode(decoding: code, hash: BLAKE2b.hash256).secret
        for name in ["server", "Office", " Server ", "  ", "\u{200B}", "-", "Sam's\nlaptop"] {
            let request = JoinRequest(secret: secret, device: name)
            // More often than a wrong invitation may be tried.
            #expect(try Wire(office, token: nil).send(request.encoded(), to: "/v1/join").status == 400, "\(name)")
            // For the command - is standard input, as everywhere.
            if name == "-" { continue }
            let refused = try laptop.run("join", code, "--device", name, "--no-passphrase")
            #expect(refused.code == 2 && refused.errors.contains("The name of a device"), "\(name): \(refused)")
        }
        try laptop.run("join", code, "--device", "Sam\u{200B}'s  office  laptop", "--no-passphrase").succeeded()
        let devices = try office.run("devices", "list", "--json").succeeded().json().array ?? []
        #expect(devices.compactMap { $0["name"].string }.contains("Sam's office laptop"), "\(devices)")
        #expect(devices.count == 1 || devices.count == 2, "\(devices)")
        try office.close()
    }

    // MARK: Roles

    @Test(
        "G7: a concern about somebody whose area nobody leads goes to the leads of the writer's team, who read whom it is about"
    )
    func concernWithoutLead() throws {
        try office.run("areas", "add", "alex").succeeded()
        let priya = try office.laptop("Priya", areas: ["canterbury", "alex"])
        let lee = try office.laptop("Lee", "lead", areas: ["canterbury"])
        try priya.run("sync").succeeded()
        try priya.run("person", "add", "Alex Member", "--team", "alex").succeeded()
        let added = try priya.run("concern", "add", "Zanzibarquay owes money", "--person", "Alex Member").succeeded()
        #expect(added.errors.contains("Saved in the team \"canterbury\", as nobody leads \"alex\"."), "\(added)")
        #expect(added.errors.contains("Leads and admins will read it once it is sent"))
        for laptop in [priya, lee] { try laptop.run("sync").succeeded() }
        let read = try lee.json("concern", "list")
        #expect(read.array?.count == 1 && read[0]["about_other"].string == "Alex Member", "\(read)")
        // Named, it stays there, and nobody believes that a lead reads it.
        let named = try priya.run("concern", "add", "Another", "--person", "Alex Member", "--team", "alex").succeeded()
        #expect(named.errors.contains("Admins will read it once it is sent (nobody leads \"alex\")"), "\(named)")
        #expect(named.errors.contains("Tell a lead yourself as well."))
        try office.close()
    }

    @Test(
        "G7: who becomes a lead reads the concerns of the team with the next sync, and loses them when they are a worker"
    )
    func roleChange() throws {
        let priya = try office.laptop("Priya")
        let lee = try office.laptop("Lee", "lead")
        _ = try office.laptop("Ada", "admin")
        let id = try lee.json("concern", "add", "Zanzibarquay owes money", "--immediate-danger", "no")["id"].text()
        for laptop in [lee, priya] { try laptop.run("sync").succeeded() }
        #expect(try priya.run("concern", "show", id).code == 3)
        let changed = try office.run("role", "Priya", "lead", "--json").succeeded().json()
        #expect(changed["role"].string == "lead" && changed["former_role"].string == "worker")
        try priya.run("sync").succeeded()
        #expect(try priya.json("concern", "show", id)["what"].string == "Zanzibarquay owes money")
        #expect(try priya.json("status")["role"].string == "lead")
        try office.run("role", "Priya", "worker").succeeded()
        try priya.run("sync").succeeded()
        #expect(try priya.json("concern", "list").array?.isEmpty == true)
        for file in try FileManager.default.contentsOfDirectory(atPath: priya.home) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(priya.home)/\(file)"))
            #expect(bytes.range(of: Data("Zanzibarquay".utf8)) == nil, "\(file)")
        }
        let log = try office.run("audit", "list").succeeded().output
        #expect(log.components(separatedBy: "role changed").count == 3, "\(log)")
        try office.close()
    }

    @Test("The last admin stays, a former admin keeps the areas that are named, and old invitations are void")
    func admins() throws {
        let ada = try office.laptop("Ada", "admin")
        let last = try office.run("role", "Ada", "worker", "--area", "canterbury")
        #expect(last.code == 5 && last.errors.contains("last"), "\(last)")
        #expect(try ada.json("sync")["held"].integer == 0)
        _ = try office.laptop("Ben", "admin")
        try office.run("areas", "add", "dover").succeeded()
        #expect(try office.run("role", "Ada", "worker").code == 2, "which areas?")
        let code = try office.invite("Ada", "admin")
        try office.run("role", "Ada", "worker", "--area", "dover").succeeded()
        try ada.run("sync").succeeded()
        #expect(try ada.json("status")["areas"].array?.compactMap(\.string) == ["dover", "everyone"])
        #expect(try Laptop("Ada").run("join", code, "--device", "another", "--no-passphrase").code == 5)
        #expect(try office.run("role", "Nobody", "worker").code == 3)
        #expect(try office.run("role", "Ada", "boss").code == 2)
        try office.close()
    }

    @Test("A role that somebody has already changes nothing, and leaves invitations good")
    func sameRole() throws {
        try office.run("areas", "add", "dover").succeeded()
        _ = try office.laptop("Ben", areas: ["canterbury"])
        let code = try office.invite("Ben")
        for words in [["role", "Ben", "worker"], ["role", "Ben", "worker", "--area", "canterbury"]] {
            let same = try Child(Programs.server, words + ["--data", office.folder]).finish().succeeded()
            #expect(same.output.isEmpty, "\(same)")
            #expect(same.errors == "Ben is worker already. Nothing was changed.\n", "\(same)")
        }
        try Laptop("Ben").run("join", code, "--device", "another", "--no-passphrase").succeeded()
        let alone = try office.run("role", "Ben", "lead").succeeded()
        #expect(!alone.errors.contains("void"), "there was none: \(alone)")
        _ = try office.invite("Ben", "lead")
        let others = try office.run("role", "Ben", "worker").succeeded()
        #expect(others.errors.contains("Invitations of Ben that were not used are void."), "\(others)")
        let tried = try office.run("role", "Ben", "worker", "--area", "dover", "--dry-run").succeeded()
        #expect(tried.errors.contains("Ben gets dover with all its records, and loses canterbury."), "\(tried)")
        let asked = try office.run("role", "Ben", "worker", "--area", "dover", "--no-input")
        #expect(asked.code == 2 && asked.errors.contains("--yes"), "\(asked)")
        let moved = try office.run("role", "Ben", "worker", "--area", "dover", "--yes", "--json").succeeded().json()
        #expect(moved["areas"].array?.compactMap(\.string) == ["dover"], "\(moved)")
        let log = try office.run("audit", "list").succeeded().output
        #expect(log.components(separatedBy: "role changed").count == 4, "\(log)")
        try office.close()
    }

    // MARK: What is decided

    @Test("The office reads of which record a conflict is: kind, id, place and day")
    func conflictTitle() throws {
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        for laptop in [priya, sam] {
            try laptop.run("visit", "edit", visit, "--summary", "\(laptop.person) was there.").succeeded()
            try laptop.run("sync").succeeded()
        }
        let conflict = try office.run("conflicts", "list", "--json").succeeded().json()[0]["id"].text().prefix(8)
        let title =
            "\(conflict) open. Visit \(visit.prefix(8)), Castle House, Sunday 22 November 2026, 14:30: Summary"
        for words in [["list"], ["show", String(conflict)]] {
            let shown = try Child(Programs.server, ["conflicts"] + words + ["--data", office.folder]).finish()
            #expect(try shown.succeeded().output.split(separator: "\n").first.map(String.init) == title, "\(shown)")
        }
        try office.close()
    }
}
