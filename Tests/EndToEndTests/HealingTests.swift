import Foundation
import Testing

@Suite("A server's folder is put back from an older copy")
struct HealingTests {
    private let office: Office

    init() throws { office = try Office() }

    /// A plain copy of the office's folder, made while the server does not run.
    private func backUp() throws -> String {
        let path = office.scratch.path("backup-\(UUID().uuidString.prefix(8))")
        try FileManager.default.copyItem(atPath: office.folder, toPath: path)
        return path
    }

    private func restore(_ backup: String) throws {
        try FileManager.default.removeItem(atPath: office.folder)
        try FileManager.default.copyItem(atPath: backup, toPath: office.folder)
    }

    private func addPlaces(_ laptop: Laptop) throws {
        for name in ["Castle House", "Night shelter", "Day centre", "Library"] {
            try laptop.run("place", "add", name, "--kind", "partner").succeeded()
        }
    }

    private func sync(_ laptops: Laptop...) throws {
        for laptop in laptops { try laptop.run("sync").succeeded() }
    }

    @Test("G10: what was lost comes back from the laptops, and everybody holds the same again")
    func healing() throws {
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        try addPlaces(priya)
        try sync(priya, sam)
        let first = try priya.visit("Castle House", summary: "Tea.")
        try sync(priya, sam)
        try office.close()
        let backup = try backUp()
        try office.open()
        try priya.run("visit", "edit", first, "--summary", "Tea with Alex.").succeeded()
        let second = try priya.visit("Night shelter", summary: "Quiet.")
        try sync(priya, sam)
        let third = try sam.visit("Day centre", summary: "Lunch.")
        let late = try office.laptop("Late")
        try sync(late)
        let fourth = try late.visit("Library", summary: "Books.")
        try sync(sam, priya, late)
        let before = try office.exported()
        try office.close()
        try restore(backup)
        try office.open()
        #expect(try office.exported() != before)
        // The laptop that joined after the backup: nobody knows it, but its ledger is the office's.
        let told = try late.run("sync").succeeded()
        #expect(told.output.contains("put back from an older copy"), "\(told)")
        #expect(try office.run("devices", "list").succeeded().output.contains("has not reported back"))
        #expect(try office.run("stats", "--json").json()["healing"]["missing"].array?.count == 2)
        try sync(priya, sam, late, priya, sam, late)
        #expect(try office.exported() == before)
        for laptop in [priya, sam, late] { #expect(try laptop.exported() == before) }
        for id in [first, second, third, fourth] { #expect(try sam.listed(id)["summary"].string != nil) }
        #expect(try sam.json("conflicts", "list").array?.isEmpty == true)
        let stats = try office.run("stats", "--json").json()
        #expect(stats["healing"]["since"].string == nil, "all have reported back")
        try office.run("doctor").succeeded()
        try office.close()
    }

    @Test("G10: a server set up anew at the same address, with the same key for the line, wipes nothing")
    func emptied() throws {
        try office.open()
        let priya = try office.laptop("Priya")
        try addPlaces(priya)
        let id = try priya.visit("Castle House", summary: "Tea.")
        try sync(priya)
        try office.close()
        let old = try backUp()
        try FileManager.default.removeItem(atPath: office.folder)
        try office.run("init", "--listen", office.address).succeeded()
        for name in ["tls-key.pem", "tls-certificate.pem"] {
            try FileManager.default.removeItem(atPath: "\(office.folder)/\(name)")
            try FileManager.default.copyItem(atPath: "\(old)/\(name)", toPath: "\(office.folder)/\(name)")
        }
        try office.open()
        let refused = try priya.run("sync")
        #expect(refused.code == 5, "\(refused)")
        #expect(refused.errors.contains("saved"), "\(refused)")
        #expect(try priya.listed(id)["summary"].string == "Tea.")
        try office.close()
        try restore(old)
        try office.open()
        try sync(priya)
        #expect(try priya.listed(id)["summary"].string == "Tea.")
        try office.close()
    }

    @Test("The office's key is made once, is its owner's alone, and a ledger without its key is refused")
    func officeKey() throws {
        let path = "\(office.folder)/office-key"
        let key = try String(contentsOfFile: path, encoding: .utf8)
        #expect(key.count == 65)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try office.run("stats").succeeded()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == key)
        try FileManager.default.removeItem(atPath: path)
        let refused = try office.run("stats")
        #expect(refused.code == 1 && refused.errors.contains("office-key"), "\(refused)")
        #expect(!FileManager.default.fileExists(atPath: path))
        try (String(repeating: "ab", count: 32) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try office.run("stats").code == 1)
        try key.write(toFile: path, atomically: true, encoding: .utf8)
        try office.run("stats").succeeded()
    }
}
