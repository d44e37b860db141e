import Foundation
import Testing

@Suite("The life of a record on two laptops")
struct RecordLifeTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop
    private let ada: Laptop
    private let visit: String

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        sam = try office.laptop("Sam")
        ada = try office.laptop("Ada", "admin")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        visit = try priya.visit("Castle House", summary: "Tea.")
        for laptop in [priya, sam, ada] { try laptop.run("sync").succeeded() }
    }

    private func syncAll() throws {
        for laptop in [priya, sam, ada, priya, sam] { try laptop.run("sync").succeeded() }
    }

    @Test(
        "Deleted here and edited there: the edit stays, whichever came first, and a choice deletes it after all",
        arguments: [true, false])
    func deleteAgainstEdit(deletesFirst: Bool) throws {
        let edit = ["visit", "edit", visit, "--summary", "The lift is broken."]
        if !deletesFirst { try sam.start(edit).finish().succeeded() }
        try priya.run("visit", "delete", visit, "--yes").succeeded()
        #expect(try priya.json("visit", "list").array?.isEmpty == true)
        if deletesFirst { try sam.start(edit).finish().succeeded() }
        for laptop in deletesFirst ? [priya, sam] : [sam, priya] { try laptop.run("sync").succeeded() }
        try syncAll()
        for laptop in [priya, sam, ada] { #expect(try laptop.listed(visit)["summary"].string == "The lift is broken.") }
        let conflict = try ada.json("conflicts", "list")
        #expect(conflict.array?.count == 1)
        let (deleted, edited) = deletesFirst ? ("a", "b") : ("b", "a")
        #expect(conflict[0][deleted]["deleted"].boolean == true, "\(conflict)")
        #expect(conflict[0][deleted]["person"].string == "Priya")
        #expect(conflict[0][edited]["value"].string == "The lift is broken.")
        #expect(conflict[0][edited]["person"].string == "Sam")
        #expect(conflict[0]["kept"].string == edited && conflict[0]["before"].string == "Tea.", "\(conflict)")
        try ada.run("conflicts", "resolve", try conflict[0]["id"].text(), "--keep", deleted).succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] { #expect(try laptop.json("visit", "list").array?.isEmpty == true) }
        try expectAgreement([priya, sam, ada], office)
        try office.close()
    }

    @Test("G2: a deleted visit is restored by one command, with all it said")
    func restore() throws {
        try priya.run("visit", "delete", visit, "--yes").succeeded()
        try syncAll()
        #expect(try sam.json("visit", "list").array?.isEmpty == true)
        try sam.run("visit", "restore", visit, "--yes").succeeded()
        try syncAll()
        #expect(try priya.listed(visit)["summary"].string == "Tea.")
        #expect(try ada.json("conflicts", "list", "--all").array?.isEmpty == true)
        try expectAgreement([priya, sam, ada], office)
        try office.close()
    }

    @Test("G2: what somebody saw and wrote over comes back by one command, from any laptop, byte for byte")
    func bringBack() throws {
        let words = "Tea \u{1F33B}\r\n\n\u{202E}cafe\u{301}\u{7}\tand cake.\n"
        try priya.run("visit", "edit", visit, "--summary", words).succeeded()
        try syncAll()
        try sam.run("visit", "edit", visit, "--summary", "Cake.").succeeded()
        try syncAll()
        let history = try ada.json("history", visit).array ?? []
        let line = try #require(history.first { $0["value"].string == words }?["number"].integer)
        let shown = try ada.run("history", visit).succeeded().output
        #expect(shown.contains("\n\(line)  "), "\(shown)")
        try ada.run("history", visit, "--bring-back", String(line)).succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] {
            #expect(
                try laptop.listed(visit)["summary"].string?.unicodeScalars.elementsEqual(words.unicodeScalars) == true)
        }
        #expect(try ada.json("history", visit).array?.contains { $0["value"].string == "Cake." } == true)
        #expect(try ada.json("conflicts", "list", "--all").array?.isEmpty == true)
        let later = try sam.json("history", visit).array?.first { $0["value"].string == "Cake." }?["number"].integer
        try sam.run("history", visit, "--bring-back", String(try #require(later)), "--below").succeeded()
        #expect(try sam.listed(visit)["summary"].string == words + "\n\nCake.")
        let none = try sam.run("history", visit, "--bring-back", "900")
        #expect(none.code == 3 && none.errors.contains("none with that number"), "\(none)")
        try office.close()
    }

    @Test("The same value written twice is no conflict")
    func sameValue() throws {
        for laptop in [priya, sam] { try laptop.run("visit", "edit", visit, "--summary", "Same.").succeeded() }
        try syncAll()
        #expect(try ada.json("conflicts", "list", "--all").array?.isEmpty == true)
        try expectAgreement([priya, sam, ada], office)
        try office.close()
    }

    @Test("Different fields of one record never conflict")
    func differentFields() throws {
        try priya.run("visit", "edit", visit, "--summary", "Long.").succeeded()
        try sam.run("visit", "edit", visit, "--purpose", "Art group").succeeded()
        try syncAll()
        #expect(try ada.json("conflicts", "list", "--all").array?.isEmpty == true)
        #expect(try priya.listed(visit)["purpose"].string == "Art group")
        #expect(try sam.listed(visit)["summary"].string == "Long.")
        try office.close()
    }

    @Test("G2: the history has every value, the oldest first, with its writer, and says which one is kept")
    func history() throws {
        try sam.run("visit", "edit", visit, "--summary", "Second.").succeeded()
        try syncAll()
        try priya.run("visit", "edit", visit, "--summary", "Third.").succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] {
            let history = try laptop.json("history", visit).array ?? []
            #expect(
                history.allSatisfy { $0.keys.isSuperset(of: ["field", "value", "person", "device", "at", "kept"]) })
            let summaries = history.filter { $0["field"].string == "summary" }
            #expect(
                summaries.map { $0["value"].string } == ["Tea.", "Second.", "Third."], "\(laptop.person): \(history)")
            #expect(summaries.map { $0["person"].string } == ["Priya", "Sam", "Priya"])
            #expect(summaries.map { $0["device"].string } == ["Priya's laptop", "Sam's laptop", "Priya's laptop"])
            #expect(summaries.map { $0["kept"].boolean } == [false, false, true])
        }
        try office.close()
    }

    @Test("A decision is undone by reopening, at the office and from a laptop, and every value is still there")
    func reopen() throws {
        try priya.run("visit", "edit", visit, "--summary", "Hers.").succeeded()
        try sam.run("visit", "edit", visit, "--summary", "His.").succeeded()
        try syncAll()
        let conflict = try ada.json("conflicts", "list")[0]["id"].text()
        try office.run("conflicts", "resolve", conflict, "--value", "Between.").succeeded()
        try syncAll()
        #expect(try priya.listed(visit)["summary"].string == "Between.")
        #expect(try ada.json("conflicts", "list").array?.isEmpty == true)
        try ada.run("conflicts", "reopen", conflict).succeeded()
        try syncAll()
        #expect(try office.run("conflicts", "list", "--json").json()[0]["status"].string == "open")
        try ada.run("conflicts", "resolve", conflict, "--keep", "before").succeeded()
        try syncAll()
        for laptop in [priya, sam, ada] { #expect(try laptop.listed(visit)["summary"].string == "Tea.") }
        let values = try ada.json("history", visit).array?.compactMap { $0["value"].string } ?? []
        for value in ["Tea.", "Hers.", "His.", "Between."] { #expect(values.contains(value), "\(values)") }
        try expectAgreement([priya, sam, ada], office)
        try office.close()
    }

    @Test(
        "G5: an edit made after seeing a value wins over it, though the other's clock is two hours ahead",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func clockAhead() throws {
        let home = ["KITH_HOME": sam.home]
        try FakeClock.run("+2h", Programs.client, ["visit", "edit", visit, "--summary", "Seen."], environment: home)
            .succeeded()
        let report = try FakeClock.run("+2h", Programs.client, ["sync"], environment: home).succeeded()
        #expect(report.errors.contains("clock"), "\(report)")
        try priya.run("sync").succeeded()
        try priya.run("visit", "edit", visit, "--summary", "Later.").succeeded()
        try syncAll()
        #expect(try sam.listed(visit)["summary"].string == "Later.")
        #expect(try ada.json("conflicts", "list", "--all").array?.isEmpty == true)
        try office.close()
    }

    @Test("Control characters are stored faithfully and shown escaped")
    func controlCharacters() throws {
        let odd = "red \u{1b}[31mtext\u{7}\u{8} and \u{9b}31m a tab\tthen\nnew line"
        let id = try priya.json(
            "visit", "add", "Castle House", "2026-11-23 09:00", "--summary", "-",
            input: .bytes(Data(odd.utf8)))["id"].text()
        try syncAll()
        #expect(try sam.listed(id)["summary"].string == odd)
        #expect(try sam.run("export", "visits", "--format", "jsonl").output.contains("31mtext"))
        #expect(try sam.run("export", "visits").outputBytes.range(of: Data(odd.utf8)) != nil)
        for words in [["visit", "list"], ["visit", "show", id], ["history", id]] {
            let shown = try sam.start(words).finish().succeeded()
            let controls = shown.output.unicodeScalars.filter {
                $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
            }
            #expect(controls.isEmpty, "\(shown)")
            #expect(shown.output.contains("31m"))
        }
        try office.close()
    }
}
