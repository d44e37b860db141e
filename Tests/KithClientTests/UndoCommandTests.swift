import SyncCore
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite struct UndoCommandTests {
    @Test("an edit is taken back and done again, and each time a line says what now reads how")
    func edit() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("Tea.")
        _ = try laptop.json("visit", "edit", id, "--summary", "Cake.", "--purpose", "Garden")
        let back = laptop.run(["undo"])
        let name = "Visit \(id.prefix(8))"
        #expect(
            back.output == """
                Took back: visit edit, Sunday 22 November 2026, 15:00.
                \(name): Purpose is empty again.
                \(name): Summary reads "Tea." again.

                """)
        #expect(back.errors == "It waits to be sent. Do it again: kith redo\n")
        #expect(try laptop.json("visit", "show", id)["summary"] == "Tea.")
        let again = laptop.run(["redo"])
        #expect(again.output.contains("Did again: visit edit"))
        #expect(again.output.contains("\(name): Summary reads \"Cake.\" again."))
        #expect(try laptop.json("visit", "show", id)["summary"] == "Cake.")
    }

    @Test("what was not sent yet is taken back to nothing: no record waits, and nothing of it is sent")
    func neverSent() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("Tea.")
        _ = try laptop.json("sync")
        let groups = laptop.office.state.withLock { $0.taken.count }
        _ = try laptop.json("visit", "edit", id, "--summary", "Cake.")
        let back = laptop.run(["undo"])
        #expect(back.output.contains("Visit \(id.prefix(8)): Summary reads \"Tea.\" again."), "\(back)")
        #expect(
            back.errors == "It was never sent: for everybody else it was never there. Do it again: kith redo\n")
        #expect(try laptop.json("status")["waiting"] == 0)
        _ = try laptop.json("sync")
        #expect(laptop.office.state.withLock { $0.taken.count } == groups)
        #expect(laptop.run(["redo"]).errors == "It waits to be sent. Take it back: kith undo\n")
        _ = try laptop.json("sync")
        let sent = try #require(laptop.office.state.withLock { $0.taken.last?.changes.first })
        #expect(sent.fields.map(\.value) == [.text("Cake.")])
        // Sent by now, it is a new change; doing that again before a sync is none.
        #expect(laptop.run(["undo"]).errors == "It waits to be sent. Do it again: kith redo\n")
        #expect(
            laptop.run(["redo"]).errors
                == "That you had taken it back was never sent: for everybody else nothing has changed. "
                + "Take it back: kith undo\n")
        #expect(try laptop.json("status")["waiting"] == 0)
    }

    @Test("a new visit is taken back with who took part, and comes back whole")
    func creation() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("place", "add", "Castle House", "--kind", "residential")
        _ = try laptop.json("person", "add", "Alex")
        let id = try #require(
            try laptop.json("visit", "add", "Castle House", "today 14:30", "--with", "Alex")["id"]?.text)
        let before = try laptop.json("visit", "show", id)
        let back = laptop.run(["undo"])
        #expect(
            back.output.contains(
                "Visit \(id.prefix(8)) is deleted: Castle House, Sunday 22 November 2026, 14:30."))
        #expect(back.output.contains(" is deleted: Alex, Castle House, "))
        #expect(
            back.errors == "Not a word of them was sent or will be: only that they were made and deleted. "
                + "Do it again: kith redo\n")
        #expect(try laptop.json("visit", "list") == [])
        let again = try laptop.json("redo")
        #expect(again["operation"] == "visit add")
        #expect(again["changed"] == 2)
        #expect(again["changes"]?.values.map { $0["deleted"] } == [false, false])
        #expect(try laptop.json("visit", "show", id) == before)
    }

    @Test("an undo stops at what has left this laptop and says so; an older thing is not taken back in its place")
    func leftTheLaptop() throws {
        let laptop = try FieldLaptop()
        let visit = try laptop.visit("Tea.")
        _ = try laptop.json("concern", "add", "Undo me later")
        _ = try laptop.json("sync")
        let gone = laptop.run(["undo"])
        #expect(gone.code == .notFound && gone.output.isEmpty, "\(gone)")
        #expect(
            gone.errors == """
                kith: What you did last can't be taken back here: concern add, Sunday 22 November 2026, 15:00. It has left \
                this laptop. Nothing was changed. The same once more goes on with what was before it.
                Next: kith undo

                """)
        #expect(try laptop.json("visit", "list").values.map { $0["id"]?.text } == [visit])
        #expect(laptop.run(["undo"]).output.contains("Took back: visit add"))
    }

    @Test("every command that saves is one step: note, delete, restore, decisions and all")
    func everyCommand() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        _ = try laptop.json("note", id, "Ask again.")
        _ = try laptop.json("visit", "delete", id, "--yes")
        _ = try laptop.json("visit", "restore", id)
        let words = try (0..<5).map { _ in try laptop.json("undo")["operation"]?.text }
        #expect(words == ["visit restore", "visit delete", "note", "visit add", "place add"])
        let nothing = laptop.run(["undo"])
        #expect(nothing.code == .notFound)
        #expect(nothing.errors.contains("Nothing was changed"))
        #expect(try laptop.json("place", "list") == [])
        for _ in 0..<5 { _ = try laptop.json("redo") }
        #expect(laptop.run(["redo"]).code == .notFound)
        #expect(try laptop.json("visit", "show", id)["notes"]?.values.count == 1)
    }

    @Test("after a sync it is a new change; what a colleague wrote since stays, with their name")
    func afterSync() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("Tea.")
        _ = try laptop.json("sync")
        _ = try laptop.json("visit", "edit", id, "--summary", "Cake.", "--purpose", "Garden")
        _ = try laptop.json("sync")
        let groups = laptop.office.state.withLock { $0.taken }
        let created = Stamp(
            time: try #require(groups.last { $0.changes.last?.creation != nil }?.changes.last?.creation?.time),
            device: PaperOffice.device)
        let edited = try #require(groups.last?.changes.first?.fields.first?.time)
        let theirs = Stamp(time: edited + 5, device: PaperOffice.colleague)
        let record = try #require(RecordID(id))
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: 4, record: record, created: created, isWhole: false,
                    fields: [FieldState(number: 8, value: .text("Soup."), stamp: theirs)], existence: nil,
                    isLiving: true)
            ]
        }
        _ = try laptop.json("sync")
        laptop.office.state.withLock { $0.updates = [] }
        let back = laptop.run(["undo"])
        #expect(back.output.contains("Visit \(id.prefix(8)): Purpose is empty again."))
        #expect(
            back.output.contains(
                "Visit \(id.prefix(8)): Summary was changed since by Sam on Sam's laptop, and stays as it is."))
        _ = try laptop.json("sync")
        let sent = try #require(laptop.office.state.withLock { $0.taken.last?.changes.first })
        #expect(sent.fields.map(\.value) == [.null])
        #expect(try laptop.json("visit", "show", id)["summary"] == "Soup.")
    }

    @Test("a new place that a colleague's visit names by now stays, and is told with their name")
    func usedPlace() throws {
        let laptop = try FieldLaptop()
        let id = try #require(try laptop.json("place", "add", "Hub", "--kind", "residential")["id"]?.text)
        _ = try laptop.json("sync")
        let place = try #require(RecordID(id))
        let theirs = Stamp(time: StampTime.packed(milliseconds: FieldLaptop.now + 5), device: PaperOffice.colleague)
        laptop.office.state.withLock {
            $0.updates = [
                RecordUpdate(
                    table: 4, record: RecordID(milliseconds: 9, random: (9, 9)), created: theirs, isWhole: true,
                    fields: [FieldState(number: 1, value: .blob(place.bytes), stamp: theirs)], existence: nil,
                    isLiving: true)
            ]
        }
        _ = try laptop.json("sync")
        laptop.office.state.withLock { $0.updates = [] }
        for words in [["undo", "--dry-run"], ["undo"]] {
            let back = laptop.run(words)
            #expect(
                back.output.contains("is named in what Sam wrote on Sam's laptop, and stays."), "\(back.output)")
        }
        #expect(try laptop.json("place", "show", id)["name"] == "Hub")
    }

    @Test("a dry run tells what would be taken back and changes nothing")
    func dryRun() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit()
        let run = laptop.run(["undo", "--dry-run"])
        #expect(run.output.contains("Would take back: visit add") && run.output.contains("is deleted"))
        #expect(run.errors == "Nothing was changed: this was a dry run.\n")
        #expect(try laptop.json("visit", "list").values.map { $0["id"]?.text } == [id])
        #expect(try laptop.json("undo", "--dry-run")["dry_run"] == true)
        #expect(try laptop.json("undo")["operation"] == "visit add")
    }

    @Test("a command that saved nothing is no step")
    func nothingSaved() throws {
        let laptop = try FieldLaptop()
        let id = try laptop.visit("Tea.")
        #expect(laptop.run(["visit", "edit", id, "--summary", "Tea."]).code == .done)
        #expect(laptop.run(["visit", "edit", id, "--summary", "Cake.", "--dry-run"]).code == .done)
        #expect(try laptop.json("undo")["operation"] == "visit add")
    }
}
