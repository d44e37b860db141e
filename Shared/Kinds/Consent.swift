import SyncCore

/// The numbers of the fields of a consent.
package enum ConsentField: Int, CaseIterable, Sendable {
    case person = 1
    case purpose = 2
    case purposeOther = 3
    case answer = 4
    case method = 5
    case methodOther = 6
    case given = 7
    case expires = 8
    case withdrawn = 9
}

extension RecordKind {
    /// What somebody agrees to.
    package static let consentPurposes = ["quotes", "sharing", "photos", "contact", "research", Words.other]
    /// How somebody said so.
    package static let consentMethods = ["spoken", "written", "message", "recorded", Words.other]
    /// What somebody said, the strictest first.
    package static let consentAnswers = ["withdrawn", "refused", "given"]

    /// What a person agrees to; of two answers at once the stricter one stays.
    package static let consent = RecordKind(
        OutreachSchema.Number.consent, "consent", plural: "consents", title: ConsentField.purpose,
        titleParts: [[.person], [.purpose], [.answer]], day: .given,
        list: [ConsentField.person, .purpose, .answer, .given, .expires],
        spans: [(.given, .expires), (.given, .withdrawn)],
        entry: EntryForm(
            [ConsentField.person, .purpose], asked: [.answer, .method], today: .given,
            summary: "Record what a person agrees to, or does not.",
            discussion:
                "Of two answers that nobody has seen together the stricter one stays. Without a consent that is in "
                + "force, words of a person stay out of what is exported or shared.",
            example: "kith consent add Alex quotes --answer given --method spoken --expires \"1 june 2027\""),
        fields: [
            FieldDescription(
                ConsentField.person, "person", "Person", .reference(OutreachSchema.Number.person), isRequired: true),
            FieldDescription(ConsentField.purpose, "purpose", "Purpose", .words(consentPurposes), isRequired: true),
            FieldDescription(ConsentField.purposeOther, "purpose_other", "Purpose in own words", .text),
            FieldDescription(
                ConsentField.answer, "answer", "Answer", .words(consentAnswers), isRequired: true,
                restrictive: [.text("withdrawn"), .text("refused")]),
            FieldDescription(ConsentField.method, "method", "Method", .words(consentMethods)),
            FieldDescription(ConsentField.methodOther, "method_other", "Method in own words", .text),
            FieldDescription(ConsentField.given, "given", "Answered on", .time),
            FieldDescription(ConsentField.expires, "expires", "Expires", .time, isAhead: true),
            FieldDescription(ConsentField.withdrawn, "withdrawn", "Withdrawn on", .time),
        ])
}
