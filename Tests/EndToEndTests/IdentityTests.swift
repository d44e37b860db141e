import Foundation
import Testing

@Suite("Merging and moving on two laptops")
struct IdentityTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        priya = try office.laptop("Priya", areas: ["canterbury", "whitstable"])
        sam = try office.laptop("Sam", areas: ["canterbury"])
    }

    private func syncAll() throws {
        for laptop in [priya, sam, priya, sam] { try laptop.run("sync").succeeded() }
    }

    private func person(_ name: String, _ more: String...) throws -> String {
        let words = ["person", "add", name, "--area", "canterbury", "--json"] + more
        return try priya.start(words).finish().succeeded().json()["id"].text()
    }

    private func names(_ laptop: Laptop) throws -> [String] {
        try laptop.json("person", "list").array?.compactMap { $0["name"].string } ?? []
    }

    @Test(
        "Merged in opposite directions on two laptops: one record stands for both everywhere, and one undo parts nothing"
    )
    func oppositeDirections() throws {
        let first = try person("Alex")
        let second = try person("Bertie")
        try syncAll()
        try priya.run("person", "merge", first, second, "--yes").succeeded()
        try sam.run("person", "merge", second, first, "--yes").succeeded()
        try syncAll()
        let shown = try [priya, sam].map { try $0.json("person", "list")[0]["id"].text() }
        #expect(try names(priya).count == 1 && names(sam).count == 1)
        #expect(shown[0] == shown[1] && [first, second].contains(shown[0]))
        for laptop in [priya, sam] {
            let words = try laptop.run("person", "show", "Alex").succeeded().output
            #expect(words.contains("Merged in both directions: "), "\(words)")
        }
        try sam.run("undo").succeeded()
        try syncAll()
        for laptop in [priya, sam] {
            #expect(try names(laptop) == ["Bertie"], "what Priya merged still counts")
            #expect(try laptop.json("person", "show", "Alex")["id"].string == second)
        }
        try sam.run("person", "unmerge", "Alex").succeeded()
        try syncAll()
        for laptop in [priya, sam] { #expect(try names(laptop) == ["Alex", "Bertie"]) }
        #expect(try office.run("conflicts", "list", "--json").json().array?.isEmpty == true)
        try expectAgreement([sam], office)
        try office.close()
    }

    @Test("In a circle one unmerge parts both, on the laptop that did neither")
    func partedCircle() throws {
        let first = try person("Alex")
        let second = try person("Bertie")
        let ada = try office.laptop("Ada", "admin")
        try syncAll()
        try priya.run("person", "merge", first, second, "--yes").succeeded()
        try sam.run("person", "merge", second, first, "--yes").succeeded()
        try syncAll()
        try ada.run("sync").succeeded()
        try ada.run("person", "unmerge", first).succeeded()
        try ada.run("sync").succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] { #expect(try names(laptop) == ["Alex", "Bertie"]) }
        try office.close()
    }

    @Test("Merged into two different records: an ordinary conflict, with both names, which a lead decides")
    func conflict() throws {
        let alex = try person("Alex")
        for name in ["Bertie", "Charlie"] { _ = try person(name) }
        let ada = try office.laptop("Ada", "admin")
        try syncAll()
        try priya.run("person", "merge", alex, "Bertie", "--yes").succeeded()
        try sam.run("person", "merge", alex, "Charlie", "--yes").succeeded()
        try syncAll()
        try ada.run("sync").succeeded()
        let conflict = try ada.json("conflicts", "list")
        #expect(conflict.array?.count == 1 && conflict[0]["field"].string == "merged_into", "\(conflict)")
        let words = try ada.run("conflicts", "show", try conflict[0]["id"].text()).succeeded().output
        #expect(words.contains("Bertie") && words.contains("Charlie"), "\(words)")
        try ada.run("conflicts", "resolve", try conflict[0]["id"].text(), "--keep", "before").succeeded()
        try ada.run("sync").succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] { #expect(try names(laptop) == ["Alex", "Bertie", "Charlie"]) }
        try office.close()
    }

    @Test("Moved to a team that another laptop does not have: it sees that they moved, and nothing of the new record")
    func move() throws {
        let alex = try person("Alex", "--pronouns", "they")
        try priya.run("place", "add", "Castle House").succeeded()
        let visit = try priya.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--person", "Alex", "--area", "canterbury")["id"].text()
        try syncAll()
        let kim = try office.laptop("Kim", areas: ["whitstable"])
        let to = try priya.json("person", "move", "Alex", "--area", "whitstable", "--yes")["to"].text()
        try priya.run("person", "edit", "Alex", "--interests", "canary-5b1e").succeeded()
        try syncAll()
        try kim.run("sync").succeeded()
        #expect(try names(sam).isEmpty)
        #expect(try sam.run("visit", "show", visit).succeeded().output.contains("Alex (moved to another team)"))
        #expect(try sam.json("person", "list", "--all")[0]["moved_to"]["name"].isNull)
        for name in try FileManager.default.contentsOfDirectory(atPath: sam.home) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(sam.home)/\(name)"))
            #expect(bytes.range(of: Data("canary-5b1e".utf8)) == nil, "G7: \(name)")
        }
        #expect(try kim.json("person", "list")[0]["id"].string == to)
        #expect(try kim.json("person", "list")[0]["moved_from"]["missing"].string == "not_here")
        #expect(try kim.json("visit", "list").array?.isEmpty == true)
        #expect(try priya.json("person", "show", "Alex")["visits"].integer == 1)
        try priya.run("person", "move", "Alex", "--area", "canterbury", "--yes").succeeded()
        try syncAll()
        try kim.run("sync").succeeded()
        #expect(try sam.json("person", "list")[0]["id"].string == alex)
        #expect(try sam.json("person", "show", "Alex")["interests"].string == "canary-5b1e")
        #expect(try names(kim).isEmpty)
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("A consent that was withdrawn after a move counts in the team that the person left, where their words are")
    func withdrawnAfterMove() throws {
        _ = try person("Alex")
        for words in [
            ["consent", "add", "Alex", "quotes", "--answer", "given"],
            ["insight", "add", "Doors", "--words", "They slam all night", "--person", "Alex"],
        ] { try priya.start(words + ["--area", "canterbury"]).finish().succeeded() }
        try syncAll()
        #expect(try sam.run("export", "insights").succeeded().output.contains("They slam"))
        try priya.run("person", "move", "Alex", "--area", "whitstable", "--yes").succeeded()
        try syncAll()
        let kim = try office.laptop("Kim", areas: ["whitstable"])
        try kim.run("sync").succeeded()
        try kim.run("consent", "withdraw", "Alex", "quotes").succeeded()
        try kim.run("sync").succeeded()
        try syncAll()
        let exports = try [sam, priya].map { try $0.run("export", "insights").succeeded().output }
        #expect(exports.allSatisfy { $0.contains("(left out: no consent)") && !$0.contains("They slam") }, "\(exports)")
        #expect(try office.run("export", "insights").succeeded().output == exports[0], "the same bytes everywhere")
        #expect(try !sam.run("report", "insights").succeeded().output.contains("They slam"))
        try office.close()
    }

    @Test("G2: who edits a person without having seen that they were moved is noticed, do not contact included")
    func editedUnaware() throws {
        let alex = try person("Alex", "--interests", "Chess")
        let ada = try office.laptop("Ada", "admin")
        try syncAll()
        try ada.run("sync").succeeded()
        let to = try priya.json("person", "move", "Alex", "--area", "whitstable", "--yes")["to"].text()
        try sam.run("person", "edit", alex, "--do-not-contact", "yes").succeeded()
        try syncAll()
        try ada.run("sync").succeeded()
        let conflicts = try ada.json("conflicts", "list")
        #expect(conflicts.array?.map { $0["field"].string } == ["do_not_contact"], "\(conflicts)")
        let words = try ada.run("conflicts", "show", try conflicts[0]["id"].text()).succeeded().output
        #expect(
            words.contains("moved: what is chosen here stays in canterbury. In whitstable they are person"), "\(words)")
        #expect(words.contains("kith person edit \(to.prefix(8))"), "\(words)")
        #expect(try priya.json("person", "show", "Alex")["do_not_contact"].integer == 1, "the strictest counts")
        // Who has seen the move makes no conflict.
        try sam.run("person", "edit", alex, "--interests", "Draughts").succeeded()
        try syncAll()
        try ada.run("sync").succeeded()
        #expect(try ada.json("conflicts", "list").array?.count == 1)
        try expectAgreement([ada], office)
        try office.close()
    }

    @Test("Two laptops move the same person to the same team: one record is made")
    func moveTwice() throws {
        _ = try person("Alex")
        let kim = try office.laptop("Kim", areas: ["canterbury", "whitstable"])
        try syncAll()
        try kim.run("sync").succeeded()
        let targets = try [priya, kim].map { laptop in
            try laptop.json("person", "move", "Alex", "--area", "whitstable", "--yes")["to"].text()
        }
        #expect(targets[0] == targets[1])
        for laptop in [priya, kim, priya, kim] { try laptop.run("sync").succeeded() }
        for laptop in [priya, kim] {
            #expect(try laptop.json("person", "list").array?.count == 1)
            #expect(try laptop.json("conflicts", "list").array?.isEmpty == true)
        }
        try expectAgreement([priya, kim], office)
        try office.close()
    }

    @Test("A visit added under a place that was deleted elsewhere names it as deleted, everywhere the same")
    func deletedParent() throws {
        try priya.run("place", "add", "Castle House").succeeded()
        try syncAll()
        try priya.run("place", "delete", "Castle House", "--yes").succeeded()
        let visit = try sam.visit("Castle House", summary: "Tea.")
        try syncAll()
        for laptop in [priya, sam] {
            #expect(try laptop.run("visit", "list").succeeded().output.contains("Castle House (deleted)"))
            #expect(try laptop.listed(visit)["place"]["missing"].string == "deleted")
        }
        for program in try [priya.run("export", "visits"), office.run("export", "visits")] {
            #expect(try program.succeeded().output.contains(",(not here),"))
        }
        try sam.run("place", "restore", try priya.listed(visit)["place"]["id"].text()).succeeded()
        try syncAll()
        #expect(try priya.listed(visit)["place"]["name"].string == "Castle House")
        try expectAgreement([sam], office)
        try office.close()
    }

    @Test(
        "Deleted here and merged into it there: the merged one stands for itself again, on both",
        arguments: [true, false])
    func deletedSurvivor(deletesFirst: Bool) throws {
        let alex = try person("Alex")
        _ = try person("Bertie")
        try syncAll()
        try sam.run("person", "delete", "Bertie", "--yes").succeeded()
        try priya.run("person", "merge", alex, "Bertie", "--yes").succeeded()
        for laptop in deletesFirst ? [sam, priya] : [priya, sam] { try laptop.run("sync").succeeded() }
        try syncAll()
        for laptop in [priya, sam] {
            #expect(try names(laptop) == ["Alex"])
            #expect(
                try laptop.run("person", "show", "Alex").succeeded().output.contains("Merged into: Bertie (deleted)"))
        }
        try expectAgreement([sam], office)
        try office.close()
    }

    @Test("A restriction that somebody set without having seen the merge restricts the one that stays")
    func restriction() throws {
        let alex = try person("Alex")
        let bertie = try person("Bertie")
        try syncAll()
        try priya.run("person", "merge", alex, bertie, "--yes").succeeded()
        try sam.run("person", "edit", "Alex", "--do-not-contact", "yes").succeeded()
        try syncAll()
        for laptop in [priya, sam] {
            #expect(try laptop.json("person", "list")[0]["id"].string == bertie)
            #expect(try laptop.json("person", "list")[0]["do_not_contact"].integer == 1)
        }
        try office.close()
    }

    @Test("Moved to two teams at once: a conflict, and moving the second after the first makes them one")
    func movedApart() throws {
        let wide = try Office(areas: ["north", "south", "west"])
        try wide.open()
        let (ann, ben) = try (wide.laptop("Ann", "admin"), wide.laptop("Ben", "admin"))
        try ann.run("person", "add", "Alex", "--area", "north").succeeded()
        for laptop in [ann, ben] { try laptop.run("sync").succeeded() }
        try ann.run("person", "move", "Alex", "--area", "south", "--yes").succeeded()
        let west = try ben.json("person", "move", "Alex", "--area", "west", "--yes")["to"].text()
        for laptop in [ann, ben, ann] { try laptop.run("sync").succeeded() }
        let conflict = try ann.json("conflicts", "list")
        #expect(conflict.array?.count == 1 && conflict[0]["field"].string == "moved_to", "\(conflict)")
        #expect(try ann.json("person", "list").array?.count == 2)
        try ann.run("person", "move", west, "--area", "south", "--yes").succeeded()
        for laptop in [ann, ben] { try laptop.run("sync").succeeded() }
        for laptop in [ann, ben] {
            #expect(try laptop.json("person", "list").array?.count == 1)
            #expect(try laptop.json("person", "list")[0]["area"].string == "south")
        }
        try expectAgreement([ann, ben], wide)
        try wide.close()
        try office.close()
    }
}
