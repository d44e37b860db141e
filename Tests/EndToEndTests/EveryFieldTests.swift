import Foundation
import Testing

/// Values out of range for every field that can be given when something is added, as the manual page lists them.
@Suite("Every field's bad input")
struct EveryFieldTests {
    private struct Option {
        let command: [String]
        let name: String
        let placeholder: String
    }

    /// What no field of a form takes, by the word that stands for the value, and the exit codes that may answer.
    private static let bad: [String: [(value: String, codes: Set<Int32>)]] = [
        "WHEN": [("2026-02-31", [2]), ("whenever", [2]), ("99999999999999999999", [2]), ("25:00", [2])],
        "N": [("-1", [2]), ("six", [2]), ("99999999999999999999", [2]), ("1.5", [2])],
        "AMOUNT": [("-5", [2]), ("1.234", [2]), ("99999999999999999999", [2]), ("a lot", [2])],
        "yes|no": [("perhaps", [2])],
        "PLACE": [("Atlantis", [3]), ("zzzzzzzz", [3])],
        "PERSON": [("Nobody", [3])],
        "VISIT": [("zzzzzzzz", [3])], "MEETING": [("zzzzzzzz", [3])], "WORD": [("nonsense", [2])],
    ]

    private func options() throws -> [Option] {
        var command: [String] = []
        var options: [Option] = []
        for line in try Child(Programs.client, ["manual"]).finish().succeeded().output.split(separator: "\n") {
            let text = line.filter { $0 != "\\" }
            if text.hasPrefix(".SS ") { command = text.split(separator: " ").dropFirst(2).map(String.init) }
            guard command.last == "add", text.hasPrefix("fB--"), text.hasSuffix("fR") else { continue }
            let words = text.dropFirst(2).dropLast(2).split(separator: " ", maxSplits: 1).map(String.init)
            if words.count == 2 { options.append(Option(command: command, name: words[0], placeholder: words[1])) }
        }
        return options
    }

    @Test("Dates, numbers, amounts, words and references that no field takes are refused by name, and nothing is saved")
    func everyField() throws {
        let office = try Office()
        try office.open()
        let ada = try office.laptop("Ada", "admin")
        try office.close()
        try ada.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        // What these commands ask for before they look at all of their options.
        let words = [
            "visit": ["castle", "today"], "meeting": ["castle", "today"], "person": ["Somebody", "--role", "resident"],
        ]
        var tried = 0
        for option in try options() {
            for (value, codes) in Self.bad[option.placeholder, default: []] {
                let told = try ada.start(
                    option.command + words[option.command[0], default: []] + ["\(option.name)=\(value)", "--no-input"]
                ).finish()
                tried += 1
                #expect(codes.contains(told.code), "\(told)")
                #expect(told.output.isEmpty && told.errors.contains("Nothing was"), "\(told)")
                if told.code == 2 { #expect(told.errors.contains(option.name), "\(told)") }
            }
        }
        #expect(tried > 100, "a list that is empty proves nothing")
        #expect(try ada.json("status")["waiting"].integer == 1, "the place alone")
    }

    @Test("Standard output that is closed loses nothing: the record is saved, and the exit code tells")
    func closedOutput() throws {
        try saves(with: ">&-", saying: "Standard output could not be written")
    }

    @Test(
        "Standard output that is full loses nothing: the record is saved, and the exit code tells",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
    func fullOutput() throws {
        try saves(with: "> /dev/full", saying: "No space left on device")
    }

    private func saves(with redirection: String, saying says: String) throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try office.close()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let command = "exec '\(Programs.client)' visit add castle today --summary Tea. \(redirection)"
        let told = try Child("/bin/sh", ["-c", command], environment: ["KITH_HOME": priya.home]).finish()
        #expect(told.code == 1, "\(told)")
        #expect(told.errors.contains(says) && told.errors.contains("It is saved: don't enter it again."), "\(told)")
        #expect(try priya.json("visit", "list").array?.map { $0["summary"].string } == ["Tea."])
        try priya.run("doctor").succeeded()
    }

    @Test(
        "A sync whose standard streams are closed writes its words nowhere, least of all to the office",
        arguments: [">&-", "<&- >&- 2>&-"])
    func closedSync(redirection: String) throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let command = "exec '\(Programs.client)' sync \(redirection)"
        // What the line to the office opens, on a thread of its own, has the number only now and then.
        for _ in 1...40 {
            let told = try Child("/bin/sh", ["-c", command], environment: ["KITH_HOME": priya.home]).finish()
            try #require(told.code == 1, "\(told)")
            guard redirection == ">&-" else { continue }
            try #require(told.errors.contains("could not be written: Bad file descriptor"), "\(told)")
        }
        #expect(try priya.json("status")["waiting"].integer == 0)
        try office.close()
    }

    @Test("Emoji, right-to-left marks and both forms of one letter are kept as typed, found alike, and shown safely")
    func letters() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Caf\u{E9} \u{1F33B}", "--kind", "day_centre").succeeded()
        let summary = "\u{202E}desrever\u{2066} \u{1F469}\u{200D}\u{1F467} cafe\u{301}"
        // The other form of the letter finds the place.
        let id = try priya.visit("Cafe\u{301}", summary: summary)
        #expect(try priya.listed(id)["summary"].string?.unicodeScalars.elementsEqual(summary.unicodeScalars) == true)
        let shown = try priya.run("visit", "show", id).succeeded().output
        #expect(shown.contains("\\u{202E}") && !shown.unicodeScalars.contains("\u{202E}"), "\(shown)")
        #expect(!shown.unicodeScalars.contains("\u{2066}"))
        try priya.run("sync").succeeded()
        #expect(try office.run("export", "visits").succeeded().output.contains(summary))
    }
}
