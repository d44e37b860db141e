import SyncCore

extension Report {
    /// You said, we did: what waits for an answer and for how long, and what became of the rest.
    package static func insights(_ records: ReportRecords) throws -> Report {
        var report = Report(title: "You said, we did", subtitle: records.period)
        let quotes = QuoteGuard(.insight, register: try records.register())
        var waiting: [(age: Int, row: [String])] = []
        var done: [(day: CivilDate, row: [String])] = []
        var (toDecision, toFeedback, whole): ([Int], [Int], [Int]) = ([], [], [])
        var decisions = Tally()
        try records.forEach(.insight) { record in
            let decision = record.text(InsightField.decision) ?? "pending"
            decisions.add(decision)
            let decided = record.day(InsightField.decided)
            // Who was told before it was decided heard something else.
            let fedBack = record.day(InsightField.fedBack).flatMap { day in
                decided.map { day < $0 } ?? false ? nil : day
            }
            if let decided { toDecision.append(days(record.day, decided)) }
            if let decided, let fedBack { toFeedback.append(days(decided, fedBack)) }
            if let fedBack, decision != "pending" {
                whole.append(days(record.day, fedBack))
                done.append((fedBack, said(record, decision, fedBack, quotes)))
            } else {
                let age = days(record.day, records.today)
                let state = decision == "pending" ? "a decision" : "to be told: \(Words.plain(decision))"
                waiting.append((age, [record.text(InsightField.theme) ?? "", state, "\(age)"]))
            }
        }
        report.add(
            bars: decisions.bars(order: RecordKind.insightDecisions, small: true), "What was decided",
            lead:
                "Of \(counted(decisions.total, "insight")), people were told what became of \(done.count). Nothing is done before.",
            columns: ("Decision", "How many"))
        report.add(
            bars: medians([
                ("From hearing to deciding", toDecision), ("From deciding to telling", toFeedback),
                ("From hearing to telling", whole),
            ]), "Days in the middle: half took no longer", columns: ("Step", "Days"))
        report.add(
            rows: waiting.sorted { ($1.age, $0.row[0]) < ($0.age, $1.row[0]) }.map(\.row), "What waits for an answer",
            columns: ["Theme", "Waits for", "Days"])
        report.add(
            rows: done.sorted { ($1.day, $0.row[0]) < ($0.day, $1.row[0]) }.map(\.row), "You said, we did",
            columns: ["You said", "We did", "Told"])
        if let count = quotes?.leftOutCount, count > 0 {
            report.remarks.append(leftOut(count))
        }
        return report
    }

    private static func medians(_ steps: [(label: String, days: [Int])]) -> [Bar] {
        steps.compactMap { step in step.days.median.map { Bar(step.label, $0) } }
    }

    private static func said(
        _ record: ReportRecord, _ decision: String, _ fedBack: CivilDate, _ quotes: QuoteGuard?
    ) -> [String] {
        let values = quotes?.guarded(record.values) ?? record.values
        var said = record.text(InsightField.theme) ?? ""
        if case .text(let words)? = values[InsightField.words.rawValue], words != QuoteGuard.leftOut {
            said += "\n“\(words)”"
        }
        let did = [record.text(InsightField.did), record.text(InsightField.reason)].compactMap(\.self)
        let words =
            did.isEmpty
            ? Words.plain(decision)
            : ([Words.plain(decision)] + did).map(SpokenText.sentence)
                .joined(separator: " ")
        let whom = record.text(InsightField.fedBackTo).map { ", \($0)" } ?? ""
        return [said, words, fedBack.inWords + whom]
    }

    private static func days(_ from: CivilDate, _ to: CivilDate) -> Int {
        max(0, to.daysSince1970 - from.daysSince1970)
    }

    /// How many texts in people's own words are not in a report.
    static func leftOut(_ count: Int) -> String {
        let what = count == 1 ? "1 text in a person's own words is" : "\(count) texts in people's own words are"
        return "\(what) left out, because it is not recorded that they agree."
    }

    /// Adds a section of words alone.
    mutating func add(rows: [[String]], _ title: String, lead: String = "", columns: [String]) {
        var section = Section(title, lead: rows.isEmpty ? "Nothing is recorded." : lead)
        section.columns = columns
        section.rows = rows
        sections.append(section)
    }
}
