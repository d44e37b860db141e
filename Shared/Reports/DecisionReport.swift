import SyncCore

extension Report {
    /// The most places that have a row of their own.
    private static let largestPlaceRows = 20
    private static let notSaid = "not said"

    /// Who decided in meetings: over time, and by place.
    package static func decisions(_ records: ReportRecords) throws -> Report {
        var report = Report(title: "Who decides", subtitle: records.period)
        let places = try records.names(.place)
        let small = records.showsSmallNumbers
        var all = Tally()
        var quarters: [Int: Tally] = [:]
        var byPlace: [String: Tally] = [:]
        try records.forEach(.meeting) { meeting in
            if meeting.number(MeetingField.wentAhead) == 0 { return }
            let word = meeting.text(MeetingField.whoDecided) ?? notSaid
            all.add(word)
            quarters[meeting.day.year * 4 + (meeting.day.month - 1) / 3, default: Tally()].add(word)
            let place = meeting.reference(MeetingField.place).map(places.name) ?? "no place"
            byPlace[place, default: Tally()].add(word)
        }
        let words = (RecordKind.decidingWords + [notSaid]).filter { all.counts[$0] != nil }
        report.add(
            bars: all.bars(order: RecordKind.decidingWords + [notSaid], small: small), "Meetings by who decided",
            lead: "From being told, over being asked and deciding together, to experts by experience who lead.",
            columns: ("Who decided", "Meetings"))
        report.add(
            rows: quarters.sorted { $0.key < $1.key }.map { quarter, tally in
                ["\(CivilDate.monthNames[quarter % 4 * 3]) \(quarter / 4)"] + cells(tally, words, small)
            }, "Over time, by quarter", columns: ["Quarter from"] + words.map(Words.plain))
        let ranked = byPlace.sorted { ($1.value.total, $0.key) < ($0.value.total, $1.key) }
        report.add(
            rows: ranked.prefix(largestPlaceRows).map { [$0.key] + cells($0.value, words, small) }, "By place",
            columns: ["Place"] + words.map(Words.plain))
        if !small { report.remarks.append(hidden) }
        return report
    }

    private static func cells(_ tally: Tally, _ words: [String], _ small: Bool) -> [String] {
        words.map { shown(tally.counts[$0] ?? 0, small: small).map(String.init) ?? tooFew }
    }
}
