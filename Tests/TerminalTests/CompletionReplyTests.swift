import Terminal
import Testing

@Suite("What could come next")
struct CompletionReplyTests {
    private func offer(_ words: [String]) -> CompletionReply<Console>.Offer {
        var reply = CompletionReply(program: sample) { name, typed in
            let known = ["PLACE": ["Castle House", "Café Élan"], "PERSON": ["Alex"]]
            return known[name, default: []].filter { $0.hasPrefix(typed) }
        }
        return reply.offer(after: words)
    }

    private func words(_ line: [String]) -> [String] {
        guard case .words(let candidates) = offer(line) else { return ["not words"] }
        return candidates.map(\.word)
    }

    @Test(
        "Words are offered as the declarations say",
        arguments: [
            ([""], ["visit", "search"]), (["v"], ["visit"]), (["visit", ""], ["add", "list"]),
            (["visit", "add", "C"], ["Castle House", "Café Élan"]), (["visit", "add", "\"Cas"], ["Castle House"]),
            (["visit", "add", "Castle", "A"], ["Alex"]), (["visit", "add", "Castle", "Alex", "A"], ["Alex"]),
            (["visit", "add", "--kind", "f"], ["focus_group"]), (["visit", "add", "-k", "f"], ["focus_group"]),
            (["visit", "add", "--kind=f"], ["--kind=focus_group"]),
            (["visit", "add", "--kind", "=", "f"], ["focus_group"]),
            (["visit", "add", "--summary", "v"], []), (["visit", "add", "--count", "1"], []),
            (["visit", "add", "--no"], ["--note", "--no-input"]), (["visit", "add", "--summary", "x", "--not"], []),
            (["visit", "add", "--note", "v"], []), (["visit", "add", "--note", "x", "--su"], []),
            (["visit", "add", "--ki"], ["--kind"]), (["visit", "add", "--kind", "focus_group", "--ki"], []),
            (["visit", "add", "--tag", "x", "--ta"], ["--tag"]), (["visit", "add", "--", "-"], []),
            (["--json", "visit", "l"], ["list"]), (["nonsense", "vi"], ["visit"]), (["search", "words", "v"], []),
        ])
    func offers(line: [String], expected: [String]) { #expect(words(line) == expected) }

    @Test("Options are offered once every word is there, the program's own last")
    func options() {
        let all = words(["visit", "list", ""])
        #expect(all.first == "--since")
        #expect(all.contains("--json") && all.contains("--data") && all.contains("--help"))
        #expect(!all.contains("--version"))
        #expect(words(["--"]).contains("--version"))
    }

    @Test("Folders are left to the shell")
    func folders() { #expect(offer(["--data", ""]) == .folders) }

    @Test(
        "What stands for a value says what is offered",
        arguments: [
            ("FILE", Completion.files), ("DIR", .folders), ("TEXT|-", .nothing), ("N", .nothing),
            ("yes|no", .words(["yes", "no"])), ("PLACE", .listed("PLACE")),
        ])
    func placeholders(placeholder: String, expected: Completion) {
        #expect(CommandOption.text("x", placeholder, "A value.").completion == expected)
    }
}
