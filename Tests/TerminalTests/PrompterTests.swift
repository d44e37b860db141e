import Terminal
import Testing

@Suite("Questions")
struct PrompterTests {
    private func console(_ recorded: RecordedStreams, _ change: (inout ConsoleSettings) -> Void = { _ in }) -> Console {
        var settings = ConsoleSettings()
        change(&settings)
        return Console(streams: recorded.streams, settings: settings)
    }

    private let kinds = [Prompter.Choice("focus_group", label: "Focus group"), Prompter.Choice("other")]

    @Test("Text is asked for on standard error, again after an empty answer")
    func text() throws {
        let recorded = RecordedStreams(input: "\n  \n  Just chatting \r\nrest", isTerminal: true)
        let console = console(recorded)
        #expect(try console.prompter.text("What\u{1B}", option: "--summary") == "Just chatting")
        #expect(
            recorded.errorOutput
                == "What\\u{1B}: An answer is needed.\nWhat\\u{1B}: An answer is needed.\nWhat\\u{1B}: ")
        #expect(recorded.output == "")
        #expect(try console.prompter.text("More", option: "--more") == "rest")
    }

    @Test("Lines that are pasted belong to an answer that takes them; to another one they are the next answers")
    func paste() throws {
        let recorded = RecordedStreams(input: "One\r\n\n  two\tthree \n", isTerminal: true, isPasted: true)
        let console = console(recorded)
        #expect(try console.prompter.text("Words", option: "--words", takesLines: true) == "One\n\n  two three")
        #expect(recorded.errorOutput == "Words: 3 lines were taken.\n")
        recorded.setInput(Array("Castle\ntoday\n".utf8))
        #expect(try console.prompter.text("Place", option: "PLACE") == "Castle")
        #expect(try console.prompter.text("When", option: "WHEN") == "today")
    }

    @Test("A line whose end the terminal has lost, and keys that are no text, are asked for again")
    func unusable() throws {
        let long = String(repeating: "é", count: 4_000)
        let recorded = RecordedStreams(input: "Begins\n\(long)\nends\n", isTerminal: true, isPasted: true)
        let console = console(recorded)
        #expect(throws: CommandFailure.self) {
            try console.prompter.text("Words", option: "--words", takesLines: true)
        }
        #expect(recorded.errorOutput.contains("That line is longer than a terminal takes, and its end is lost."))
        recorded.setInput(Array("\u{1B}[A\u{1B}[Dabc\nabc\n".utf8))
        #expect(try console.prompter.text("Name", option: "NAME") == "abc")
        #expect(
            recorded.errorOutput.contains(
                "Name: That holds keys that are no text, such as arrows. Type it again.\nName: "))
    }

    @Test(
        "What was shown before a question is on the screen before it", arguments: ["choice", "text", "yes", "secret"])
    func shownFirst(question: String) throws {
        let recorded = RecordedStreams(input: "1\n", isTerminal: true)
        let console = console(recorded)
        try console.show("3 records are linked.")
        switch question {
        case "choice": _ = try console.prompter.choice("Which kind?", option: "--kind", among: kinds)
        case "text": _ = try console.prompter.text("Which kind?", option: "--kind")
        case "secret": _ = try console.prompter.secret("Which kind?", option: "--kind")
        default:
            recorded.setInput(Array("y\n".utf8))
            _ = try console.prompter.confirm("Which kind?")
        }
        #expect(recorded.screen.hasPrefix("3 records are linked.\nWhich kind?"), "\(recorded.screen)")
    }

    @Test("An empty answer is taken where it is allowed")
    func empty() throws {
        let console = console(RecordedStreams(input: "\n", isTerminal: true))
        #expect(try console.prompter.text("More", option: "--more", allowsEmpty: true) == "")
    }

    @Test(
        "A choice is made by number, value or label",
        arguments: [("1", "focus_group"), ("2", "other"), ("other", "other"), ("Focus group", "focus_group")])
    func choice(_ answer: String, _ value: String) throws {
        let recorded = RecordedStreams(input: "0\n3\n\(answer)\n", isTerminal: true)
        #expect(try console(recorded).prompter.choice("Which kind?", option: "--kind", among: kinds) == value)
        #expect(
            recorded.errorOutput == """
                Which kind?
                  1  Focus group
                  2  other
                Number: Give a number from 1 to 2.
                Number: Give a number from 1 to 2.
                Number:\u{20}
                """)
    }

    @Test(
        "Only a clear yes confirms",
        arguments: [("y", true), ("YES", true), ("n", false), ("no", false), ("", false), ("what\ny", true)])
    func confirm(_ answer: String, _ isYes: Bool) throws {
        let recorded = RecordedStreams(input: answer + "\n", isTerminal: true)
        #expect(try console(recorded).prompter.confirm("Erase it?") == isYes)
        #expect(recorded.errorOutput.hasPrefix("Erase it? [y/N] "))
    }

    @Test("A long question is wrapped on a narrow terminal, between words")
    func narrow() throws {
        let recorded = RecordedStreams(input: "y\nCastle House\n", isTerminal: true, width: 40)
        let console = console(recorded)
        #expect(try console.prompter.confirm("Move 12 records of Alex Example to the team of Canterbury North?"))
        #expect(try console.prompter.text("Place", option: "PLACE") == "Castle House")
        #expect(
            recorded.errorOutput
                == "Move 12 records of Alex Example to the\n  team of Canterbury North? [y/N] Place: ")
    }

    @Test("--yes confirms without a question")
    func yes() throws {
        let recorded = RecordedStreams()
        #expect(try console(recorded) { $0.assumesYes = true }.prompter.confirm("Erase it?"))
        #expect(recorded.errorOutput == "")
    }

    @Test("A secret is not shown while it is typed, and the echo comes back")
    func secret() throws {
        let recorded = RecordedStreams(input: " four words \n", isTerminal: true)
        #expect(try console(recorded).prompter.secret("Passphrase", option: "--passphrase") == " four words ")
        #expect(recorded.echoChanges == [false, true])
        #expect(recorded.errorOutput == "Passphrase: \n")
        let ended = RecordedStreams(isTerminal: true)
        #expect(throws: CommandFailure.self) { try console(ended).prompter.secret("Passphrase", option: "--p") }
        #expect(ended.echoChanges == [false, true])
    }

    @Test("Where asking is not possible the missing option is named")
    func missing() {
        let forbidden = console(RecordedStreams(isTerminal: true)) { $0.forbidsInput = true }
        let withoutTerminal = console(RecordedStreams(input: "1\n"))
        #expect(
            throws: CommandFailure(
                exitCode: .usage,
                message: "Missing --kind. With --no-input every answer is given with the command. Nothing was changed.")
        ) { try forbidden.prompter.choice("Which?", option: "--kind", among: kinds) }
        let why = "Standard input is not a terminal, so every answer is given with the command. Nothing was changed."
        #expect(throws: CommandFailure(exitCode: .usage, message: "Missing --kind. \(why)")) {
            try withoutTerminal.prompter.text("Which?", option: "--kind")
        }
        #expect(throws: CommandFailure(exitCode: .usage, message: "Missing --yes. \(why)")) {
            try withoutTerminal.prompter.confirm("Sure?")
        }
        #expect(throws: CommandFailure(exitCode: .usage, message: "Missing --text. \(why)")) {
            try withoutTerminal.editText(initial: "", option: "--text", folder: "/nowhere")
        }
    }

    @Test("The end of the input, Ctrl-C and endless wrong answers save nothing")
    func stopped() {
        let ended = console(RecordedStreams(isTerminal: true))
        #expect(throws: CommandFailure(exitCode: .failed, message: "No answer was given. Nothing was saved.")) {
            try ended.prompter.text("What", option: "--summary")
        }
        let interrupted = console(RecordedStreams(isTerminal: true, endFailure: .interrupted))
        #expect(throws: CommandFailure(exitCode: .failed, message: "Stopped by Ctrl-C. Nothing was saved.")) {
            try interrupted.prompter.text("What", option: "--summary")
        }
        let wrong = console(RecordedStreams(input: String(repeating: "x\n", count: 100), isTerminal: true))
        #expect(
            throws: CommandFailure(
                exitCode: .usage, message: "No usable answer after 5 attempts. Nothing was saved.")
        ) { try wrong.prompter.choice("Which?", option: "--kind", among: kinds) }
    }

    @Test("A promptable argument is asked for by its command")
    func promptable() {
        let recorded = RecordedStreams(input: "garden\n", isTerminal: true)
        #expect(runSample(["search"], recorded) == .done)
        #expect(recorded.output == "found garden\n")
        let silent = RecordedStreams(input: "garden\n", isTerminal: true)
        #expect(runSample(["search", "--no-input"], silent) == .usage)
        #expect(
            silent.errorOutput
                == "kith: Missing WORDS. With --no-input every answer is given with the command. Nothing was changed.\n"
                + "Next: kith search --help\n")
    }
}
