import OutreachModel
import SyncCore
import Terminal
import Testing

@testable import KithClient

@Suite("kith payment: thresholds")
struct PaymentTests {
    private func laptop(_ thresholds: String) throws -> FieldLaptop {
        let laptop = try FieldLaptop(role: .admin)
        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json(
            "resource", "add", "Thresholds", "--kind", "payment_thresholds", "--text", thresholds)
        return laptop
    }

    private func warning(_ laptop: FieldLaptop, _ words: String...) -> String {
        let run = laptop.run(["payment", "add", "Alex"] + words)
        #expect(run.code == .done, "\(run.errors)")
        return run.errors
    }

    @Test("A payment that goes above what the office has set is told before it is saved, over the days that count")
    func above() throws {
        let laptop = try laptop("# from April\n2026-04-06 GBP 50.00 7 Offer advice on benefits first\n")
        #expect(!warning(laptop, "30", "--offered", "2026-11-18").contains("above"))
        #expect(!warning(laptop, "20", "--offered", "2026-11-22").contains("above"), "50 is not above 50")
        #expect(
            warning(laptop, "0.01", "--offered", "2026-11-22").contains(
                "With this they have GBP 50.01: above GBP 50.00 in 7 days, from Monday 6 April 2026: "
                    + "Offer advice on benefits first"))
        #expect(!warning(laptop, "20", "--offered", "2026-11-29").contains("above"), "seven days later it is over")
    }

    @Test("Expenses, and what was declined or given away, do not count; nor does another currency")
    func counted() throws {
        let laptop = try laptop("2026-04-06 GBP 50 7")
        for words in [
            ["--kind", "expense"], ["--outcome", "declined"], ["--outcome", "donated"], ["--currency", "EUR"],
        ] {
            let run = laptop.run(["payment", "add", "Alex", "500"] + words)
            #expect(run.code == .done && !run.errors.contains("above"), "\(words)")
        }
        #expect(!warning(laptop, "50").contains("above"))
    }

    @Test("The latest threshold that holds on the day counts, and a line that can't be read is told")
    func dated() throws {
        let laptop = try laptop("2025-04-06 GBP 10 7\n2026-04-06 GBP 50 7\n2027-04-06 GBP 90 7\nfifty pounds a week")
        let shown = laptop.run(["payment", "thresholds"])
        #expect(shown.output == "GBP 50.00 in 7 days, from Monday 6 April 2026\n")
        #expect(shown.errors.contains("Thresholds, line 4"))
        #expect(!warning(laptop, "40").contains("above"))
        #expect(warning(laptop, "20", "--offered", "2026-03-01").contains("above GBP 10.00 in 7 days"))
    }

    @Test("Who can be asked is asked, and a no saves nothing")
    func asked() throws {
        let laptop = try laptop("2026-04-06 GBP 50 7")
        let run = laptop.run(["payment", "add", "Alex", "60"], input: "n\n", isTerminal: true)
        #expect(run.code == .failed && run.errors.contains("Nothing was saved"))
        #expect(try laptop.json("payment", "list").values.isEmpty)
        #expect(laptop.run(["payment", "add", "Alex", "60"], input: "y\n", isTerminal: true).code == .done)
        let id = try #require(try laptop.json("payment", "list").values.first?["id"]?.text)
        #expect(laptop.run(["payment", "edit", id, "--amount", "49"]).errors.contains("above") == false)
        #expect(laptop.run(["payment", "edit", id, "--amount", "51"]).errors.contains("above"))
    }
}

@Suite("What is old is told before it is edited")
struct StaleNoteTests {
    @Test("Days since the last sync, and how many colleagues work with the same person")
    func stale() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("person", "add", "Alex")
        _ = try laptop.json("sync")
        #expect(!laptop.run(["person", "edit", "Alex", "--pronouns", "they"]).errors.contains("days ago"))
        let later = laptop.run(["person", "edit", "Alex", "--pronouns", "she"], laterDays: 9)
        #expect(later.code == .done)
        #expect(
            later.errors.contains(
                "This came from 9 days ago. If somebody changed it since, both are kept and a choice is asked for."))
    }

    @Test("Of what was written here since the last sync there is nothing to tell")
    func fresh() throws {
        let laptop = try FieldLaptop()
        _ = try laptop.json("sync")
        #expect(laptop.run(["person", "add", "Robin"], laterDays: 9).code == .done)
        let run = laptop.run(["person", "edit", "Robin", "--pronouns", "he"], laterDays: 9)
        #expect(run.code == .done && !run.errors.contains("days ago"))
    }
}
