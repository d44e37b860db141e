import Foundation
import Testing

@testable import Database
@testable import KithClient
@testable import Terminal

@Suite("What fails after a record is saved")
struct AfterSavingTests {
    @Test(
        "It is said that the record is saved, and nothing that would make anybody enter it again",
        arguments: [
            (.full, " The disk is full: kith.sqlite cannot grow. Free some space.\n"),
            (.readOnly, " kith.sqlite cannot be written (why). Make the disk and the folder writable.\n"),
            (.inputOutput, " Check the disk.\n"), (.busy, " kith.sqlite is in use by another program (why).\n"),
            (.corrupt, " then restore a backup.\n"), (.other, " it is a defect of the program.\n"),
        ] as [(DatabaseError.Kind, String)])
    func saved(kind: DatabaseError.Kind, ending: String) throws {
        let streams = RecordedStreams(input: "", isTerminal: false)
        let home = HomeFolder(path: FileManager.default.temporaryDirectory.path + "/kith-\(UUID().uuidString)")
        let console = Console(streams: streams.streams, settings: ConsoleSettings())
        let context = ClientContext(
            console: console, home: home, arguments: ParsedArguments(commandPath: []), clock: { FieldLaptop.now },
            makeLink: { _, _, _ in PaperOffice() })
        try RecordSaving(context: context).afterSaving { throw DatabaseError(kind, "why", path: "kith.sqlite") }
        let told = streams.errorOutput
        #expect(told.hasPrefix("It is saved: don't enter it again. What comes after that failed: "), "\(told)")
        #expect(told.hasSuffix(ending), "\(told)")
        #expect(!told.contains("Nothing was changed") && !told.contains("again. Nothing"), "\(told)")
        #expect(!told.contains("try again"), "\(told)")
    }
}
