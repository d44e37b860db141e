import Foundation
import Testing

@Suite("A sync while an editor is open")
struct EditorTests {
    @Test("What arrived meanwhile and what was typed are both kept, as a conflict with both sides named")
    func conflictNotLoss() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }

        let editing = try Editing(of: visit, on: priya, typed: "Tea, and the art group.")
        try editing.waitUntilOpen()
        try sam.run("visit", "edit", visit, "--summary", "Tea, and the broken lift.").succeeded()
        for laptop in [sam, priya] { try laptop.run("sync").succeeded() }
        #expect(try priya.listed(visit)["summary"].string == "Tea, and the broken lift.")
        try editing.saveAndClose().succeeded()

        #expect(try priya.listed(visit)["summary"].string == "Tea, and the art group.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        let conflict = try sam.json("conflicts", "list")
        #expect(conflict.array?.count == 1)
        #expect(conflict[0]["before"].string == "Tea.")
        #expect(conflict[0]["a"]["value"].string == "Tea, and the broken lift.")
        #expect(conflict[0]["b"]["value"].string == "Tea, and the art group.")
        #expect(conflict[0]["a"]["person"].string == "Sam" && conflict[0]["b"]["person"].string == "Priya")
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    @Test("An editor that leaves the text as it was changes nothing")
    func unchanged() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        let editing = try Editing(of: visit, on: priya, typed: "Tea.")
        try editing.waitUntilOpen()
        #expect(try editing.saveAndClose().code == 0)
        #expect(try priya.listed(visit)["state"].string == "sent")
        try office.close()
    }
}

/// An editor that says through one named pipe that it is open, and saves when it is told so through another.
private final class Editing {
    private let scratch: Scratch
    private let child: Child

    init(of visit: String, on laptop: Laptop, typed: String) throws {
        scratch = try Scratch()
        for name in ["opened", "go"] {
            guard unsafe mkfifo(scratch.path(name), 0o600) == 0 else { throw HarnessFailure.system("mkfifo") }
        }
        let text = try scratch.write("typed", typed)
        let editor = try scratch.write(
            "editor",
            """
            echo open > '\(scratch.path("opened"))'
            read answer < '\(scratch.path("go"))'
            cat '\(text)' > "$1"
            """)
        // Read by a shell: starting the file itself fails where another test's fork still holds it open for writing.
        child = try laptop.start(
            ["visit", "edit", visit], input: .terminal, environment: ["EDITOR": "sh '\(editor)'", "VISUAL": ""])
    }

    /// Opening a named pipe waits for the other side.
    func waitUntilOpen() throws {
        let opened = try FileDescriptor(opening: scratch.path("opened"), O_RDONLY)
        var byte: UInt8 = 0
        guard unsafe read(opened.number, &byte, 1) == 1 else { throw HarnessFailure.system("read of the editor") }
    }

    func saveAndClose() throws -> Outcome {
        let go = try FileDescriptor(opening: scratch.path("go"), O_WRONLY)
        guard unsafe write(go.number, "go\n", 3) == 3 else { throw HarnessFailure.system("write to the editor") }
        return try child.finish()
    }
}
