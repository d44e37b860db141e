import Foundation
import Testing

@Suite("Decisions between two people's words")
struct DecisionTests {
    @Test("Both whose words were decided about read it at their next sync, who lost a record too, and nobody else does")
    func told() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        let lea = try office.laptop("Lea", "lead")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visits = try ["Tea.", "Cake."].map { try priya.visit("Castle House", summary: $0) }
        for laptop in [priya, sam, lea] { try laptop.run("sync").succeeded() }
        for laptop in [priya, sam] {
            try laptop.run("visit", "edit", visits[0], "--summary", "\(laptop.person)'s words").succeeded()
        }
        try priya.run("visit", "edit", visits[1], "--summary", "Cake and songs.", "--outcome", "went_ahead").succeeded()
        try sam.run("visit", "delete", visits[1], "--yes").succeeded()
        for laptop in [priya, sam, lea, priya] { try laptop.run("sync").succeeded() }
        let conflicts = try lea.json("conflicts", "list").array ?? []
        for conflict in conflicts {
            let deleted = conflict["a"]["deleted"].boolean == true ? "a" : "b"
            let isDeletion = [conflict["a"], conflict["b"]].contains { $0["deleted"].boolean == true }
            let id = try conflict["id"].text()
            // Who lets the deletion stand settles both of its conflicts at once.
            guard try lea.json("conflicts", "show", id)["status"].string == "open" else { continue }
            let words = isDeletion ? ["--keep", deleted] : ["--value", "Neither."]
            try lea.start(["conflicts", "resolve", id, "--why", "I asked both"] + words).finish().succeeded()
        }
        try lea.run("sync").succeeded()
        let toldPriya = try priya.run("sync").succeeded().output
        #expect(
            toldPriya.contains("Lea decided: neither what you wrote nor what Sam wrote stands as it was."),
            "\(toldPriya)")
        #expect(toldPriya.contains("  now: \"Neither.\"\n  yours: \"Priya's words\"\n"), "\(toldPriya)")
        #expect(toldPriya.contains(": I asked both\n"), "\(toldPriya)")
        #expect(toldPriya.split(separator: "\n").count { $0.contains("Sam's deletion stands.") } == 1, "\(toldPriya)")
        #expect(toldPriya.contains("  Bring it back: kith visit restore \(visits[1].prefix(8))"), "\(toldPriya)")
        let toldSam = try sam.json("sync")["decided"].array ?? []
        #expect(toldSam.count == 2 && toldSam.contains { $0["own_words"].string == "kept" }, "\(toldSam)")
        #expect(!(try lea.run("sync").succeeded().output.contains("decided")))
        #expect(!(try priya.run("sync").succeeded().output.contains("decided")))
        let summary = try #require(conflicts.first { $0["record"].string == visits[0] })
        let side = summary["a"]["person"].string == "Priya" ? "a" : "b"
        try priya.run("conflicts", "bring-back", try summary["id"].text(), "--side", side).succeeded()
        #expect(try priya.listed(visits[0])["summary"].string == "Priya's words")
        try office.close()
    }

    @Test("The author of known risks goes with the words that the office keeps, and comes back with them")
    func authorOfRisks() throws {
        let office = try Office()
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        let (hers, his) = ("Dog at the back", "Needles on the stairs")
        let cases = [
            ("Castle House", "--keep=a", hers, "Priya"),
            ("Elm Hall", "--keep=b", his, "Sam"),
            ("Abbey House", "--combine", "\(hers)\n\n\(his)", "Priya and Sam"),
            ("Harbour", "--value=Dog, and needles", "Dog, and needles", "office"),
        ]
        let places = try cases.map { try priya.json("place", "add", $0.0, "--kind", "residential")["id"].text() }
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        for place in places {
            try priya.run("place", "edit", place, "--known-risks", hers).succeeded()
            try sam.run("place", "edit", place, "--known-risks", his).succeeded()
        }
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        func open(_ place: String) throws -> [JSON] {
            try (office.run("conflicts", "list", "--json").succeeded().json().array ?? []).filter {
                $0["record"].string == place
            }
        }
        func expect(_ place: String, _ risks: String, _ author: String, isOpen: Bool) throws {
            try priya.run("sync").succeeded()
            let shown = try priya.json("place", "show", place)
            #expect(shown["known_risks"].string == risks && shown["risks_by"].string == author, "\(shown)")
            #expect(try open(place).isEmpty == !isOpen)
        }
        for place in places { #expect(try open(place).count == 2, "the words and their author") }
        for (place, (_, choice, risks, author)) in zip(places, cases) {
            let id = try #require(try open(place).first { $0["field"].string == "known_risks" })["id"].text()
            try office.run("conflicts", "resolve", id, choice, "--why", "Asked both").succeeded()
            try expect(place, risks, author, isOpen: false)
            try office.run("undo").succeeded()
            try expect(place, his, "Sam", isOpen: true)
            try office.run("redo").succeeded()
            try expect(place, risks, author, isOpen: false)
        }
        try sam.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }
}
