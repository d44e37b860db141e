/// The numbers of the fields of a place.
package enum PlaceField: Int, CaseIterable, Sendable {
    case name = 1
    case kind = 2
    case kindOther = 3
    case district = 4
    case accessNotes = 5
    case knownRisks = 6
    case risksBy = 7
    case risksReviewed = 8
    case rhythmDays = 9
    case mergedInto = 10
}

extension RecordKind {
    /// The kinds of places; a visit has the same.
    package static let placeKinds = [
        "residential", "outreach_project", "day_centre", "street_site", "office", "partner", "partnership", "online",
        Words.other,
    ]

    /// Where people are met.
    package static let place = RecordKind(
        OutreachSchema.Number.place, "place", plural: "places", title: PlaceField.name,
        list: [PlaceField.name, .kind, .district],
        entry: EntryForm(
            [PlaceField.name], asked: [.kind], summary: "Add a place, for everybody in the office.",
            example: "kith place add \"Castle House\" --kind residential --district Canterbury"),
        fields: [
            FieldDescription(PlaceField.name, "name", "Name", .text, isRequired: true),
            FieldDescription(PlaceField.kind, "kind", "Kind", .words(placeKinds)),
            FieldDescription(PlaceField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(PlaceField.district, "district", "District", .text),
            FieldDescription(PlaceField.accessNotes, "access_notes", "Access notes", .text),
            FieldDescription(PlaceField.knownRisks, "known_risks", "Known risks", .text),
            FieldDescription(PlaceField.risksBy, "risks_by", "Risks written by", .text),
            FieldDescription(PlaceField.risksReviewed, "risks_reviewed", "Risks to be reviewed", .time, isAhead: true),
            FieldDescription(PlaceField.rhythmDays, "rhythm_days", "Visit every (days)", .rhythm),
            FieldDescription(
                PlaceField.mergedInto, "merged_into", "Merged into", .reference(OutreachSchema.Number.place)),
        ])
}
