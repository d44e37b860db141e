import Foundation
import SyncCore
import Testing

@Suite("The log of who did what")
struct AuditTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        for _ in 1...2 { try priya.run("sync").succeeded() }
        try office.close()
    }

    private func tamper(_ sql: String) throws {
        try Child("/usr/bin/sqlite3", ["\(office.folder)/hub.sqlite", sql]).finish().succeeded()
    }

    private func verify() throws -> (code: Int32, faults: String) {
        let outcome = try office.run("audit", "verify")
        return (outcome.code, outcome.output)
    }

    @Test(
        "G14: sign-ins, refusals, invitations, revocations, decisions, exports and backups each leave a line without names"
    )
    func lines() throws {
        try office.run("export", "places").succeeded()
        try office.run("backup", office.scratch.path("b.kith")).succeeded()
        let used = try office.invite("Sam")
        try office.open()
        _ = try Laptop("Sam").run("join", used, "--device", "Sam's laptop").succeeded()
        #expect(try Laptop("Thief").run("join", used, "--device", "d").code == 5)
        try office.run("revoke", "Priya's laptop", "--yes").succeeded()
        #expect(try priya.run("sync").code == 5)
        try office.close()
        let listed = try office.run("audit", "list", "--last", "1000", "--json").succeeded()
        let kinds = Set(try listed.json().array?.compactMap { $0["what"].string } ?? [])
        for kind in [
            "device let in", "area given", "device shut out", "key of a device", "invited", "invitation refused",
            "signed in", "sign-in refused", "exported", "backup made",
        ] {
            #expect(kinds.contains(kind), "\(kind): \(kinds)")
        }
        for name in ["Priya", "Sam", "Castle", "canterbury"] { #expect(!listed.output.contains(name), "\(name)") }
        #expect(try verify().code == 0)
    }

    @Test("G14: the log says what was exported, what was looked at for a breach report and what was brought back")
    func whatWasSeen() throws {
        try office.open()
        let id = try priya.json("place", "add", "Elm Row")["id"].text()
        try priya.run("place", "delete", id, "--yes").succeeded()
        try priya.run("sync").succeeded()
        try office.close()
        try office.run("export", "places").succeeded()
        try office.run("export", "notes", "--restricted", "--where", "about=nobody").succeeded()
        try office.run("export", "--sqlite", office.scratch.path("all.sqlite")).succeeded()
        try office.run("breach-report", priya.device).succeeded()
        try office.run("deleted", "restore", id).succeeded()
        let lines = try office.run("audit", "list", "--json").succeeded().json().array?.suffix(5) ?? []
        let told = lines.map { "\($0["what"].string ?? ""): \($0["about"].string ?? "")" }
        #expect(
            told.prefix(3) == [
                "exported: places", "exported: notes, those about concerns too, a selection", "exported: all kinds",
            ])
        #expect(told[3].hasPrefix("breach report made: device "), "\(told)")
        #expect(told[4] == "deleted record brought back: \(id)")
        #expect(try !office.run("audit", "list", "--plain").succeeded().output.contains("\t131"), "no bare numbers")
        #expect(try verify().code == 0)
    }

    @Test(
        "G14: a changed line, a removed one and a cut end are each found",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"),
        arguments: [
            ("UPDATE audit SET entry = (SELECT entry FROM audit WHERE number = 3) WHERE number = 2", "was changed"),
            ("UPDATE audit SET entry = substr(entry, 1, length(entry) - 1) || x'00' WHERE number = 2", "was changed"),
            ("DELETE FROM audit WHERE number = 2", "Line 2 is missing"),
            ("DELETE FROM audit WHERE number BETWEEN 2 AND 3", "Lines 2 to 3 are missing"),
            ("DELETE FROM audit WHERE number > 2", "cut off the end"),
            ("DELETE FROM audit", "cut off the end"),
        ])
    func tampered(sql: String, words: String) throws {
        #expect(try verify().code == 0)
        try tamper(sql)
        let found = try verify()
        #expect(found.code == 7 && found.faults.contains(words), "\(found)")
    }

    @Test(
        "G14: an auditor and an admin read the log on their laptops, and find that it was changed; others are refused",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"))
    func auditor() throws {
        try office.open()
        let (rosa, ada) = (try office.laptop("Rosa", "auditor"), try office.laptop("Ada", "admin"))
        for laptop in [rosa, ada] {
            try laptop.run("sync").succeeded()
            let lines = try laptop.json("audit", "list", "--last", "3").array ?? []
            let atOffice = try office.run("audit", "list", "--json").succeeded().json().array ?? []
            // A line may be written between the two: that a laptop signed in comes a moment after its sync.
            let same = atOffice.first { $0["line"].integer == lines.last?["line"].integer }
            #expect(lines.count == 3 && same != nil && lines.last?["what"].string == same?["what"].string)
            #expect(try laptop.json("audit", "verify")["whole"].boolean == true)
        }
        #expect(try priya.run("audit", "list").code == 5)
        try office.close()
        #expect(try rosa.run("audit", "list").code == 4, "nothing of it is kept on the laptop")
        try tamper("DELETE FROM audit WHERE number > 3")
        try office.open()
        let found = try rosa.run("audit", "verify")
        #expect(found.code == 7 && found.errors.contains("Somebody has changed"), "\(found)")
        try office.close()
    }

    @Test(
        "G14: whoever cuts the log and what the server knows of the laptops is found by the next sync",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"))
    func witnessed() throws {
        try tamper("DELETE FROM audit WHERE number > 3; DELETE FROM audit_witness")
        #expect(try verify().code == 0, "nothing here shows it")
        try office.open()
        _ = try priya.run("sync")
        try office.close()
        let found = try verify()
        #expect(found.code == 7 && found.faults.contains("Priya's laptop holds line"), "\(found)")
        #expect(try office.run("audit", "list").output.contains("log differs from a device's"))
    }

    @Test(
        "G14: whoever writes the log anew, and what the server knows of the laptops too, is found by the next sync",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"))
    func rewritten() throws {
        try tamper("DELETE FROM audit WHERE number > 3")
        for _ in 1...30 { try office.run("export", "places").succeeded() }
        try office.open()
        let sam = try office.laptop("Sam")
        for _ in 1...2 { try sam.run("sync").succeeded() }
        try office.close()
        try tamper(
            """
            UPDATE audit_witness SET head = (SELECT head FROM audit_witness WHERE device = (SELECT max(number) FROM device))
            """)
        #expect(try verify().code == 0, "nothing here shows it")
        try office.open()
        for _ in 1...2 { _ = try priya.run("sync") }
        try office.close()
        let found = try verify()
        #expect(found.code == 7 && found.faults.contains("Priya's laptop holds line"), "\(found)")
        #expect(try office.run("audit", "list").output.contains("log differs from a device's"))
    }

    @Test(
        "G14: a line that a laptop made up is told, by its name, and spoils nothing; a true finding stays one",
        .enabled(if: SQLiteShell.isInstalled && Wire.isPossible, "sqlite3 or curl is missing"))
    func madeUp() throws {
        try office.open()
        let eve = try office.laptop("Eve")
        try eve.run("sync").succeeded()
        let wire = try Wire(office, as: eve)
        let epoch = try SyncReply(decoding: try wire.sync().body).epoch
        for number in [UInt64(1) << 50, 2, 1 << 51] {
            for signature in [nil, [UInt8](repeating: 7, count: AuditSignature.length)] {
                var request = SyncRequest(
                    schemaVersion: 4, epoch: epoch, clockMilliseconds: Wire.now, lowestOwnGroup: 1, directoryVersion: 0,
                    cursors: [], groups: [])
                request.set(auditHead: AuditHead(number: number, hash: 1))
                request.set(auditSignature: signature)
                #expect(try wire.send(request.encoded(), to: "/v1/sync").status == 200)
            }
        }
        try eve.run("sync").succeeded()
        try office.close()
        let told = try office.run("audit", "verify").succeeded().output
        #expect(told.contains("Eve's laptop says that it was told line"), "\(told)")
        #expect(try office.run("audit", "verify", "--json").succeeded().json()["not_signed"].array?.count == 1)
        let lines = try office.run("audit", "list", "--last", "1000", "--json").succeeded().json().array ?? []
        #expect(lines.count { $0["what"].string == "line named that is not here" } == 1)
        try tamper("DELETE FROM audit WHERE number > 3")
        let found = try verify()
        #expect(found.code == 7 && found.faults.contains("Priya's laptop holds line"), "\(found)")
    }

    @Test(
        "G14: an office of an earlier version, whose laptops hold lines without a signature, has them signed with the next sync",
        .enabled(if: SQLiteShell.isInstalled, "sqlite3 is not installed"))
    func upgraded() throws {
        _ = try SQLiteShell.run(priya.database, "DELETE FROM laptop_setting WHERE name = 'audit_signature'")
        try tamper("UPDATE audit_witness SET told_epoch = NULL, told_signature = NULL")
        #expect(try verify().code == 0)
        try office.open()
        for _ in 1...2 { try priya.run("sync").succeeded() }
        try office.close()
        let kept = try SQLiteShell.run(
            priya.database, "SELECT length(value) FROM laptop_setting WHERE name = 'audit_signature'")
        #expect(kept.hasPrefix("64"), "\(kept)")
        try tamper("DELETE FROM audit WHERE number > 3")
        #expect(try verify().code == 7)
    }
}
