import SyncCore

extension Report {
    /// What was promised and what became of it, and whether people were told what became of their words.
    ///
    /// It counts the office as a whole: it names no worker.
    package static func dependability(_ records: ReportRecords) throws -> Report {
        var report = Report(title: "Can people count on us", subtitle: records.period)
        var (state, made, kept) = (Tally(), MonthTally(), MonthTally())
        var lateness: [Int] = []
        try records.forEach(.promise) { promise in
            made.add(promise.day)
            let due = promise.day(PromiseField.due)
            if let day = promise.day(PromiseField.kept) {
                kept.add(day)
                let late = due.map { day.daysSince1970 - $0.daysSince1970 } ?? 0
                if late > 0 { lateness.append(late) }
                state.add(late > 0 ? "kept late" : "kept in time")
            } else if let outcome = promise.text(PromiseField.outcome) {
                state.add(outcome)
            } else {
                state.add(due.map { $0 < records.today } ?? false ? "overdue" : "open")
            }
        }
        let order = ["kept in time", "kept late", "kept", "open", "overdue", "no_longer_needed", "could_not_keep"]
        let small = records.showsSmallNumbers
        let isTold = small || lateness.count > largestHidden
        let late =
            (isTold ? lateness.median : nil).map {
                " Of those kept late, half were at most \(counted($0, "day")) late."
            } ?? ""
        report.add(
            bars: state.bars(order: order, small: small), "Promises",
            lead: "\(cell(state.total, small: small).words) promise\(state.total == 1 && small ? "" : "s").\(late)",
            columns: ("What became of them", "Promises"))
        report.add(bars: made.bars(small: small), "Promised, by month", columns: ("Month", "Promises"))
        report.add(bars: kept.bars(small: small), "Kept, by month", columns: ("Month", "Promises"))
        var told = Tally()
        try records.forEach(.insight) { insight in
            if insight.day(InsightField.fedBack) != nil {
                told.add("told what became of it")
            } else {
                told.add(insight.day(InsightField.decided) == nil ? "not decided yet" : "decided, not told yet")
            }
        }
        report.add(
            bars: told.bars(
                order: ["told what became of it", "decided, not told yet", "not decided yet"], small: small),
            "What people said", columns: ("Where it stands", "Insights"))
        if !small { report.remarks.append(hidden) }
        return report
    }
}
