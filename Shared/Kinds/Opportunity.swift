/// The numbers of the fields of an opportunity.
package enum OpportunityField: Int, CaseIterable, Sendable {
    case person = 1
    case what = 2
    case offeredBy = 3
    case offered = 4
    case answer = 5
    case supportWanted = 6
    case cameFrom = 7
    case started = 8
    case howItWent = 9
    case thankedHow = 10
    case thankedWhen = 11
}

extension RecordKind {
    /// What a person said to an offer; nothing where they were not asked or did not say. Who types "declined" of somebody who
    /// said no must not be taken to mean that they would not tell.
    package static let opportunityAnswers = ["yes", "not_now", "no"]

    /// Something that a person was offered, and what they made of it.
    package static let opportunity = RecordKind(
        OutreachSchema.Number.opportunity, "opportunity", plural: "opportunities", title: OpportunityField.what,
        titleParts: [[.what], [.person]], day: .offered,
        list: [OpportunityField.offered, .person, .what, .answer], spans: [(.offered, .started)],
        entry: EntryForm(
            [OpportunityField.person, .what], asked: [.answer, .supportWanted], today: .offered, recorder: .offeredBy,
            summary: "Record what a person was offered, and what they said.",
            discussion: "With --came-from it stands after the one that it led on from: kith person journey draws both.",
            example: "kith opportunity add Alex \"Join the interview panel\" --answer yes --came-from f3kq7xzm"),
        fields: [
            FieldDescription(
                OpportunityField.person, "person", "Person", .reference(OutreachSchema.Number.person),
                isRequired: true),
            FieldDescription(OpportunityField.what, "what", "What", .text, isRequired: true),
            FieldDescription(OpportunityField.offeredBy, "offered_by", "Offered by", .text),
            FieldDescription(OpportunityField.offered, "offered", "Offered on", .time),
            FieldDescription(OpportunityField.answer, "answer", "Answer", .words(opportunityAnswers)),
            FieldDescription(OpportunityField.supportWanted, "support_wanted", "Support wanted", .answer([])),
            FieldDescription(
                OpportunityField.cameFrom, "came_from", "Led on from", .reference(OutreachSchema.Number.opportunity)),
            FieldDescription(OpportunityField.started, "started", "Took place on", .time),
            FieldDescription(
                OpportunityField.howItWent, "how_it_went", "How it went, in their words", .answer([]), isQuote: true),
            FieldDescription(OpportunityField.thankedHow, "thanked_how", "Thanked how", .text),
            FieldDescription(OpportunityField.thankedWhen, "thanked_when", "Thanked when", .time),
        ])
}
