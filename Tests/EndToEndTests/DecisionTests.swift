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
}
