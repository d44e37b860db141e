import Foundation
import Testing

@Suite("The key that the server shows is changed", .enabled(if: SQLiteShell.isInstalled, "sqlite3 is missing"))
struct ServerKeyTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop

    init() throws {
        office = try Office()
        try office.open()
        (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
    }

    private func pin(_ laptop: Laptop) throws -> String {
        try SQLiteShell.run(laptop.database, "SELECT lower(hex(value)) FROM laptop_setting WHERE name = 'pin'")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func shown() throws -> JSON { try office.run("server-key", "show", "--json").succeeded().json() }

    /// Makes a next key, lets some laptops hear of it, and takes it into use.
    private func change(hearing laptops: [Laptop]) throws {
        try office.run("server-key", "prepare").succeeded()
        for laptop in laptops { try laptop.run("sync").succeeded() }
        try office.close()
        try office.run("server-key", "change", "--yes").succeeded()
        try office.open()
    }

    @Test(
        "G12: laptops that heard of the next key notice nothing, and take the one before no more once they saw the new one"
    )
    func ahead() throws {
        let first = try shown()["pin"].text()
        #expect(try pin(priya) == first)
        let told = try office.run("server-key", "prepare").succeeded()
        #expect(told.output.contains("stays in use"))
        let next = try shown()["next_pin"].text()
        #expect(try shown()["not_told"].array?.count == 2)
        try office.run("server-key", "prepare").succeeded()
        #expect(try shown()["next_pin"].text() == next, "a second time makes no other")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        #expect(try pin(priya) == first, "it was not seen yet")
        let running = try office.run("server-key", "change", "--yes")
        #expect(running.code == 1 && running.errors.contains("Stop it first"), "\(running)")
        // Whoever was heard of is written down by then.
        try office.close()
        #expect(try shown()["not_told"].array?.isEmpty == true)
        try FileManager.default.copyItem(atPath: office.folder, toPath: office.scratch.path("before"))
        try office.run("server-key", "change", "--yes").succeeded()
        try office.open()
        #expect(try shown()["pin"].text() == next && shown()["next_pin"].isNull)
        let synced = try priya.run("sync").succeeded()
        #expect(synced.errors.isEmpty, "\(synced)")
        #expect(try pin(priya) == next)
        // Who has the key before, such as a thief of a backup, is believed by Sam at most, who has not seen the new one.
        try office.close()
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: office.scratch.path("before"), toPath: office.folder)
        try office.open()
        #expect(try priya.run("sync").code == 5)
        try sam.run("sync").succeeded()
        try office.close()
    }

    @Test("G12: a laptop that was away for the whole change is told what to do, and the office's code lets it in again")
    func away() throws {
        try sam.run("person", "add", "Robin").succeeded()
        try change(hearing: [priya])
        let refused = try sam.run("sync")
        #expect(refused.code == 5 && refused.errors.contains("Next: kith server-key CODE"), "\(refused)")
        #expect(refused.errors.contains("Nothing was sent") && refused.errors.contains("1 record stays saved"))
        let code = try office.run("server-key", "code", "--json").succeeded().json()["code"].text()
        for wrong in [String(code.dropLast()), code.replacingOccurrences(of: "a", with: "b"), "kith1-abcde"] {
            let typo = try sam.run("server-key", wrong)
            #expect(typo.code == 2 && typo.errors.contains("Nothing was changed"), "\(typo)")
        }
        #expect(try sam.run("sync").code == 5)
        try sam.run("server-key", "-", input: .bytes(Data(code.uppercased().utf8))).succeeded()
        #expect(try sam.json("sync")["sent"].integer == 1)
        #expect(try pin(sam) == shown()["pin"].text())
        let again = try sam.run("server-key", code).succeeded()
        #expect(again.output.contains("already"), "\(again)")
        try priya.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test(
        "G12: a laptop whose answer was lost does not count as told; it does once it has said that it knows the key",
        .enabled(if: Wire.isPossible, "curl is missing"))
    func lostReply() throws {
        try office.run("server-key", "prepare").succeeded()
        // The office hears of Sam, and nothing of what it answers reaches the laptop's file.
        #expect(try Wire(office, as: sam).sync().status == 200)
        try priya.run("sync").succeeded()
        try office.close()
        let behind = try office.run("server-key", "show").succeeded().output
        #expect(behind.contains(sam.device) && !behind.contains(priya.device), "\(behind)")
        try office.open()
        try sam.run("sync").succeeded()
        try office.close()
        #expect(try shown()["not_told"].array?.isEmpty == true)
    }

    @Test("G12: nobody plants a key: what another office signed is refused, and an older code goes back to nothing")
    func planted() throws {
        let other = try Office()
        try other.run("server-key", "prepare").succeeded()
        let foreign = try other.run("server-key", "code", "--json").succeeded().json()["code"].text()
        let refused = try sam.run("server-key", foreign)
        #expect(refused.code == 5 && refused.errors.contains("Nothing was changed"), "\(refused)")
        try office.run("server-key", "prepare").succeeded()
        let older = try office.run("server-key", "code", "--json").succeeded().json()["code"].text()
        try office.run("server-key", "prepare", "--anew").succeeded()
        let newer = try office.run("server-key", "code", "--json").succeeded().json()["code"].text()
        try priya.run("sync").succeeded()
        #expect(try priya.json("server-key", older)["taken"].boolean == false)
        try sam.run("server-key", newer).succeeded()
        #expect(try sam.json("server-key", older)["taken"].boolean == false)
        try office.close()
        try office.run("server-key", "change", "--yes").succeeded()
        try office.open()
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.close()
    }

    @Test("An invitation that names the key before is refused with what to do, and a new one lets in")
    func invitations() throws {
        let code = try office.invite("Late")
        try office.run("server-key", "prepare").succeeded()
        try office.close()
        let told = try office.run("server-key", "change", "--yes").succeeded()
        #expect(told.output.contains("Invitations that nobody has used: 1"), "\(told)")
        try office.open()
        let late = try Laptop("Late")
        let refused = try late.run("join", code, "--device", "Late's laptop", "--no-passphrase")
        #expect(refused.code == 5 && refused.errors.contains("Ask the office for a new one"), "\(refused)")
        try late.run("join", try office.invite("Late"), "--device", "Late's laptop", "--no-passphrase").succeeded()
        try late.run("sync").succeeded()
        #expect(try pin(late) == shown()["pin"].text())
        try office.close()
    }

    @Test("Three changes, one after the other, and a laptop that was away for two of them")
    func several() throws {
        try change(hearing: [priya, sam])
        try change(hearing: [priya])
        try change(hearing: [priya])
        try priya.run("sync").succeeded()
        #expect(try sam.run("sync").code == 5)
        let code = try office.run("server-key", "code", "--json").succeeded().json()["code"].text()
        try sam.run("server-key", code).succeeded()
        try sam.run("sync").succeeded()
        for laptop in [priya, sam] { #expect(try pin(laptop) == shown()["pin"].text()) }
        try office.close()
    }
}
