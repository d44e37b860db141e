import SyncCore

/// The numbers of the fields of a person.
package enum PersonField: Int, CaseIterable, Sendable {
    case name = 1
    case knownBy = 2
    case pronouns = 3
    case ageBand = 4
    case communicationNeeds = 5
    case strengths = 6
    case interests = 7
    case wantsNext = 8
    case doNotContact = 9
    case rhythmDays = 10
    case mergedInto = 11
    case movedFrom = 12
    case movedTo = 13
}

/// The numbers of the fields of a role.
package enum RoleField: Int, CaseIterable, Sendable {
    case person = 1
    case kind = 2
    case kindOther = 3
    case place = 4
    case started = 5
    case ended = 6
}

extension RecordKind {
    /// What the name of a person is.
    package static let namings = ["preferred_name", "alias", "description"]

    /// Age bands, as charities report them.
    package static let ageBands = [
        "under_18", "18_to_24", "25_to_34", "35_to_44", "45_to_54", "55_to_64", "65_and_over",
    ]

    /// What a person is to the work.
    package static let roleKinds = [
        "client", "resident", "expert_by_experience", "peer_volunteer", "peer_mentor", "key_worker",
        "frontline_worker", "project_manager", "senior_leader", "commissioner", "partner", Words.other,
    ]

    /// Somebody, under the name that they chose, an alias, or a description only.
    package static let person = RecordKind(
        OutreachSchema.Number.person, "person", plural: "people", title: PersonField.name,
        list: [PersonField.name, .pronouns, .doNotContact],
        entry: EntryForm(
            [PersonField.name], summary: "Add a person, under a name, an alias or a description.",
            discussion: "With --role the person's role is saved with them.",
            example: "kith person add \"Alex\" --role key_worker --place \"Castle House\""),
        fields: [
            FieldDescription(PersonField.name, "name", "Name", .text, isRequired: true),
            FieldDescription(PersonField.knownBy, "known_by", "Known by", .words(namings)),
            FieldDescription(PersonField.pronouns, "pronouns", "Pronouns", .answer([])),
            FieldDescription(PersonField.ageBand, "age_band", "Age band", .answer(ageBands)),
            FieldDescription(
                PersonField.communicationNeeds, "communication_needs", "Communication needs", .answer([])),
            FieldDescription(PersonField.strengths, "strengths", "Strengths", .answer([])),
            FieldDescription(PersonField.interests, "interests", "Interests", .answer([])),
            FieldDescription(PersonField.wantsNext, "wants_next", "What they want next", .answer([])),
            FieldDescription(
                PersonField.doNotContact, "do_not_contact", "Do not contact", .flag, restrictive: [.integer(1)]),
            FieldDescription(PersonField.rhythmDays, "rhythm_days", "Keep in touch every (days)", .rhythm),
            FieldDescription(
                PersonField.mergedInto, "merged_into", "Merged into", .reference(OutreachSchema.Number.person)),
            FieldDescription(
                PersonField.movedFrom, "moved_from", "Moved from", .reference(OutreachSchema.Number.person)),
            FieldDescription(PersonField.movedTo, "moved_to", "Moved to", .reference(OutreachSchema.Number.person)),
        ])

    /// What a person is, where, and for how long; one person may have several.
    package static let role = RecordKind(
        OutreachSchema.Number.role, "role", plural: "roles", title: RoleField.kind,
        titleParts: [[.person], [.kind], [.place]], day: .started,
        list: [RoleField.person, .kind, .place, .started, .ended], spans: [(.started, .ended)],
        entry: EntryForm(
            [RoleField.person, .kind], summary: "Say what a person is to the work.",
            example: "kith role add Alex peer_mentor --place \"Castle House\" --started today"),
        fields: [
            FieldDescription(
                RoleField.person, "person", "Person", .reference(OutreachSchema.Number.person), isRequired: true),
            FieldDescription(RoleField.kind, "kind", "Kind", .words(roleKinds), isRequired: true),
            FieldDescription(RoleField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(RoleField.place, "place", "Place", .reference(OutreachSchema.Number.place)),
            FieldDescription(RoleField.started, "started", "From", .time),
            FieldDescription(RoleField.ended, "ended", "To", .time),
        ])
}
