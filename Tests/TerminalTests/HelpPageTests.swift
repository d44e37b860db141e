import Terminal
import Testing

@Suite("Help")
struct HelpPageTests {
    private func help(_ words: [String], width: Int) -> String {
        let recorded = RecordedStreams(width: width)
        #expect(runSample(words + ["--help"], recorded) == .done)
        return recorded.output
    }

    @Test("No line of any help is wider than the terminal", arguments: [40, 53, 80, 100, 300])
    func width(_ width: Int) {
        var pages = 0
        sample.root.walk { path in
            pages += 1
            let text = help(path.dropFirst().map(\.name), width: width)
            for line in text.split(separator: "\n") {
                #expect(displayWidth(String(line)) <= min(width, 100), "\(line)")
            }
        }
        #expect(pages == 5)
    }

    @Test("Headings are bold on a terminal, and not with NO_COLOR, a dumb terminal or --color never")
    func bold() {
        func output(_ words: [String], _ variables: [String: String]) -> String {
            let recorded = RecordedStreams(isTerminal: true, variables: variables)
            #expect(runSample(words + ["visit", "list", "--since", "mon"], recorded) == .done)
            return recorded.output
        }
        #expect(output([], [:]).contains("\u{1B}[1mWhen"))
        #expect(output([], ["NO_COLOR": ""]).contains("\u{1B}[1mWhen"))
        #expect(!output([], ["NO_COLOR": "1"]).contains("\u{1B}"))
        #expect(!output([], ["TERM": "dumb"]).contains("\u{1B}"))
        #expect(!output(["--color", "never"], [:]).contains("\u{1B}"))
        #expect(!output(["--plain"], [:]).contains("\u{1B}"))
    }

    @Test("The sample has no fault in its declarations, and faults are found")
    func faults() {
        #expect(sample.declarationFaults() == [])
        let faulty = Program<Int>(
            version: "1",
            root: Command(
                name: "x", summary: "No sentence", subcommands: [Command(name: "y", summary: "Y.")],
                arguments: [Argument("a", "A.", count: .any), Argument("b", "B.")],
                options: [.flag("json", short: "h", "J."), .text("text", "TEXT", "A text.", secondName: "quiet")]))
        #expect(
            faulty.declarationFaults() == [
                "x: is a group with options", "x: is a group with arguments", "x: has a summary that is no sentence",
                "x: declares --json twice", "x: declares --quiet twice", "x: declares -h twice",
                "x: a takes all words before b", "x: a may be missing before b", "x y: has neither run nor subcommands",
            ])
    }
}
