import Foundation
import Testing

/// What a worker can rely on before a laptop is handed back, and after words of theirs were not kept.
@Suite("Trust in sync")
struct SafeToLoseTests {
    @Test("status --safe-to-lose names what is not on the server, and says so once everything is")
    func waiting() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let fresh = try priya.run("status", "--safe-to-lose")
        #expect(fresh.code == 1, "nothing was compared yet: \(fresh)")
        #expect(
            fresh.output == "Not everything on this laptop is on the server. Last sync: never.\n"
                + "Not compared with the office since something changed: everyone, canterbury\n")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        let unsent = try priya.run("status", "--safe-to-lose", "--json")
        #expect(unsent.code == 1)
        let told = try unsent.json()
        #expect(told["safe_to_lose"].boolean == false)
        #expect(told["waiting"].array?.map { $0["kind"].string } == ["place", "visit"])
        #expect(told["waiting"][1]["id"].string == visit)
        let words = try priya.run("status", "--safe-to-lose")
        #expect(words.output.contains("Waiting to be sent: 2\n  place "), "\(words)")
        #expect(
            words.errors == "kith: It is not safe to lose this laptop yet. Nothing is lost while you keep it.\n"
                + "Next: kith sync\n")

        try priya.run("sync").succeeded()
        let safe = try priya.run("status", "--safe-to-lose").succeeded()
        #expect(safe.output.hasPrefix("Everything on this laptop is on the server: 2 records, as of the last sync, "))
        #expect(try priya.json("status", "--safe-to-lose")["safe_to_lose"].boolean == true)
        _ = try priya.visit("Castle House", summary: "Again.")
        #expect(try priya.run("status", "--safe-to-lose").code == 1, "an edit after the sync counts")
    }

    @Test("A record that is here and not on the server is noticed although nothing waits")
    func compared() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
        try SQLiteShell.run(priya.database, "UPDATE place SET name = 'Castle Hall'")
        let told = try priya.run("status", "--safe-to-lose", "--json")
        #expect(told.code == 1)
        #expect(try told.json()["not_compared"].array?.map { $0.string } == ["everyone"])
        #expect(try told.json()["waiting"].array?.isEmpty == true)
    }

    @Test("G2: whose words were not kept reads which, by whom, and brings them back by the command that is named")
    func notKept() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        try sam.run("sync").succeeded()
        try priya.run("visit", "edit", visit, "--summary", "Alex asked about the art group.").succeeded()
        try sam.run("visit", "edit", visit, "--summary", "The lift is broken again.").succeeded()
        try sam.run("sync").succeeded()
        // Sam's words came later; Priya learns at her sync that hers were not kept.
        let told = try priya.run("sync").succeeded()
        let conflict = try priya.json("conflicts", "list")[0]["id"].text()
        let short = String(conflict.prefix(8))
        let lines = told.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("Your words were not kept here: what Sam wrote stands. Nothing of yours is lost."))
        #expect(
            lines.contains { $0.contains("Alex asked about the art group.") && $0.contains("Priya on Priya's laptop") })
        #expect(
            lines.contains {
                $0.contains("(kept): \"The lift is broken again.\"") && $0.contains("Sam on Sam's laptop")
            })
        #expect(lines.contains("  Bring yours back: kith conflicts bring-back \(short)"), "\(told)")

        try priya.run("conflicts", "bring-back", short, "--below").succeeded()
        try priya.run("sync").succeeded()
        let samTold = try sam.run("sync").succeeded()
        #expect(!samTold.output.contains("Your words were not kept"), "\(samTold)")
        #expect(
            try sam.listed(visit)["summary"].string
                == "The lift is broken again.\n\nAlex asked about the art group.")
    }
}
