import Terminal
import Testing

@Suite("Reading a command line")
struct ArgumentParserTests {
    @Test(
        "Words and options reach the command",
        arguments: [
            (["visit", "add", "Hope"], "place Hope"),
            (["visit", "add", "Hope", "Ann", "Bo"], "place Hope|person Ann|person Bo"),
            (["visit", "add", "Hope", "--kind", "focus_group"], "place Hope|kind focus_group"),
            (["visit", "add", "--kind=focus_group", "Hope"], "place Hope|kind focus_group"),
            (["visit", "add", "-k", "focus_group", "Hope"], "place Hope|kind focus_group"),
            (["visit", "add", "-k=focus_group", "Hope"], "place Hope|kind focus_group"),
            (["visit", "add", "Hope", "--summary="], "place Hope|summary "),
            (["visit", "add", "Hope", "--summary=a=b"], "place Hope|summary a=b"),
            (["visit", "add", "Hope", "--summary=--kind"], "place Hope|summary --kind"),
            (["visit", "add", "Hope", "--summary", "- just chatting"], "place Hope|summary - just chatting"),
            (["visit", "add", "Hope", "--summary", "-"], "place Hope|summary piped"),
            (["visit", "add", "Hope", "--summary", "-5"], "place Hope|summary -5"),
            (["visit", "add", "Hope", "--note", "-"], "place Hope|summary piped"),
            (["visit", "add", "Hope", "--note=Tea"], "place Hope|summary Tea"),
            (["visit", "add", "Hope", "-- Ann Smith"], "place Hope|person -- Ann Smith"),
            (["visit", "add", "-5.5"], "place -5.5"),
            (["visit", "add", "Hope", "--tag", "a", "--tag", "b"], "place Hope|tag a|tag b"),
            (["visit", "add", "--place", "Hope", "Ann"], "place Hope|person Ann"),
            (["visit", "add", "--place=-", "Ann"], "place piped|person Ann"),
            (["search", "--words", "Ann Smith"], "found Ann Smith"),
            (["visit", "add", "Hope", "--label", "a", "--label=b", "--tag", "c"], "place Hope|tag a|tag b|tag c"),
            (["visit", "add", "Hope", "--count", "500"], "place Hope|count 500"),
            (["visit", "add", "--private", "--", "--kind", "--"], "place --kind|person --|private"),
            (["--json", "--data", "D", "visit", "add", "Hope"], "place Hope|json|data D"),
            (["visit", "add", "Hope", "--data=D", "--json", "--json"], "place Hope|json|data D"),
            (["visit", "--json", "add", "help"], "place help|json"),
            (["search", "help"], "found help"),
            ([], "today"),
        ])
    func words(_ words: [String], _ printed: String) {
        let recorded = RecordedStreams(input: "piped\n")
        #expect(runSample(words, recorded) == .done)
        #expect(recorded.output == printed.split(separator: "|").map { $0 + "\n" }.joined())
        #expect(recorded.errorOutput == "")
    }

    @Test(
        "A mistake is named in one sentence, with exit code 2",
        arguments: [
            (["visit", "add", "Hope", "--sumary", "x"], "Unknown option --sumary. Did you mean --summary?"),
            (["visit", "add", "Hope", "--noet", "x"], "Unknown option --noet. Did you mean --note?"),
            (["visit", "add", "Hope", "--zzzzz"], "Unknown option --zzzzz."),
            (["visit", "add", "Hope", "-z"], "Unknown option -z."),
            (
                ["visit", "add", "--place", "Hope", "--place", "Ash"],
                "--place was given more than once. It is taken once."
            ),
            (
                ["search", "--words", "Ann", "Smith"],
                "Too many arguments: 1 given, at most 1 is taken. Put quotes around words that belong together."
            ),
            (["visit", "add", "Hope", "--label"], "--tag needs a value: --tag WORD."),
            (["visit", "add", "--ännï"], "Unknown option."),
            (["--since", "mon", "visit", "list"], "Unknown option --since."),
            (["vist", "add"], "Unknown command vist. Did you mean visit?"),
            (["Ann Smith"], "Unknown command."),
            (["visit", "--", "help"], "Unknown command help. Did you mean help?"),
            (["visit"], "A command is missing. It is one of: add, list."),
            (["visit", "add", "Hope", "--summary"], "--summary needs a value: --summary TEXT."),
            (["visit", "add", "Hope", "--summary", "--private"], "--summary needs a value: --summary TEXT."),
            (["visit", "add", "Hope", "-s", "--"], "--summary needs a value: --summary TEXT."),
            (["visit", "add", "Hope", "--private=yes"], "--private takes no value."),
            (
                ["visit", "add", "Hope", "--note", "a", "--summary", "b"],
                "--summary was given more than once. It is taken once."
            ),
            (
                ["visit", "add", "Hope", "-s", "a", "--summary", "b"],
                "--summary was given more than once. It is taken once."
            ),
            (
                ["--data", "a", "visit", "add", "Hope", "--data", "b"],
                "--data was given more than once. It is taken once."
            ),
            (
                ["visit", "add", "Hope", "--kind", "focusgroup"],
                "--kind must be one of: house_meeting, focus_group, one_to_one. Did you mean focus_group?"
            ),
            (["visit", "add", "Hope", "--kind="], "--kind must be one of: house_meeting, focus_group, one_to_one."),
            (["visit", "add", "Hope", "--count", "501"], "--count must be a whole number from 0 to 500."),
            (["visit", "add", "Hope", "--count", "-1"], "--count must be a whole number from 0 to 500."),
            (["visit", "add", "Hope", "--count", "five"], "--count must be a whole number from 0 to 500."),
            (["visit", "add"], "Missing PLACE."),
            (["visit", "list"], "Missing --since."),
            (
                ["visit", "list", "--since", "mon", "Ann"],
                "Too many arguments: 1 given, none is taken. Put quotes around words that belong together."
            ),
            (
                ["search", "Ann", "Smith"],
                "Too many arguments: 2 given, at most 1 is taken. Put quotes around words that belong together."
            ),
            (["--color", "always"], "--color must be one of: auto, never."),
        ])
    func mistakes(_ words: [String], _ sentence: String) {
        let recorded = RecordedStreams()
        #expect(runSample(words, recorded) == .usage)
        #expect(recorded.errorOutput.split(separator: "\n").first == "kith: \(sentence) Nothing was changed.")
        #expect(recorded.output == "")
    }

    @Test("The next command after a mistake is the help of the command that was being read")
    func nextCommand() {
        let recorded = RecordedStreams()
        #expect(runSample(["visit", "add"], recorded) == .usage)
        #expect(recorded.errorOutput == "kith: Missing PLACE. Nothing was changed.\nNext: kith visit add --help\n")
    }

    @Test(
        "Help is found at every level and wins over what is missing",
        arguments: [
            (["help"], "Records visits"), (["--help"], "Records visits"), (["-h"], "Records visits"),
            (["help", "visit"], "Visits to places"), (["visit", "help"], "Visits to places"),
            (["help", "visit", "add"], "Record a visit."), (["visit", "help", "add"], "Record a visit."),
            (["visit", "add", "--help"], "Record a visit."), (["--help", "visit", "add"], "Record a visit."),
            (["visit", "list", "-h", "--bogus"], "List visits."),
        ])
    func help(_ words: [String], _ start: String) {
        let recorded = RecordedStreams()
        #expect(runSample(words, recorded) == .done)
        #expect(recorded.output.hasPrefix(start))
        #expect(recorded.errorOutput == "")
    }

    @Test("The version is printed with the name")
    func version() {
        let recorded = RecordedStreams()
        #expect(runSample(["--version"], recorded) == .done)
        #expect(recorded.output == "kith 1.2.3\n")
    }

    @Test("The standard options become settings")
    func settings() throws {
        let words = ["--json", "--plain", "--no-input", "--yes", "--quiet", "--color", "never", "--dry-run"]
        var parser = ArgumentParser(root: sample.root, globalOptions: sample.globalOptions, words: words)
        guard case .run(_, let parsed) = try parser.parse() else {
            Issue.record("the line asks for no help")
            return
        }
        var all = ConsoleSettings()
        all.isJSON = true
        all.isPlain = true
        all.forbidsInput = true
        all.assumesYes = true
        all.isQuiet = true
        all.forbidsColor = true
        all.isDryRun = true
        #expect(ConsoleSettings(parsed) == all)
    }

    @Test("The nearest name allows few mistakes and prefers fewer")
    func nearest() {
        #expect(nearestName(to: "snyc", among: ["search", "sync"]) == "sync")
        #expect(nearestName(to: "meetings", among: ["meeting", "visit"]) == "meeting")
        #expect(nearestName(to: "xyz", among: ["meeting", "sync"]) == nil)
        #expect(nearestName(to: "ad", among: ["list", "add"]) == "add")
    }
}

@Suite("Words as bytes")
struct ProgramArgumentsTests {
    @Test("Text comes through unchanged")
    func text() throws {
        #expect(try ProgramArguments.decode([Array("Zoë".utf8), []], program: "kith") == ["Zoë", ""])
    }

    @Test(
        "A word that can't be used is named by its position",
        arguments: [
            ([0x61, 0xFF], UsageError.Problem.notUTF8(position: 2)),
            ([0xC0, 0x80], .notUTF8(position: 2)),
            ([0x61, 0x00], .holdsNUL(position: 2)),
        ])
    func refused(_ bytes: [UInt8], _ problem: UsageError.Problem) {
        #expect(throws: UsageError(problem, commandPath: ["kith"])) {
            try ProgramArguments.decode([[0x61], bytes], program: "kith")
        }
    }

    @Test("A word above the limit is refused, one of just that length is taken")
    func tooLong() throws {
        let limit = ProgramArguments.maximumWordBytes
        let longest = [UInt8](repeating: 0x61, count: limit)
        #expect(try ProgramArguments.decode([longest], program: "kith").first?.utf8.count == limit)
        let error = #expect(throws: UsageError.self) {
            try ProgramArguments.decode([longest + [0x61]], program: "kith")
        }
        #expect(error?.problem == .tooLong(position: 1, limitBytes: limit))
    }

    @Test("The words of this process are read")
    func process() throws {
        #expect(try ProgramArguments.read(program: "kith") == Array(CommandLine.arguments.dropFirst()))
    }
}
