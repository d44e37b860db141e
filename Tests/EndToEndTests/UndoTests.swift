import Foundation
import Testing

@Suite("Undo and search between laptops")
struct UndoTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop

    init() throws {
        office = try Office(areas: ["canterbury", "whitstable"])
        try office.open()
        priya = try office.laptop("Priya", areas: ["canterbury"])
        sam = try office.laptop("Sam", areas: ["canterbury"])
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
    }

    private func syncAll() throws {
        for laptop in [priya, sam, priya] { try laptop.run("sync").succeeded() }
    }

    @Test("G2 G3: what everybody has already is taken back as a new change, done again, and all replicas agree")
    func afterSync() throws {
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("visit", "edit", visit, "--summary", "Cake.").succeeded()
        try syncAll()
        #expect(try sam.listed(visit)["summary"].string == "Cake.")
        let back = try priya.run("undo").succeeded()
        #expect(back.output.contains("Summary reads \"Tea.\" again."), "\(back)")
        #expect(try priya.listed(visit)["state"].string == "waiting")
        try syncAll()
        #expect(try sam.listed(visit)["summary"].string == "Tea.")
        try priya.run("undo").succeeded()
        try syncAll()
        #expect(try sam.json("visit", "list").array?.isEmpty == true)
        for _ in 0..<2 { try priya.run("redo").succeeded() }
        try syncAll()
        #expect(try sam.listed(visit)["summary"].string == "Cake.")
        #expect(try office.run("conflicts", "list", "--all", "--json").json().array?.isEmpty == true)
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test(
        "G5: what was taken back before a sync was never there: a colleague's words stand, and no conflict is made",
        arguments: [true, false])
    func beforeSync(colleagueIsFirst: Bool) throws {
        let visit = try priya.visit("Castle House", summary: "Tea.")
        let alex = try priya.json("person", "add", "Alex", "--area", "canterbury")["id"].text()
        try syncAll()
        func write() throws {
            try sam.run("visit", "edit", visit, "--summary", "Soup.").succeeded()
            try sam.run("person", "edit", alex, "--wants-next", "rest").succeeded()
        }
        if colleagueIsFirst { try write() }
        try priya.run("visit", "edit", visit, "--summary", "Cake.").succeeded()
        let back = try priya.run("undo").succeeded()
        #expect(back.errors.contains("It was never sent"), "\(back)")
        #expect(try priya.json("status")["waiting"].integer == 0)
        let ada = try priya.json("person", "add", "Alexander", "--area", "canterbury", "--yes")["id"].text()
        try priya.run("sync").succeeded()
        try priya.run("person", "merge", alex, ada, "--yes").succeeded()
        try priya.run("undo").succeeded()
        #expect(try priya.json("status")["waiting"].integer == 0)
        if !colleagueIsFirst { try write() }
        for laptop in [sam, priya, sam] {
            let told = try laptop.run("sync").succeeded()
            #expect(!told.output.contains("not kept") && !told.errors.contains("not kept"), "\(told)")
        }
        for laptop in [priya, sam] {
            #expect(try laptop.listed(visit)["summary"].string == "Soup.")
            #expect(try laptop.json("person", "show", alex)["wants_next"].string == "rest")
        }
        #expect(try office.run("conflicts", "list", "--all", "--json").json().array?.isEmpty == true)
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test(
        "G7: of a new person who is taken back before a sync not a word leaves the laptop, and done again all of it does"
    )
    func newPerson() throws {
        try syncAll()
        let id = try priya.json(
            "person", "add", "Canaryname", "--area", "canterbury", "--interests", "canaryword"
        )["id"].text()
        let back = try priya.run("undo").succeeded()
        #expect(back.output.contains("is deleted: Canaryname"), "\(back)")
        #expect(back.errors.contains("Not a word of it was sent or will be"), "\(back)")
        try syncAll()
        for folder in [office.folder, sam.home] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                for word in ["Canaryname", "canaryword"] { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(name)") }
            }
        }
        let deleted = try office.run("deleted", "list").succeeded()
        #expect(deleted.output.contains(id.prefix(8)), "\(deleted)")
        #expect(try priya.run("history", id).succeeded().output.contains("Canaryname"))
        try priya.run("redo").succeeded()
        try syncAll()
        let shown = try sam.json("person", "show", id)
        #expect(shown["name"].string == "Canaryname" && shown["interests"].string == "canaryword", "\(shown)")
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("G7: so it is where a sync was tried without signal before")
    func newPersonWithoutSignal() throws {
        try syncAll()
        try office.close()
        try priya.run("person", "add", "Canaryname", "--area", "canterbury").succeeded()
        #expect(try priya.run("sync").code != 0)
        #expect(try priya.run("undo").succeeded().errors.contains("Not a word of it was sent or will be"))
        try office.open()
        try syncAll()
        for folder in [office.folder, sam.home] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                #expect(bytes.range(of: Data("Canaryname".utf8)) == nil, "\(name)")
            }
        }
        try office.close()
    }

    @Test("What is in a sealed file is taken back as a new change")
    func afterSealedFile() throws {
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try syncAll()
        try priya.run("visit", "edit", visit, "--summary", "Cake.").succeeded()
        try priya.run("bundle", "export", office.scratch.path("work.kith")).succeeded()
        let back = try priya.run("undo").succeeded()
        #expect(back.errors.contains("It waits to be sent"), "\(back)")
        // A new one may be in a file too, and then goes with its words.
        let note = try priya.visit("Castle House", summary: "Soup.")
        try priya.run("bundle", "export", office.scratch.path("more.kith")).succeeded()
        #expect(try priya.run("undo").succeeded().errors.contains("It waits to be sent, with all that it says"))
        #expect(try priya.run("history", note).succeeded().output.contains("Soup."))
        try syncAll()
        for laptop in [priya, sam] { #expect(try laptop.listed(visit)["summary"].string == "Tea.") }
        #expect(try office.run("conflicts", "list", "--all", "--json").json().array?.isEmpty == true)
        try office.close()
    }

    @Test("A colleague's later words stay, and the answer says whose they are")
    func changedSince() throws {
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try syncAll()
        try priya.run("visit", "edit", visit, "--summary", "Cake.").succeeded()
        try syncAll()
        try sam.run("visit", "edit", visit, "--summary", "Soup.").succeeded()
        try syncAll()
        let back = try priya.json("undo")
        #expect(back["changed"].integer == 0 && back["kept"].integer == 1, "\(back)")
        #expect(back["left"][0]["person"].string == "Sam" && back["left"][0]["device"].string == "Sam's laptop")
        try syncAll()
        for laptop in [priya, sam] { #expect(try laptop.listed(visit)["summary"].string == "Soup.") }
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("What a colleague wrote is found after a sync, and no more after they deleted it")
    func search() throws {
        let visit = try priya.visit("Castle House", summary: "Alex would like a kettle at the café.")
        #expect(try sam.json("search", "kettle").array?.isEmpty == true)
        try syncAll()
        let found = try sam.json("search", "cafe", "kettle")
        #expect(found[0]["id"].string == visit)
        #expect(found[0]["snippet"].string == "Alex would like a [kettle] at the [café].")
        try priya.run("visit", "delete", visit, "--yes").succeeded()
        try syncAll()
        #expect(try sam.json("search", "kettle").array?.isEmpty == true)
        try office.close()
    }

    @Test("G7: a lost area leaves neither its words in the index nor its values in the log")
    func lostArea() throws {
        try priya.run("sync").succeeded()
        let ada = try office.laptop("Ada", areas: ["canterbury", "whitstable"])
        try ada.run("sync").succeeded()
        let visit = try ada.json(
            "visit", "add", "Castle House", "2026-11-22 14:30", "--area", "whitstable", "--summary", "canaryone in four"
        )["id"].text()
        try ada.run("visit", "edit", visit, "--summary", "canarytwo in five").succeeded()
        #expect(try ada.json("search", "canarytwo").array?.count == 1)
        try ada.run("sync").succeeded()
        try office.run("areas", "take", "Ada", "whitstable").succeeded()
        try ada.run("sync").succeeded()
        for name in try FileManager.default.contentsOfDirectory(atPath: ada.home) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(ada.home)/\(name)"))
            for word in ["canaryone", "canarytwo"] { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(name)") }
        }
        #expect(try ada.json("search", "canarytwo").array?.isEmpty == true)
        #expect(try ada.run("undo").code == 3, "nothing is left to take back")
        try office.close()
    }
}

@Suite("Undo at the office")
struct OfficeUndoTests {
    @Test("G3: an import of the office is taken back by one command there, on every laptop, and done again by one")
    func officeImport() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        var rows = "external_id,started,place,summary\n"
        for row in 0..<1_200 { rows += "\(row),2026-11-\(10 + row % 9),Site \(row % 7),Tea \(row)\n" }
        let file = try priya.scratch.write("visits.csv", rows)
        try office.run("import", "visits", file, "--create-places").succeeded()
        try priya.run("sync").succeeded()
        let first = try priya.run("export", "visits").succeeded().output
        let list = try priya.json("visit", "list").array ?? []
        #expect(list.count == 1_200)
        let touched = try list[0]["id"].text()
        try priya.run("visit", "edit", touched, "--summary", "Soup and a talk").succeeded()
        try priya.run("sync").succeeded()
        let back = try office.run("undo").succeeded()
        #expect(back.output.contains("Took back: import visits, "))
        #expect(
            back.output.contains("1,199 visits are deleted.")
                || back.output.contains("1199 visits are deleted."))
        #expect(back.output.contains("was changed since by Priya on Priya's laptop, and stays as it is."), "\(back)")
        try priya.run("sync").succeeded()
        #expect(try priya.json("visit", "list").array?.count == 1)
        #expect(try priya.json("visit", "show", touched)["summary"].string == "Soup and a talk")
        let again = try office.run("redo", "--json").succeeded().json()
        #expect(again["operation"].string == "import visits")
        #expect(try office.run("redo").code == 3)
        try priya.run("sync").succeeded()
        let second = try priya.run("export", "visits").succeeded().output
        #expect(try second == office.run("export", "visits").succeeded().output)
        #expect(second.split(separator: "\n").count == first.split(separator: "\n").count)
        #expect(try office.run("conflicts", "list", "--all", "--json").json().array?.isEmpty == true)
        let same = try office.run("import", "visits", file, "--create-places", "--json").succeeded().json()
        #expect(same["unchanged"].integer == 1_200)
        try office.close()
    }
}
