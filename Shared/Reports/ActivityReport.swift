import SyncCore

extension Report {
    /// The most places that are shown one by one.
    private static let largestPlaces = 12

    /// How often people were visited and met, where, and how it ended.
    package static func activity(_ records: ReportRecords) throws -> Report {
        var report = Report(title: "Visits and meetings", subtitle: records.period)
        let places = try records.names(.place)
        var (visits, meetings) = (MonthTally(), MonthTally())
        var (spots, kinds, outcomes, meetingKinds) = (Tally(), Tally(), Tally(), Tally())
        var (visitCount, meetingCount, headcount) = (0, 0, 0)
        try records.forEach(.visit) { visit in
            visitCount += 1
            visits.add(visit.day)
            headcount += visit.number(VisitField.headcount) ?? 0
            if let place = visit.reference(VisitField.place) { spots.add(places.name(place)) }
            kinds.add(visit.text(VisitField.kind) ?? "not said")
            outcomes.add(visit.text(VisitField.outcome) ?? "not said")
        }
        try records.forEach(.meeting) { meeting in
            meetingCount += 1
            meetings.add(meeting.day)
            headcount += meeting.number(MeetingField.headcount) ?? 0
            if let place = meeting.reference(MeetingField.place) { spots.add(places.name(place)) }
            meetingKinds.add(meeting.text(MeetingField.kind) ?? "not said")
        }
        let heads = cell(headcount, small: records.showsSmallNumbers).words
        let words = headcount > 0 ? " Headcounts add up to \(heads); the same person may be in several." : ""
        report.add(
            bars: visits.bars(), "Visits by month",
            lead: "\(counted(visitCount, "visit")), \(counted(meetingCount, "meeting")).\(words)",
            columns: ("Month", "Visits"))
        report.add(bars: meetings.bars(), "Meetings by month", columns: ("Month", "Meetings"))
        report.add(bars: spots.largest(largestPlaces, small: true), "Where", columns: ("Place", "Times"))
        report.add(
            bars: kinds.bars(order: RecordKind.placeKinds, small: true), "Visits by kind of place",
            columns: ("Kind", "Visits"))
        report.add(
            bars: outcomes.bars(order: RecordKind.visitOutcomes, small: true), "How visits ended",
            columns: ("Outcome", "Visits"))
        report.add(
            bars: meetingKinds.bars(order: RecordKind.meetingKinds, small: true), "Meetings by kind",
            columns: ("Kind", "Meetings"))
        if !records.showsSmallNumbers, (1...largestHidden).contains(headcount) { report.remarks.append(hidden) }
        return report
    }
}
