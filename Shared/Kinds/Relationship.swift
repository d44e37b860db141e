/// The numbers of the fields of a relationship.
package enum RelationshipField: Int, CaseIterable, Sendable {
    case person = 1
    case other = 2
    case kind = 3
    case kindOther = 4
    case introducedBy = 5
    case started = 6
    case ended = 7
    case rhythmDays = 8
}

extension RecordKind {
    /// What two people are to each other.
    package static let relationshipKinds = [
        "knows", "friend", "family", "partner", "key_worker", "mentor", "colleague", "neighbour", "works_with",
        Words.other,
    ]

    /// Two people who know each other, and who brought them together.
    package static let relationship = RecordKind(
        OutreachSchema.Number.relationship, "relationship", plural: "relationships", title: RelationshipField.person,
        titleParts: [[.person], [.other], [.kind]],
        list: [RelationshipField.person, .other, .kind, .introducedBy], spans: [(.started, .ended)],
        entry: EntryForm(
            [RelationshipField.person, .other], asked: [.kind], summary: "Say that two people know each other.",
            example: "kith relationship add Alex Sam --kind mentor --introduced-by Priya"),
        fields: [
            FieldDescription(
                RelationshipField.person, "person", "Person", .reference(OutreachSchema.Number.person),
                isRequired: true),
            FieldDescription(
                RelationshipField.other, "other", "And", .reference(OutreachSchema.Number.person), isRequired: true),
            FieldDescription(RelationshipField.kind, "kind", "Kind", .words(relationshipKinds)),
            FieldDescription(RelationshipField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(
                RelationshipField.introducedBy, "introduced_by", "Introduced by",
                .reference(OutreachSchema.Number.person)),
            FieldDescription(RelationshipField.started, "started", "Since", .time),
            FieldDescription(RelationshipField.ended, "ended", "Until", .time),
            FieldDescription(RelationshipField.rhythmDays, "rhythm_days", "Keep in touch every (days)", .rhythm),
        ])
}
