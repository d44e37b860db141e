import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// Who is not back, and who wants no contact.
extension DueCommandTests {
    @Test("Who is not back is overdue by minutes, and the plan says what the buddy does then")
    func overdue() throws {
        let laptop = try FieldLaptop()
        let id = try #require(
            try laptop.json(
                "round", "add", "River", "--buddy", "Sam", "--started", "12:00", "--expected-end", "13:29",
                "--if-overdue", "Ring the office")["id"]?.text)
        let words = "Priya, River: expected 13:29, set out 12:00, buddy Sam. If overdue: Ring the office"
        #expect(
            laptop.run(["due"], width: 160).output
                == "Overdue: not back yet\n\(id.prefix(8))  91 minutes late: \(words)\n"
        )
        #expect(laptop.run(["due"], width: 80).output.contains(words), "nothing of it is cut")
        #expect(try laptop.json("due").values.first?["minutes_late"] == 91)
        _ = try laptop.json("round", "edit", id, "--last-ok", "13:00")
        let next = laptop.run(["today"], width: 160, laterDays: 1).output
        #expect(
            next.contains(
                "  25 hours late: Priya, River: expected Sun 22 Nov 2026 13:29, last heard Sun 22 Nov 2026 13:00, buddy Sam."
            ),
            "\(next)")
        #expect(!next.contains("Out now"))
        _ = try laptop.json("round", "edit", id, "--ended", "14:00")
        #expect(try due(laptop).isEmpty)
    }

    @Test("Who wants no contact is marked in what is owed to them, also where that was said after the promise was made")
    func noContactAfterwards() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Del Me")
        _ = try laptop.json("person", "add", "Alex")
        for person in ["Del Me", "Alex"] {
            _ = try laptop.json("promise", "add", "Call", "--person", person, "--due", "today")
            _ = try laptop.json(
                "insight", "add", "Stairs", "--person", person, "--heard", "2026-11-01", "--decision", "accepted")
        }
        #expect(!laptop.run(["due"], width: 160).output.contains("no contact"))
        _ = try laptop.json("person", "edit", "Del Me", "--do-not-contact", "yes")
        let text = laptop.run(["due"], width: 160).output
        #expect(text.contains("  (wants no contact) Del Me: Call, promised by Priya\n"), "\(text)")
        #expect(text.contains("  Alex: Call, promised by Priya\n"), "\(text)")
        #expect(text.contains("  (wants no contact: Del Me) Stairs: accepted\n"), "\(text)")
        let marked = try laptop.json("due").values.filter { $0["do_not_contact"] == .boolean(true) }
        #expect(marked.compactMap { $0["due"]?.text } == ["promise", "feedback"])
    }
}
