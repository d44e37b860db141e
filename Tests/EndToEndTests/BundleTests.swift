import Foundation
import Testing

@Suite("Sealed files, where there is no line")
struct BundleTests {
    private let office: Office
    private let priya: Laptop

    init() throws {
        office = try Office()
        try office.open()
        priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
    }

    private func path(_ name: String) -> String { office.scratch.path(name) }

    private func take(_ file: String) throws -> JSON {
        try office.run("bundle", "import", file, "--json").succeeded().json()
    }

    @Test("G1, G4: work goes to the office in a file, three times counts once, and the answer brings receipts and news")
    func thereAndBack() throws {
        let sam = try office.laptop("Sam")
        try sam.run("sync").succeeded()
        _ = try priya.visit("Castle House", summary: "Canary of the kettle.")
        let file = path("priya.kith")
        #expect(try priya.json("bundle", "export", file)["changes"].integer == 1)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for word in ["Canary of the kettle", "Castle", "Priya"] {
            #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) can be read")
        }
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        _ = try sam.visit("Castle House", summary: "From Sam.")
        try sam.run("sync").succeeded()
        for _ in 1...3 { #expect(try take(file)["state"].string == "taken") }
        let visits = try office.run("export", "visits").output
        #expect(visits.components(separatedBy: "Canary of the kettle").count == 2, "\(visits)")
        let answer = path("answer.kith")
        try office.run("bundle", "reply", "Priya's laptop", answer).succeeded()
        let told = try priya.json("bundle", "import", answer)
        #expect(told["sent"].integer == 1 && told["waiting"].integer == 0, "\(told)")
        #expect(try priya.run("export", "visits").output.contains("From Sam."))
        let again = try priya.json("bundle", "import", answer)
        #expect(again["received"].integer == 0)
        #expect(try priya.json("sync")["sent"].integer == 0)
        try sam.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("After an answer the laptop is safe to lose, and what a sync would tell is told: whose words were not kept")
    func toldLikeSync() throws {
        let sam = try office.laptop("Sam")
        let visit = try priya.visit("Castle House", summary: "Tea.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try priya.run("visit", "edit", visit, "--summary", "Priya's words.").succeeded()
        try sam.run("visit", "edit", visit, "--summary", "Sam's words, later.").succeeded()
        try sam.run("sync").succeeded()
        let (file, answer) = (path("priya.kith"), path("answer.kith"))
        try priya.run("bundle", "export", file).succeeded()
        #expect(try priya.run("status", "--safe-to-lose").code == 1)
        _ = try take(file)
        try office.run("bundle", "reply", "Priya's laptop", answer).succeeded()
        let told = try priya.run("bundle", "import", answer).succeeded()
        #expect(told.output.contains("Your words were not kept here: what Sam wrote stands."), "\(told)")
        #expect(told.output.contains("Bring yours back: kith conflicts bring-back"), "\(told)")
        try priya.run("status", "--safe-to-lose").succeeded()
        try office.close()
    }

    @Test(
        "A colleague carries a file that she can't read; it counts as its author's, also after a sync of the author's")
    func carried() throws {
        let lead = try office.laptop("Sam")
        _ = try priya.visit("Castle House", summary: "Carried by Sam.")
        let file = path("priya.kith")
        try priya.run("bundle", "export", file).succeeded()
        #expect(try lead.json("bundle", "carry", file)["state"].string == "taken")
        #expect(try lead.run("bundle", "import", file).code == 5, "it is not for her")
        #expect(try office.run("export", "visits").output.contains("Carried by Sam."))
        try priya.run("sync").succeeded()
        #expect(try priya.json("status")["waiting"].integer == 0)
        let id = try priya.json("visit", "list")[0]["id"].text()
        let history = try lead.run("sync").succeeded()
        #expect(try lead.run("history", String(id.prefix(8))).succeeded().output.contains("Priya"), "\(history)")
        try expectAgreement([priya, lead], office)
        try office.run("revoke", "Sam's laptop", "--yes").succeeded()
        #expect(try lead.run("bundle", "carry", file).code == 5, "who is shut out carries nothing")
        try office.close()
    }

    @Test("G8: the file of a laptop that was shut out is held for checking, and it gets no answer")
    func revoked() throws {
        _ = try priya.visit("Castle House", summary: "Not yet sent.")
        let file = path("priya.kith")
        try priya.run("bundle", "export", file).succeeded()
        try office.run("revoke", "Priya's laptop", "--yes").succeeded()
        let told = try take(file)
        #expect(told["held"].integer == 1, "\(told)")
        #expect(try office.run("export", "visits").output.contains("Not yet sent.") == false)
        #expect(try office.run("bundle", "reply", "Priya's laptop", path("a.kith")).code == 5)
        try office.close()
    }

    @Test("G9: a file from before an erasure brings nothing back")
    func erased() throws {
        let robin = try priya.json("person", "add", "Robin Canary")["id"].text()
        let file = path("priya.kith")
        try priya.run("bundle", "export", file).succeeded()
        try priya.run("sync").succeeded()
        try office.run("erase", "person", robin, "--yes").succeeded()
        _ = try take(file)
        #expect(try office.run("export", "people").output.contains("Robin") == false)
        #expect(try office.run("deleted", "list").output.contains("Robin") == false)
        try priya.run("sync").succeeded()
        try expectAgreement([priya], office)
        try office.close()
    }

    @Test("G6: a file that is cut, changed, foreign or no file at all changes nothing, on either side")
    func hostile() throws {
        _ = try priya.visit("Castle House", summary: "Sealed.")
        let file = path("priya.kith")
        try priya.run("bundle", "export", file).succeeded()
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        let before = try office.exported()
        let (bad, pipe, link) = (path("bad.kith"), path("pipe"), path("link"))
        var hostile = [Data(), Data([0]), Data("kith bundle 1\n".utf8), whole + Data([0]), Data(count: 9 << 20)]
        hostile += [3, 13, 14, 90, 117, 118, 500, whole.count - 1].map { whole.prefix($0) }
        for place in [0, 14, 50, 94, 100, 118, 130, whole.count / 2, whole.count - 1] {
            var changed = whole
            changed[place] ^= 1
            hostile.append(changed)
        }
        for bytes in hostile {
            try bytes.write(to: URL(fileURLWithPath: bad))
            for outcome in [try office.run("bundle", "import", bad), try priya.run("bundle", "import", bad)] {
                #expect([2, 5].contains(outcome.code) && outcome.errors.contains("Nothing was changed"), "\(outcome)")
            }
        }
        let made = unsafe mkfifo(pipe, 0o600)
        #expect(made == 0)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/zero")
        for path in [pipe, link, office.folder, "/dev/null", path("nothing")] {
            for outcome in [try office.run("bundle", "import", path), try priya.run("bundle", "carry", path)] {
                #expect([1, 2].contains(outcome.code), "\(outcome)")
            }
        }
        let other = try Office()
        #expect(try other.run("bundle", "import", file).code == 5, "another office's")
        #expect(try office.exported() == before)
        #expect(try take(file)["state"].string == "taken", "and the whole one is taken")
        try office.close()
    }

    @Test("G10: an answer to another copy's sealed file is not believed, and that copy's work is not lost")
    func answerForACopy() throws {
        let twin = try Laptop("Priya")
        try FileManager.default.copyItem(atPath: priya.home, toPath: twin.home)
        let first = try priya.visit("Castle House", summary: "By the first.")
        let second = try twin.visit("Castle House", summary: "By the copy.")
        let (file, answer) = (path("priya.kith"), path("answer.kith"))
        try priya.run("bundle", "export", file).succeeded()
        // Both have used the same numbers now.
        try twin.run("bundle", "export", path("twin.kith")).succeeded()
        _ = try take(file)
        try office.run("bundle", "reply", "Priya's laptop", answer).succeeded()
        let refused = try twin.run("bundle", "import", answer)
        #expect(refused.code == 5 && refused.errors.contains("another copy"), "\(refused)")
        #expect(refused.errors.contains("Nothing was changed") && refused.errors.contains("kith sync"))
        #expect(try twin.json("status")["waiting"].integer == 1)
        try priya.run("bundle", "import", answer).succeeded()
        #expect(try priya.json("status")["waiting"].integer == 0)
        for laptop in [twin, priya, twin] { try laptop.run("sync").succeeded() }
        #expect(try twin.listed(first)["summary"].string == "By the first.")
        #expect(try priya.listed(second)["summary"].string == "By the copy.")
        try expectAgreement([priya, twin], office)
        try office.close()
    }

    @Test("A file is written whole or not at all, and not through a link")
    func writing() throws {
        let target = try office.scratch.write("precious", "kept")
        let link = path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        for name in [link, target] {
            let refused = try priya.run("bundle", "export", name)
            #expect(refused.code == 1 && refused.errors.contains("There is something named"), "\(refused)")
        }
        let old = try office.scratch.write("old.kith", "")
        for _ in 1...2 { try priya.run("bundle", "export", old).succeeded() }
        let answer = try office.run("bundle", "reply", "Priya's laptop", target)
        #expect(answer.code == 1 && answer.errors.contains("There is something named"), "\(answer)")
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "kept")
        let failed = try priya.run("bundle", "export", path("nowhere/file"))
        #expect(failed.code == 1 && failed.errors.contains("Nothing was changed"), "\(failed)")
        let names = try FileManager.default.contentsOfDirectory(atPath: office.scratch.path)
        #expect(!names.contains { $0.hasSuffix(".new") }, "\(names)")
        try office.close()
    }
}
