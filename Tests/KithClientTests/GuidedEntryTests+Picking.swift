import Terminal
import Testing

@testable import KithClient

/// Names and numbers that are picked, and edits.
extension GuidedEntryTests {
    @Test("Whoever is asked for an attendance picks the visit or meeting from the latest")
    func attendance() throws {
        _ = try laptop.json("person", "add", "Alex")
        #expect(ask(["attendance", "add"], "Alex").errors.contains("There is no visit and no meeting here yet."))
        _ = try laptop.json("visit", "add", "castle", "2026-11-20 10:00")
        let meeting = try laptop.json("meeting", "add", "chapel", "2026-11-21 10:00", "--kind", "training")["id"]
        let run = ask(["attendance", "add"], "2", "Alex", "1", "")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("1  Meeting: training, Chapel House, Saturday 21 November 2026, 10:00\n"))
        let part = try #require(try laptop.json("attendance", "list").values.first)
        #expect(part["meeting"]?["id"] == meeting && part["visit"] == .null && part["took_part_as"] == .null)
    }

    @Test("A name that fits several places shows numbered choices, and nothing is saved")
    func ambiguous() throws {
        let run = laptop.run(["visit", "add", "house", "today", "--no-input"])
        #expect(run.code == .notFound)
        #expect(try visits().isEmpty)
    }

    @Test("A number alone picks one of the names that fit, and is kept as that name")
    func pick() throws {
        let run = ask(["visit", "add"], "c", "2", "today 8am", "b", "today 9am", "", "")
        #expect(run.code == .done, "\(run.errors)")
        #expect(
            run.errors.contains("2 fit. Pick one by its number, or say more of the name:\n  1  "), "\(run.errors)")
        // Which one stands second depends on their ids.
        let second = run.errors.split(separator: "\n").first { $0.hasPrefix("  2  ") }?.split(separator: "  ").last
        let name = try #require(second.map(String.init))
        #expect(
            run.errors.contains("Place (leave empty to name a person): \(name)\n"),
            "what is asked again has the name: \(run.errors)")
        #expect(try laptop.json("visit", "list", "--place", name).values.count == 1)
    }

    @Test("A number that was picked from a list is kept as what it stood for, so that another list changes nothing")
    func keptChoice() throws {
        _ = try laptop.json("person", "add", "Alex")
        let cut = ask(["consent", "add"], "alex", "2")
        #expect(cut.code != .done && cut.errors.contains("Your 2 answers are kept"), "\(cut.errors)")
        let again = ask(["consent", "add"], "1")
        #expect(again.errors.contains("Number: sharing\n"), "\(again.errors)")
    }

    @Test("An answer that an edit can't use is asked for again")
    func unusableEdit() throws {
        _ = try laptop.json("person", "add", "Alex")
        let run = ask(["person", "edit"], "alex", "rhythm-days", "soon", "14", "")
        #expect(run.code == .done && run.errors.contains("--rhythm-days is a whole number from 1"), "\(run.errors)")
        #expect(try laptop.json("person", "show", "Alex")["rhythm_days"] == 14)
    }

    @Test("A number means nothing where no names were shown")
    func noPick() throws {
        let run = ask(["visit", "add"], "2", "castle", "today 9am", "", "")
        #expect(run.code == .done && run.errors.contains("Nothing here goes by that name."), "\(run.errors)")
        #expect(try laptop.json("visit", "list", "--place", "Castle House").values.count == 1)
    }

    @Test("A round, a note, a consent taken back and an edit are asked for in the same way")
    func otherCommands() throws {
        let alex = try laptop.json("person", "add", "Alex")["id"]?.text ?? ""
        let round = ask(["round", "start"], "The river", "Mat", "b", "Sam", "18:00")
        #expect(round.code == .done && round.errors.contains("Plan: The river\nBuddy: "), "\(round.errors)")
        #expect(try laptop.json("round", "list").values[0]["buddy"]?.text == "Sam")

        let note = ask(["note"], String(alex.prefix(8)), "b", String(alex.prefix(8)), "Likes tea.")
        #expect(note.code == .done, "\(note.errors)")
        #expect(try laptop.json("note", "list").values[0]["text"]?.text == "Likes tea.")

        let consent = ask(["consent", "withdraw"], "alex", "b", "alex", "1")
        #expect(consent.code == .done && consent.output.contains("Alex, quotes, withdrawn"), "\(consent.errors)")

        let edit = ask(["person", "edit"], "alex", "pronouns", "b", "pronouns", "they", "")
        #expect(edit.code == .done && edit.errors.contains("What changes?\n  1  "), "\(edit.errors)")
        #expect(try laptop.json("person", "show", "Alex")["pronouns"]?.text == "they")
        let emptied = ask(["person", "edit"], "alex", "pronouns", "", "")
        #expect(emptied.code == .done && emptied.errors.contains("Pronouns: they"), "\(emptied.errors)")
        #expect(try laptop.json("person", "show", "Alex")["pronouns"]?.text == nil)
    }

    @Test("An edit goes on to further fields, by number or name, until nothing else is to be changed")
    func furtherFields() throws {
        _ = try laptop.json("person", "add", "Alex")
        let run = ask(
            ["person", "edit"], "alex", "pronouns", "they", "pronouns", "99", "Interests", "Chess", "10", "14", "")
        #expect(run.code == .done, "\(run.errors)")
        #expect(run.errors.contains("“Pronouns” is changed already."), "\(run.errors)")
        #expect(run.errors.contains("Give a number from 1 to "), "\(run.errors)")
        let alex = try laptop.json("person", "show", "Alex")
        #expect(alex["pronouns"] == "they" && alex["interests"] == "Chess" && alex["rhythm_days"] == 14, "\(alex)")
        let back = ask(["person", "edit"], "alex", "pronouns", "she", "Interests", "b", "", "")
        #expect(back.code == .done, "\(back.errors)")
        #expect(try laptop.json("person", "show", "Alex")["interests"] == "Chess")
    }

    @Test("Who names no record is asked which one, and the latest are offered")
    func offered() throws {
        for summary in ["Tea", "Cake"] {
            _ = try laptop.json("visit", "add", "castle", "today 9am", "--summary", summary)
        }
        let shown = ask(["visit", "show"], "1")
        #expect(shown.code == .done && shown.output.contains("Summary: "), "\(shown.errors)")
        #expect(
            shown.errors.hasPrefix("The latest of them. Pick one by its number, or give an id:\n  1  "),
            "\(shown.errors)")
        let deleted = ask(["visit", "delete"], "2", "y")
        #expect(
            deleted.code == .done && deleted.output.contains("It is saved here and waits to be sent."), "\(deleted)")
        let restored = ask(["visit", "restore"], "1")
        #expect(restored.code == .done && restored.output.contains("Brought back visit"), "\(restored)")
        #expect(try visits().count == 2)
        _ = try laptop.json("promise", "add", "Call")
        _ = try laptop.json("promise", "add", "Write", "--kept", "today")
        let kept = ask(["promise", "kept"], "1")
        #expect(kept.code == .done && kept.output.contains(": Call."), "\(kept)")
        #expect(!kept.errors.contains("Write"), "what was kept is not offered: \(kept.errors)")
        let again = laptop.run(["promise", "kept", String(kept.output.split(separator: " ")[2].prefix(8)), "--json"])
        #expect(again.code == .done, "\(again.errors)")
        #expect(laptop.run(["visit", "show", "--no-input"]).code == .usage)
        let trial = laptop.run(["visit", "delete", try #require(try visits().first?["id"]?.text), "--dry-run"])
        #expect(trial.code == .done && trial.output.contains("Would delete visit"), "\(trial)")
    }
}
