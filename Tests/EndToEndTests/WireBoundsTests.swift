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

    @Test(
        "No number in a message ends the server, of a laptop that is let in or of one that is shut out",
        arguments: [UInt64](arrayLiteral: 0, 1, (1 << 53) - 1, 1 << 53, (1 << 63) - 1, 1 << 63, .max), [false, true])
    func numbers(number: UInt64, isRevoked: Bool) throws {
        let wire = try Wire(office, as: priya)
        let reply = try SyncReply(decoding: try wire.sync().body)
        let other = try office.laptop("Sam")
        if isRevoked { try office.run("revoke", priya.device, "--yes").succeeded() }
        let token = (1...32).map { _ in UInt8.random(in: 0 ... .max) }
        let group = ChangeGroup(number: number, changes: [change()])
        let empty = ChangeGroup(number: number, changes: [])
        let ledger = LedgerProgress(count: number, hash: 1, hasKey: true)
        func message(_ groups: [ChangeGroup] = [], _ change: (inout SyncRequest) -> Void = { _ in }) -> [UInt8] {
            var request = SyncRequest(
                schemaVersion: 4, epoch: reply.epoch, clockMilliseconds: Wire.now, lowestOwnGroup: number,
                directoryVersion: number, cursors: [], groups: groups)
            change(&request)
            return request.encoded()
        }
        let withdrawal = HeldGroupsRequest.Withdrawal(number: number, replacement: number)
        let steps: [HealingRequest.Step?] = [
            nil, .groups(through: number, [group], corrections: [], rows: VouchedRows()), .done,
        ]
        var messages = [
            message([group]), message([empty]), message([ChangeGroup(number: 1, changes: [change()]), group]),
        ]
        messages.append(
            message {
                $0.set(heldGroups: HeldGroupsRequest(lastOutcome: number, withdrawals: [withdrawal]))
                $0.setFetchReport(FetchReport(horizons: [AreaHorizon(area: 2, sequence: number)]))
                $0.set(auditHead: AuditHead(number: number, hash: 1))
                $0.cursors = [Cursor(area: 1, sequence: number, mark: number)]
            })
        for step in steps {
            for known in [true, false] {
                messages.append(
                    message {
                        $0.set(HealingRequest(receipt: number, step: step))
                        $0.set(wantedToken: token)
                        if known { $0.set(ledger) }
                    })
            }
        }
        for (index, bytes) in messages.enumerated() {
            let status = try wire.send(bytes, to: "/v1/sync").status
            #expect([200, 400, 403, 410].contains(status), "\(index): \(status)")
        }
        try other.run("sync").succeeded()
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
