import Foundation
import SyncCore
import Testing

@Suite("A lost laptop")
struct WipeTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("person", "add", "Robin Example").succeeded()
        try priya.run("sync").succeeded()
    }

    private func bytes(_ folder: String) throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: folder).reduce(into: Data()) { all, name in
            all += try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
    }

    @Test("G8: a wipe order is obeyed at the next contact, once unsent work is handed in, and the office is told")
    func wiped() throws {
        _ = try priya.visit("Castle House", summary: "Not yet sent.")
        #expect(try bytes(priya.home).range(of: Data("Castle House".utf8)) != nil)
        try office.run("wipe", "Priya's laptop", "--yes").succeeded()
        let told = try priya.run("sync")
        #expect(told.code == 5, "\(told)")
        #expect(told.errors.contains("1 change that waited was handed in"), "\(told)")
        #expect(try bytes(priya.home).isEmpty)
        #expect(try priya.run("visit", "list").code == 1, "it belongs to no office any more")
        let held = try office.run("quarantine", "list", "--json").json()
        #expect(held.array?.count == 1)
        try office.close()
        let report = try office.run("breach-report", "Priya's laptop", "--json").succeeded().json()
        #expect(report["wiped"].boolean == true, "\(report)")
        #expect(report["wipe_ordered"].string != nil && report["last_contact"].string != nil)
        let person = try #require(report["people"][0]["id"].string)
        try office.run("erase", "person", person, "--all", "--yes").succeeded()
        let status = try office.run("erase", "status").succeeded().output
        #expect(status.contains("removed everything, it says of itself (revoked)"), "\(status)")
        let areas = try office.run("areas", "list").succeeded().output
        #expect(areas.contains("Priya (shut out)"), "\(areas)")
    }

    @Test(
        "G8: no laptop says that it removed everything before it was ordered to",
        .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
    func claimed() throws {
        try priya.run("sync").succeeded()
        var request = SyncRequest(
            schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: [])
        request.set(DeviceStanding(disk: 1, isWiped: true))
        #expect(try Wire(office, as: priya).send(request.encoded(), to: "/v1/sync").status == 200)
        try office.close()
        try office.run("wipe", priya.device, "--yes").succeeded()
        let report = try office.run("breach-report", priya.device).succeeded().output
        #expect(report.contains("Ordered to remove everything") && !report.contains("done"), "\(report)")
        #expect(try !office.run("erase", "status").succeeded().output.contains("removed everything"))
    }

    @Test("G8: a copy of a lost laptop hands in its own work before it obeys, though its numbers were used")
    func wipedCopy() throws {
        let twin = try Laptop("Priya")
        try FileManager.default.copyItem(atPath: priya.home, toPath: twin.home)
        _ = try priya.visit("Castle House", summary: "By the first.")
        try priya.run("sync").succeeded()
        for word in ["one", "two"] { _ = try twin.visit("Castle House", summary: "By the second: \(word).") }
        try office.run("wipe", "Priya's laptop", "--yes").succeeded()
        let told = try twin.run("sync")
        #expect(told.code == 5 && told.errors.contains("2 changes that waited were handed in"), "\(told)")
        #expect(try bytes(twin.home).isEmpty)
        #expect(try office.run("quarantine", "list", "--json").json().array?.count == 2)
        try office.close()
    }

    @Test(
        "A breach report names whom the laptop still holds where the answer that takes an area from it was lost",
        .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
    func takenUnheard() throws {
        func people() throws -> String? {
            try office.run("breach-report", "Priya's laptop", "--json").succeeded().json()["people"][0]["name"].string
        }
        let request = SyncRequest(
            schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: [])
        try office.run("areas", "take", "Priya", "canterbury").succeeded()
        #expect(try Wire(office, as: priya).send(request.encoded(), to: "/v1/sync").status == 200)
        #expect(try people() == "Robin Example", "nobody knows whether it has had the answer")
        try priya.run("sync").succeeded()
        // What it knows it says with the next request.
        try priya.run("sync").succeeded()
        try office.close()
        #expect(try people() == nil)
    }

    @Test("A breach report counts one human once, merged or moved, and names concerns first of all kinds")
    func humans() throws {
        try office.run("areas", "add", "dover").succeeded()
        let ada = try office.laptop("Ada", "admin")
        try ada.run("sync").succeeded()
        let tom = try ada.json("person", "add", "Old Tom", "--area", "canterbury")["id"].text()
        let tommy = try ada.json("person", "add", "Tommy", "--area", "canterbury")["id"].text()
        try ada.run("person", "merge", tommy, tom, "--yes").succeeded()
        let mo = try ada.json("person", "add", "Mo", "--area", "canterbury")["id"].text()
        try ada.run("person", "move", mo, "--team", "dover", "--yes").succeeded()
        try ada.run("concern", "add", "Owes money", "--person", tom, "--immediate-danger", "no").succeeded()
        try ada.run("sync").succeeded()
        try office.close()
        let report = try office.run("breach-report", ada.device, "--json").succeeded().json()
        let names = report["people"].array?.compactMap { $0["name"].string }.sorted() ?? []
        #expect(names.count == 3 && names.contains("Mo") && names.contains("Robin Example"), "\(report)")
        let merged = report["people"].array?.first { $0["former_names"].array?.isEmpty == false }
        #expect(Set([merged?["name"].string, merged?["former_names"][0].string]) == ["Old Tom", "Tommy"], "\(report)")
        #expect(report["kinds"]["concern"].integer == 1, "\(report)")
        let words = try office.run("breach-report", ada.device).succeeded().output
        #expect(words.contains("about 3 people:\n  Of these 1 concern, "), "\(words)")
    }

    @Test("A breach report names whose records the laptop held, since when, and how they are protected")
    func report() throws {
        let report = try office.run("breach-report", "Priya's laptop", "--json").succeeded().json()
        #expect(report["people"][0]["name"].string == "Robin Example")
        #expect(report["records"].integer == 2 && report["wiped"].boolean == false)
        #expect(report["joined"].string != nil && report["shut_out"].isNull)
        let words = try office.run("breach-report", "Priya's laptop").succeeded().output
        #expect(words.contains("Robin Example") && words.contains("Its disk:"), "\(words)")
        #expect(!words.contains("of erasure"))
        let person = try #require(report["people"][0]["id"].string)
        try office.run("erase", "person", person, "--all", "--yes").succeeded()
        #expect(try office.run("breach-report", "Priya's laptop").succeeded().output.contains("an order of erasure"))
        try priya.run("sync").succeeded()
        #expect(try office.run("breach-report", "nobody").code == 3)
        try office.close()
        let left = try office.run("breach-report", "Priya's laptop", "--json").succeeded().json()
        #expect(left["erasures_not_confirmed"].integer == 0 && left["people"].array?.isEmpty == true, "\(left)")
    }

    @Test("A breach report tells what the laptop holds, not what its person may read now")
    func asOfTheLastContact() throws {
        let robin = try priya.json("person", "list")[0]["id"].text()
        try office.run("areas", "take", "Priya", "canterbury").succeeded()
        let boss = try office.laptop("Boss", "admin")
        try boss.run("sync").succeeded()
        try boss.run("person", "delete", robin, "--yes").succeeded()
        try boss.run("sync").succeeded()
        let report = try office.run("breach-report", priya.device, "--json").succeeded().json()
        #expect(report["people"].array?.map { $0["name"].string } == ["Robin Example"], "\(report)")
        #expect(report["areas"].array?.compactMap(\.string).contains("canterbury") == true)
        #expect(report["records"].integer == 2)
        try office.close()
    }

    @Test("G8: a revoked laptop without a wipe order keeps what it has")
    func revokedOnly() throws {
        try office.run("revoke", "Priya's laptop", "--yes").succeeded()
        #expect(try priya.run("sync").code == 5)
        #expect(try priya.run("place", "list").succeeded().output.contains("Castle House"))
        try office.close()
    }
}
