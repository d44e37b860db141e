import Foundation
import Testing

@Suite("Importing while other things happen")
struct ImportTests {
    /// So many rows that the import takes several seconds without optimisation, in some fifty groups.
    private static let rowCount = 20_000

    private func table(_ scratch: Scratch, rows: Int, prefix: String = "") throws -> String {
        var text = "external_id,name,interests\n"
        for row in 0..<rows { text += "\(prefix)\(row),Person \(prefix)\(row),\"Likes \(row % 7), and tea\"\n" }
        let path = scratch.path("people\(prefix).csv")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func count(_ laptop: Laptop) throws -> Int {
        try laptop.run("export", "people").succeeded().output.split(separator: "\n").count - 1
    }

    @Test("G1: an import that is killed leaves whole groups, and the same command goes on from there")
    func killed() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let path = try table(priya.scratch, rows: Self.rowCount)
        let child = try priya.start(["import", "people", path, "--json"])
        var kept = 0
        // Reading the database shows that some groups are in; there is nothing else to wait for.
        while kept == 0 { kept = try count(priya) }
        child.send(SIGKILL)
        let killed = try child.finish()
        kept = try count(priya)
        let result = try priya.json("import", "people", path)
        if killed.code == -SIGKILL { #expect(kept < Self.rowCount) }
        #expect(result["unchanged"].integer == kept)
        #expect(result["imported"].integer == Self.rowCount - kept)
        #expect(try count(priya) == Self.rowCount)
        #expect(try priya.run("sync").succeeded().code == 0)
        #expect(try office.run("export", "people").succeeded().output == priya.run("export", "people").output)
    }

    @Test("An import that is stopped by a signal ends by it, after it has said how many rows are in and how it goes on")
    func stopped() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let path = try table(priya.scratch, rows: Self.rowCount)
        let child = try priya.start(["import", "people", path, "--quiet"])
        while try count(priya) == 0 {}
        child.send(SIGTERM)
        let stopped = try child.finish()
        let kept = try count(priya)
        #expect(stopped.code == -SIGTERM && kept < Self.rowCount, "\(stopped)")
        let grouped = kept < 1_000 ? "\(kept)" : "\(kept / 1_000),\(String(1_000 + kept % 1_000).suffix(3))"
        #expect(
            stopped.errors
                == "Stopped. \(grouped) rows are imported and stay. The same command goes on from there.\n")
        #expect(stopped.output.isEmpty)
        #expect(try priya.json("import", "people", path)["imported"].integer == Self.rowCount - kept)
        try priya.run("undo").succeeded()
        #expect(try count(priya) == 0, "one undo takes back both runs")
    }

    @Test(
        "Two imports, a sync and an import of the office at the same time all finish, and all end with the same records"
    )
    func sideBySide() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let first = try table(priya.scratch, rows: 3_000, prefix: "a")
        let second = try table(priya.scratch, rows: 3_000, prefix: "b")
        let third = try table(priya.scratch, rows: 1_000, prefix: "c")
        try priya.run("import", "people", try table(priya.scratch, rows: 1_000, prefix: "d")).succeeded()
        let children = [
            try priya.start(["import", "people", first]), try priya.start(["sync"]),
            try priya.start(["import", "people", second]),
            try Child(Programs.server, ["import", "people", third, "--data", office.folder]),
        ]
        for child in children { try child.finish().succeeded() }
        try priya.run("sync").succeeded()
        #expect(try count(priya) == 8_000)
        #expect(try office.run("export", "people").succeeded().output == priya.run("export", "people").output)
    }

    @Test("What the office imports reaches a laptop, and the laptop's own import of the same file changes nothing")
    func fromOffice() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let path = try table(priya.scratch, rows: 1_200)
        try office.run("import", "people", path).succeeded()
        try priya.run("sync").succeeded()
        let result = try priya.json("import", "people", path)
        #expect(result["unchanged"].integer == 1_200)
        let status = try priya.json("status")
        #expect(try office.run("conflicts", "list", "--json").succeeded().json().array?.isEmpty == true, "\(status)")
    }

    @Test("Two laptops that import the same file apart end with one record for each row, and no conflict")
    func twoLaptops() throws {
        let office = try Office()
        try office.open()
        let laptops = try ["Priya", "Sam"].map { try office.laptop($0) }
        for laptop in laptops {
            try laptop.run("import", "people", try table(laptop.scratch, rows: 1_000)).succeeded()
        }
        for laptop in laptops + laptops { try laptop.run("sync").succeeded() }
        for laptop in laptops { #expect(try count(laptop) == 1_000) }
        #expect(try office.run("conflicts", "list", "--json").succeeded().json().array?.isEmpty == true)
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true)
        #expect(try laptops[0].exported() == laptops[1].exported())
    }
}
