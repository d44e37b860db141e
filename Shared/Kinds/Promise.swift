/// The numbers of the fields of a promise.
package enum PromiseField: Int, CaseIterable, Sendable {
    case person = 1
    case toOther = 2
    case promisedBy = 3
    case what = 4
    case made = 5
    case due = 6
    case kept = 7
    case outcome = 8
    case outcomeOther = 9
    case remark = 10
}

extension RecordKind {
    /// What became of a promise.
    package static let promiseOutcomes = ["kept", "no_longer_needed", "could_not_keep", Words.other]

    /// Something that somebody was told they can count on.
    package static let promise = RecordKind(
        OutreachSchema.Number.promise, "promise", plural: "promises", title: PromiseField.what,
        titleParts: [[.what], [.person, .toOther]], day: .made,
        list: [PromiseField.due, .what, .person, .toOther, .promisedBy, .kept], spans: [(.made, .kept)],
        entry: EntryForm(
            [PromiseField.what], asked: [.person, .due], today: .made, recorder: .promisedBy,
            summary: "Write down what somebody was told they can count on.",
            discussion: "kith due tells when it is to be kept; kith promise kept says that it was.",
            example: "kith promise add \"Bring the bus pass form\" --person Alex --due friday"),
        fields: [
            FieldDescription(
                PromiseField.person, "person", "Promised to", .reference(OutreachSchema.Number.person)),
            FieldDescription(PromiseField.toOther, "to_other", "Promised to, in own words", .text),
            FieldDescription(PromiseField.promisedBy, "promised_by", "Promised by", .text),
            FieldDescription(PromiseField.what, "what", "What", .text, isRequired: true),
            FieldDescription(PromiseField.made, "made", "Promised on", .time),
            FieldDescription(PromiseField.due, "due", "To be kept by", .time, isAhead: true),
            FieldDescription(PromiseField.kept, "kept", "Kept on", .time),
            FieldDescription(PromiseField.outcome, "outcome", "What became of it", .words(promiseOutcomes)),
            FieldDescription(PromiseField.outcomeOther, "outcome_other", "What became of it, in own words", .text),
            FieldDescription(PromiseField.remark, "remark", "Remark", .text),
        ])
}
