import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct MoveCommandTests {
    /// A laptop with two teams, and a person of the first who was visited there.
    private func laptop() throws -> (laptop: FieldLaptop, alex: String) {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        _ = try laptop.json("place", "add", "Castle House")
        let alex = try #require(
            try laptop.json("person", "add", "Alex", "--area", "north", "--pronouns", "they", "--role", "client")["id"]?
                .text)
        _ = try laptop.json("visit", "add", "Castle House", "2026-11-20 10:00", "--with", "Alex", "--area", "north")
        _ = try laptop.json("note", alex, "Likes tea.")
        return (laptop, alex)
    }

    @Test("A person moves as a new record with a link back; what was written stays, and is seen with the person")
    func move() throws {
        let (laptop, alex) = try laptop()
        let report = try laptop.json("person", "move", "Alex", "--area", "south", "--yes")
        #expect(report.names == ["from", "to", "area", "records", "stays", "person", "dry_run"])
        #expect(report["from"]?.text == alex && report["records"] == 1)
        #expect(report["stays"]?.names == ["visits", "notes", "roles"])
        let to = try #require(report["to"]?.text)
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [to])
        let shown = try laptop.json("person", "show", "Alex")
        #expect(shown["id"]?.text == to && shown["area"] == "south" && shown["pronouns"] == "they")
        #expect(shown["moved_from"]?["id"]?.text == alex && shown["moved_to"] == .null)
        #expect(shown["visits"] == 1 && shown["notes"]?.values.count == 1)
        #expect(shown["merged"]?.values.map { $0["area"] } == ["north"])
        #expect(try laptop.json("visit", "list").values.map { $0["area"] } == ["north"])
        let words = laptop.run(["person", "show", alex]).output
        #expect(
            words.contains("Moved from north: Alex (\(alex.prefix(8)))\n") && !words.contains("Moved from: "),
            "\(words)")
        #expect(laptop.run(["person", "list", "--all"], width: 120).output.contains("Alex (moved to south)"))
    }

    @Test("One undo takes a move back; moving back restores the record that was there instead of making a third")
    func back() throws {
        let (laptop, alex) = try laptop()
        let to = try #require(try laptop.json("person", "move", "Alex", "--area", "south", "--yes")["to"]?.text)
        _ = try laptop.json("undo")
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [alex])
        #expect(try laptop.json("person", "move", "Alex", "--area", "south", "--yes")["to"]?.text == to)
        _ = try laptop.json("sync")
        _ = try laptop.json("person", "edit", "Alex", "--interests", "Chess", "--clear", "pronouns")
        let back = try laptop.json("person", "move", "Alex", "--area", "north", "--yes")
        #expect(back["to"]?.text == alex)
        let shown = try laptop.json("person", "show", "Alex")
        #expect(shown["id"]?.text == alex && shown["interests"] == "Chess" && shown["pronouns"] == .null)
        #expect(shown["moved_to"] == .null && shown["moved_from"] == .null)
        #expect(try laptop.json("person", "list", "--all").values.count == 2)
        #expect(try laptop.json("person", "move", "Alex", "--area", "south", "--yes")["to"]?.text == to)
        #expect(try laptop.json("person", "list", "--all").values.count == 2)
    }

    @Test("A move that is taken back before it was sent leaves nothing of it with the person's record")
    func neverSent() throws {
        let (laptop, alex) = try laptop()
        _ = try laptop.json("sync")
        _ = try laptop.json("person", "move", "Alex", "--area", "south", "--yes")
        _ = try laptop.json("undo")
        // The record there was made and is deleted; of the old one nothing travels.
        #expect(try laptop.json("status")["waiting"] == 1)
        _ = try laptop.json("sync")
        let sent = laptop.office.state.withLock { $0.taken }.flatMap(\.changes)
        let record = try #require(RecordID(alex))
        #expect(sent.filter { $0.record == record }.allSatisfy { $0.creation != nil }, "\(sent)")
        _ = try laptop.json("redo")
        _ = try laptop.json("sync")
        let again = try #require(
            laptop.office.state.withLock { $0.taken }.flatMap(\.changes).last { $0.record == record })
        #expect(again.creation == nil && again.fields.count > 10, "what was confirmed is confirmed again")
    }

    @Test(
        "G7: a move of a person whom a colleague recorded is taken back whole: nothing of them stays in the other team")
    func backOfAnothers() throws {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        let made = Stamp(time: 1 << 16, device: PaperOffice.colleague)
        let jo = RecordID(milliseconds: 3, random: (1, 2))
        let name = FieldState(number: 1, value: .text("Jo Field"), stamp: made)
        laptop.office.state.withLock { state in
            state.updates = [
                RecordUpdate(
                    table: 2, record: jo, created: made, isWhole: true, fields: [name], existence: nil,
                    isLiving: true)
            ]
        }
        _ = try laptop.json("sync")
        laptop.office.state.withLock { $0.updates = [] }
        let to = try #require(try laptop.json("person", "move", "Jo Field", "--team", "south", "--yes")["to"]?.text)
        let back = laptop.run(["undo"])
        #expect(back.code == .done && back.output.contains("Person \(to.prefix(8)) is deleted"), "\(back)")
        #expect(try laptop.json("person", "list", "--all").values.map { $0["id"]?.text } == [jo.description])
        _ = try laptop.json("redo")
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [to])
        // What uses them there keeps them there.
        _ = try laptop.json("undo")
        #expect(try laptop.json("person", "list", "--all").values.map { $0["id"]?.text } == [jo.description])
    }

    @Test("Those who were merged move along, and are still one")
    func merged() throws {
        let (laptop, alex) = try laptop()
        let al = try #require(
            try laptop.json("person", "add", "Bertie", "--area", "north", "--do-not-contact", "yes")["id"]?.text)
        _ = try laptop.json("person", "merge", al, alex, "--yes")
        let report = try laptop.json("person", "move", "Bertie", "--area", "south", "--yes")
        #expect(report["records"] == 2)
        let shown = try laptop.json("person", "show", "Bertie")
        #expect(shown["name"] == "Alex" && shown["area"] == "south" && shown["do_not_contact"] == 1)
        #expect(shown["merged"]?.values.count == 3)
        #expect(try laptop.json("person", "list").values.count == 1)
        let back = try laptop.json("person", "move", "Alex", "--area", "north", "--yes")
        #expect(back["to"]?.text == alex && back["records"] == 2)
        #expect(try laptop.json("person", "show", "Bertie")["id"]?.text == alex)
    }

    @Test("Whatever names the person is said to stay, of every kind")
    func everyKindStays() throws {
        let laptop = try FieldLaptop(areas: ["north", "south"])
        for name in ["Alex", "Robin"] { _ = try laptop.json("person", "add", name, "--area", "north") }
        for words in [
            ["promise", "add", "Ring back", "--person", "Alex"], ["opportunity", "add", "Alex", "Join the panel"],
            ["insight", "add", "Stairs", "--person", "Alex"],
            ["relationship", "add", "Robin", "Alex", "--kind", "friend"],
            ["consent", "add", "Alex", "quotes", "--answer", "given"], ["payment", "add", "Alex", "20"],
        ] { #expect(laptop.run(words).code == .done) }
        let trial = laptop.run(["person", "move", "Alex", "--area", "south", "--dry-run"], width: 200)
        #expect(
            trial.output
                == "1 promise, 1 opportunity, 1 insight, 1 relationship, 1 consent, 1 payment stay with north. "
                + "Whoever has both teams sees them with Alex; south alone does not.\n")
    }

    @Test("What stays is said before, and a dry run changes nothing")
    func announced() throws {
        let (laptop, alex) = try laptop()
        let trial = laptop.run(["person", "move", "Alex", "--area", "south", "--dry-run"])
        #expect(trial.code == .done)
        #expect(
            trial.output == "1 visit, 1 note, 1 role stay with north. "
                + "Whoever has both teams sees them with Alex; south alone does not.\n")
        #expect(try laptop.json("person", "list").values.map { $0["id"]?.text } == [alex])
        let asked = laptop.run(["person", "move", "Alex"], input: "1\nn\n", isTerminal: true)
        #expect(asked.code == .failed && asked.errors.contains("1  south"), "\(asked.errors)")
        #expect(asked.errors.contains("1 visit, 1 note, 1 role stay with north."))
        #expect(laptop.run(["person", "move", "Alex"]).errors.contains("Missing --team"))
        #expect(laptop.run(["person", "move", "Alex", "--area", "west", "--yes"]).code == .notFound)
        let same = laptop.run(["person", "move", "Alex", "--area", "north", "--yes"])
        #expect(same.code == .done && same.output == "They belong to north already. Nothing was changed.\n")
        let one = try FieldLaptop()
        _ = try one.json("person", "add", "Alex")
        #expect(one.run(["person", "move", "Alex"]).code == .refused)
    }

    @Test(
        "Somebody who was moved to a team that this laptop does not see is not listed, and shown as moved without a name"
    )
    func away() throws {
        let laptop = try FieldLaptop()
        let alex = try #require(try laptop.json("person", "add", "Alex")["id"]?.text)
        _ = try laptop.json("place", "add", "Castle House")
        let visit = try #require(
            try laptop.json("visit", "add", "Castle House", "today 9am", "--person", "Alex")["id"]?.text)
        _ = try laptop.json("sync")
        let id = try #require(RecordID(alex))
        let other = RecordID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0009)
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let created = try #require(try open.replica.record(table: 2, id: id)).created
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: 2, record: id, created: created, isWhole: false,
                    fields: [
                        FieldState(
                            number: 13, value: .blob(other.bytes),
                            stamp: Stamp(time: created.time + 1, device: PaperOffice.colleague))
                    ], existence: nil, isLiving: true)
            ]
        }
        _ = try laptop.json("sync")
        #expect(try laptop.json("person", "list").values.isEmpty)
        #expect(try laptop.json("person", "list", "--all").values.count == 1)
        let shown = laptop.run(["person", "show", alex]).output
        #expect(shown.hasPrefix("Alex (moved to another team)\n"), "\(shown)")
        #expect(shown.contains("Moved to: not here (\(ShortID.display(other)))\n"))
        #expect(laptop.run(["visit", "show", visit]).output.contains("Person: Alex (moved to another team)\n"))
        let person = try laptop.json("visit", "show", visit)["person"]
        #expect(person?.names == ["id", "name", "missing"] && person?["missing"] == "moved")
        let refused = laptop.run(["visit", "add", "Castle House", "today 10am", "--person", "Alex"])
        #expect(refused.code == .notFound && refused.errors.contains("was moved to another team"))
        #expect(laptop.run(["person", "move", alex, "--area", "main", "--yes"]).code == .refused)
        #expect(laptop.run(["search", "Alex"]).output.contains("Alex (moved to another team)"))
    }

    @Test("Fields of a newer version stay with the old record, and that is said")
    func newerFields() throws {
        let (laptop, alex) = try laptop()
        _ = try laptop.json("sync")
        let id = try #require(RecordID(alex))
        let open = try Laptop(home: HomeFolder(path: laptop.folder), creating: false, clock: { FieldLaptop.now })
        let created = try #require(try open.replica.record(table: 2, id: id)).created
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: 2, record: id, created: created, isWhole: false,
                    fields: [
                        FieldState(
                            number: 50, value: .text("Later"),
                            stamp: Stamp(time: created.time + 1, device: PaperOffice.colleague))
                    ], existence: nil, isLiving: true)
            ]
        }
        _ = try laptop.json("sync")
        let run = laptop.run(["person", "move", "Alex", "--area", "south", "--yes"])
        #expect(run.code == .done)
        #expect(run.errors.contains("A newer version of kith wrote 1 more of their fields"), "\(run.errors)")
    }
}
