import Testing

@Suite("Half a year passes while the server runs")
struct CollectionTests {
    @Test(
        "G3: deletions leave laptops after 180 days, by the server's own timer; who was away for longer loses nothing",
        .enabled(if: FakeClock.isInstalled, "libfaketime is not installed"))
    func halfAYear() throws {
        let clock = try MovingClock()
        let office = try Office(environment: clock.environment)
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        func sync(_ laptop: Laptop) throws -> JSON { try laptop.json("sync", environment: clock.environment) }
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let gone = try priya.visit("Castle House", summary: "Written twice.")
        let kept = try priya.visit("Castle House", summary: "Stays.")
        for laptop in [priya, sam] { _ = try sync(laptop) }
        try priya.run("visit", "delete", gone, "--yes").succeeded()
        _ = try sync(priya)
        // Soon after its start the server notes how far the feeds are; what it lets go of it says.
        try office.server?.waitForError("needless entries and 0 old deletions left them")

        try sam.run("visit", "edit", kept, "--summary", "Edited on the way.").succeeded()
        try clock.set("+181d")
        try office.server?.waitForError("1 old deletions left them")

        #expect(try office.run("deleted", "list", "--json").json().array?.count == 1, "the office keeps it")
        for laptop in [sam, priya, sam] {
            let report = try sync(laptop)
            #expect(report["digest"].string == report["server_digest"].string)
            #expect(report["held"].integer == 0 && report["repaired"].array == nil, "\(report)")
        }
        for laptop in [priya, sam] {
            #expect(try laptop.json("visit", "list").array?.map { $0["id"].string } == [kept])
            #expect(try laptop.listed(kept)["summary"].string == "Edited on the way.")
        }
        // The clock of the wall is right again: nothing is lost by that either.
        try clock.set("+0")
        _ = try sync(priya)
        #expect(try priya.listed(kept)["summary"].string == "Edited on the way.")
        try office.close()
    }
}
