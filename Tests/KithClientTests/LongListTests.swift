import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal
import Testing

@testable import KithClient

/// Lists of more than a person looks through.
@Suite struct LongListTests {
    /// A laptop with visits at one place, one on each of so many days.
    private func laptop(visitCount: Int) throws -> FieldLaptop {
        let first = try #require(CivilDate("2026-08-01"))
        return try laptop(visits: (0..<visitCount).map { first.adding(days: $0).description })
    }

    /// A laptop with visits at one place at these times, as colleagues anywhere may have entered them.
    private func laptop(visits: [String]) throws -> FieldLaptop {
        let laptop = try FieldLaptop()
        let added = try laptop.json("place", "add", "Elm House")
        let place = try #require(added["id"]?.text.flatMap { RecordID($0) })
        _ = try laptop.opened().replica.write { work in
            for (number, time) in visits.enumerated() {
                _ = try work.create(
                    table: OutreachSchema.Number.visit, area: 2,
                    values: [
                        (VisitField.place.rawValue, .blob(place.bytes)), (VisitField.started.rawValue, .text(time)),
                        (VisitField.summary.rawValue, .text("Tea, number \(number)")),
                    ])
            }
        }
        return laptop
    }

    @Test("On a terminal a list ends after 50 rows and says how many more there are and how to see them")
    func terminal() throws {
        let laptop = try laptop(visitCount: 53)
        let run = laptop.run(["visit", "list"], isTerminal: true)
        #expect(run.output.split(separator: "\n").count == 51)
        #expect(run.output.contains("number 52"))
        #expect(!run.output.contains("number 2 "))
        #expect(run.errors == "There are 3 more. Show all: kith visit list --limit 0\n")
        let all = laptop.run(["visit", "list", "--limit", "0"], isTerminal: true)
        #expect(all.output.split(separator: "\n").count == 54)
        #expect(all.errors == "")
    }

    @Test("The first of many names are listed in their order, whatever order they came in, accents and capitals aside")
    func namesInOrder() throws {
        let laptop = try FieldLaptop()
        // 2,500 names in an order of their own; each eleventh has capitals and an accent.
        let names = (0..<2_500).map { number in
            let name = String(1_000_000 + number * 7_919 % 2_503)
            return number % 11 == 0 ? "HOUS\u{C9} \(name)" : "house \(name)"
        }
        let replica = try laptop.opened().replica
        for first in stride(from: 0, to: names.count, by: 500) {
            try replica.write { work in
                for name in names[first..<first + 500] {
                    _ = try work.create(
                        table: OutreachSchema.Number.place, area: 1,
                        values: [(PlaceField.name.rawValue, .text(name)), (PlaceField.kind.rawValue, .text("office"))])
                }
            }
        }
        let all = try laptop.json("place", "list").values.compactMap { $0["name"]?.text }
        let sorted = all.sorted { ($0.suffix(7)) < ($1.suffix(7)) }
        #expect(all.count == 2_500 && all == sorted)
        for limit in [1, 50, 1_200] {
            let some = try laptop.json("place", "list", "--limit", "\(limit)").values.compactMap { $0["name"]?.text }
            #expect(some == Array(sorted.prefix(limit)))
        }
    }

    @Test("The last of 50 is no reason to speak of more")
    func exactly() throws {
        let run = try laptop(visitCount: 50).run(["visit", "list"], isTerminal: true)
        #expect(run.output.split(separator: "\n").count == 51)
        #expect(run.errors == "")
    }

    @Test(
        "What a program reads is never cut short", arguments: [["--json"], ["--plain"], []] as [[String]],
        [true, false])
    func programs(options: [String], isTerminal: Bool) throws {
        // A table on a terminal is for a person.
        guard !(options.isEmpty && isTerminal) else { return }
        let run = try laptop(visitCount: 53).run(["visit", "list"] + options, isTerminal: isTerminal)
        if options == ["--json"] {
            #expect(try run.json.values.count == 53)
        } else {
            #expect(run.output.split(separator: "\n").count == 54)
        }
    }

    @Test("A list by name counts what it leaves out too")
    func names() throws {
        let laptop = try FieldLaptop()
        for number in 0..<52 { _ = try laptop.json("person", "add", "Alex \(number)", "--new") }
        let run = laptop.run(["person", "list"], isTerminal: true)
        #expect(run.output.split(separator: "\n").count == 51)
        #expect(run.errors == "There are 2 more. Show all: kith person list --limit 0\n")
    }

    @Test("The newest come first by the moment, also where clocks of the whole world wrote them, and with any limit")
    func moments() throws {
        // From the last moment to the first one; by their texts the order is another.
        let times = [
            "2026-11-21T23:30:00-11:00", "2026-11-22T02:00:00+00:00", "2026-11-22", "2026-11-22T10:00:00+14:00",
            "2026-11-20T10:00:00-12:00", "2026-11-20T20:00:00+00:00", "2026-11-21T01:00:00+14:00", "2026-11-01",
            "at noon",
        ]
        let laptop = try laptop(visits: times.sorted())
        for limit in 1...times.count {
            let listed = try laptop.json("visit", "list", "--limit", "\(limit)").values.map { $0["started"]?.text }
            #expect(listed == times.prefix(limit).map { $0 })
        }
    }

    @Test("A large laptop gets its indexes once, and lists are the same with them")
    func indexes() throws {
        let laptop = try laptop(visitCount: 20)
        let queries = [
            ["visit", "list"], ["visit", "list", "--since", "2026-08-15"], ["visit", "list", "--place", "elm"],
        ]
        let before = queries.map { laptop.run($0).output }
        let indexes = ListIndexes(database: try laptop.opened().database, largeCount: 20)
        #expect(try indexes.make())
        #expect(try !indexes.make())
        #expect(queries.map { laptop.run($0).output } == before)
        let plan = try laptop.opened().database.query(
            "EXPLAIN QUERY PLAN SELECT 1 FROM visit WHERE living ORDER BY started DESC")
        #expect(plan.description.contains("visit_by_started"))
        #expect(try !ListIndexes(database: try self.laptop(visitCount: 3).opened().database, largeCount: 4).make())
    }

    @Test("Where very many records fit a search, the newest are told, each with its words")
    func manyHits() throws {
        let laptop = try laptop(visitCount: 12)
        let opened = try laptop.opened()
        try opened.search.catchUp()
        let query = try SearchQuery("tea")
        var hits: [SearchIndex.Hit] = []
        try opened.search.forEachHit(query, kind: .visit, largestRanking: 5) { hit in
            hits.append(hit)
            return hits.count < 3
        }
        #expect(hits.map(\.key) == hits.map(\.key).sorted(by: >))
        let snippets = try opened.search.snippets(query, of: hits)
        #expect(hits.map { snippets[$0.row] } == (9...11).reversed().map { "[Tea], number \($0)" })
    }
}

extension FieldLaptop {
    /// Its database, beside what its commands open.
    fileprivate func opened() throws -> Laptop {
        try Laptop(home: HomeFolder(path: folder), creating: false, clock: { FieldLaptop.now })
    }
}
