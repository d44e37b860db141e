import Foundation
import Testing

/// How one record of a kind is added, and one of its fields given two other values at once.
private struct KindCase {
    let kind: String
    let plural: String
    /// What follows `add`; `$NAME` stands for the id of an earlier record of that kind.
    let words: [String]
    /// The option and the column of the field that is edited.
    let option: String
    let column: String
    let first: String
    let second: String

    init(
        _ kind: String, _ plural: String, _ words: [String], _ option: String, _ first: String, _ second: String
    ) {
        self.kind = kind
        self.plural = plural
        self.words = words
        self.option = option
        column = option.replacingOccurrences(of: "-", with: "_")
        self.first = first
        self.second = second
    }
}

@Suite("Every kind of record")
struct EveryKindTests {
    private static let kinds = [
        KindCase("place", "places", ["Castle House", "--kind", "residential"], "district", "Canterbury", "Whitstable"),
        KindCase("person", "people", ["Alex", "--new"], "wants-next", "to chair", "to rest"),
        KindCase("role", "roles", ["Alex", "peer_mentor"], "kind-other", "guide", "listener"),
        KindCase("visit", "visits", ["Castle House", "2026-11-20 14:30"], "summary", "Tea.", "Coffee."),
        KindCase("meeting", "meetings", ["Castle House", "2026-11-21"], "access-provided", "ramp", "loop"),
        KindCase("attendance", "attendances", ["Alex", "--meeting", "$meeting"], "contribution", "asked", "sang"),
        KindCase("resource", "resources", ["House meetings", "--kind", "training"], "tags", "listening", "food"),
        KindCase("promise", "promises", ["Bring the form", "--person", "Alex"], "remark", "by post", "by hand"),
        KindCase("opportunity", "opportunities", ["Alex", "Join the panel"], "support-wanted", "a lift", "company"),
        KindCase("insight", "insights", ["Safer stairs", "--meeting", "$meeting"], "reason", "no money", "listed"),
        KindCase("relationship", "relationships", ["Alex", "Robin"], "kind-other", "guide", "teacher"),
        KindCase(
            "consent", "consents", ["Alex", "quotes", "--answer", "given"], "method-other", "by telephone", "by sign"),
        KindCase("payment", "payments", ["Alex", "20.50"], "outcome", "accepted", "declined"),
        KindCase("concern", "concerns", ["Owes money", "--person", "Alex"], "decision", "referred", "watching"),
        KindCase(
            "round", "rounds",
            ["River", "--buddy", "Sam", "--started", "2026-11-20 14:00", "--expected-end", "2026-11-20 17:00"],
            "if-overdue", "ring me", "ring the office"),
        KindCase(
            "note", "notes", ["$visit", "Asked about the garden."], "text", "The garden group.", "The art group."),
    ]

    @Test("add → sync → another device → edit → conflict → choice → export, the same on both and at the office")
    func life() throws {
        let office = try Office()
        try office.open()
        let ada = try office.laptop("Ada", "admin")
        let ben = try office.laptop("Ben", "admin")
        var ids: [String: String] = [:]
        try ada.run("person", "add", "Robin").succeeded()
        for each in Self.kinds {
            let words = each.words.map { word in word.first == "$" ? ids[String(word.dropFirst())] ?? word : word }
            let command = each.kind == "note" ? ["note"] : [each.kind, "add"]
            ids[each.kind] = try ada.start(command + words + ["--json"]).finish().succeeded().json()["id"].text()
        }
        for laptop in [ada, ben] { try laptop.run("sync").succeeded() }
        for each in Self.kinds {
            let id = try #require(ids[each.kind])
            let shown = try ben.json(each.kind, "show", id)
            #expect(shown["state"].string == "sent", "\(each.kind)")
            #expect(shown["recorded_by"].string == "Ada" && shown["recorded_on"].string == "Ada's laptop", "\(shown)")
            #expect(shown["recorded_at"].string != nil, "\(shown)")
            #expect(try ben.run(each.kind, "show", id).output.contains("Recorded by: Ada on Ada's laptop, "))
            try ada.run(each.kind, "edit", id, "--\(each.option)", each.first).succeeded()
            try ben.run(each.kind, "edit", id, "--\(each.option)", each.second).succeeded()
        }
        for laptop in [ada, ben, ada] { try laptop.run("sync").succeeded() }
        let conflicts = try ada.json("conflicts", "list").array ?? []
        #expect(conflicts.count == Self.kinds.count)
        #expect(Set(conflicts.prefix(2).map { $0["field"].string }) == ["outcome", "decision"], "they need a decision")
        for conflict in conflicts {
            let sides = [conflict["a"], conflict["b"]]
            let ofAda = sides.firstIndex { $0["person"].string == "Ada" } == 0 ? "a" : "b"
            try ada.run("conflicts", "resolve", try conflict["id"].text(), "--keep", ofAda).succeeded()
        }
        for laptop in [ada, ben] { try laptop.run("sync").succeeded() }
        for each in Self.kinds {
            let id = try #require(ids[each.kind])
            #expect(try ben.json(each.kind, "show", id)[each.column].string == each.first, "\(each.kind)")
            let exported = try office.run("export", each.plural).succeeded().output
            #expect(exported.contains(each.first) && !exported.contains(each.second), "\(each.kind)")
            for laptop in [ada, ben] {
                #expect(try laptop.run("export", each.plural).succeeded().output == exported, "\(each.kind)")
            }
        }
        #expect(try ben.json("conflicts", "list").array?.isEmpty == true)
        try expectAgreement([ada, ben], office)
        try office.close()
    }

    @Test(
        "A consent that is withdrawn stays withdrawn against a later one that had not seen it; who has seen it may lift it"
    )
    func consent() throws {
        let office = try Office()
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("person", "add", "Alex").succeeded()
        let id = try priya.json("consent", "add", "Alex", "quotes", "--answer", "refused")["id"].text()
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try priya.run("consent", "withdraw", "Alex", "quotes").succeeded()
        try sam.run("consent", "edit", id, "--answer", "given").succeeded()
        for laptop in [priya, sam, priya] { try laptop.run("sync").succeeded() }
        for laptop in [priya, sam] {
            #expect(try laptop.json("consent", "show", id)["answer"].string == "withdrawn")
            #expect(try laptop.json("conflicts", "list").array?.count == 1)
        }
        try sam.run("consent", "edit", id, "--answer", "given").succeeded()
        for laptop in [sam, priya] { try laptop.run("sync").succeeded() }
        #expect(try priya.json("consent", "show", id)["answer"].string == "given")
        try office.close()
    }

    @Test("G7: a concern is read by leads and admins; a worker's laptop keeps its id alone, in no file its words")
    func concern() throws {
        let office = try Office()
        try office.open()
        let (priya, lee, sam) = (
            try office.laptop("Priya"), try office.laptop("Lee", "lead"), try office.laptop("Sam")
        )
        let id = try priya.json("concern", "add", "Zanzibarquay owes money", "--immediate-danger", "no")["id"].text()
        #expect(try priya.json("concern", "list").array?.count == 1)
        for laptop in [priya, lee, sam] { try laptop.run("sync").succeeded() }
        #expect(try lee.json("concern", "show", id)["what"].string == "Zanzibarquay owes money")
        for worker in [priya, sam] { #expect(try worker.json("concern", "list").array?.isEmpty == true) }
        #expect(try priya.run("concern", "list").errors.contains(id.prefix(8)))
        for file in try FileManager.default.contentsOfDirectory(atPath: priya.home) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(priya.home)/\(file)"))
            #expect(bytes.range(of: Data("Zanzibarquay".utf8)) == nil, "\(file)")
        }
        try lee.run("note", id, "Zanzibarquay: the police were called").succeeded()
        try lee.run("sync").succeeded()
        let sides: [(String, ([String]) throws -> Outcome)] = [
            ("lead", { try lee.start($0).finish() }),
            ("office", { try Child(Programs.server, $0 + ["--data", office.folder]).finish() }),
        ]
        for (name, run) in sides {
            let file = priya.scratch.path("\(name).sqlite")
            let told = try run(["export", "--sqlite", file]).succeeded().errors
            #expect(told.contains("Without 1 note about concerns, which few may read."), "\(told)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)).range(of: Data("Zanzibarquay".utf8)) == nil)
            for more in [
                [], ["--format", "jsonl"], ["--all-words"], ["--sqlite", priya.scratch.path("\(name)1.sqlite")],
            ] {
                let notes = try run(["export", "notes"] + more).succeeded()
                #expect(!notes.output.contains("Zanzibarquay") && notes.errors.contains("export notes --restricted"))
            }
            let alone = priya.scratch.path("\(name)1.sqlite")
            #expect(try Data(contentsOf: URL(fileURLWithPath: alone)).range(of: Data("Zanzibarquay".utf8)) == nil)
            #expect(try run(["export", "notes", "--restricted"]).succeeded().output.contains("Zanzibarquay"))
        }
        for report in ["activity", "network", "insights", "decisions", "dependability"] {
            #expect(!(try lee.run("report", report).succeeded().output.contains("Zanzibarquay")))
        }
        try office.close()
    }

    @Test("The office sees who is overdue on a round, once the plan was synced")
    func rounds() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let words = ["round", "add", "The river", "--buddy", "Sam", "--if-overdue", "ring the warden"]
        try priya.start(words + ["--started", "2020-01-01 09:00", "--expected-end", "2020-01-01 12:00"]).finish()
            .succeeded()
        #expect(try office.run("rounds", "--json").succeeded().json().array?.isEmpty == true)
        try priya.run("sync").succeeded()
        let overdue = try office.run("rounds", "--overdue", "--json").succeeded().json()
        #expect(overdue[0]["who"].string == "Priya" && overdue[0]["overdue"].boolean == true)
        let shown = try office.run("rounds").succeeded().output
        #expect(shown.contains("If Priya is overdue: ring the warden"))
        try priya.run("round", "end").succeeded()
        try priya.run("sync").succeeded()
        #expect(try office.run("rounds").succeeded().output == "Nobody is on a round that this server knows.\n")
        try office.close()
    }
}
