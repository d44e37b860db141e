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
        let times = quarters.sorted { $0.key < $1.key }
        let ranked = byPlace.sorted { ($1.value.total, $0.key) < ($0.value.total, $1.key) }
        let (overall, overTime, placed) = told(times.map(\.value), ranked.map(\.value), words, small)
        report.add(
            bars: zip(words, overall).map { Bar(Words.plain($0), $1) }, "Meetings by who decided",
            lead: "From being told, through being asked and deciding together, to experts by experience who lead.",
            columns: ("Who decided", "Meetings"))
        report.add(
            rows: zip(times, overTime).map { time, cells in
                ["\(CivilDate.monthNames[time.key % 4 * 3]) \(time.key / 4)"] + cells.map(\.words)
            }, "Over time, by quarter", columns: ["Quarter from"] + words.map(Words.plain))
        report.add(
            rows: zip(ranked, placed).prefix(largestPlaceRows).map { [$0.key] + $1.map(\.words) }, "By place",
            columns: ["Place"] + words.map(Words.plain))
        if !small { report.remarks.append(hidden) }
        return report
    }

    /// The counts of all meetings, of each quarter and of each place as they are told. What is hidden in one of them must
    /// not be found by adding up another.
    private static func told(
        _ quarters: [Tally], _ places: [Tally], _ words: [String], _ small: Bool
    ) -> (all: [SmallNumbers.Cell], quarters: [[SmallNumbers.Cell]], places: [[SmallNumbers.Cell]]) {
        func rows(_ tallies: [Tally]) -> [[Int]] { tallies.map { tally in words.map { tally.counts[$0] ?? 0 } } }
        let (times, spots) = (rows(quarters), rows(places))
        guard !small, !words.isEmpty else {
            let totals = words.indices.map { column in times.reduce(0) { $0 + $1[column] } }
            return (totals.map { .told($0) }, times.map { $0.map { .told($0) } }, spots.map { $0.map { .told($0) } })
        }
        var (overTime, placed) = (SmallNumbers(rows: times), SmallNumbers(rows: spots))
        // Each round hides a total more, or is the last one.
        for _ in words where overTime.hiddenTotals != placed.hiddenTotals {
            let hidden = overTime.hiddenTotals.union(placed.hiddenTotals)
            overTime = SmallNumbers(rows: times, hidingTotals: hidden)
            placed = SmallNumbers(rows: spots, hidingTotals: hidden)
        }
        return (overTime.cells.last ?? [], Array(overTime.cells.dropLast()), Array(placed.cells.dropLast()))
    }
}
