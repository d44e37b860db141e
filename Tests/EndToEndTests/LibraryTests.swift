import Foundation
import Testing

@Suite("The library")
struct LibraryTests {
    @Test("What an admin and the office write is read by every worker, and a worker can't change it")
    func library() throws {
        let office = try Office()
        try office.open()
        let ines = try office.laptop("Ines", "admin")
        let priya = try office.laptop("Priya")
        try ines.run(
            "resource", "add", "House meetings", "--kind", "best_practice", "--text", "Let the residents lead."
        ).succeeded()
        try ines.run("sync").succeeded()
        let file = try ines.scratch.write(
            "library.csv", "Title,Type,Words\nConsent,Poster,In plain words\nInterview panels,training,Both sides\n")
        let imported = try office.run(
            "import", "resources", file, "--map", "Type=kind", "--map", "Words=text", "--json"
        ).succeeded().json()
        #expect(imported["imported"].integer == 2)
        try priya.run("sync").succeeded()
        let titles = try priya.json("resource", "list").array?.map { $0["title"].string ?? "" }
        #expect(titles == ["Consent", "House meetings", "Interview panels"])
        #expect(try priya.json("resource", "show", "Consent")["kind_other"].string == "Poster")
        #expect(try priya.json("search", "plain words")[0]["title"].string == "Consent")
        let refused = try priya.run("resource", "edit", "Consent", "--text", "mine")
        #expect(refused.code == 5 && refused.errors.contains("only admins may change resources"))
        #expect(try priya.run("import", "resources", file).code == 5)
        let bytes = try priya.run("export", "resources").succeeded().output
        #expect(try office.run("export", "resources").succeeded().output == bytes)
        #expect(try ines.run("sync").succeeded().code == 0)
        #expect(try ines.run("export", "resources").succeeded().output == bytes)
    }
}
