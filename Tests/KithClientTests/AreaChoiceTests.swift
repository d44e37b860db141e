import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite struct AreaChoiceTests {
    @Test("with several areas one must be said, and is remembered")
    func several() throws {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        let unsaid = laptop.run(["person", "add", "Alex"])
        #expect(unsaid.code == .usage)
        #expect(unsaid.errors.contains("\"north\", \"south\""))
        #expect(try laptop.json("person", "list") == [])
        #expect(try laptop.json("person", "add", "Alex", "--area", "south")["area"] == "south")
        let next = laptop.run(["person", "add", "Sam", "--json"])
        #expect(try next.json["area"] == "south")
        #expect(next.errors.contains("\"south\""))
    }

    @Test("restricted twins and the area of everyone are never chosen for a team's record")
    func twins() throws {
        let areas = [
            Directory.Area(number: 1, name: "everyone", canRead: true, canWrite: true, twinOf: nil),
            Directory.Area(number: 2, name: "main", canRead: true, canWrite: true, twinOf: nil),
            Directory.Area(number: 3, name: "main (restricted)", canRead: true, canWrite: true, twinOf: 2),
            Directory.Area(number: 4, name: "other", canRead: true, canWrite: false, twinOf: nil),
        ]
        let directory = Directory(version: 1, role: .worker, person: "P", devices: [], areas: areas)
        let choice = try AreaChoice(directory: directory).decide(named: nil, lastUsed: 4)
        #expect(choice == AreaChoice.Decision(area: 2, name: "main", isEchoed: false))
    }

    @Test("who may write nowhere is told so")
    func none() {
        let directory = Directory(version: 1, role: .auditor, person: "P", devices: [], areas: [])
        let error = #expect(throws: CommandFailure.self) {
            try AreaChoice(directory: directory).decide(named: nil, lastUsed: nil)
        }
        #expect(error?.exitCode == .refused)
    }
}
