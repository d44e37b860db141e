import Foundation
import Testing

@Suite("Work that the office holds")
struct HeldTests {
    private let proxy: CuttingProxy
    private let office: Office
    private let priya: Laptop

    init() throws {
        proxy = try CuttingProxy()
        office = try Office(areas: ["canterbury", "whitstable"], publicPort: proxy.port)
        proxy.start(to: office.port)
        try office.open()
        priya = try office.laptop("Priya", areas: ["canterbury", "whitstable"])
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        try priya.run("sync").succeeded()
    }

    private func visit(_ summary: String) throws -> String {
        let words = [
            "visit", "add", "Castle House", "2026-11-22 14:30", "--summary", summary, "--area", "canterbury", "--json",
        ]
        return try priya.start(words).finish().succeeded().json()["id"].text()
    }

    /// The area is taken by mistake while a laptop syncs, and given back before the laptop hears of it: what it sent in
    /// between is held, and stays on the laptop.
    private func holdUnsent() throws {
        try office.run("areas", "take", "Priya", "canterbury").succeeded()
        proxy.arm(CuttingProxy.Cut(direction: .toClient, byte: 1_200, action: {}))
        var tries = 0
        while try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true, tries < 40 {
            proxy.arm(CuttingProxy.Cut(direction: .toClient, byte: 1_200 + 40 * tries, action: {}))
            _ = try priya.run("sync")
            tries += 1
        }
        proxy.arm(nil)
        try office.run("areas", "give", "Priya", "canterbury").succeeded()
        #expect(try priya.json("sync")["held"].integer == 1)
    }

    private func heldID() throws -> String {
        String(try office.run("quarantine", "list", "--json").succeeded().json()[0]["id"].integer ?? 0)
    }

    private func finish() throws {
        try office.close()
        proxy.stop()
    }

    @Test("the office accepts held work while it serves, and it arrives everywhere")
    func accepted() throws {
        let id = try visit("Tea.")
        try holdUnsent()
        let shown = try priya.run("visit", "show", id).succeeded().output
        #expect(shown.contains("State: held") && shown.contains("you could not write in that team"), "\(shown)")
        #expect(try priya.run("history", id).succeeded().output.contains("held for checking"))
        #expect(try priya.run("status").succeeded().output.contains("Held for checking at the office: 1"))
        let safe = try priya.run("status", "--safe-to-lose")
        #expect(safe.code == 1 && safe.output.contains("Held for checking at the office: 1\n  2  visit "), "\(safe)")
        let list = try priya.run("held", "list").succeeded().output
        #expect(
            list.contains("held for checking: when it came, you could not write in that team")
                && list.contains("Castle House"))
        let held = try heldID()
        #expect(try office.run("quarantine", "show", held, "--json").succeeded().json()["acceptable"].boolean == true)
        let words = try office.run("quarantine", "show", held).succeeded().output
        #expect(words.contains("Visit \(id.prefix(8)), Castle House, Sunday 22 November 2026, 14:30"), "\(words)")
        #expect(words.contains("Area: canterbury") && words.contains("Place: Castle House"), "\(words)")
        #expect(try office.run("quarantine", "list").succeeded().output.contains("Castle House"))
        let trial = try office.run("quarantine", "accept", held, "--dry-run").succeeded()
        #expect(trial.errors.contains("dry run"))
        let accepted = try office.run("quarantine", "accept", held, "--why", "Checked.", "--json").succeeded().json()
        #expect(accepted["accepted"].array?.count == 1 && accepted["conflicts"].integer == 0)
        #expect(try office.run("quarantine", "accept", held).code == 3)
        let report = try priya.run("sync").succeeded().output
        #expect(report.contains("The office accepted 1 change of yours"), "\(report)")
        let sam = try office.laptop("Sam", areas: ["canterbury"])
        try sam.run("sync").succeeded()
        #expect(try sam.listed(id)["summary"].string == "Tea.")
        #expect(try priya.listed(id)["state"].string == "sent")
        try finish()
    }

    @Test("what the office discards is told plainly, its words stay on the laptop, and one command brings them back")
    func discarded() throws {
        let id = try visit("Tea.")
        try holdUnsent()
        let held = try heldID()
        #expect(try office.run("quarantine", "discard", held, "--no-input").code == 2, "it asks first")
        try office.run("quarantine", "discard", held, "--why", "Entered twice.", "--yes").succeeded()
        #expect(try office.run("quarantine", "show", held).code == 3)
        let report = try priya.run("sync").succeeded().output
        #expect(report.contains("not taken by the office") && report.contains("Entered twice."), "\(report)")
        #expect(report.contains("kith held resend"), "\(report)")
        #expect(try priya.json("visit", "list").array?.isEmpty == true)
        let item = try priya.json("held", "list")[0]
        #expect(item["state"].string == "not_taken" && item["why"].string == "Entered twice.")
        let alone = try priya.run("status", "--safe-to-lose", "--json")
        #expect(alone.code == 1, "its words are on this laptop alone")
        #expect(try alone.json()["not_taken"].array?.count == 1)
        let number = String(item["id"].integer ?? 0)
        #expect(try priya.run("held", "show", number).succeeded().output.contains("Tea."))
        try priya.run("held", "resend", number).succeeded()
        #expect(try priya.json("held", "list").array?.isEmpty == true)
        #expect(try priya.json("sync")["held"].integer == 0)
        #expect(try office.run("export", "visits").succeeded().output.contains("Tea."))
        #expect(try priya.listed(id)["state"].string == "sent")
        try finish()
    }

    @Test("Work that left with its team and was discarded is not said to be kept, and no command is named that fails")
    func discardedAfterTheTeamWasLost() throws {
        _ = try visit("Zanzibarquay")
        try office.run("areas", "take", "Priya", "canterbury").succeeded()
        try priya.run("sync").succeeded()
        let held = try heldID()
        let told = try office.run("quarantine", "discard", held, "--why", "Not ours", "--yes").succeeded()
        #expect(told.errors.contains("may be nowhere else. Read them first: kith-server quarantine show \(held)"))
        let report = try priya.run("sync").succeeded()
        #expect(
            report.output.contains("Not ours") && report.output.contains("Its words are not on this laptop any more"))
        #expect(!report.output.contains("kith held resend"), "\(report)")
        let number = String(try priya.json("held", "list")[0]["id"].integer ?? 0)
        // The same is true once the team was given back.
        try office.run("areas", "give", "Priya", "canterbury").succeeded()
        try priya.run("sync").succeeded()
        #expect(!report.output.contains("you are not in"), "\(report)")
        let shown = try priya.run("held", "show", number).succeeded()
        #expect(shown.output.contains("left this laptop with a team that was taken from you."), "\(shown)")
        #expect(shown.errors.contains("Nothing of it can be sent again from here."), "\(shown)")
        #expect(try priya.run("held", "resend", number).code != 0)
        #expect(try priya.run("status", "--safe-to-lose").code == 0, "nothing of it can be lost with this laptop")
        #expect(!(try priya.run("status").succeeded().output.contains("Not taken by the office")))
        try finish()
    }

    @Test("What a writer may read and not write is not said to have left their laptop")
    func readable() throws {
        try office.run("areas", "add", "kim").succeeded()
        let kim = try office.laptop("Kim", areas: ["kim"])
        try kim.run("place", "add", "Kim's House", "--kind", "residential").succeeded()
        try office.run("role", "Kim", "member", "--area", "kim").succeeded()
        _ = try kim.run("sync")
        let held = try heldID()
        let told = try office.run("quarantine", "discard", held, "--yes").succeeded()
        #expect(!told.errors.contains("nowhere else"), "\(told)")
        let number = String(try kim.json("held", "list")[0]["id"].integer ?? 0)
        #expect(try kim.run("held", "show", number).succeeded().output.contains("Kim's House"))
        try finish()
    }

    @Test("A decision that its author may not make any more is not said to be there already")
    func decision() throws {
        let lea = try office.laptop("Lea", "lead", areas: ["canterbury"])
        let visit = try visit("Tea.")
        for laptop in [priya, lea] { try laptop.run("sync").succeeded() }
        for laptop in [priya, lea] {
            try laptop.run("visit", "edit", visit, "--summary", "\(laptop.person) was there.").succeeded()
            try laptop.run("sync").succeeded()
        }
        let conflict = try lea.json("conflicts", "list")[0]["id"].text()
        try lea.run("conflicts", "resolve", conflict, "--keep", "b").succeeded()
        // So that of the decision nothing but itself is left.
        try lea.run("visit", "edit", visit, "--summary", "Both were there.").succeeded()
        try office.run("role", "Lea", "worker").succeeded()
        _ = try lea.run("sync")
        let number = String(try lea.json("held", "list")[0]["id"].integer ?? 0)
        let refusal = try lea.run("held", "resend", number)
        #expect(refusal.code == 5 && refusal.errors.contains("Only a lead or an admin decides"), "\(refusal)")
        try finish()
    }

    @Test("held work is edited and sent again, also to another team; the office has it once")
    func sentAgain() throws {
        let id = try visit("Tea wiht Alex.")
        try holdUnsent()
        let number = String(try priya.json("held", "list")[0]["id"].integer ?? 0)
        try priya.run("visit", "edit", id, "--summary", "Tea with Alex.").succeeded()
        let trial = try priya.run("held", "resend", number, "--area", "whitstable", "--dry-run").succeeded()
        #expect(trial.errors.contains("Nothing was changed"))
        #expect(try priya.run("held", "resend", number, "--area", "dover").code == 3)
        let sent = try priya.json("held", "resend", number, "--area", "whitstable")
        #expect(sent["records"].array?.count == 1)
        #expect(try priya.json("visit", "list").array?.count == 1, "the old one is shown no more")
        try priya.run("sync").succeeded()
        #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true)
        let all = try priya.json("visit", "list")
        #expect(all.array?.count == 1 && all[0]["summary"].string == "Tea with Alex.")
        #expect(all[0]["area"].string == "whitstable" && all[0]["state"].string == "sent")
        let export = try office.run("export", "visits").succeeded().output
        #expect(!export.contains("wiht") && export.contains("Tea with Alex."))
        #expect(try priya.json("conflicts", "list", "--all").array?.isEmpty == true)
        try finish()
    }

    @Test("held work is taken back; where the office was faster, it is in force and that is told")
    func takenBack() throws {
        for isAccepted in [false, true] {
            let id = try visit("Visit \(isAccepted)")
            try holdUnsent()
            let number = String(try priya.json("held", "list")[0]["id"].integer ?? 0)
            let held = try heldID()
            #expect(try priya.run("held", "withdraw", number, "--no-input").code == 2, "it asks first")
            try priya.run("held", "withdraw", number, "--yes").succeeded()
            #expect(try priya.listed(id).isNull)
            #expect(try priya.json("status")["held"].integer == 0)
            if isAccepted { try office.run("quarantine", "accept", held).succeeded() }
            let report = try priya.run("sync").succeeded().output
            #expect(report.contains("before you took it back") == isAccepted, "\(report)")
            #expect(try office.run("quarantine", "list", "--json").succeeded().json().array?.isEmpty == true)
            #expect(try priya.listed(id)["summary"].string == (isAccepted ? "Visit true" : nil))
        }
        #expect(try priya.run("held", "withdraw", "900", "--yes").code == 3)
        #expect(try priya.run("held", "show", "x").code == 2)
        try finish()
    }

    @Test("G8: a laptop that was shut out hands in all pages of its unsent work, and says so")
    func shutOut() throws {
        let csv = "started,place,summary\n" + (1...1_500).map { "2026-11-22 10:00,Castle House,visit \($0)\n" }.joined()
        let file = priya.home + "/visits.csv"
        try csv.write(toFile: file, atomically: true, encoding: .utf8)
        try priya.run("import", "visits", file, "--area", "canterbury").succeeded()
        let waiting = try priya.json("status")["waiting"].integer ?? 0
        #expect(waiting >= 1_500)
        try office.run("revoke", "Priya's laptop", "--yes").succeeded()
        let refused = try priya.run("sync")
        #expect(refused.code == 5 && refused.errors.contains("handed in at the office"), "\(refused)")
        #expect(try priya.json("status")["waiting"].integer == 0)
        let held = try office.run("quarantine", "list", "--json").succeeded().json().array ?? []
        #expect(held.reduce(0) { $0 + ($1["changes"].integer ?? 0) } >= 1_500)
        #expect(try priya.json("visit", "list").array?.count == 1_500, "nothing is lost here")
        try finish()
    }
}
