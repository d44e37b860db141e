import Database
import Foundation
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("kith import: what is mended and imported again, and what is said")
struct ImportMendsTests {
    private static let lines = """
        {"name":"Anna","pronouns":"she"}
        {"name":"Ben",
        {"pronouns":"he"}
        {"name":"Cleo","rhythm_days":"often"}
        {"name":"Dan","name":"Dave"}

        """

    @Test(
        "One bad line of JSON lines is rejected with its line and reason like a row of CSV, and the others are taken in"
    )
    func badLine() throws {
        let importer = try Importer()
        let path = try importer.write(Self.lines, "people.jsonl")
        let run = importer.laptop.run(["import", "people", path])
        #expect(run.code == .done)
        #expect(
            run.output
                == "1 person imported, 4 rejected. The rejected rows are in \(path).rejects.jsonl: mend them there "
                + "and import that file.\n")
        #expect(
            try importer.read("people.jsonl.rejects.jsonl") == """
                {"rejected":{"line":2,"reason":"The line ends too early: is a bracket or a quotation mark missing?",\
                "text":"{\\"name\\":\\"Ben\\","}}
                {"pronouns":"he","name":null,"rhythm_days":null,"rejected":{"line":3,"reason":"A person needs “Name”."}}
                {"name":"Cleo","rhythm_days":"often","pronouns":null,"rejected":{"line":4,"reason":"“Keep in touch every (days)” \
                is no whole number."}}
                {"rejected":{"line":5,"reason":"A name stands twice in one object, at character 15 of the line.",\
                "text":"{\\"name\\":\\"Dan\\",\\"name\\":\\"Dave\\"}"}}

                """)
    }

    @Test("A relationship of a person with themselves is rejected, as the command refuses it")
    func relationshipWithThemselves() throws {
        let importer = try Importer()
        for name in ["Jo Field", "Robyn Vale"] { _ = try importer.laptop.json("person", "add", name) }
        let path = try importer.write(
            "person,other,kind\nJo Field,Jo Field,friend\nJo Field,Robyn Vale,friend\n")
        #expect(try importer.counts("relationships", path) == [1, 0, 0, 1, 0])
        #expect(try importer.read("table.csv.rejects.csv").contains("A relationship is between two people."))
    }

    @Test(
        "Amounts are in hundredths in a column amount_minor and as people write them in any other, with our ids and without",
        arguments: [
            ("amount_minor", "2050", 2_050), ("amount_minor", "20.00", nil), ("amount_minor", "£20", nil),
            ("Amount minor", "2050", 2_050), ("Amount", "20.50", 2_050), ("amount", "20", 2_000), ("Fee", "20", 2_000),
        ] as [(String, String, Int64?)])
    func hundredths(column: String, amount: String, minor: Int64?) throws {
        let importer = try Importer()
        let person = try #require(try importer.laptop.json("person", "add", "Jo Field")["id"]?.text)
        let options = column == "Fee" ? ["--map", "Fee=amount_minor"] : []
        for ids in ["", "25s52dnbb2vsf2k2222222222a"] {
            let name = ids.isEmpty ? "without.csv" : "with.csv"
            let path = try importer.write(
                "id,person,kind,\(column),currency\n\(ids),\(person),fee,\(amount),GBP\n", name)
            let run = importer.laptop.run(["import", "payments", path] + options)
            #expect(run.output.hasPrefix(minor == nil ? "0 payments imported, 1 rejected" : "1 payment imported."))
        }
        let amounts = try importer.list("payment").map { $0["amount_minor"] }
        #expect(amounts == minor.map { [.integer($0), .integer($0)] } ?? [])
    }

    @Test(
        "A column that is a text in one row and an object in another stands once in the rejected line, which is read again"
    )
    func textAndObject() throws {
        let importer = try Importer()
        let path = try importer.write("{\"name\":\"Hub\"}\n{\"name\":{\"a\":1}}\n", "places.jsonl")
        #expect(try importer.counts("places", path) == [1, 0, 0, 1, 0])
        let line = try importer.read("places.jsonl.rejects.jsonl")
        #expect(line.hasPrefix("{\"name\":{\"a\":1},\"rejected\":"), "\(line)")
        let mended = try importer.write(line.replacing("{\"a\":1}", with: "\"Bus\""), "mended.jsonl")
        #expect(try importer.counts("places", mended) == [1, 0, 0, 0, 0])
    }

    @Test("Names are kept without what can't be seen in them, as at the command, but for a file of our own")
    func tidyNames() throws {
        let importer = try Importer()
        let path = try importer.write(
            "name\n\u{1B}[31mRed  House\n\"Castle\n House\"\n\u{200B}Hub\u{7}\n")
        #expect(try importer.counts("places", path) == [3, 0, 0, 0, 0])
        let names = try importer.list("place").compactMap { $0["name"]?.text }
        #expect(Set(names) == ["[31mRed House", "Castle House", "Hub"])
        let visits = try importer.write(
            "place,started\n\"Castle \n House\",2026-11-20\nNew  \u{7}Place,2026-11-20\n", "v.csv")
        #expect(try importer.counts("visits", visits, "--create-places") == [2, 0, 0, 0, 0])
        #expect(try Set(importer.list("place").compactMap { $0["name"]?.text }) == Set(names + ["New Place"]))
    }

    @Test("G7: a new row that names somebody of another team by id is rejected; one that changes what is here is taken")
    func otherTeam() throws {
        let importer = try Importer(areas: ["alex", "main"])
        _ = try importer.laptop.json("place", "add", "Castle House")
        let alex = try #require(try importer.laptop.json("person", "add", "Alex", "--team", "alex")["id"]?.text)
        let robin = try #require(try importer.laptop.json("person", "add", "Robin", "--team", "main")["id"]?.text)
        let visit = try #require(
            try importer.laptop.json("visit", "add", "castle", "2026-11-20", "--with", "Alex", "--person", alex)["id"]?
                .text)
        let path = try importer.write(
            "id,person,started,summary\n\(visit),\(alex),2026-11-20,Tea.\n,\(alex),2026-11-21,Theirs.\n"
                + ",\(robin),2026-11-21,Ours.\n")
        #expect(try importer.counts("visits", path, "--team", "main") == [1, 1, 0, 1, 0])
        let rejects = try importer.read("table.csv.rejects.csv")
        #expect(
            rejects.contains("“Person” belongs to the team \"\"alex\"\": import this row with --team \"\"alex\"\"."),
            "\(rejects)")
        #expect(try importer.counts("visits", path + ".rejects.csv", "--team", "alex") == [1, 0, 0, 0, 0])
        let visits = try importer.list("visit").map { "\($0["area"]?.text ?? "") \($0["summary"]?.text ?? "")" }
        #expect(Set(visits) == ["alex Tea.", "alex Theirs.", "main Ours."])
    }

    @Test("A file that a colleague imported takes back nothing that was written since, unless that is asked for")
    func colleaguesFile() throws {
        let importer = try Importer()
        let path = try importer.write("Ref,Name,Wants next\n1,Anna,A flat\n2,Ben,\n3,Cleo,Tea\n")
        let words = ["people", path, "--map", "Ref=external_id"]
        #expect(importer.laptop.run(["import"] + words).code == .done)
        for (name, wish) in [("Anna", "A garden"), ("Ben", "A job")] {
            _ = try importer.laptop.json("person", "edit", name, "--wants-next", wish)
        }
        // As on a laptop that has the records from a sync, and never saw the file.
        let database = try importer.laptop.database()
        try database.transaction { try database.execute("DELETE FROM imported_content") }
        let mended = try importer.write("Ref,Name,Wants next\n1,Anna,A flat\n2,Ben,\n3,Cleo,Coffee\n")
        let again = importer.laptop.run(["import"] + words)
        #expect(again.output == "0 people imported, 1 updated, 2 unchanged.\n", "\(again)")
        #expect(
            again.errors.contains(
                "2 rows say something else than somebody wrote here since: that stays. To take the file's words: --overwrite"
            ),
            "\(again.errors)")
        func wishes() throws -> [String?] {
            try importer.exported("people").sorted { $0.key < $1.key }.map { $0.value["wants_next"]?.text }
        }
        #expect(try wishes() == ["A garden", "A job", "Coffee"])
        #expect(importer.laptop.run(["import", "people", mended] + words.dropFirst(2) + ["--overwrite"]).code == .done)
        #expect(try wishes() == ["A flat", nil, "Coffee"])
    }

    @Test("A resource with the title of one that is here is said to stand beside it, with how to change that one")
    func sameTitle() throws {
        let laptop = try FieldLaptop(role: .admin)
        func run(_ text: String) throws -> FieldLaptop.Run {
            let path = laptop.folder + "/library.csv"
            try Data("Title,Kind,Text\nHouse meetings,training,\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
            return laptop.run(["import", "resources", path])
        }
        #expect(try !run("Let them set the agenda.").errors.contains("title"))
        #expect(
            try run("Let them set it.").errors.contains(
                "1 of them has the title of one that was here, and stands beside it. To change that one: export resources, "
                    + "change its line, and import that."))
        #expect(try !run("Let them set it.").errors.contains("title"))
    }

    @Test("An id that is not whole is rejected, and it is said what a whole one is")
    func shortID() throws {
        let importer = try Importer()
        _ = try importer.laptop.json("person", "add", "Jo Field")
        let path = try importer.write("person,meeting\nJo Field,vsa8t3e2\n")
        #expect(try importer.counts("attendances", path) == [0, 0, 0, 1, 0])
        let rejects = try importer.read("table.csv.rejects.csv")
        #expect(rejects.contains("needs the whole id of a record, 26 letters, as an export has it."), "\(rejects)")
    }

    @Test("The file of rejected lines imports nothing as it is, and what was mended in it is taken in")
    func mended() throws {
        let importer = try Importer()
        let path = try importer.write(Self.lines, "people.jsonl")
        #expect(try importer.counts("people", path) == [1, 0, 0, 4, 0])
        let rejects = path + ".rejects.jsonl"
        #expect(try importer.counts("people", rejects) == [0, 0, 0, 4, 0])
        #expect(try importer.list("person").count == 1)
        let text = try importer.read("people.jsonl.rejects.jsonl").split(separator: "\n")
        let mended: [String] = [
            "{\"name\":\"Ben\"}", String(text[1]).replacing("\"name\":null", with: "\"name\":\"Bert\""),
            String(text[2]).replacing("\"often\"", with: "7"), String(text[3]),
        ]
        let again = try importer.write(mended.joined(separator: "\n"), "mended.jsonl")
        #expect(try importer.counts("people", again) == [3, 0, 0, 1, 0])
        let names = try importer.list("person").compactMap { $0["name"]?.text }
        #expect(Set(names) == ["Anna", "Ben", "Bert", "Cleo"])
        #expect(try importer.exported("people").values.allSatisfy { $0["extra"] == .null })
    }

    @Test(
        "Where every row is rejected the exit code is 1, and the result is printed all the same; what is known counts")
    func onlyRejects() throws {
        let importer = try Importer()
        let path = try importer.write("name,rhythm_days\nAnna,often\n\n")
        let run = importer.laptop.run(["import", "people", path])
        #expect(run.code == .failed)
        #expect(run.output.hasPrefix("0 people imported, 1 rejected, 1 blank. The rejected rows are in "))
        #expect(run.errors.hasSuffix("kith: Every row was rejected. Nothing was imported.\n"))
        #expect(importer.laptop.run(["import", "people", path, "--dry-run"]).code == .failed)
        let two = try importer.write("name,rhythm_days\nAnna,often\nBen,7\n", "two.csv")
        #expect(importer.laptop.run(["import", "people", two]).code == .done)
        #expect(importer.laptop.run(["import", "people", two]).code == .done)
        let blank = try importer.write("name,rhythm_days\n,\n", "blank.csv")
        #expect(importer.laptop.run(["import", "people", blank]).code == .done)
    }

    @Test("A line that names the separator, as spreadsheets write it, is no header; a title above the header is told")
    func firstLines() throws {
        let importer = try Importer()
        #expect(
            try importer.counts("places", try importer.write("sep=;\r\nName;District\r\nHub;Deal\r\n")) == [
                1, 0, 0, 0, 0,
            ])
        let title = importer.laptop.run(
            ["import", "places", try importer.write("Our places,\nName,District\nBus,Deal\n", "title.csv")])
        #expect(title.code == .usage)
        #expect(
            title.errors.contains(
                "Columns of the file: “Our places”, “Column 2”. In CSV the header must be the first line."))
    }

    @Test("Standard input, and a team for what is for everyone, are refused in plain words")
    func refused() throws {
        let importer = try Importer()
        let input = importer.laptop.run(["import", "places", "-"])
        #expect(input.code == .usage)
        #expect(
            input.errors.hasPrefix(
                "kith: An import reads a file, and not standard input. Nothing was imported. Save it as a file"))
        let path = try importer.write("name\nHub\n")
        let team = importer.laptop.run(["import", "places", path, "--team", "main"])
        #expect(team.code == .usage)
        #expect(
            team.errors.hasPrefix(
                "kith: Places are for everyone and belong to no team. Nothing was imported. Leave --team out."))
        #expect(try importer.list("place").isEmpty)
    }

    @Test(
        "What is wrong with a date is said",
        arguments: [
            ("2026-03-29 01:30", "is a time that there was not: on that day the clocks went forward over it."),
            ("29/03/2026 01:30", "is a time that there was not: on that day the clocks went forward over it."),
            ("Monday 22 November 2026", "names another weekday than that day was."),
            ("31 February 2026", "names a day that there is not."),
            ("2026-11-22 25:30", "names a time of day that there is not."),
        ])
    func dates(typed: String, words: String) throws {
        let importer = try Importer()
        let path = try importer.write("started,place\n\(typed),Hub\n2026-11-20,Hub\n")
        #expect(try importer.counts("visits", path, "--create-places", "--date-format", "dmy") == [1, 0, 0, 1, 0])
        #expect(try importer.read("table.csv.rejects.csv").contains("“Started” \(words)"))
    }

    @Test("An import of people or places says how many sound like one that is here", arguments: ["places", "people"])
    func soundsAlike(kind: String) throws {
        let importer = try Importer()
        let one = kind == "places" ? "place" : "person"
        _ = try importer.laptop.json(one, "add", "Castle House")
        let other = importer.laptop.run([
            "import", kind, try importer.write("Name\nElm Hall\n", "a.csv"), "--map", "Name=name",
        ])
        #expect(other.code == .done && !other.errors.contains("of them"), "\(other.errors)")
        let path = try importer.write("Name\ncastle house\nRiver Bank\nriver bank\n", "b.csv")
        let run = importer.laptop.run(["import", kind, path, "--map", "Name=name"])
        #expect(
            run.errors.contains("3 of them sound like another \(one) here. Look: kith \(one) duplicates"),
            "\(run.errors)")
        let again = importer.laptop.run(["import", kind, path, "--map", "Name=name"])
        #expect(!again.errors.contains("of them"), "what is here already is not new: \(again.errors)")
    }
}
