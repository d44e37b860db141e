import Database
import OutreachModel
import SyncCore
import Terminal

/// Tells, before a payment is saved, which threshold of the office it goes above.
struct PaymentCheck {
    /// One payment as it counts towards a threshold.
    private struct Amount {
        let day: CivilDate
        let currency: String
        let minor: Int64
    }

    static let command = Command<ClientContext>(
        name: "thresholds", summary: "Show from which amounts on a payment needs a conversation first.",
        discussion:
            "The office writes them as a resource of the kind payment_thresholds, a line each: from which day on, "
            + "currency, amount, in how many days, what to do. Expenses and what was declined or donated do not count.",
        example: "kith payment thresholds",
        run: { _, context in try PaymentCheck(context: context).show() })

    let context: ClientContext

    // MARK: What the office has set

    private func all() throws -> (thresholds: [PaymentThreshold], unread: [String]) {
        var (thresholds, unread): ([PaymentThreshold], [String]) = ([], [])
        for resource in try context.reader().records(
            .resource, where: "kind = ?1", [.text(RecordKind.paymentThresholds)])
        {
            let read = PaymentThreshold.read(resource.text(ResourceField.text) ?? "")
            thresholds += read.thresholds
            let title = resource.text(ResourceField.title) ?? ""
            unread += read.unread.map { "\(title), line \($0)" }
        }
        return (thresholds, unread)
    }

    private func show() throws {
        let today = context.local.moment(atMilliseconds: context.clock()).date
        let (all, unread) = try all()
        let inForce = PaymentThreshold.inForce(all, on: today)
        if context.isJSON {
            return try context.console.show(
                .array(
                    inForce.map {
                        [
                            "from": .string($0.from.description), "currency": .string($0.currency),
                            "amount_minor": .integer($0.amountMinor), "days": JSONValue($0.days),
                            "advice": .string($0.advice),
                        ]
                    }))
        }
        if inForce.isEmpty { try context.console.show("The office has set no thresholds.") }
        for threshold in inForce { try context.console.show(words(threshold)) }
        try tell(unread)
    }

    private func words(_ threshold: PaymentThreshold) -> String {
        let days = threshold.days == 1 ? "on one day" : "in \(threshold.days) days"
        let advice = threshold.advice.isEmpty ? "" : ": \(threshold.advice)"
        return "\(threshold.currency) \(MoneyText.shown(threshold.amountMinor)) \(days), "
            + "from \(threshold.from.inWords)\(advice)"
    }

    private func tell(_ unread: [String]) throws {
        guard !unread.isEmpty else { return }
        try context.console.note(
            "These lines about thresholds can't be read, tell the office: \(unread.joined(separator: "; ")).")
    }

    // MARK: Before saving

    /// Says which thresholds a payment goes above; throws where somebody who can be asked does not want it saved.
    ///
    /// - Parameters:
    ///   - values: the payment as it will be.
    ///   - id: the payment itself, where it is there already.
    func warn(_ values: [Int: Value], of id: RecordID? = nil) throws {
        guard case .blob(let bytes)? = values[PaymentField.person.rawValue], let person = RecordID(bytes: bytes),
            let payment = amount(values)
        else { return }
        let (all, unread) = try all()
        try tell(unread)
        let above = try sums(payment, of: person, except: id, above: all)
        for (threshold, sum) in above {
            try context.console.note(
                "With this they have \(payment.currency) \(MoneyText.shown(sum)): above \(words(threshold))")
        }
        let isAbove = !above.isEmpty
        guard isAbove, context.console.prompter.canAsk, !context.console.settings.assumesYes else { return }
        guard try context.console.prompter.confirm("Save it all the same?") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was saved.")
        }
    }

    /// How many people are above a threshold with one of these payments: who imports many is told of them together.
    func countAbove(_ payments: [StoredRecord]) throws -> Int {
        let thresholds = try all().thresholds
        guard !thresholds.isEmpty else { return 0 }
        let merged = try context.finder().identities.merged(.person)
        var people: Set<RecordID> = []
        for payment in payments {
            guard let person = payment.reference(PaymentField.person), let amount = amount(payment.values),
                case let survivor = merged.survivor(of: person), !people.contains(survivor)
            else { continue }
            let isAbove = try !sums(amount, of: person, except: payment.id, above: thresholds).isEmpty
            if isAbove { people.insert(survivor) }
        }
        return people.count
    }

    /// The thresholds that a payment goes above, and what it adds up to with those around it.
    private func sums(
        _ payment: Amount, of person: RecordID, except id: RecordID?, above all: [PaymentThreshold]
    ) throws -> [(threshold: PaymentThreshold, sum: Int64)] {
        let thresholds = PaymentThreshold.inForce(all, on: payment.day).filter { $0.currency == payment.currency }
        guard !thresholds.isEmpty else { return [] }
        let finder = try context.finder()
        let members = try finder.identities.merged(.person).members(of: person)
        let others = try finder.reader.records(
            .payment, where: RecordReader.isAmong("person", members.count), members.map { .blob($0.bytes) }
        ).filter { $0.id != id }.compactMap { amount($0.values) }.filter { $0.currency == payment.currency }
        return thresholds.compactMap { threshold in
            let sum = largestSum(payment, others, days: threshold.days)
            return sum > threshold.amountMinor ? (threshold, sum) : nil
        }
    }

    /// The most that a payment and those around it add up to within so many days: what was paid later may be here already.
    private func largestSum(_ payment: Amount, _ others: [Amount], days: Int) -> Int64 {
        let end = payment.day.adding(days: days)
        let ends = [payment.day] + others.map(\.day).filter { $0 > payment.day && $0 < end }
        return ends.map { last in
            let first = last.adding(days: 1 - days)
            return others.filter { $0.day >= first && $0.day <= last }.reduce(payment.minor) { sum, other in
                // Amounts of other devices are not bounded here.
                let (sum, isTooLarge) = sum.addingReportingOverflow(other.minor)
                return isTooLarge ? .max : sum
            }
        }.max() ?? payment.minor
    }

    /// What a payment counts; nil for expenses, and for what was declined or given away.
    private func amount(_ values: [Int: Value]) -> Amount? {
        func text(_ field: PaymentField) -> String? {
            if case .text(let text)? = values[field.rawValue] { text } else { nil }
        }
        guard case .integer(let minor)? = values[PaymentField.amountMinor.rawValue], let currency = text(.currency),
            text(.kind) != "expense", !["declined", "donated"].contains(text(.outcome) ?? ""),
            let day = (text(.paid) ?? text(.offered)).flatMap({ ParsedDate(stored: $0)?.date })
        else { return nil }
        return Amount(day: day, currency: currency, minor: minor)
    }
}
