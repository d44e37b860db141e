import Foundation
import Testing

@Suite("The main job")
struct MainJobTests {
    @Test("G2 G3 G15: two workers without signal, one conflict, one decision, and all replicas agree")
    func mainJob() throws {
        let office = try Office()
        try office.open()
        let priya = try office.laptop("Priya")
        let sam = try office.laptop("Sam")
        let ada = try office.laptop("Ada", "admin")
        try priya.run("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury").succeeded()
        let visit = try priya.visit("Castle House", summary: "Tea.")
        try priya.run("sync").succeeded()
        try sam.run("sync").succeeded()

        try office.close()
        try priya.run("visit", "edit", visit, "--summary", "Alex asked about the art group.").succeeded()
        try sam.run("visit", "edit", visit, "--summary", "The lift is broken again.").succeeded()
        try sam.run("meeting", "add", "Castle House", "2026-11-23 10:00", "--kind", "house_meeting", "--headcount", "6")
            .succeeded()
        #expect(try priya.run("sync").code == 4)

        try office.open()
        for laptop in [priya, sam, priya, ada] { try laptop.run("sync").succeeded() }
        let conflict = try theConflict(of: visit, priya, sam, ada, office)
        try workerMayNotResolve(conflict, sam)
        try ada.run("conflicts", "resolve", conflict, "--combine", "--why", "Both were said.").succeeded()
        for laptop in [ada, priya, sam] { try laptop.run("sync").succeeded() }

        try expectAgreement([priya, sam, ada], office)
        let combined = "Alex asked about the art group.\n\nThe lift is broken again."
        for laptop in [priya, sam, ada] {
            #expect(try laptop.listed(visit)["summary"].string == combined)
            #expect(try laptop.listed(visit)["state"].string == "sent")
            #expect(try laptop.json("conflicts", "list").array?.isEmpty == true)
        }
        #expect(try office.run("conflicts", "list", "--all", "--json").json()[0]["status"].string == "resolved")
        try office.close()
    }

    /// The id of the one conflict, which everybody sees alike.
    private func theConflict(
        of visit: String, _ priya: Laptop, _ sam: Laptop, _ ada: Laptop, _ office: Office
    ) throws -> String {
        let conflict = try ada.json("conflicts", "list")
        #expect(conflict.array?.count == 1)
        #expect(conflict[0]["record"].string == visit)
        #expect(conflict[0]["field"].string == "summary")
        #expect(conflict[0]["before"].string == "Tea.")
        #expect(conflict[0]["kept"].string == "b")
        #expect(conflict[0]["a"]["value"].string == "Alex asked about the art group.")
        #expect(conflict[0]["a"]["person"].string == "Priya")
        #expect(conflict[0]["a"]["device"].string == "Priya's laptop")
        #expect(conflict[0]["b"]["value"].string == "The lift is broken again.")
        #expect(conflict[0]["b"]["person"].string == "Sam")
        #expect(conflict[0]["b"]["device"].string == "Sam's laptop")
        let atOffice = try office.run("conflicts", "list", "--json").succeeded()
        #expect(atOffice.output == (try ada.run("conflicts", "list", "--json").output))
        for laptop in [priya, sam] {
            #expect(try laptop.json("conflicts", "list")[0]["id"].string == conflict[0]["id"].string)
            #expect(try laptop.listed(visit)["state"].string == "conflict")
        }
        let shown = try ada.run("conflicts", "list").succeeded()
        for word in ["Priya", "Priya's laptop", "Sam", "Sam's laptop"] { #expect(shown.output.contains(word)) }
        return try conflict[0]["id"].text()
    }

    private func workerMayNotResolve(_ conflict: String, _ sam: Laptop) throws {
        let before = try sam.exported()
        let refused = try sam.run("conflicts", "resolve", conflict, "--keep", "b")
        #expect(refused.code == 5, "\(refused)")
        #expect(try sam.exported() == before)
        #expect(try sam.json("conflicts", "list")[0]["status"].string == "open")
    }
}

/// G3: after a last sync each digest is the server's, and all give the same bytes of export.
func expectAgreement(_ laptops: [Laptop], _ office: Office, location: SourceLocation = #_sourceLocation) throws {
    let atOffice = try office.exported()
    for laptop in laptops {
        let report = try laptop.json("sync")
        let digest = report["digest"].string
        #expect(digest != nil && digest == report["server_digest"].string, "\(report)", sourceLocation: location)
        #expect(report["repaired"].array == nil, "\(report)", sourceLocation: location)
        #expect(report["sent"].integer == 0 && report["received"].integer == 0, "\(report)", sourceLocation: location)
        #expect(try laptop.exported() == atOffice, "\(laptop.person)", sourceLocation: location)
    }
}
