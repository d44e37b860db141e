import Foundation
import Testing

@Suite("The office makes its database small")
struct CompactTests {
    private static let visitCount = 6
    private static let editCount = 5

    /// How many lines of its area's feed each record has.
    private static let entries = "SELECT count(*) AS n FROM feed GROUP BY position >> 40, table_number, item_key"

    private let office: Office
    private let priya: Laptop
    private let sam: Laptop
    private let visits: [String]

    /// Visits that Priya edits again and again; Sam has seen the first words alone, and one of them is a conflict.
    init() throws {
        office = try Office()
        try office.open()
        (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        var visits: [String] = []
        for index in 0..<Self.visitCount {
            visits.append(try priya.visit("Castle House", summary: "First words of \(index)."))
        }
        self.visits = visits
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        for round in 1...Self.editCount {
            for visit in visits {
                try priya.run("visit", "edit", visit, "--summary", "Round \(round) of \(visit).").succeeded()
            }
            try priya.run("sync").succeeded()
        }
        try priya.run("visit", "delete", visits[0], "--yes").succeeded()
        try priya.run("sync").succeeded()
        try sam.run("visit", "edit", visits[1], "--summary", "Sam's words.").succeeded()
        try sam.run("visit", "edit", visits[2], "--purpose", "Sam's purpose.").succeeded()
    }

    /// What the office keeps, in words: records, deleted ones, conflicts, and what was said before.
    private func kept() throws -> [String] {
        let history = "SELECT record_key, field, time, device, value FROM version ORDER BY 1, 2, 3, 4"
        return try [
            office.exported(), office.run("deleted", "list", "--json").succeeded().output,
            office.run("conflicts", "list", "--json").succeeded().output,
            SQLiteShell.run("\(office.folder)/hub.sqlite", history),
            SQLiteShell.run("\(office.folder)/hub.sqlite", "SELECT * FROM quarantine; SELECT * FROM mark"),
        ]
    }

    private func size() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(office.folder)/hub.sqlite")
        return attributes[.size] as? Int ?? 0
    }

    /// The files of the office, without those that every connection makes and removes.
    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: office.folder)
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    /// Who was behind, who was not and who is new end with the same records.
    private func expectAgreement() throws {
        let mia = try office.laptop("Mia")
        for laptop in [sam, priya, mia, sam] {
            let report = try laptop.json("sync")
            #expect(report["digest"].string == report["server_digest"].string)
            #expect(report["held"].integer == 0 && report["repaired"].array == nil, "\(report)")
        }
        for laptop in [sam, priya, mia] { #expect(try laptop.exported() == office.exported(), "\(laptop.person)") }
        #expect(try mia.json("visit", "list").array?.count == Self.visitCount - 1)
        #expect(try sam.listed(visits[3])["summary"].string == "Round \(Self.editCount) of \(visits[3]).")
        #expect(try sam.listed(visits[2])["purpose"].string == "Sam's purpose.")
    }

    @Test("G2, G3: beside a running server nothing that is promised is dropped, and a laptop that was behind follows")
    func beside() throws {
        let before = try kept()
        let trial = try office.run("compact", "--dry-run", "--json").succeeded().json()
        #expect(trial["dry_run"].boolean == true && trial["before_bytes"].integer ?? 0 > 100_000, "\(trial)")
        let report = try office.run("compact", "--json").succeeded().json()
        #expect(report["needless"].integer == trial["needless"].integer, "\(report)")
        // What the server has let go of by itself before counts too: it left room.
        #expect(report["after_bytes"].integer ?? .max <= report["before_bytes"].integer ?? 0, "\(report)")
        #expect(try SQLiteShell.run("\(office.folder)/hub.sqlite", "SELECT max(n) FROM (\(Self.entries))") == "1\n")
        #expect(try kept() == before)
        let checks = "PRAGMA freelist_count; PRAGMA integrity_check"
        #expect(try SQLiteShell.run("\(office.folder)/hub.sqlite", checks) == "0\nok\n")
        try expectAgreement()
        #expect(try office.run("conflicts", "list", "--json").succeeded().json().array?.count == 1)
        try office.close()
        try office.run("doctor").succeeded()
        let again = try office.run("compact").succeeded().output
        #expect(again.contains("Nothing that is kept here was lost."), "\(again)")
    }

    @Test(
        "G1: killed at any moment it leaves all that was there, and can be done again",
        .enabled(if: SuddenEnd.isPossible, "no C compiler"))
    func killed() throws {
        try office.close()
        let end = try SuddenEnd()
        let before = try kept()
        let copy = office.scratch.path("before")
        try FileManager.default.copyItem(atPath: office.folder, toPath: copy)
        let words = ["compact", "--data", office.folder]
        func compact(_ environment: [String: String]) throws -> Outcome {
            try Child(Programs.server, words, environment: environment).finish()
        }
        try compact(end.environment(before: 0)).succeeded()
        let (total, small) = (try end.count(), try size())
        let names = try names()
        for place in stride(from: 1, through: total, by: max(1, total / 25)) {
            try FileManager.default.removeItem(atPath: office.folder)
            try FileManager.default.copyItem(atPath: copy, toPath: office.folder)
            let killed = try compact(end.environment(before: place))
            #expect(killed.code == -SIGKILL, "\(place) of \(total): \(killed)")
            #expect(try kept() == before, "\(place) of \(total)")
            try compact([:]).succeeded()
            #expect(try kept() == before, "\(place) of \(total)")
            #expect(try size() == small, "\(place) of \(total)")
            #expect(try self.names() == names, "\(place) of \(total)")
        }
        try office.open()
        try expectAgreement()
        try office.close()
    }

    @Test("It waits for no backup, and says so")
    func backup() throws {
        let path = "\(office.folder)/backup.lock"
        try Data().write(to: URL(fileURLWithPath: path))
        let lock = try FileDescriptor(opening: path, O_RDWR)
        #expect(flock(lock.number, LOCK_EX | LOCK_NB) == 0)
        let before = try size()
        let refused = try office.run("compact")
        #expect(refused.code == 1 && refused.errors.contains("Nothing was changed."), "\(refused)")
        #expect(try size() == before)
        withExtendedLifetime(lock) {}
        try office.close()
    }
}
