import Foundation
import Testing

@Suite("The forms that other programs call")
struct FixedFormTests {
    @Test("An invitation, a listing of devices and a listing of areas have their fixed members")
    func serverForms() throws {
        let office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        let invitation = try office.run(
            "invite", "--name", "Priya", "--role", "worker", "--area", "canterbury", "--json"
        ).succeeded().json()
        let code = try invitation["code"].text()
        #expect(code.hasPrefix("kith1-"))
        let priya = try Laptop("Priya")
        try priya.run(
            "join", "-", "--device", "Priya's laptop", "--no-passphrase", input: .bytes(Data("\(code)\n".utf8))
        )
        .succeeded()
        let passphrase = try priya.scratch.write("passphrase", "not read in this version")
        let second = try Laptop("Ada")
        try second.run(
            "join", try office.invite("Ada", "admin"), "--device", "Ada's laptop", "--passphrase-file", passphrase
        ).succeeded()

        let devices = try office.run("devices", "list", "--json").succeeded().json()
        #expect(devices.array?.count == 2)
        #expect(
            devices[0].keys.isSuperset(of: ["id", "name", "person", "role", "areas", "revoked", "last_seen"]))
        #expect(devices[0]["name"].string == "Priya's laptop")
        #expect(devices[0]["person"].string == "Priya")
        #expect(devices[0]["role"].string == "worker")
        #expect(devices[0]["areas"].array?.compactMap(\.string) == ["canterbury"])
        #expect(devices[0]["revoked"].boolean == false)
        #expect(devices[1]["areas"].array?.compactMap(\.string) == ["canterbury", "whitstable"])
        let areas = try office.run("areas", "list", "--json").succeeded().json()
        let names = areas.array?.compactMap { $0["name"].string } ?? []
        #expect(names.contains("canterbury") && names.contains("whitstable"))
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true)
        #expect(try office.run("conflicts", "list", "--json").succeeded().json().array?.isEmpty == true)
        try office.close()
    }

    @Test("A port that init chose is kept, and the first line of serve says it")
    func listening() throws {
        let office = try Office()
        #expect(office.port > 0)
        for _ in 0..<2 {
            try office.open()
            #expect(try office.server?.firstLine() == "listening on https://\(office.address)")
            try office.close()
        }
    }

    @Test("Places, people, visits and meetings come back with their fixed members; what is absent is null")
    func recordForms() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let place = try priya.json("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury")
        let placeID = try place["id"].text()
        #expect(place["name"].string == "Castle House")
        let person = try priya.json("person", "add", "Alex", "--role", "key_worker", "--place", "Castle House")
        #expect(person["id"].string != nil && person["name"].string == "Alex")
        let added = try priya.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--with", "Alex", "--summary", "-", "--purpose", "Tea",
            "--area", "canterbury", input: .bytes(Data("Two lines\nof text".utf8)))
        let visit = try priya.listed(try added["id"].text())
        #expect(visit.keys.isSuperset(of: ["id", "place", "started", "kind", "summary", "purpose", "state", "area"]))
        #expect(visit["place"]["id"].string == placeID)
        #expect(visit["place"]["name"].string == "Castle House")
        #expect(visit["started"].string?.hasPrefix("2026-11-22T14:30") == true)
        #expect(visit["kind"].string == "residential", "the kind comes from the place")
        #expect(visit["summary"].string == "Two lines\nof text")
        #expect(visit["purpose"].string == "Tea")
        #expect(visit["state"].string == "waiting")
        #expect(visit.keys.contains("ended") && visit["ended"].isNull)
        let meeting = try priya.json(
            "meeting", "add", "Castle House", "2026-11-22 16:00", "--kind", "house_meeting", "--headcount", "6",
            "--summary", "The lift.")
        #expect(meeting["kind"].string == "house_meeting" && meeting["headcount"].integer == 6)
        #expect(try priya.json("meeting", "list").array?.count == 1)
        #expect(try priya.json("note", try added["id"].text(), "Ask again.")["id"].string != nil)
        #expect(try priya.run("visit", "show", try added["id"].text()).succeeded().output.contains("Ask again."))
        #expect(try priya.json("visit", "list", "--limit", "1").array?.count == 1)
        try office.close()
    }

    @Test("The report of a sync counts records, not changes, and not its own echoes")
    func syncForm() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "One.")
        try priya.run("visit", "edit", visit, "--summary", "Two.").succeeded()
        let first = try priya.json("sync")
        #expect(
            first.keys.isSuperset(of: [
                "sent", "received", "conflicts", "held", "records", "digest", "server_digest", "areas",
            ]))
        #expect(first["sent"].integer == 2 && first["received"].integer == 0, "\(first)")
        #expect(first["conflicts"].integer == 0 && first["held"].integer == 0 && first["records"].integer == 2)
        #expect(first["areas"].keys.isSuperset(of: ["canterbury", "everyone"]))
        let digest = try first["digest"].text()
        #expect(digest == first["server_digest"].string && digest.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        let second = try sam.json("sync")
        #expect(second["sent"].integer == 0 && second["received"].integer == 2 && second["digest"].string == digest)
        try sam.run("visit", "edit", visit, "--summary", "Three.").succeeded()
        try sam.run("sync").succeeded()
        #expect(try priya.json("sync")["received"].integer == 1)
        let waiting = try priya.visit("Castle House", "2026-11-23 10:00")
        #expect(try priya.listed(waiting)["state"].string == "waiting")
        try office.close()
    }

    @Test("An export has one header, stored times with their offset, and the same bytes as JSON lines twice")
    func exports() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle \"House\", the", "--kind", "residential").succeeded()
        _ = try priya.visit("Castle", "2026-07-01 09:00", summary: "In summer.")
        try priya.run("sync").succeeded()
        let csv = try priya.run("export", "visits").succeeded().output
        #expect(csv.contains("2026-07-01T09:00") && csv.contains("+01:00"))
        #expect(csv.contains("\"Castle \"\"House\"\", the\""))
        #expect(csv == (try priya.run("export", "visits", "--format", "csv").output))
        let lines = try priya.run("export", "visits", "--format", "jsonl").succeeded()
        #expect(lines.output == (try office.run("export", "visits", "--format", "jsonl").output))
        #expect(try lines.json()["summary"].string == "In summer.")
        try office.close()
    }
}
