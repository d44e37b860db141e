import Foundation
import OutreachModel
import SyncCore
import Testing

/// Messages that are larger, deeper or longer than the protocol allows, by somebody who has a token.
@Suite("Bounds of messages", .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct WireBoundsTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
    }

    private func change(_ name: Value = .text("Robin")) -> Change {
        let time = StampTime.packed(milliseconds: Wire.now)
        let random = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
        return Change(
            table: OutreachSchema.Number.person, record: RecordID(milliseconds: Wire.now, random: random),
            creation: Creation(area: 2, time: time),
            fields: [FieldChange(field: PersonField.name.rawValue, value: name, time: time, base: .none)])
    }

    private func request(_ groups: [ChangeGroup]) -> [UInt8] {
        SyncRequest(
            schemaVersion: 4, epoch: [], clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
            cursors: [], groups: groups
        ).encoded()
    }

    /// Sends a body and checks that nothing of it came into force, and that everybody is served on.
    private func expectRefused(_ body: [UInt8], _ what: String) throws {
        let before = try office.run("export", "people").succeeded().output
        let answer = try Wire(office, as: priya).send(body, to: "/v1/sync")
        if answer.status == 200 {
            let reply = try SyncReply(decoding: answer.body)
            #expect(reply.held.last?.reason == .malformed, "\(what): \(reply.held)")
        } else {
            #expect(answer.status == 400, "\(what): \(answer.status)")
        }
        #expect(try office.run("export", "people").succeeded().output == before, "\(what)")
        try priya.run("sync").succeeded()
    }

    @Test("G6: a page of more than 1,000 changes, in many groups or in one, changes nothing")
    func pages() throws {
        try expectRefused(request((1...1_001).map { ChangeGroup(number: $0, changes: [change()]) }), "1,001 groups")
        let large = ChangeGroup(number: 1, changes: (1...1_001).map { _ in change() })
        try expectRefused(request([large]), "a group of 1,001 changes")
        try office.close()
    }

    @Test("G6: a field of more than 64 KiB changes nothing, one of 64 KiB is taken")
    func fields() throws {
        let limit = Value.largestBytes
        for kind in [String(repeating: "a", count: limit + 1), String(repeating: "ä", count: limit / 2 + 1)] {
            try expectRefused(request([ChangeGroup(number: 1, changes: [change(.text(kind))])]), "a long text")
        }
        try expectRefused(
            request([ChangeGroup(number: 1, changes: [change(.blob([UInt8](repeating: 0, count: limit + 1)))])]),
            "many bytes")
        try office.close()
    }

    @Test(
        "G6: heads that claim a billion items or bytes, and nesting without end, are refused before they are believed")
    func claims() throws {
        let billion: [UInt8] = [0x3B, 0x9A, 0xCA, 0x00]
        let whole = request([])
        for body in [
            [0x9A] + billion, [0x5A] + billion, [0x7A] + billion, [0xBA] + billion,
            [UInt8](repeating: 0x81, count: 17) + [0x00], [UInt8](repeating: 0x81, count: 100_000),
            Array(whole.dropLast()), whole + [0x00], [],
        ] {
            try expectRefused(body, "\(body.prefix(8)), \(body.count) bytes")
        }
        try office.close()
    }
}
