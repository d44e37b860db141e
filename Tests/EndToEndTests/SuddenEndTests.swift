import Foundation
import Testing

@Suite("A command of the office that is killed in the middle", .enabled(if: SuddenEnd.isPossible, "no C compiler"))
struct SuddenEndTests {
    private let office: Office
    private let priya: Laptop
    private let sam: Laptop
    private let end: SuddenEnd

    init() throws {
        office = try Office()
        end = try SuddenEnd()
        try office.open()
        (priya, sam) = (try office.laptop("Priya"), try office.laptop("Sam"))
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        _ = try priya.visit("Castle House", summary: "Before.")
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
    }

    /// Keeps the folder as it is, and puts it back.
    private func keep(_ name: String) throws {
        try FileManager.default.copyItem(atPath: office.folder, toPath: office.scratch.path(name))
    }

    private func reset(_ name: String) throws {
        if office.server != nil { try office.kill() }
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: office.scratch.path(name), toPath: office.folder)
    }

    /// All along, and each of the last calls, which put the files in their places.
    private static func places(of total: Int, last: Int) -> [Int] {
        let spread = stride(from: 1, through: max(1, total - last), by: max(1, total / 12))
        return Array(spread) + Array(max(1, total - last + 1)...total)
    }

    @Test(
        "G1, G8: a restore that is killed at any moment leaves the former server or the new one, and can be done again")
    func restore() throws {
        let file = office.scratch.path("monday.kith")
        try office.run("backup", file).succeeded()
        _ = try priya.visit("Castle House", summary: "After.")
        try priya.run("sync").succeeded()
        try office.run("revoke", sam.device, "--yes").succeeded()
        // What stands in the log beside the database too.
        try office.kill()
        try keep("former")
        let words = ["restore", file, "--recovery-key", "-", "--yes", "--data", office.folder]
        func restore(_ environment: [String: String] = [:]) throws -> Outcome {
            try Child(
                Programs.server, words, environment: environment, input: .bytes(Data(office.recoveryKey.utf8))
            ).finish()
        }
        try restore(end.environment(before: 0)).succeeded()
        let total = try end.count()
        var seen: Set<Bool> = []
        for place in Self.places(of: total, last: 24) {
            try reset("former")
            let killed = try restore(end.environment(before: place))
            #expect([-SIGKILL, 0].contains(killed.code), "\(place) of \(total): \(killed)")
            let left = try office.run("export", "visits")
            #expect(left.code == 0 && left.output.contains("Before."), "\(place) of \(total): \(left)")
            seen.insert(left.output.contains("After."))
            // Whichever it is: it serves, and keeps out whom the office shut out.
            try office.open()
            #expect(try sam.run("sync").code == 5, "\(place) of \(total)")
            try office.close()
            try restore().succeeded()
            let names = try FileManager.default.contentsOfDirectory(atPath: office.folder)
            #expect(!names.contains("trial"), "\(place) of \(total): \(names)")
            let done = try office.run("export", "visits").succeeded().output
            #expect(done.contains("Before.") && !done.contains("After."), "\(place) of \(total)")
        }
        #expect(seen == [true, false], "the kills came before and after the one step that counts")
        try office.open()
        #expect(try sam.run("sync").code == 5)
        try priya.run("sync").succeeded()
        #expect(try office.run("export", "visits").succeeded().output.contains("After."))
        try office.close()
        try office.run("doctor").succeeded()
    }

    @Test("G12: a change of the server's key that is killed at any moment leaves one that laptops know")
    func serverKey() throws {
        try office.run("server-key", "prepare").succeeded()
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try office.close()
        try keep("prepared")
        let words = ["server-key", "change", "--yes", "--data", office.folder]
        try Child(Programs.server, words, environment: end.environment(before: 0)).finish().succeeded()
        let total = try end.count()
        var pins: Set<String> = []
        for place in Self.places(of: total, last: 12) {
            try reset("prepared")
            let killed = try Child(Programs.server, words, environment: end.environment(before: place)).finish()
            #expect([-SIGKILL, 0].contains(killed.code), "\(place) of \(total): \(killed)")
            let twin = try Laptop("Priya")
            try FileManager.default.copyItem(atPath: priya.home, toPath: twin.home)
            pins.insert(try office.run("server-key", "show", "--json").succeeded().json()["pin"].text())
            try office.open()
            try twin.run("sync").succeeded()
            try office.close()
        }
        #expect(pins.count == 2)
    }
}
