import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// How one record of a kind is added in a test, and one of its fields changed.
struct KindExample: CustomTestStringConvertible, Sendable {
    let kind: RecordKind
    /// What follows `add`.
    let words: [String]
    /// The column that the second value goes into.
    let column: String
    let first: String
    let second: String

    var testDescription: String { kind.name }

    init(_ kind: RecordKind, _ words: [String], _ column: String, _ first: String, _ second: String) {
        self.kind = kind
        self.words = words
        self.column = column
        self.first = first
        self.second = second
    }

    /// One of each kind that its own command adds by its declaration.
    static let all = [
        KindExample(.role, ["Alex", "peer-mentor"], "kind_other", "guide", "listener"),
        KindExample(
            .promise, ["Bring the form", "--person", "Alex", "--due", "friday"], "remark", "by post", "by hand"),
        KindExample(
            .opportunity, ["Alex", "Join the panel", "--answer", "not now"], "offered_by", "Sam", "Priya"),
        KindExample(.insight, ["Safer stairs", "--person", "Alex"], "reason", "no money", "it is listed"),
        KindExample(.relationship, ["Alex", "Robin", "--kind", "mentor"], "kind_other", "guide", "teacher"),
        KindExample(
            .consent, ["Alex", "quotes", "--answer", "given"], "method_other", "by telephone", "by signing"),
        KindExample(.payment, ["Alex", "20.50", "--kind", "voucher"], "for_what", "the panel", "the workshop"),
        KindExample(
            .round, ["Castle Street", "--buddy", "Sam", "--started", "14:00", "--expected-end", "17:00"],
            "if_overdue", "ring me", "ring the office"),
    ]
}

@Suite("Commands of every kind of record")
struct KindCommandTests {
    private func laptop() throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json("person", "add", "Robin")
        return laptop
    }

    @Test("A record is added, listed, shown, edited, searched, deleted and restored", arguments: KindExample.all)
    func life(example: KindExample) throws {
        let laptop = try laptop()
        let name = example.kind.name
        let option = "--" + example.column.replacing("_", with: "-")
        let run = laptop.run([name, "add"] + example.words + [option, example.first, "--json"])
        try #require(run.code == .done, "\(run.errors)")
        let id = try #require(try run.json["id"]?.text)
        #expect(try laptop.json(name, "list").values.map { $0["id"]?.text } == [id])
        #expect(try laptop.json(name, "show", id)[example.column]?.text == example.first)
        _ = try laptop.json(name, "edit", id, option, example.second)
        #expect(laptop.run([name, "show", id]).output.contains(example.second))
        #expect(try laptop.json("search", example.second).values.map { $0["id"]?.text } == [id])
        #expect(laptop.run(["history", id]).output.contains(example.second))
        #expect(laptop.run(["note", id, "Asked again."]).code == .done)
        _ = try laptop.json(name, "delete", id, "--yes")
        #expect(try laptop.json(name, "list").values.isEmpty)
        _ = try laptop.json(name, "restore", id)
        #expect(try laptop.json(name, "list").values.count == 1)
    }

    @Test("An export comes back as it was, in both forms", arguments: KindExample.all)
    func export(example: KindExample) throws {
        let laptop = try laptop()
        let name = example.kind.name
        let run = laptop.run([name, "add"] + example.words)
        try #require(run.code == .done, "\(run.errors)")
        for format in ["csv", "jsonl"] {
            let exported = laptop.run(["export", example.kind.plural, "--format", format]).output
            let path = "\(laptop.folder)/\(name).\(format)"
            try Data(exported.utf8).write(to: URL(fileURLWithPath: path))
            let again = try laptop.json("import", example.kind.plural, path)
            #expect(again["unchanged"] == 1 && again["imported"] == 0 && again["rejected"] == 0, "\(format)")
        }
        let file = laptop.folder + "/all.sqlite"
        #expect(laptop.run(["export", "--sqlite", file]).output.contains("\(example.kind.plural): 1"))
    }

    @Test("A person who is asked gives one answer at a time")
    func guided() throws {
        let laptop = try laptop()
        let run = laptop.run(
            ["promise", "add"], input: "Bring the form\nAlex\nfriday\n", isTerminal: true)
        #expect(run.code == .done, "\(run.errors)")
        let promise = try #require(try laptop.json("promise", "list").values.first)
        #expect(promise["due"] == "2026-11-27", "a promise is for the friday that comes")
        #expect(promise["made"] == "2026-11-22" && promise["promised_by"] == "Priya")
        #expect(promise["person"]?["name"] == "Alex")
        let answered = laptop.run(
            ["opportunity", "add"], input: "Alex\nJoin the panel\n5\n3\n\n", isTerminal: true)
        #expect(
            answered.code == .done && answered.errors.contains("  2  not now\n  3  no\nNumber: "), "\(answered.errors)")
        #expect(try laptop.json("opportunity", "list").values.first?["answer"] == "no")
    }

    @Test(
        "What does not fit is refused in plain words, and nothing is saved",
        arguments: [
            (
                ["opportunity", "add", "Alex", "Panel", "--answer", "declined"],
                "--answer is one of: yes, not_now, no. Nothing was saved."
            ),
            (["payment", "add", "Alex", "lots"], "AMOUNT is an amount such as 20 or 20.50. Nothing was saved."),
            (
                ["payment", "add", "Alex", "20", "--currency", "JPY"],
                "“Currency” of a payment is no currency with hundredths that Kith knows. It is three letters, "
                    + "such as GBP. Nothing was saved."
            ),
            (
                ["payment", "add", "Alex", "2000000"],
                "“Amount” of a payment is a number from 0 to 100000000. Nothing was saved."
            ),
            (
                ["consent", "add", "Alex", "quotes"], "A consent needs “Answer”. Nothing was saved."
            ),
            (
                [
                    "consent", "add", "Alex", "quotes", "--answer", "given", "--given", "2026-11-20", "--expires",
                    "2026-11-19",
                ],
                "“Expires” of a consent cannot be before “Answered on”. Nothing was saved."
            ),
            (
                ["promise", "add", "Ring back", "--made", "2026-11-20", "--kept", "2026-11-19"],
                "“Kept on” of a promise cannot be before “Promised on”. Nothing was saved."
            ),
            (
                ["round", "add", "Out", "--buddy", "Sam", "--started", "14:00", "--expected-end", "13:00"],
                "“Expected back” of a round cannot be before “Started”. Nothing was saved."
            ),
            (
                ["opportunity", "add", "Nobody", "Tea"],
                "No person here goes by that name or id. Nothing was saved."
            ),
            (
                ["relationship", "add", "Alex", "alex"], "A relationship is between two people. Nothing was saved."
            ),
            (
                ["attendance", "add", "Alex"],
                "An attendance needs “Visit” or “Meeting”. Nothing was saved."
            ),
        ])
    func refused(words: [String], message: String) throws {
        let laptop = try laptop()
        let run = laptop.run(words)
        #expect([ExitCode.usage, .notFound].contains(run.code))
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(try laptop.json(words[0], "list").values.isEmpty)
    }

    @Test("A promise is kept, and people are told what became of an insight, by one command each")
    func settled() throws {
        let laptop = try laptop()
        let promise = try #require(try laptop.json("promise", "add", "Ring back", "--person", "Alex")["id"]?.text)
        let kept = try laptop.json("promise", "kept", promise)
        #expect(kept["kept"] == "2026-11-22" && kept["outcome"] == "kept")
        let insight = try #require(try laptop.json("insight", "add", "Safer stairs")["id"]?.text)
        #expect(try laptop.json("insight", "show", insight)["decision"] == "pending")
        _ = try laptop.json("insight", "edit", insight, "--decision", "accepted")
        let told = try laptop.json("insight", "told", insight, "today", "--to", "the house")
        #expect(told["fed_back"] == "2026-11-22" && told["fed_back_to"] == "the house")
    }

    @Test("A consent is withdrawn by one command, also where none was recorded")
    func withdrawn() throws {
        let laptop = try laptop()
        _ = try laptop.json("consent", "add", "Alex", "quotes", "--answer", "given")
        #expect(laptop.run(["consent", "withdraw", "Alex", "quotes"]).code == .done)
        #expect(laptop.run(["consent", "withdraw", "Robin", "sharing"]).code == .done)
        let again = laptop.run(["consent", "add", "Robin", "sharing", "--answer", "given", "--dry-run"])
        #expect(again.code == .done)
        let stricter = laptop.run(["consent", "add", "Robin", "sharing", "--answer", "given"])
        #expect(
            stricter.errors.contains("An earlier answer says withdrawn, and counts until it is changed: kith consent"))
        #expect(
            laptop.run(["consent", "delete", String(stricter.output.split(separator: " ")[2].dropLast()), "--yes"]).code
                == .done)
        let all = try laptop.json("consent", "list").values
        #expect(all.count == 2 && all.allSatisfy { $0["answer"] == "withdrawn" && $0["withdrawn"] == "2026-11-22" })
    }

    @Test("A consent that was taken back before stays as it was said, and when")
    func withdrawnTwice() throws {
        let laptop = try laptop()
        _ = try laptop.json("consent", "add", "Alex", "quotes", "--answer", "given", "--given", "2026-11-01")
        #expect(laptop.run(["consent", "withdraw", "Alex", "quotes"]).code == .done)
        let before = laptop.run(["export", "consents"]).output
        let again = laptop.run(["consent", "withdraw", "Alex", "quotes"], laterDays: 5)
        #expect(again.code == .done && again.output.contains("Nothing to change: they don't agree since before."))
        #expect(laptop.run(["export", "consents"]).output == before)
    }

    @Test("G7: nothing makes a concern in an area that everybody of the team reads")
    func misplaced() throws {
        let laptop = try laptop()
        #expect(throws: ReplicaError.areaNotWritable(2)) {
            try laptop.write { work in
                try work.create(table: RecordKind.concern.number, area: 2, values: [])
            }
        }
        try laptop.write { work in try work.create(table: RecordKind.concern.number, area: 3, values: []) }
    }

    @Test("A concern goes to the restricted twin, leaves a worker's laptop, and leaves a receipt alone")
    func concern() throws {
        let laptop = try laptop()
        let added = laptop.run(["concern", "add", "He owes money to his landlord", "--person", "Alex", "--json"])
        #expect(added.errors.contains("Leads and admins will read it once it is sent"), "\(added.errors)")
        #expect(try added.json["area"] == "main (restricted)")
        #expect(try laptop.json("concern", "list").values.count == 1)
        _ = try laptop.json("sync")
        let taken = laptop.office.state.withLock { $0.taken.flatMap(\.changes).filter { $0.table == 15 } }
        #expect(taken.map { $0.creation?.area } == [3])
    }

    @Test("A concern that was deleted or taken back before it was sent is never told as passed on")
    func takenBackBeforeSending() throws {
        let laptop = try laptop()
        let told = "Passed on from here"
        func add(_ what: String) throws -> String {
            try #require(try laptop.json("concern", "add", what)["id"]?.text)
        }
        let undone = try add("Undone before sending")
        #expect(laptop.run(["undo"]).code == .done)
        let deleted = try add("Deleted before sending")
        _ = try laptop.json("concern", "delete", deleted, "--yes")
        #expect(!laptop.run(["concern", "list"]).errors.contains(told))
        _ = try laptop.json("sync")
        #expect(!laptop.run(["concern", "list"]).errors.contains(told), "after the sync neither")
        let sent = try add("Sent")
        #expect(!laptop.run(["concern", "list"]).errors.contains(told), "it is not sent yet")
        _ = try laptop.json("concern", "delete", sent, "--yes")
        _ = try laptop.json("concern", "restore", sent)
        _ = try laptop.json("undo")
        _ = try laptop.json("redo")
        _ = try laptop.json("sync")
        let list = laptop.run(["concern", "list"]).errors
        #expect(list.contains("\(told), for leads and admins to read: 1 (\(sent.prefix(8)),"), "\(list)")
        #expect(!list.contains(undone.prefix(8)) && !list.contains(deleted.prefix(8)))
    }

    @Test("A concern that the office did not take is not told as passed on")
    func concernNotTaken() throws {
        let laptop = try laptop()
        _ = try laptop.json("sync")
        let number = laptop.office.state.withLock { ($0.taken.map(\.number).max() ?? 0) + 1 }
        _ = try laptop.json("concern", "add", "Held")
        laptop.office.state.withLock { $0.held = [HeldGroup(number: number, reason: .malformed)] }
        _ = try laptop.json("sync")
        #expect(try laptop.json("concern", "list").values.count == 1)
        #expect(!laptop.run(["concern", "list"]).errors.contains("Passed on from here"), "it is held")
        laptop.office.state.withLock { state in
            state.held = []
            state.outcomes = [
                HeldOutcome(
                    id: 1, number: number, kind: .discarded, reason: .malformed, why: nil, milliseconds: FieldLaptop.now
                )
            ]
        }
        _ = try laptop.json("sync")
        #expect(try laptop.json("concern", "list") == [])
        #expect(!laptop.run(["concern", "list"]).errors.contains("Passed on from here"), "it was not taken")
    }

    @Test("A round that the office can't see yet says so, and who is to be told")
    func round() throws {
        let laptop = try laptop()
        let started = laptop.run(["round", "start", "Castle Street", "--buddy", "Sam", "--back", "17:00"])
        #expect(started.code == .done, "\(started.errors)")
        #expect(started.errors.contains("The office can't see this plan yet. Tell your buddy: Sam\n"))
        #expect(laptop.run(["round", "start", "Twice", "--buddy", "Sam", "--back", "17:00"]).code == .failed)
        #expect(try laptop.json("round", "ok", "--back", "18:00")["expected_end"] == "2026-11-22T18:00:00+00:00")
        #expect(try laptop.json("round", "list").values.first?["last_ok"] == "2026-11-22T15:00:00+00:00")
        #expect(try laptop.json("round", "end")["ended"] == "2026-11-22T15:00:00+00:00")
        #expect(laptop.run(["round", "end"]).code == .notFound)
        #expect(laptop.run(["round", "ok"]).code == .notFound)
    }
}
