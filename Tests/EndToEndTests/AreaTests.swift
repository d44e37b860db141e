import Foundation
import Testing

@Suite("Areas")
struct AreaTests {
    private static let canary = "canary-7f3b the resident of room four"
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        priya = try office.laptop("Priya", areas: ["canterbury"])
        sam = try office.laptop("Sam", areas: ["whitstable"])
        try sam.run("place", "add", "Harbour", "--kind", "outreach_project").succeeded()
        _ = try sam.visit("Harbour", summary: Self.canary)
        try sam.run("sync").succeeded()
    }

    /// Whether a text lies in any file of a laptop.
    private func holds(_ laptop: Laptop, _ text: String) throws -> Bool {
        let names = try FileManager.default.contentsOfDirectory(atPath: laptop.home)
        return try names.contains { name in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(laptop.home)/\(name)"))
            return bytes.range(of: Data(text.utf8)) != nil
        }
    }

    @Test("G7: no file of a laptop ever holds a record of an area that it does not have")
    func otherArea() throws {
        try priya.run("sync").succeeded()
        #expect(try priya.json("place", "list").array?.count == 1, "places are everybody's")
        #expect(try priya.json("visit", "list").array?.isEmpty == true)
        #expect(try !holds(priya, Self.canary))
        #expect(try holds(sam, Self.canary), "the search itself works")
        #expect(try priya.json("sync")["areas"].keys.contains("whitstable") == false)
        try office.close()
    }

    @Test(
        "G7: the name of somebody with lived experience is in no file of a laptop that never shared an area with them")
    func namesOfMembers() throws {
        for name in ["max", "ann"] { try office.run("areas", "add", name).succeeded() }
        let member = try office.laptop("Maximiliana", "member", areas: ["max"])
        let other = try office.laptop("Annabella", "member", areas: ["ann"])
        try office.run("areas", "give", "Sam", "max").succeeded()
        let boss = try office.laptop("Boss", "admin")
        let laptops = [member, other, boss, priya, sam]
        for laptop in laptops { try laptop.run("sync").succeeded() }
        for (laptop, isTold) in zip(laptops, [true, false, true, false, true]) {
            #expect(try holds(laptop, "Maximiliana") == isTold, "\(laptop.person)")
        }
        #expect(try holds(other, "Priya"), "whoever works here is known to all")
        // What she writes bears her name where it can be read, also when she works there no more.
        let id = try member.json("person", "add", "Robin")["id"].text()
        for laptop in [member, sam] { try laptop.run("sync").succeeded() }
        try office.run("areas", "take", "Maximiliana", "max").succeeded()
        try sam.run("sync").succeeded()
        #expect(try sam.json("person", "show", id)["recorded_by"].string == "Maximiliana")
        #expect(try sam.run("export", "people").succeeded().output.contains("Maximiliana"))
        // Gone with the area, from all files.
        try office.run("areas", "take", "Sam", "max").succeeded()
        try sam.run("sync").succeeded()
        #expect(try !holds(sam, "Maximiliana"))
        try office.close()
    }

    @Test("An area that is given arrives with the next sync")
    func given() throws {
        try office.run("areas", "give", "Priya", "whitstable").succeeded()
        try priya.run("sync").succeeded()
        #expect(try priya.json("visit", "list")[0]["summary"].string == Self.canary)
        try priya.run("sync").succeeded()
        let report = try priya.json("sync")
        #expect(report["areas"].keys.isSuperset(of: ["canterbury", "whitstable"]))
        #expect(report["digest"].string == report["server_digest"].string)
        try office.close()
    }

    @Test(
        "G7: an area that is taken is gone from all files after one sync, and unsent work in it is kept at the office")
    func taken() throws {
        let visit = try sam.visit("Harbour", "2026-11-23 10:00", summary: "unsent-41c9")
        try office.run("areas", "take", "Sam", "whitstable").succeeded()
        let report = try sam.run("sync", "--json").succeeded()
        #expect(try report.json()["lost_areas"].array?.map(\.string) == ["whitstable"])
        #expect(try sam.json("visit", "list").array?.isEmpty == true, "\(report)")
        #expect(try !holds(sam, Self.canary))
        #expect(try !holds(sam, "unsent-41c9"))
        let held = try office.run("quarantine", "list", "--json").succeeded().json()
        #expect(held.array?.count == 1 && held[0]["device"].string == "Sam's laptop", "\(held) \(visit)")
        #expect(held[0].keys.isSuperset(of: ["id", "device", "reason", "changes"]))
        let id = String(held[0]["id"].integer ?? 0)
        #expect(try office.run("quarantine", "show", id).succeeded().output.contains("unsent-41c9"))
        #expect(try sam.json("sync")["held"].integer == 1)
        try office.run("areas", "give", "Sam", "whitstable").succeeded()
        try sam.run("sync").succeeded()
        #expect(try sam.json("visit", "list")[0]["summary"].string == Self.canary, "it comes back with the area")
        try expectAgreement([sam], office)
        try office.close()
    }

    @Test("Whose team was taken reads which, and what became of work that was not sent; once", arguments: [0, 1, 2])
    func told(unsent: Int) throws {
        for number in 0..<unsent { _ = try sam.visit("Harbour", "2026-11-23 10:0\(number)", summary: "unsent") }
        try office.run("areas", "give", "Sam", "canterbury").succeeded()
        try office.run("areas", "take", "Sam", "whitstable").succeeded()
        let told = try sam.run("sync").succeeded().output
        #expect(
            told.contains(
                "The office has taken the team \"whitstable\" from you: its records left this laptop, and are at the office.\n"
            ), "\(told)")
        let rest = [
            "What you wrote there and had sent is there too.",
            "1 change of yours that was not sent yet went there now, to be checked: kith held list",
            "2 changes of yours that were not sent yet went there now, to be checked: kith held list",
        ]
        #expect(told.contains(rest[unsent] + "\n"), "\(told)")
        #expect(try !sam.run("sync").succeeded().output.contains("has taken"))
        try office.close()
    }

    @Test("Who takes back held work of which the office has the only words is told that they are gone, also with --yes")
    func takenBack() throws {
        _ = try sam.visit("Harbour", "2026-11-23 10:00", summary: "unsent")
        try office.run("areas", "take", "Sam", "whitstable").succeeded()
        try sam.run("sync").succeeded()
        let number = String(try sam.json("held", "list")[0]["id"].integer ?? 0)
        let trial = try sam.run("held", "withdraw", number, "--dry-run").succeeded()
        #expect(trial.errors.contains("at the office alone, and would be gone."), "\(trial.errors)")
        let run = try sam.run("held", "withdraw", number, "--yes").succeeded()
        #expect(run.errors == "Some of its words were at the office alone, and are gone.\n", "\(run.errors)")
        try office.close()
    }

    @Test("G7: an unsent edit does not keep what others wrote in a taken area")
    func editInTakenArea() throws {
        let kim = try office.laptop("Kim", areas: ["whitstable"])
        try kim.run("sync").succeeded()
        let visit = try kim.json("visit", "list")[0]["id"].text()
        try kim.run("visit", "edit", visit, "--purpose", "edited-9e07").succeeded()
        try office.run("areas", "take", "Kim", "whitstable").succeeded()
        try kim.run("sync").succeeded()
        #expect(try !holds(kim, Self.canary))
        #expect(try !holds(kim, "edited-9e07"))
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.count == 1)
        try office.close()
    }

    @Test(
        "With several areas and none used yet, nothing is saved and the areas are named; afterwards the last one is used"
    )
    func several() throws {
        let both = try office.laptop("Both", areas: ["canterbury", "whitstable"])
        try both.run("sync").succeeded()
        let refused = try both.run("visit", "add", "Harbour", "2026-11-22 10:00")
        #expect(refused.code == 2, "\(refused)")
        #expect(refused.errors.contains("canterbury") && refused.errors.contains("whitstable"))
        let before = try both.json("visit", "list").array?.count ?? 0
        let named = try both.json("visit", "add", "Harbour", "2026-11-22 10:00", "--area", "canterbury")
        #expect(named["area"].string == "canterbury")
        let next = try both.run("visit", "add", "Harbour", "2026-11-22 11:00").succeeded()
        #expect((next.output + next.errors).contains("canterbury"), "the area is echoed: \(next)")
        #expect(try both.json("visit", "list").array?.count == before + 2)
        try office.close()
    }
}
