import Foundation
import Testing

@Suite("A laptop's folder is copied, or put back from an older copy")
struct CopiedLaptopTests {
    @Test("G10: both laptops work on under two names, and nothing is dropped or doubled")
    func copied() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let shared = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        let twin = try Laptop("Priya")
        try FileManager.default.copyItem(atPath: priya.home, toPath: twin.home)
        let first = try priya.visit("Castle House", summary: "By the first.")
        try priya.run("sync").succeeded()
        let second = try twin.visit("Castle House", summary: "By the second.")
        try twin.run("visit", "edit", shared, "--summary", "Tea with Alex.").succeeded()
        let told = try twin.run("sync").succeeded()
        #expect(told.output.contains("laptop of its own") && told.output.contains("nothing was lost"), "\(told)")
        for word in ["epoch", "cursor", "quarantine", "digest"] { #expect(!told.output.contains(word)) }
        #expect(try !twin.run("sync").succeeded().output.contains("laptop of its own"))
        try priya.run("sync").succeeded()
        let all = try office.exported()
        for laptop in [priya, twin] { #expect(try laptop.exported() == all) }
        for id in [shared, first, second] { #expect(try priya.listed(id)["summary"].string != nil) }
        #expect(try priya.json("visit", "list").array?.count == 3)
        #expect(try priya.json("conflicts", "list").array?.isEmpty == true)
        let devices = try office.run("devices", "list", "--json").json().array ?? []
        #expect(devices.count == 2 && devices.last?["copy_of"].integer == devices.first?["id"].integer)
        try office.run("doctor").succeeded()
        try office.close()
    }
}
