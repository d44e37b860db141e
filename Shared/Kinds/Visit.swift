/// The numbers of the fields of a visit.
package enum VisitField: Int, CaseIterable, Sendable {
    case place = 1
    case person = 2
    case started = 3
    case ended = 4
    case kind = 5
    case kindOther = 6
    case purpose = 7
    case summary = 8
    case reflection = 9
    case outcome = 10
    case outcomeOther = 11
    case headcount = 12
}

extension RecordKind {
    /// How a visit ended.
    package static let visitOutcomes = ["went_ahead", "no_access", "not_found", "cancelled", Words.other]

    /// Going to a place or to a person; just chatting is complete.
    package static let visit = RecordKind(
        OutreachSchema.Number.visit, "visit", plural: "visits", title: VisitField.started,
        titleParts: [[.place, .person], [.started]], day: .started,
        list: [VisitField.started, .place, .person, .summary], needsOneOf: [[VisitField.place, .person]],
        spans: [(.started, .ended)],
        entry: EntryForm(
            [VisitField.place, .started], asked: [.summary], summary: "Record a visit.",
            example: "kith visit add \"Castle House\" \"yesterday 14:30\" --with Alex --summary \"Just chatting\""),
        fields: [
            FieldDescription(VisitField.place, "place", "Place", .reference(OutreachSchema.Number.place)),
            FieldDescription(VisitField.person, "person", "Person", .reference(OutreachSchema.Number.person)),
            FieldDescription(VisitField.started, "started", "Started", .time, isRequired: true),
            FieldDescription(VisitField.ended, "ended", "Ended", .time),
            FieldDescription(VisitField.kind, "kind", "Kind", .words(placeKinds)),
            FieldDescription(VisitField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(VisitField.purpose, "purpose", "Purpose", .text),
            FieldDescription(VisitField.summary, "summary", "Summary", .text),
            FieldDescription(VisitField.reflection, "reflection", "Reflection", .text),
            FieldDescription(VisitField.outcome, "outcome", "Outcome", .words(visitOutcomes)),
            FieldDescription(VisitField.outcomeOther, "outcome_other", "Outcome in own words", .text),
            FieldDescription(VisitField.headcount, "headcount", "Headcount", .count),
        ])
}
