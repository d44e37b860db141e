import Foundation
import Testing

@Suite("What stands on somebody's word")
struct VoucherTests {
    @Test(
        "After a restore a history says on whose word a version stands, until its writer's laptop has brought it itself"
    )
    func told() throws {
        let office = try Office()
        let file = office.scratch.path("office.kith")
        try office.open()
        let (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.run("backup", file).succeeded()
        let id = try priya.visit("Castle House", summary: "After the backup.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.close()
        try office.run(
            "restore", file, "--recovery-key", "-", "--yes", input: .bytes(Data(office.recoveryKey.utf8))
        ).succeeded()
        try office.open()
        func isVouched() throws -> (text: Bool, json: Bool) {
            let lines = try sam.json("history", id).array ?? []
            return (
                try sam.run("history", id).succeeded().output.contains("(on the word of Sam's laptop)"),
                lines.contains { $0["on_the_word_of"].string == "Sam's laptop" }
            )
        }
        try sam.run("sync").succeeded()
        #expect(try isVouched() == (true, true))
        try priya.run("sync").succeeded()
        #expect(try isVouched() == (false, false))
        try office.close()
    }
}
