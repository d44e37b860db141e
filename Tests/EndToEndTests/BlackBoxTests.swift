import Foundation
import OutreachModel
import SyncCore
import Testing

/// What somebody tries who has a token, or no more than the address.
@Suite("From outside", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct BlackBoxTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
    }

    private func group(_ number: UInt64, _ name: String) -> ChangeGroup {
        let time = StampTime.packed(milliseconds: Wire.now)
        let id = RecordID(milliseconds: 1_700_000_000_000 + Int64(number), random: (number, number))
        let field = FieldChange(field: PersonField.name.rawValue, value: .text(name), time: time, base: .none)
        return ChangeGroup(
            number: number,
            changes: [
                Change(
                    table: OutreachSchema.Number.person, record: id, creation: Creation(area: 2, time: time),
                    fields: [field])
            ])
    }

    @Test("G4: a request that is sent again, whole, by whoever has the token, changes nothing")
    func replayed() throws {
        let wire = try Wire(office, as: priya)
        let request = SyncRequest(
            schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: [group(1, "Robin"), group(2, "Kim")]
        ).encoded()
        let first = try SyncReply(decoding: try wire.send(request, to: "/v1/sync").body)
        let people = try office.run("export", "people").succeeded().output
        for _ in 1...3 {
            let again = try SyncReply(decoding: try wire.send(request, to: "/v1/sync").body)
            #expect(again.receipt == 2 && again.held.isEmpty && again.pages == first.pages)
        }
        #expect(try office.run("export", "people").succeeded().output == people)
        #expect(try office.run("conflicts", "list", "--json").succeeded().json().array?.isEmpty == true)
        try office.close()
    }

    @Test("G12: a browser is shown the fingerprint of the certificate to compare, and nothing of the office")
    func browser() throws {
        let page = try Wire(office, as: priya).send(to: "/", method: "GET")
        let text = String(decoding: page.body, as: UTF8.self)
        let known = try office.run("doctor", "--json").succeeded().json()["certificate"].text()
        #expect(page.status == 200 && known.count == 95 && text.contains(known), "\(text)")
        for word in ["Priya", "canterbury"] { #expect(!text.contains(word)) }
        #expect(try Wire(office, as: priya).send(to: "/v1/sync", method: "GET").status == 404)
        try office.close()
    }

    @Test("A number that comes again with other words is another copy's: nothing is taken")
    func otherWords() throws {
        let wire = try Wire(office, as: priya)
        #expect(try SyncReply(decoding: try wire.sync([group(1, "Robin")]).body).notice == .none)
        let people = try office.run("export", "people").succeeded().output
        let reply = try SyncReply(decoding: try wire.sync([group(1, "Somebody else"), group(2, "Kim")]).body)
        #expect(reply.notice == .fork && reply.pages.isEmpty)
        #expect(try office.run("export", "people").succeeded().output == people)
        try office.close()
    }

    @Test("The author is who has the token, whatever a message says of itself")
    func author() throws {
        let sam = try office.laptop("Sam")
        // Sam's message, sent with Priya's token: it is Priya's, for it has no place for a name.
        _ = try Wire(office, as: priya).sync([group(1, "Robin")])
        try sam.run("sync").succeeded()
        let id = try sam.json("person", "list")[0]["id"].text()
        let history = try sam.json("history", id)
        #expect(history.array?.isEmpty == false)
        #expect(history.array?.allSatisfy { $0["person"].string == "Priya" } == true, "\(history)")
        try office.close()
    }

    @Test("G12: the built server speaks no TLS older than 1.2", arguments: ["1.0", "1.1"])
    func oldTLS(version: String) throws {
        let words = [
            "-sk", "--max-time", "20", "--tls-max", version, "-w", "%{http_code}", "https://\(office.address)/",
        ]
        let old = try Child("/usr/bin/curl", words).finish()
        #expect(old.code != 0 && old.output == "000", "\(old)")
        let new = try Child("/usr/bin/curl", words.filter { $0 != "--tls-max" && $0 != version }).finish()
        #expect(new.output.hasSuffix("200"))
        try office.close()
    }

    @Test("G8: a stolen token reads until the device is shut out, and nothing from the next request on")
    func stolenToken() throws {
        let thief = try Wire(office, as: priya)
        #expect(try thief.sync().status == 200)
        try office.run("revoke", priya.device, "--yes").succeeded()
        let answer = try thief.sync()
        #expect(answer.status == 403 && answer.body.count < 16)
        try office.close()
    }
}
