import Terminal
import Testing

@testable import KithClient

extension GuidedEntryTests {
    @Test("Answers that were kept for one command line are never given to another")
    func otherLine() throws {
        #expect(ask(["visit", "add", "castle"], "yesterday 14:30").code == .failed)
        let chapel = ask(["visit", "add", "chapel"], "today 9am", "", "Chapel's words.")
        #expect(chapel.code == .done && !chapel.errors.contains("kept"), "\(chapel.errors)")
        #expect(try laptop.json("visit", "list", "--place", "Chapel House").values.count == 1)
        let safe = laptop.run(["status", "--safe-to-lose"])
        #expect(safe.output.contains("Begun and not saved: visit add castle"), "\(safe.output)")

        let castle = ask(["visit", "add", "castle", "--quiet"], "1", "", "Castle's words.")
        #expect(castle.code == .done, "\(castle.errors)")
        let visits = try laptop.json("visit", "list", "--place", "Castle House").values
        #expect(visits.map { $0["started"]?.text } == ["2026-11-21T14:30:00+00:00"])
        #expect(visits.map { $0["summary"]?.text } == ["Castle's words."])

        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json("person", "add", "Robin")
        #expect(ask(["consent", "withdraw", "Alex"]).code == .failed)
        #expect(ask(["consent", "withdraw", "Robin"], "1").errors.contains("Purpose\n"))
    }

    @Test("A day that was said as yesterday stays that day, however late the entry goes on")
    func laterDay() throws {
        #expect(ask(["visit", "add"], "castle", "yesterday 14:30").code == .failed)
        let run = laptop.run(["visit", "add"], input: "1\n\nTea.\n", isTerminal: true, laterDays: 3)
        #expect(run.code == .done, "\(run.errors)")
        #expect(try visits().map { $0["started"]?.text } == ["2026-11-21T14:30:00+00:00"])
    }

    @Test("Kept answers can be dropped, and the last of them can be answered again")
    func dropped() throws {
        #expect(ask(["visit", "add"], "castle", "yesterday 14:30").code == .failed)
        let last = ask(["visit", "add"], "2", "today 9am")
        #expect(
            last.code == .failed && last.errors.contains("Place (leave empty to name a person): castle\nWhen: "),
            "\(last.errors)")

        let none = ask(["visit", "add"], "3")
        #expect(none.code == .failed && none.errors.contains("Place ("), "\(none.errors)")
        #expect(!laptop.run(["status", "--safe-to-lose"]).output.contains("Begun"))
        #expect(!ask(["visit", "add"], "chapel").errors.contains("castle"))
        #expect(ask(["visit", "add"]).errors.contains("  2  Begin anew: they are dropped"))
        #expect(try visits().isEmpty)
    }

    @Test("b goes back over answers that were kept, and what was gone back from is kept no more")
    func backIntoKept() throws {
        #expect(ask(["visit", "add"], "castle", "yesterday 14:30").code == .failed)
        #expect(ask(["visit", "add"], "1", "b").code == .failed)
        let rest = ask(["visit", "add"], "1", "b", "chapel", "today 9am", "", "")
        #expect(rest.code == .done, "\(rest.errors)")
        #expect(rest.errors.contains("1 answer from Sunday 22 November 2026, 15:00 is kept: castle\n"))
        #expect(try laptop.json("visit", "list", "--place", "Chapel House").values.count == 1)
    }

    @Test("Nothing is saved of kept answers alone without a question")
    func keptAlone() throws {
        let words = ["visit", "add", "--ended", "2026-11-20 10:00"]
        #expect(ask(words, "castle", "2026-11-20 11:00", "", "Tea.").code == .usage)
        let again = ask(words)
        #expect(again.code == .failed && again.errors.contains("4 answers from"), "\(again.errors)")
        let saved = ask(words, "2", "b", "b", "2026-11-20 9am", "", "Tea.")
        #expect(saved.code == .done, "\(saved.errors)")
        #expect(try visits().count == 1)
    }

    @Test("What was saved before its command failed is never offered to be saved once more")
    func failedAfterSaving() throws {
        let streams = RecordedStreams(
            input: "castle\ntoday 10am\n\n\n", isTerminal: true, variables: ["KITH_HOME": laptop.folder],
            outputFailure: .refused(code: 28))
        let office = laptop.office
        let code = KithProgram.run(
            ["visit", "add"], streams: streams.streams, clock: { FieldLaptop.now }, makeLink: { _, _, _ in office })
        #expect(code != .done && !streams.errorOutput.contains("kept here"), "\(streams.errorOutput)")
        #expect(try visits().count == 1)
        #expect(!ask(["visit", "add"]).errors.contains("answers from"))
    }

    @Test("What can't be used is not kept, and is told in lines that fit a narrow terminal")
    func unusable() throws {
        _ = try laptop.json("person", "add", "Alex")
        let amount = laptop.run(["payment", "add", "Alex"], input: "lots\n", isTerminal: true, width: 40)
        #expect(amount.code == .failed && !amount.errors.contains("kept here"), "\(amount.errors)")
        // What a person types ends the line of the question on a terminal, and not here.
        #expect(amount.errors.contains("such as 20 or 20.50.\n  Nothing was saved.\n"), "\(amount.errors)")
        let choice = ask(["consent", "add"], "alex", "", "9", "2")
        #expect(choice.errors.contains("Your 2 answers are kept"), "\(choice.errors)")
        #expect(ask(["consent", "add"], "1").errors.contains("kept: alex; sharing\n"))
    }
}
