import Foundation
import OutreachModel
import SyncCore
import Testing

/// The lines of the table, tried over TLS on the built server with a laptop's own token and messages of one's own.
@Suite("Roles over the network", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct EndpointRoleTests {
    private let office: Office
    private let boss: Laptop
    /// A record of an admin for each line of the table.
    private let records: [RecordReference]

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        boss = try office.laptop("Boss", "admin")
        let words: [RoleTable.Spot: [[String]]] = [
            .everyone: [["place", "add", "Castle House"], ["resource", "add", "Listening", "--kind", "training"]],
            .own: [["person", "add", "Alex", "--new", "--area", "canterbury"]],
            .ownRestricted: [["concern", "add", "Owes money", "--area", "canterbury"]],
            .other: [["person", "add", "Robin", "--new", "--area", "whitstable"]],
            .otherRestricted: [["concern", "add", "Lent money", "--area", "whitstable"]],
        ]
        var made: [RoleTable.Spot: Int] = [:]
        records = try RoleTable.lines.map { [boss] line in
            guard let commands = words[line.spot] else {
                return RecordReference(table: line.table, id: RecordID(UInt128.random(in: 1 << 100 ... .max)))
            }
            let told = try boss.start(commands[made[line.spot, default: 0]] + ["--json"]).finish().succeeded()
            made[line.spot, default: 0] += 1
            return RecordReference(table: line.table, id: try #require(RecordID(try told.json()["id"].text())))
        }
        try boss.run("sync").succeeded()
    }

    /// The numbers of the areas: each comes with its restricted twin.
    private func area(_ spot: RoleTable.Spot) -> Int {
        switch spot {
        case .everyone: 1
        case .own, .absent: 2
        case .ownRestricted: 3
        case .other: 4
        case .otherRestricted: 5
        }
    }

    private func laptop(_ role: String) throws -> Laptop {
        try office.laptop(
            "The \(role)", role, areas: role == "auditor" || role == "admin" ? [] : ["canterbury"])
    }

    /// An edit of a record that somebody else made, by one who claims to have seen nothing of it.
    private func edit(_ record: RecordReference, _ text: String, decisions: [Decision] = []) -> Change {
        let time = StampTime.packed(milliseconds: Wire.now)
        // Field 3 is a text of every table of the lines.
        let field = FieldChange(field: 3, value: .text(text), time: time, base: .none)
        return Change(table: record.table, record: record.id, fields: [field], decisions: decisions)
    }

    private func creation(table: Int, area: Int) -> Change {
        let time = StampTime.packed(milliseconds: Wire.now)
        let random = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
        return Change(
            table: table, record: RecordID(milliseconds: Wire.now, random: random),
            creation: Creation(area: area, time: time),
            fields: [FieldChange(field: 3, value: .text("made"), time: time, base: .none)])
    }

    /// Pushes one group more and tells why it is held; nil: it was taken.
    private func push(_ change: Change, _ wire: Wire, _ number: inout UInt64) throws -> HoldReason? {
        number += 1
        let answer = try wire.sync([ChangeGroup(number: number, changes: [change])])
        #expect(answer.status == 200)
        let reply = try SyncReply(decoding: answer.body)
        #expect(reply.receipt == number, "held or taken, it is on the disk")
        return reply.held.first { $0.number == number }?.reason
    }

    @Test(
        "G7: each role reads, asks for, adds and edits what its line says and nothing else", arguments: RoleTable.roles)
    func records(role: String) throws {
        let wire = try Wire(office, as: try laptop(role))
        let absent = try #require(zip(RoleTable.lines, records).first { $0.0.spot == .absent }?.1)
        let nothing = try wire.history(absent)
        #expect(nothing.status == 404)
        #expect(try wire.arrivals(absent) == nothing)
        let readable = Set(try SyncReply(decoding: try wire.sync().body).pages.map(\.area))
        var number: UInt64 = 0
        for (line, record) in zip(RoleTable.lines, records) {
            if line.spot != .absent {
                #expect(readable.contains(area(line.spot)) == line.reads(role), "\(role) \(line.spot)")
            }
            let history = try wire.history(record)
            #expect(history.status == (line.reads(role) ? 200 : 404), "\(role) \(line.spot)")
            let arrivals = try wire.arrivals(record)
            #expect(arrivals.status == history.status, "\(role) \(line.spot)")
            if !line.reads(role) {
                #expect([history, arrivals] == [nothing, nothing], "absent and forbidden are alike")
            }
            let edited = try push(edit(record, "edited"), wire, &number)
            #expect((edited == nil) == line.writes(role), "\(role) \(line.spot): \(String(describing: edited))")
            if !line.writes(role), !line.reads(role) { #expect(edited == .areaNotGranted, "alike: \(line.spot)") }
            guard line.spot != .absent else { continue }
            let added = try push(creation(table: line.table, area: area(line.spot)), wire, &number)
            #expect((added == nil) == line.writes(role), "\(role) \(line.spot): \(String(describing: added))")
        }
        try office.close()
    }

    @Test(
        "G7: a record that is made with the id of another team's is held, whatever that is, and changes nothing of it",
        arguments: ["worker", "lead", "member"])
    func takenID(role: String) throws {
        let wire = try Wire(office, as: try laptop(role))
        var number: UInt64 = 0
        var reasons: Set<HoldReason?> = []
        let before = try office.run("export", "people").succeeded().output
        for (line, record) in zip(RoleTable.lines, records) where [.other, .otherRestricted].contains(line.spot) {
            var change = creation(table: line.table, area: 2)
            change.record = record.id
            if line.spot == .otherRestricted { change.creation?.area = 3 }
            let reason = try push(change, wire, &number)
            if line.spot == .other || role != "member" { reasons.insert(reason) }
            #expect(reason != nil, "an id names one record")
            #expect(try wire.history(record).status == 404)
        }
        #expect(reasons.count == 1, "the answer is the same: \(reasons)")
        #expect(try office.run("export", "people").succeeded().output == before)
        try office.close()
    }

    @Test("Only a lead and an admin decide; a decision by anybody else is held", arguments: RoleTable.roles)
    func deciding(role: String) throws {
        let wire = try Wire(office, as: try laptop(role))
        let record = try #require(zip(RoleTable.lines, records).first { $0.0.spot == .own }?.1)
        for name in ["Pat", "Quinn"] {
            let other = try Wire(office, as: try office.laptop(name, areas: ["canterbury"]))
            var first: UInt64 = 0
            #expect(try push(edit(record, name), other, &first) == nil)
        }
        let seen = try SyncReply(decoding: try Wire(office, as: boss).sync().body).pages.flatMap(\.conflicts)
        let conflict = try #require(seen.first { $0.record == record.id })
        let decision = Decision(
            conflict: conflict.id, action: .resolve, why: nil, time: StampTime.packed(milliseconds: Wire.now))
        var number: UInt64 = 0
        let reason = try push(edit(record, "settled", decisions: [decision]), wire, &number)
        #expect((reason == nil) == RoleTable.deciders.contains(role), "\(role): \(String(describing: reason))")
        try office.close()
    }

    @Test("Every endpoint asks who is there before it reads, and gives the same answer to all who are nobody")
    func endpoints() throws {
        let (priya, shut, changed) = (try laptop("worker"), try laptop("lead"), try laptop("member"))
        try office.run("revoke", shut.device, "--yes").succeeded()
        let expired = try Wire.token(of: changed)
        try changed.run("sync").succeeded()
        try TokenAge.makeOld(changed)
        for _ in 1...2 { try changed.run("sync").succeeded() }
        let unknown = String(repeating: "A", count: 43)
        let wires: [RoleTable.Standing: Wire] = [
            .live: try Wire(office, as: priya), .revoked: try Wire(office, as: shut),
            .expired: Wire(office, token: expired), .unknown: Wire(office, token: unknown),
            .missing: Wire(office, token: nil),
        ]
        for (path, statuses) in RoleTable.endpoints {
            for standing in RoleTable.Standing.allCases {
                let wire = try #require(wires[standing])
                let answer = try wire.send([0xff], to: path)
                #expect(answer.status == statuses[standing], "\(path), \(standing)")
                for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
                    // A browser may ask what this is, whoever sits before it.
                    let status = method == "GET" && path == "/" ? 200 : 404
                    #expect(try wire.send(to: path, method: method).status == status, "\(method) \(path), \(standing)")
                }
            }
            let nobody = try [unknown, expired, nil].map { try Wire(office, token: $0).send([0xff], to: path).body }
            #expect(Set(nobody).count == 1, "a wrong token, an old one and none are alike: \(path)")
        }
        try office.close()
    }

    @Test("The table has every endpoint that the description of the protocol names")
    func everyEndpoint() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let page = try String(contentsOf: root.appendingPathComponent("docs/protocol.md"), encoding: .utf8)
        let named = Set(page.matches(of: /POST (\/v1\/[a-z]+)/).map { String($0.1) })
        let tried = Set(RoleTable.endpoints.map(\.path)).subtracting(["/", "/v1/nothing"])
        #expect(!named.isEmpty && named == tried)
    }

    @Test("G8: a revoked device is sent nothing by any endpoint, and what it brings is held")
    func revoked() throws {
        let priya = try laptop("worker")
        let wire = try Wire(office, as: priya)
        try office.run("revoke", priya.device, "--yes").succeeded()
        let own = try #require(zip(RoleTable.lines, records).first { $0.0.spot == .own }?.1)
        let brought = creation(table: own.table, area: 2)
        let answer = try wire.sync([ChangeGroup(number: 1, changes: [brought])])
        #expect(answer.status == 403 && answer.body.count < 16, "a reason and a receipt")
        #expect(try wire.history(own).status == 403 && wire.arrivals(own).status == 403)
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.count == 1)
        let all = try office.run("export", "people").succeeded().output
        #expect(!all.contains(brought.record.description))
        try office.close()
    }

    @Test("The last admin can't be shut out; once another is invited, the first can, at once")
    func lastAdmin() throws {
        for words in [["revoke", boss.device, "--yes"], ["wipe", boss.device, "--yes"]] {
            let refused = try Child(Programs.server, words + ["--data", office.folder]).finish()
            #expect(refused.code == 5, "\(refused)")
            #expect(refused.errors.contains("Nothing was changed") && refused.errors.contains("kith-server invite"))
        }
        #expect(try boss.run("sync").code == 0)
        #expect(try office.run("areas", "take", "Boss", "canterbury").code != 0)
        _ = try office.invite("Ines", "admin")
        try office.run("revoke", boss.device, "--yes").succeeded()
        #expect(try boss.run("sync").code == 5)
        try office.close()
    }
}
