import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
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

    @Test("A payment that is entered late counts with those that came after it")
    func late() throws {
        let laptop = try laptop("2026-04-06 GBP 50.00 7")
        #expect(!warning(laptop, "40", "--paid", "2026-11-22").contains("above"))
        #expect(
            warning(laptop, "20", "--paid", "2026-11-20").contains(
                "With this they have GBP 60.00: above GBP 50.00 in 7 days"))
        #expect(!warning(laptop, "10", "--paid", "2026-11-15").contains("above"), "seven days before it is over")
    }

    @Test("Amounts that no sum can hold are above every threshold, and stop nothing")
    func enormous() throws {
        let laptop = try laptop("2026-04-06 GBP 50.00 7")
        let person = try #require(try laptop.json("person", "show", "Alex")["id"]?.text.flatMap(RecordID.init))
        try laptop.write { work in
            try work.create(
                table: RecordKind.payment.number, area: 2,
                values: [
                    (PaymentField.person.rawValue, .blob(person.bytes)),
                    (PaymentField.amountMinor.rawValue, .integer(.max)),
                    (PaymentField.currency.rawValue, .text("GBP")),
                    (PaymentField.offered.rawValue, .text("2026-11-22")),
                ])
        }
        #expect(warning(laptop, "10").contains("above GBP 50.00"))
    }

    @Test("An amount with the sign of another currency is refused, and nothing is saved as pounds")
    func sign() throws {
        let laptop = try laptop("2026-04-06 GBP 50.00 7")
        let refused = laptop.run(["payment", "add", "Alex", "€20"])
        #expect(refused.code == .usage, "\(refused.output)")
        #expect(refused.errors.contains("AMOUNT is in €, and the currency is GBP: say --currency"), "\(refused.errors)")
        #expect(laptop.run(["payment", "add", "Alex", "€20", "--currency", "EUR"]).code == .done)
        #expect(laptop.run(["payment", "add", "Alex", "£20"]).code == .done)
        let payments = try laptop.json("payment", "list").values
        #expect(Set(payments.compactMap { $0["currency"]?.text }) == ["EUR", "GBP"] && payments.count == 2)
        let file = laptop.folder + "/payments.csv"
        try Data("Person,Amount,Currency\nAlex,€30,GBP\nAlex,€31,EUR\n".utf8).write(to: URL(fileURLWithPath: file))
        let imported = laptop.run(["import", "payments", file])
        #expect(imported.output.contains("1 payment imported"), "\(imported.output) \(imported.errors)")
        let rejects = try String(contentsOfFile: file + ".rejects.csv", encoding: .utf8)
        #expect(rejects.contains("“Amount” is in €, and the currency is GBP."), "\(rejects)")
    }

    @Test(
        "A currency that there is not is refused, by the command and in a file: no threshold and no report would count it"
    )
    func noCurrency() throws {
        let laptop = try laptop("2026-04-06 GBP 50.00 7")
        #expect(laptop.run(["payment", "add", "Alex", "45"]).code == .done)
        let refused = laptop.run(["payment", "add", "Alex", "45", "--currency", "gpb"])
        #expect(refused.code == .usage, "\(refused.output)")
        #expect(
            refused.errors.contains(
                "“Currency” of a payment is no currency with hundredths that Kith knows. Did you mean GBP?"),
            "\(refused.errors)")
        let file = laptop.folder + "/payments.csv"
        try Data("Person,Amount,Currency\nAlex,30,XXQ\nAlex,31,GBP\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(laptop.run(["import", "payments", file]).output.hasPrefix("1 payment imported, 1 rejected."))
        let rejects = try String(contentsOfFile: file + ".rejects.csv", encoding: .utf8)
        #expect(rejects.contains("that Kith knows. It is three letters, such as GBP."), "\(rejects)")
        #expect(try laptop.json("payment", "list").values.compactMap { $0["currency"]?.text } == ["GBP", "GBP"])
    }

    @Test("An import says how many people its payments bring above a threshold")
    func imported() throws {
        let laptop = try laptop("2026-04-06 GBP 50.00 7")
        _ = try laptop.json("person", "add", "Robin")
        let file = laptop.folder + "/payments.csv"
        let rows = "Alex,30,GBP,2026-11-20\nAlex,30,GBP,2026-11-21\nRobin,50,GBP,2026-11-21\n"
        try Data("Person,Amount,Currency,Offered on\n\(rows)".utf8).write(to: URL(fileURLWithPath: file))
        let run = laptop.run(["import", "payments", file])
        #expect(
            run.errors.contains(
                "1 person goes above a threshold of the office with these payments. See: kith payment thresholds"),
            "\(run.errors)")
        #expect(
            !laptop.run(["import", "payments", file]).errors.contains("threshold"), "what is here is not told again")
    }

    @Test("Thresholds that can't be read are refused when they are written, with their lines")
    func writing() throws {
        let laptop = try laptop("2026-04-06 GBP 50 7")
        let refused = laptop.run([
            "resource", "add", "More", "--kind", "payment_thresholds", "--text", "2026-04-06 GBP 50 7\nfifty a week",
        ])
        #expect(
            refused.code == .usage && refused.errors.contains("Line 2 of the text can't be read."), "\(refused.errors)")
        #expect(
            laptop.run(["resource", "edit", "Thresholds", "--text", "later"]).errors.contains("Line 1 of the text"))
        #expect(laptop.run(["resource", "add", "Notes", "--kind", "training", "--text", "fifty a week"]).code == .done)
        #expect(
            laptop.run(["resource", "edit", "Notes", "--kind", "payment_thresholds"]).errors.contains(
                "Line 1 of the text"))
        let file = laptop.folder + "/library.csv"
        try Data("Title,Kind,Text\nOthers,payment_thresholds,fifty\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(laptop.run(["import", "resources", file]).output.contains("0 resources imported"))
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
        let laptop = try laptop("2026-04-06 GBP 500 30")
        try laptop.write { work in
            let lines = "2025-04-06 GBP 10 7\n2026-04-06 GBP 50 7\n2027-04-06 GBP 90 7\nfifty pounds a week"
            try work.create(
                table: RecordKind.resource.number, area: 1,
                values: [
                    (ResourceField.kind.rawValue, .text(RecordKind.paymentThresholds)),
                    (ResourceField.title.rawValue, .text("Older")), (ResourceField.text.rawValue, .text(lines)),
                ])
        }
        let shown = laptop.run(["payment", "thresholds"])
        #expect(shown.output.hasPrefix("GBP 50.00 in 7 days, from Monday 6 April 2026\n"), "\(shown.output)")
        #expect(shown.errors.contains("Older, line 4"))
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

    @Test("Colleagues who wrote the record, or something about it, are counted, each once; those of one's own are not")
    func colleagues() throws {
        let laptop = try FieldLaptop(colleagues: ["Sam", "Ines", "Sam"])
        _ = try laptop.json("person", "add", "Alex")
        let alex = try #require(try laptop.json("person", "show", "Alex")["id"]?.text.flatMap(RecordID.init))
        func visit(_ number: UInt64, by device: UInt32) -> RecordUpdate {
            let stamp = Stamp(time: StampTime.packed(milliseconds: FieldLaptop.now - 60_000), device: device)
            return RecordUpdate(
                table: RecordKind.visit.number, record: RecordID(milliseconds: 5, random: (number, 1)), created: stamp,
                isWhole: true,
                fields: [FieldState(number: VisitField.person.rawValue, value: .blob(alex.bytes), stamp: stamp)],
                existence: nil, isLiving: true)
        }
        laptop.office.state.withLock {
            $0.updates = [visit(1, by: 8), visit(2, by: 9), visit(3, by: 10), visit(4, by: 8)]
        }
        _ = try laptop.json("sync")
        let later = laptop.run(["person", "edit", "Alex", "--pronouns", "she"], laterDays: 9)
        #expect(
            later.errors.contains("This came from 9 days ago; 2 colleagues also work with them."), "\(later.errors)")
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
