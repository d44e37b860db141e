import Terminal
import Testing

@testable import KithClient

@Suite("Whoever is not to be contacted is named where contact is planned")
struct ContactCheckTests {
    private static let plans = [
        ["promise", "add", "Call", "--person", "jo"], ["opportunity", "add", "jo", "Join the garden group"],
        ["visit", "add", "--person", "jo", "--started", "tomorrow"],
        ["visit", "add", "castle", "tomorrow 10:00", "--with", "jo"],
        ["meeting", "add", "castle", "tomorrow", "--kind", "house_meeting", "--with", "jo"],
    ]
    private let laptop: FieldLaptop

    init() throws {
        laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House")
        _ = try laptop.json("person", "add", "Jo Field", "--do-not-contact", "yes")
    }

    @Test("Every plan says so before it is saved, and who can be asked may leave it", arguments: plans)
    func plan(words: [String]) throws {
        let told = "Jo Field is not to be contacted. Since when, and who says so: kith history "
        let left = laptop.run(words, input: "n\n", isTerminal: true)
        #expect(left.code == .failed && left.errors.contains(told), "\(left.errors)")
        #expect(try laptop.json(words[0], "list") == [])
        let unasked = laptop.run(words)
        #expect(unasked.code == .done && unasked.errors.contains(told), "\(unasked.errors)")
        #expect(try laptop.json(words[0], "list").values.count == 1)
    }

    @Test(
        "What has happened is recorded without a word, and so is a plan with others",
        arguments: [
            ["promise", "add", "Call", "--person", "jo", "--kept", "today"],
            ["opportunity", "add", "jo", "Join", "--answer", "no"],
            ["visit", "add", "castle", "today 10:00", "--with", "jo"],
            ["visit", "add", "castle", "tomorrow"],
        ])
    func noPlan(words: [String]) throws {
        let run = laptop.run(words)
        #expect(run.code == .done && !run.errors.contains("not to be contacted"), "\(run.errors)")
    }
}
