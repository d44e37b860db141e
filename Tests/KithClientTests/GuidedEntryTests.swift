import Terminal
import Testing

@testable import KithClient

@Suite("Questions one at a time") struct GuidedEntryTests {
    let laptop: FieldLaptop

    init() throws {
        laptop = try FieldLaptop()
        for name in ["Castle House", "Chapel House"] {
            _ = try laptop.json("place", "add", name, "--kind", "residential")
        }
    }

    func ask(_ words: [String], _ lines: String...) -> FieldLaptop.Run {
        laptop.run(words, input: lines.map { $0 + "\n" }.joined(), isTerminal: true)
    }

    func visits() throws -> [JSONValue] { try laptop.json("visit", "list").values }

    @Test("b goes back to the question before, and the answers before that are not asked for again")
    func back() throws {
        let run = ask(["visit", "add"], "castle", "yesterday 9am", "b", "yesterday 14:30", "", "Tea.")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("Answer b to go back to the question before."))
        #expect(
            run.errors.contains("Place (leave empty to name a person): castle\nWhen: "),
            "the first answer stands: \(run.errors)")
        let visit = try visits()
        #expect(visit.count == 1 && visit[0]["started"]?.text == "2026-11-21T14:30:00+00:00")
        #expect(visit[0]["summary"]?.text == "Tea.")
    }

    @Test("b goes back several questions, and at the first one it says so")
    func farBack() throws {
        let run = ask(["visit", "add"], "b", "castle", "yesterday 9am", "b", "b", "chapel", "today 10am", "", "")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("This is the first question."))
        let id = try #require(try visits().first?["place"])
        #expect(try laptop.json("visit", "list", "--place", "Chapel House").values.count == 1, "\(id)")
    }

    @Test("An interrupted entry saves nothing, keeps its answers, and goes on with them")
    func interrupted() throws {
        let cut = ask(["visit", "add"], "castle", "yesterday 14:30")
        #expect(cut.code == .failed)
        #expect(
            cut.errors.hasSuffix(
                "kith: No answer was given. Nothing was saved. Your 2 answers are kept here for a week.\n"
                    + "Next: kith visit add\n"), "\(cut.errors)")
        #expect(try visits().isEmpty)
        let safe = laptop.run(["status", "--safe-to-lose"])
        #expect(safe.code == .failed && safe.output.contains("Begun and not saved: visit add"), "\(safe.output)")

        let again = ask(["visit", "add"], "1", "", "Tea.")
        #expect(again.code == .done, "\(again.errors)")
        #expect(
            again.errors.contains(
                "2 answers from Sunday 22 November 2026, 15:00 are kept: castle; Saturday 21 November 2026, 14:30\n"),
            "\(again.errors)")
        #expect(try visits().map { $0["summary"]?.text } == ["Tea."])
        #expect(!laptop.run(["status", "--safe-to-lose"]).output.contains("Begun"), "what is saved is begun no more")
    }

    @Test("A visit asks who was there, name after name, with numbered choices, and goes back over each")
    func withWhom() throws {
        for name in ["Alex", "Jo Field", "Jo Vale"] { _ = try laptop.json("person", "add", name) }
        let run = ask(["visit", "add"], "castle", "today 9am", "jo", "1", "nobody", "alex", "b", "alex", "", "Tea.")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("With whom (may stay empty): 2 fit. Pick one by its number"), "\(run.errors)")
        #expect(
            run.errors.contains("And with whom (empty: nobody else): Nothing here goes by that name. Pick one by"),
            "\(run.errors)")
        let parts = try laptop.json("attendance", "list").values
        #expect(parts.count == 2 && parts.contains { $0["person"]?["name"] == "Alex" }, "\(parts)")
        #expect(parts.contains { $0["person"]?["name"]?.text?.hasPrefix("Jo") == true })
        let cut = ask(["visit", "add"], "chapel", "today 10am", "alex")
        #expect(cut.errors.contains("Your 3 answers are kept here"), "\(cut.errors)")
        let again = ask(["visit", "add"], "1", "", "")
        #expect(again.errors.contains("With whom (may stay empty): alex\nAnd with whom"), "\(again.errors)")
        #expect(try laptop.json("attendance", "list").values.count == 3)
        let named = ask(["visit", "add", "castle", "--with", "alex"], "today 11am", "")
        #expect(named.code == .done && !named.errors.contains("With whom"), "\(named.errors)")
    }

    @Test("A place or person that is not here yet is added where it is asked for, once, however the entry goes on")
    func newNames() throws {
        let cut = ask(["visit", "add"], "New  Hostel", "1", "today 9am")
        #expect(
            cut.errors.contains(
                "Nothing here goes by that name. Pick one by its number, or type another name:\n"
                    + "  1  Add “New Hostel” as a new place\n"), "\(cut.errors)")
        #expect(cut.errors.contains(": New Hostel. It is saved here already."), "\(cut.errors)")
        let run = ask(["visit", "add"], "1", "b", "b", "New Hostel", "today 10am", "Mo", "1", "", "Tea.")
        #expect(run.code == .done && run.errors.contains("kept: New Hostel; Sunday"), "\(run.errors)")
        #expect(try laptop.json("place", "list").values.count == 3)
        #expect(try laptop.json("visit", "list", "--place", "New Hostel").values.count == 1)
        #expect(try laptop.json("attendance", "list").values.map { $0["person"]?["name"] } == ["Mo"])
        #expect(ask(["opportunity", "add"], "Nia", "1", "Panel", "", "").code == .done)
        #expect(try Set(laptop.json("person", "list").values.compactMap { $0["name"]?.text }) == ["Mo", "Nia"])
        let trial = ask(["visit", "add", "--dry-run"], "Other", "castle", "today 9am", "", "")
        #expect(trial.code == .done && !trial.errors.contains("Add “Other”"), "\(trial.errors)")
    }

    @Test("Whom a concern or a promise is about can be told in own words where there is no record of them")
    func ownWords() throws {
        let concern = ask(["concern", "add"], "Bruises.", "the man with a hat", "1", "", "")
        #expect(concern.code == .done, "\(concern.errors)")
        #expect(concern.errors.contains("  1  Keep “the man with a hat” in own words\n  2  Add “"), "\(concern.errors)")
        let promise = ask(["promise", "add"], "Ring", "the landlord", "1", "", "", "", "")
        #expect(promise.code == .done, "\(promise.errors)")
        let made = try #require(try laptop.json("promise", "list").values.first)
        #expect(made["to_other"] == "the landlord" && made["person"] == .null)
        let state = laptop.run(["concern", "list", "--json"])
        #expect(state.output.contains("\"about_other\":\"the man with a hat\""), "\(state.output)")
        #expect(try laptop.json("person", "list").values.isEmpty)
    }

    @Test("A meeting asks who was there, of what kind it was, how many came and who decided")
    func meeting() throws {
        _ = try laptop.json("person", "add", "Alex")
        let run = ask(["meeting", "add"], "castle", "today 9am", "alex", "", "1", "6", "5", "Rota.")
        #expect(run.code == .done, "\(run.errors)")
        let meeting = try #require(try laptop.json("meeting", "list").values.first)
        #expect(meeting["kind"] == "house_meeting" && meeting["headcount"] == 6 && meeting["summary"] == "Rota.")
        #expect(meeting["who_decided"] == "coproduced")
        #expect(try laptop.json("attendance", "list").values.map { $0["person"]?["name"] } == ["Alex"])
    }

    @Test("An insight asks where it was heard and who said it, and a concern whether somebody is in danger now")
    func whereFromAndDanger() throws {
        _ = try laptop.json("person", "add", "Alex")
        #expect(
            ask(["insight", "add"], "Stairs", "", "").code == .done, "without a visit or meeting none is asked for")
        let meeting = try laptop.json("meeting", "add", "chapel", "2026-11-21 10:00")["id"]
        let run = ask(["insight", "add"], "Lights", "1", "alex", "The stairs are dark.")
        #expect(run.code == .done, "\(run.errors)")
        #expect(
            run.errors.contains("From which visit or meeting? (may stay empty)\n  1  Meeting: Chapel House"),
            "\(run.errors)")
        let insight = try #require(try laptop.json("insight", "list").values.first { $0["theme"] == "Lights" })
        #expect(insight["meeting"]?["id"] == meeting && insight["person"]?["name"] == "Alex", "\(insight)")
        #expect(insight["words"] == "The stairs are dark.")
        #expect(ask(["insight", "add"], "Heating", "", "", "").code == .done)

        let concern = ask(["concern", "add"], "Bruises.", "alex", "perhaps", "yes", "1")
        #expect(
            concern.code == .done && concern.errors.contains("In danger now (yes or no; may stay empty): "),
            "\(concern.errors)")
        #expect(concern.errors.contains("--immediate-danger is yes or no."), "\(concern.errors)")
    }

    @Test("A record that is not sound keeps its answers too")
    func unsound() throws {
        let run = laptop.run(
            ["visit", "add", "--ended", "2026-11-20 10:00"], input: "castle\nyesterday 14:30\n\n\n", isTerminal: true)
        #expect(run.code == .usage && run.errors.contains("Your 4 answers are kept"), "\(run.errors)")
    }

    @Test(
        "Every kind that can be added goes back and keeps answers",
        arguments: [
            ["place", "add"], ["promise", "add"], ["opportunity", "add"], ["insight", "add"],
            ["consent", "add"], ["payment", "add"], ["concern", "add"], ["meeting", "add"],
        ])
    func everyKind(command: [String]) throws {
        _ = try laptop.json("person", "add", "Alex")
        let first =
            command[0] == "meeting" ? "castle" : command[0] == "place" ? "Night shelter" : "Alex"
        let run = ask(command, first)
        #expect(run.code != .done, "\(run.output)")
        #expect(run.errors.contains("Your answer is kept here for a week."), "\(run.errors)")
        #expect(ask(command).errors.contains("1 answer from Sunday 22 November 2026, 15:00 is kept: \(first)\n"))
    }

    @Test("A round asks for what it needs: who knows of it, when it began, and when they are expected back")
    func round() throws {
        let run = ask(["round", "add"], "The river", "Sam", "today 14:00", "", "today 17:00", "")
        #expect(run.code == .done && run.errors.contains("Expected back: An answer is needed."), "\(run.errors)")
        let round = try #require(try laptop.json("round", "list").values.first)
        #expect(round["buddy"] == "Sam" && round["expected_end"]?.text == "2026-11-22T17:00:00+00:00")
    }

    @Test("A text of several lines that is pasted is kept whole, and nothing of a paste is left for the shell")
    func paste() throws {
        let pasted = laptop.run(
            ["visit", "add", "--purpose", "Tea"], input: "castle\ntoday\n\nOne.\n\nTwo, three.\n", isTerminal: true,
            isPasted: true)
        #expect(pasted.code == .done && pasted.errors.contains("3 lines were taken."), "\(pasted.errors)")
        #expect(try visits().first?["summary"]?.text == "One.\n\nTwo, three.")
        let named = laptop.run(["place", "add"], input: "Bus\n\nkith undo\n", isTerminal: true, isPasted: true)
        #expect(named.code == .done, "\(named.errors)")
        #expect(
            named.errors.hasSuffix("What was typed or pasted behind the last answer was dropped.\n"), "\(named.errors)")
    }

    @Test(
        "A - in the place of the code is a question that shows nothing; in that of a text it is said how the text ends")
    func dash() throws {
        let run = ask(["place", "add", "-", "--kind", "office"], "Bus")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("Type the text, and end it with Ctrl-D on a line of its own.\n"))
        let new = try FieldLaptop(isJoined: false)
        let code = try FieldLaptop.code()
        let joined = new.run(["join", "-", "--device", "Priya's laptop"], input: "\(code)\n", isTerminal: true)
        #expect(joined.code == .done && joined.errors.contains("Invitation code: "), "\(joined.errors)")
        let wrong = try FieldLaptop(isJoined: false).run(["join", "kith1-x", "--device", "Priya's laptop"])
        #expect(wrong.errors.hasSuffix("Next: kith join --device NAME\n"), "\(wrong.errors)")
    }

    @Test("A list that need not be answered may stay empty, and other is asked for words of one's own")
    func emptyAndOwnWords() throws {
        _ = try laptop.json("person", "add", "Alex")
        let paid = ask(["payment", "add"], "Alex", "20", "1", "")
        #expect(paid.code == .done && paid.errors.contains("Outcome (may stay empty)"), "\(paid.errors)")
        let payment = try #require(try laptop.json("payment", "list").values.first)
        #expect(payment["kind"] == "fee" && payment["outcome"] == .null)
        #expect(ask(["place", "add"], "Bus", "9", "Converted bus").code == .done)
        let bus = try laptop.json("place", "list").values.first { $0["name"] == "Bus" }
        #expect(bus?["kind"] == "other" && bus?["kind_other"] == "Converted bus")
        #expect(ask(["place", "add"], "Tent", "").code == .done)
        #expect(ask(["role", "add"], "Alex", "12", "Night warden").code == .done)
        #expect(try laptop.json("role", "list").values.first?["kind_other"] == "Night warden")
    }

    @Test("With KITH_ACCESSIBLE each question is a line of its own")
    func accessible() throws {
        let streams = RecordedStreams(
            input: "castle\ntoday 10am\n\n\n", isTerminal: true,
            variables: ["KITH_HOME": laptop.folder, "KITH_ACCESSIBLE": "1"])
        let office = laptop.office
        let code = KithProgram.run(
            ["visit", "add"], streams: streams.streams, clock: { FieldLaptop.now }, makeLink: { _, _, _ in office })
        #expect(code == .done, "\(streams.errorOutput)")
        #expect(
            streams.errorOutput.contains("Place (leave empty to name a person):\nWhen:\n"), "\(streams.errorOutput)")
        let list = RecordedStreams(isTerminal: true, variables: ["KITH_HOME": laptop.folder, "KITH_ACCESSIBLE": "1"])
        _ = KithProgram.run(
            ["place", "list"], streams: list.streams, clock: { FieldLaptop.now }, makeLink: { _, _, _ in office })
        #expect(list.output.contains("Name: Castle House\n") && !list.output.contains("\u{1B}"), "\(list.output)")
    }
}
