import Terminal
import Testing

@testable import KithClient

@Suite("What is plainly a slip is refused where it is typed")
struct EntryRulesTests {
    private let laptop: FieldLaptop

    init() throws {
        laptop = try FieldLaptop()
        for name in ["Alex", "Robin"] { _ = try laptop.json("person", "add", name) }
    }

    private func id(_ words: String...) throws -> String {
        try #require(try laptop.json(words: words)["id"]?.text)
    }

    private func refuse(_ words: [String], _ message: String) {
        let run = laptop.run(words)
        #expect(run.code == .usage && run.errors.contains("\(message) Nothing was saved."), "\(run.errors)")
    }

    @Test(
        "What has happened does not lie ahead, and nothing is saved",
        arguments: [
            (["promise", "add", "Tea", "--made", "tomorrow"], "“Promised on” of a promise"),
            (["concern", "add", "Bruises", "--happened", "tomorrow"], "“Seen or heard on” of a concern"),
            (["payment", "add", "Alex", "20", "--paid", "2026-11-23"], "“Paid on” of a payment"),
            (
                ["consent", "add", "Alex", "quotes", "--answer", "given", "--given", "tomorrow 9:00"],
                "“Answered on” of a consent"
            ),
        ])
    func ahead(words: [String], field: String) throws {
        refuse(words, "\(field) can't lie ahead: today is Sunday 22 November 2026.")
        #expect(try laptop.json(words[0], "list").values.isEmpty)
    }

    @Test("Today is not ahead, at whatever hour; nobody says tomorrow that a promise was kept or that people were told")
    func settled() throws {
        let promise = try id("promise", "add", "Ring back", "--made", "today 23:59")
        refuse(
            ["promise", "kept", promise, "tomorrow"],
            "“Kept on” of a promise can't lie ahead: today is Sunday 22 November 2026.")
        let insight = try id("insight", "add", "Lamps", "--decision", "accepted", "--decided", "today")
        refuse(
            ["insight", "told", insight, "tomorrow"],
            "“Fed back on” of an insight can't lie ahead: today is Sunday 22 November 2026.")
        #expect(laptop.run(["promise", "kept", promise]).code == .done)
    }

    @Test("A promise is not due before it was made; one that is overdue was not made today, one for today may be")
    func due() throws {
        let message = "“To be kept by” of a promise cannot be before “Promised on”."
        refuse(["promise", "add", "Tea", "--made", "today", "--due", "yesterday"], message)
        let today = try laptop.json("promise", "add", "Tea", "--due", "today")
        #expect(today["made"] == "2026-11-22")
        refuse(["promise", "edit", today["id"]?.text ?? "", "--due", "2026-11-20"], message)
        refuse(["promise", "edit", today["id"]?.text ?? "", "--made", "2026-11-20", "--due", "2026-11-19"], message)
        refuse(["promise", "add", "Tea", "--due", "yesterday"], message)
        #expect(
            laptop.run(["promise", "add", "Tea", "--due", "yesterday"]).errors.contains("the same command with --made"))
        let asked = laptop.run(
            ["promise", "add", "Cake", "--due", "yesterday"], input: "2026-11-20\n", isTerminal: true)
        #expect(asked.code == .done && asked.errors.contains("Promised on: "), "\(asked)")
        #expect(try laptop.json("promise", "list").values.map { $0["made"] }.contains("2026-11-20"))
        let over = try laptop.json("promise", "add", "Tea", "--made", "2026-11-18", "--due", "yesterday")
        refuse(["promise", "edit", over["id"]?.text ?? "", "--made", "today"], message)
    }

    @Test("An edit to nothing says how a field is left without a value")
    func emptyEdit() throws {
        let visit = try laptop.visit()
        let promise = try id("promise", "add", "Tea", "--due", "tomorrow")
        let short = { (id: String) in String(id.prefix(8)) }
        for (words, label) in [
            (["visit", "edit", visit, "--headcount"], "Headcount"), (["visit", "edit", visit, "--place"], "Place"),
            (["promise", "edit", promise, "--due"], "To be kept by"),
        ] {
            let (option, name) = (words[3], String(words[3].dropFirst(2)))
            for typed in ["", " "] {
                let run = laptop.run(words + [typed])
                #expect(run.code == .usage, "\(run)")
                #expect(
                    run.errors
                        == "kith: \(option) is empty. Nothing was saved. To leave “\(label)” without a value, say "
                        + "--clear \(name).\nNext: kith \(words[0]) edit \(short(words[2])) --clear \(name)\n",
                    "\(run.errors)")
            }
        }
    }

    @Test("An attendance is of a visit or of a meeting")
    func gatherings() throws {
        let visit = try laptop.visit()
        let meeting = try id("meeting", "add", "Castle House", "2026-11-21")
        let message = "An attendance is of a visit or of a meeting, not of both."
        refuse(["attendance", "add", "Alex", "--meeting", meeting, "--visit", visit], message)
        let part = try id("attendance", "add", "Alex", "--meeting", meeting)
        refuse(["attendance", "edit", part, "--visit", visit], message)
        #expect(laptop.run(["attendance", "edit", part, "--visit", visit, "--clear", "meeting"]).code == .done)
    }

    @Test("An opportunity leads on from another one, never from itself or one that it led to")
    func circles() throws {
        let first = try id("opportunity", "add", "Alex", "Tea")
        let second = try id("opportunity", "add", "Alex", "Panel", "--came-from", first)
        let third = try id("opportunity", "add", "Alex", "Chair", "--came-from", second)
        let message = "An opportunity can't lead on from itself"
        refuse(["opportunity", "edit", first, "--came-from", first], "\(message).")
        refuse(["opportunity", "edit", first, "--came-from", second], "\(message) through others.")
        refuse(["opportunity", "edit", first, "--came-from", third], "\(message) through others.")
        #expect(laptop.run(["opportunity", "edit", third, "--came-from", first]).code == .done)
    }

    @Test("Of several dates each is told with what it is of, of one the day alone")
    func severalDates() throws {
        _ = try laptop.json("place", "add", "Castle House")
        let two = laptop.run(["visit", "add", "castle", "2026-11-20 9:00", "--ended", "2026-11-20 10:00"])
        #expect(two.errors == "Ended: Friday 20 November 2026, 10:00\nStarted: Friday 20 November 2026, 09:00\n")
        let options = laptop.run(["promise", "add", "Tea", "--made", "2026-11-19", "--due", "2026-11-27"])
        #expect(
            options.errors == "Promised on: Thursday 19 November 2026\nTo be kept by: Friday 27 November 2026\n")
        #expect(laptop.run(["visit", "add", "castle", "2026-11-20"]).errors == "Friday 20 November 2026\n")
    }
}
