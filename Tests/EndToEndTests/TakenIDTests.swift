import Foundation
import OutreachModel
import SyncCore
import Testing

@Suite(
    "Ids that another team has", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct TakenIDTests {
    private let office: Office
    private let lee: Laptop
    private let priya: Laptop

    init() throws {
        office = try Office(areas: ["canterbury", "dover"])
        try office.open()
        lee = try office.laptop("Lee", areas: ["dover"])
        priya = try office.laptop("Priya", areas: ["canterbury"])
    }

    private func people(at laptop: Laptop) throws -> [JSON] {
        try laptop.run("export", "people", "--format", "jsonl").succeeded().output.split(separator: "\n").map {
            JSON(try JSONSerialization.jsonObject(with: Data($0.utf8)))
        }
    }

    private func area(_ name: String) throws -> Int {
        let number = try SQLiteShell.run(
            "\(office.folder)/hub.sqlite", "SELECT number FROM area WHERE name = '\(name)'")
        return try #require(Int(number.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test("A row of another team's export becomes a record of one's own: nothing is held, whoever syncs first")
    func imported() throws {
        try lee.run("person", "add", "Robin").succeeded()
        let file = priya.scratch.path("people.jsonl")
        try lee.run("export", "people", "--format", "jsonl").succeeded().output.write(
            toFile: file, atomically: false, encoding: .utf8)
        #expect(try priya.json("import", "people", file)["imported"].integer == 1)
        #expect(try priya.json("sync")["held"].integer == 0)
        #expect(try lee.json("sync")["held"].integer == 0)
        #expect(try priya.json("import", "people", file)["unchanged"].integer == 1)
        for laptop in [lee, priya] { #expect(try people(at: laptop).map { $0["name"].string } == ["Robin"]) }
        #expect(try people(at: lee)[0]["id"].string != people(at: priya)[0]["id"].string)
        let own = priya.scratch.path("own.jsonl")
        try priya.run("export", "people", "--format", "jsonl").succeeded().output.write(
            toFile: own, atomically: false, encoding: .utf8)
        #expect(try priya.json("import", "people", own)["unchanged"].integer == 1)
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true)
        try office.close()
    }

    @Test(
        "Work that is held because its id is taken in another team comes in by `held resend`, with all that hangs on it"
    )
    func resent() throws {
        try priya.run("person", "add", "Robin").succeeded()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("visit", "add", "Castle House", "2026-11-22 14:30", "--person", "Robin", "--summary", "Tea.")
            .succeeded()
        let id = try #require(try people(at: priya)[0]["id"].string.flatMap { RecordID($0) })
        let time = StampTime.packed(milliseconds: Wire.now)
        let change = Change(
            table: OutreachSchema.Number.person, record: id, creation: Creation(area: try area("dover"), time: time),
            fields: [
                FieldChange(field: PersonField.name.rawValue, value: .text("Somebody else"), time: time, base: .none)
            ])
        #expect(try Wire(office, as: lee).sync([ChangeGroup(number: 1, changes: [change])]).status == 200)
        let held = try priya.json("sync")["held"].integer ?? 0
        try #require(held == 1)
        let item = try priya.json("held", "list")[0]
        let number = String(item["id"].integer ?? 0)
        #expect(try priya.run("held", "show", number).succeeded().errors.contains("kith held resend \(number)"))
        try priya.run("held", "resend", number).succeeded()
        #expect(try priya.json("sync")["held"].integer == 0)
        #expect(try priya.json("held", "list").array?.isEmpty == true)
        let person = try #require(try people(at: priya).first)
        #expect(person["name"].string == "Robin" && person["id"].string != id.description)
        let visit = try priya.json("visit", "list")[0]
        #expect(visit["state"].string == "sent")
        #expect(try priya.run("export", "visits").succeeded().output.contains("Robin"))
        #expect(try office.run("export", "visits").succeeded().output.contains("Robin"))
        #expect(try people(at: priya).count == 1)
        let names = try office.run("export", "people").succeeded().output
        #expect(names.contains("Robin") && names.contains("Somebody else"))
        try office.close()
    }
}
