import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

/// Today is Sunday 22 November 2026.
@Suite("Who wants no contact, and where that is told")
struct NoContactTests {
    private static let mark = "wants no contact"
    private static let long =
        "Bring the bus timetable and the seeds and the gardening gloves and the form for the council"

    /// Each with a rhythm, a visit three weeks ago, a promise, and a consent to be contacted; both know each other.
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        for person in ["Rosa Field", "Alex"] {
            _ = try laptop.json("person", "add", person, "--rhythm-days", "7")
            _ = try laptop.json("visit", "add", "--person", person, "--started", "2026-11-01 10:00")
            _ = try laptop.json("promise", "add", "Ring", "--person", person, "--due", "today")
            _ = try laptop.json("consent", "add", person, "contact", "--answer", "given")
        }
        _ = try laptop.json("relationship", "add", "Rosa Field", "Alex", "--rhythm-days", "7")
        return laptop
    }

    /// `promise Ring …` and the like, marked ones with an asterisk.
    private func owed(_ laptop: FieldLaptop) throws -> [String] {
        try laptop.json("due").values.map { item in
            let isMarked = item["do_not_contact"] == .boolean(true)
            return "\(item["due"]?.text ?? "?") \(item["id"]?.text?.prefix(8) ?? "?")\(isMarked ? "*" : "")"
        }
    }

    private func count(_ laptop: FieldLaptop, _ word: String) throws -> Int {
        try owed(laptop).filter { $0.hasPrefix(word) }.count
    }

    @Test(
        "Who withdrew or refused the consent to be contacted is nobody to see again, and is marked in what is owed",
        arguments: ["withdrawn", "refused"])
    func consent(answer: String) throws {
        let laptop = try laptop()
        #expect(try count(laptop, "person") == 2 && count(laptop, "relationship") == 1)
        #expect(try !owed(laptop).contains { $0.hasSuffix("*") })
        // A consent that is given beside it takes nothing back: the strictest counts.
        _ = try laptop.json("consent", "add", "Rosa Field", "contact", "--answer", answer)
        #expect(try count(laptop, "person") == 1 && count(laptop, "relationship") == 0)
        #expect(try owed(laptop).filter { $0.hasSuffix("*") }.count == 1)
        for words in [["due"], ["today"], ["week"], []] {
            let told = laptop.run(words, width: 160).output
            #expect(told.contains(Self.mark) && told.contains("Alex, last seen"), "\(told)")
            #expect(!told.contains("Rosa Field, last seen") && !told.contains("last together"), "\(told)")
        }
        #expect(laptop.run(["undo", "--yes"]).code == .done)
        #expect(try count(laptop, "person") == 2 && !owed(laptop).contains { $0.hasSuffix("*") })
    }

    @Test("To withdraw it is enough, a day of withdrawal counts whatever the answer says, and another purpose does not")
    func withdrawing() throws {
        let laptop = try laptop()
        _ = try laptop.json("consent", "add", "Rosa Field", "quotes", "--answer", "refused")
        _ = try laptop.json("consent", "withdraw", "Rosa Field", "photos")
        #expect(try count(laptop, "person") == 2)
        #expect(laptop.run(["consent", "withdraw", "Rosa Field", "contact"]).code == .done)
        #expect(try count(laptop, "person") == 1)
        let consent = try #require(
            try laptop.json("consent", "list").values.first {
                $0["purpose"] == "contact" && $0["person"]?["name"] == "Alex"
            }?["id"]?.text.flatMap { RecordID($0) })
        try laptop.write {
            try $0.edit(
                table: OutreachSchema.Number.consent, record: consent,
                values: [(ConsentField.withdrawn.rawValue, .text("2026-11-20"))])
        }
        #expect(try count(laptop, "person") == 0)
        let lifted = laptop.run(["consent", "edit", consent.description, "--answer", "given", "--clear", "withdrawn"])
        #expect(lifted.code == .done, "\(lifted)")
        #expect(try count(laptop, "person") == 1)
    }

    @Test("What was said of one record counts for the one that stands for it")
    func merged() throws {
        let laptop = try laptop()
        let rosa = try #require(
            try laptop.json("person", "list").values.first { $0["name"] == "Rosa Field" }?["id"]?.text)
        let other = try #require(try laptop.json("person", "add", "Rosie")["id"]?.text)
        _ = try laptop.json("consent", "withdraw", "Rosie", "contact")
        #expect(try count(laptop, "person") == 2)
        _ = try laptop.json("person", "merge", other, rosa, "--yes")
        #expect(try count(laptop, "person") == 1)
        let unasked = laptop.run(["promise", "add", "Write", "--person", "rosa"])
        #expect(unasked.errors.contains("Rosa Field is not to be contacted: "), "\(unasked)")
    }

    @Test("A plan with somebody who withdrew the consent to it says so before it is saved, and whose word it is")
    func plan() throws {
        let laptop = try laptop()
        #expect(!laptop.run(["promise", "add", "Write", "--person", "rosa"]).errors.contains("contacted"))
        _ = try laptop.json("consent", "withdraw", "rosa", "contact")
        let consent = try #require(
            try laptop.json("consent", "list").values.first { $0["answer"] == "withdrawn" }?["id"]?.text)
        let told = "Rosa Field is not to be contacted: the consent to it was withdrawn or refused. "
        for words in [
            ["promise", "add", "Write", "--person", "rosa"],
            ["visit", "add", "--person", "rosa", "--started", "tomorrow"],
        ] {
            let left = laptop.run(words, input: "n\n", isTerminal: true)
            #expect(left.code == .failed && left.errors.contains(told), "\(left.errors)")
            let unasked = laptop.run(words)
            #expect(unasked.code == .done && unasked.errors.contains("kith history \(consent.prefix(8))"), "\(unasked)")
        }
        #expect(!laptop.run(["promise", "add", "Write", "--person", "alex"]).errors.contains("contacted"))
    }

    @Test("A list of people says who is not to be contacted for want of consent")
    func people() throws {
        let laptop = try laptop()
        _ = try laptop.json("consent", "withdraw", "rosa", "contact")
        let list = laptop.run(["person", "list"], width: 120).output.split(separator: "\n")
        #expect(list.count { $0.contains("yes (no consent)") } == 1, "\(list)")
        #expect(list.contains { $0.contains("Rosa Field") && $0.contains("yes (no consent)") }, "\(list)")
    }

    @Test("Mark and name stand before a long text, which is cut on a narrow terminal", arguments: [80, 60])
    func narrow(width: Int) throws {
        let laptop = try FieldLaptop()
        let rosa = try #require(try laptop.json("person", "add", "Rosa Field")["id"]?.text.flatMap { RecordID($0) })
        _ = try laptop.json("promise", "add", Self.long, "--person", "rosa", "--due", "today")
        _ = try laptop.json("promise", "add", Self.long, "--to-other", "The house", "--due", "today")
        _ = try laptop.json(
            "insight", "add", Self.long, "--person", "rosa", "--heard", "2026-11-01", "--decision", "accepted")
        let commands = [["due"], ["today"], ["week"], []]
        for words in commands {
            let told = laptop.run(words, width: width).output
            #expect(told.contains("  Rosa Field: Bring the") && told.contains("  The house: Bring the"), "\(told)")
        }
        try laptop.write {
            try $0.edit(
                table: OutreachSchema.Number.person, record: rosa,
                values: [(PersonField.movedTo.rawValue, .blob(RecordID(milliseconds: 9, random: (9, 9)).bytes))])
        }
        for words in commands {
            let told = laptop.run(words, width: width).output
            #expect(told.contains("  Rosa Field (moved to another team)"), "\(told)")
        }
        try laptop.write {
            try $0.edit(
                table: OutreachSchema.Number.person, record: rosa,
                values: [(PersonField.movedTo.rawValue, .null), (PersonField.doNotContact.rawValue, .integer(1))])
        }
        for words in commands {
            let told = laptop.run(words, width: width).output
            #expect(told.contains("  (\(Self.mark)) Rosa Field: "), "\(told)")
            #expect(told.contains("  (\(Self.mark): Rosa Field) Bri"), "\(told)")
            #expect(told.split(separator: "\n").allSatisfy { $0.count <= width }, "\(told)")
        }
    }

    @Test(
        "A list of promises marks those that are still owed to somebody who wants no contact", arguments: [160, 80, 60])
    func promises(width: Int) throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Rosa Field")
        for words in [[Self.long], ["Old", "--made", "2026-11-01", "--kept", "2026-11-02"]] {
            _ = try laptop.json(words: ["promise", "add"] + words + ["--person", "rosa"])
        }
        _ = try laptop.json("promise", "add", "Over", "--person", "rosa", "--outcome", "no_longer_needed")
        _ = try laptop.json("promise", "add", Self.long, "--to-other", "The house")
        for words in [["promise", "list"], ["search", "bring"]] {
            #expect(!laptop.run(words, width: width).output.contains(Self.mark))
        }
        _ = try laptop.json("consent", "withdraw", "rosa", "contact")
        let list = laptop.run(["promise", "list"], width: width).output
        #expect(list.split(separator: "\n").count { $0.contains(Self.mark) } == 1, "\(list)")
        #expect(
            laptop.run(["promise", "list", "--plain"]).output.split(separator: "\n")[0].hasSuffix("Contact\tState"))
        #expect(try laptop.json("promise", "list").values.count { $0["do_not_contact"] == .boolean(true) } == 1)
        for word in ["timetable", "old", "over"] {
            let found = laptop.run(["search", word, "--kind", "promise"], width: width).output
            #expect(found.contains(" (\(Self.mark))\n") == (word == "timetable"), "\(found)")
        }
    }
}
