/// The numbers of the fields of a concern.
package enum ConcernField: Int, CaseIterable, Sendable {
    case person = 1
    case aboutOther = 2
    case what = 3
    case kind = 4
    case kindOther = 5
    case happened = 6
    case immediateDanger = 7
    case saidBy = 8
    case done = 9
    case told = 10
    case decision = 11
    case decisionOther = 12
    case decidedBy = 13
    case review = 14
}

extension RecordKind {
    /// What a concern is about.
    package static let concernKinds = [
        "physical", "emotional", "sexual", "financial", "neglect", "self_neglect", "self_harm", "domestic_abuse",
        "exploitation", "modern_slavery", "discrimination", Words.other,
    ]
    /// What was decided about a concern.
    package static let concernDecisions = ["open", "referred", "watching", "no_further_action", Words.other]

    /// A worry about somebody's safety, which leads and admins alone read.
    package static let concern = RecordKind(
        OutreachSchema.Number.concern, "concern", plural: "concerns", title: ConcernField.what,
        titleParts: [[.person, .aboutOther], [.what]], day: .happened,
        list: [ConcernField.happened, .immediateDanger, .person, .aboutOther, .kind, .what, .decision],
        spans: [(.happened, .review)], needsDecision: true,
        entry: EntryForm(
            [ConcernField.what], asked: [.person, .immediateDanger, .kind], today: .happened, recorder: .saidBy,
            summary: "Pass on a worry about somebody's safety; leads and admins alone read it.",
            discussion:
                "Once it is sent it leaves this laptop, unless you are a lead or an admin: what stays is that it "
                + "was sent. If somebody is in danger now, ring the emergency services first.",
            example: "kith concern add - --person Alex --kind financial < worry.txt"),
        fields: [
            FieldDescription(
                ConcernField.person, "person", "About", .reference(OutreachSchema.Number.person)),
            FieldDescription(ConcernField.aboutOther, "about_other", "About, in own words", .text),
            FieldDescription(
                ConcernField.what, "what", "What gives concern", .text, isRequired: true),
            FieldDescription(ConcernField.kind, "kind", "Kind", .words(concernKinds)),
            FieldDescription(ConcernField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(ConcernField.happened, "happened", "Seen or heard on", .time),
            FieldDescription(
                ConcernField.immediateDanger, "immediate_danger", "In danger now", .flag),
            FieldDescription(ConcernField.saidBy, "said_by", "Passed on by", .text),
            FieldDescription(ConcernField.done, "done", "Done already", .text),
            FieldDescription(ConcernField.told, "told", "Who was told", .text),
            FieldDescription(
                ConcernField.decision, "decision", "Decision", .words(concernDecisions)),
            FieldDescription(ConcernField.decisionOther, "decision_other", "Decision in own words", .text),
            FieldDescription(ConcernField.decidedBy, "decided_by", "Decided by", .text),
            FieldDescription(ConcernField.review, "review", "To be looked at again", .time, isAhead: true),
        ])
}
