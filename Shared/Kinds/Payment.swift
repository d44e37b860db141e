import SyncCore

/// The numbers of the fields of a payment.
package enum PaymentField: Int, CaseIterable, Sendable {
    case person = 1
    case kind = 2
    case kindOther = 3
    case amountMinor = 4
    case currency = 5
    case forWhat = 6
    case offered = 7
    case outcome = 8
    case outcomeOther = 9
    case paid = 10
    case meeting = 11
}

extension RecordKind {
    /// What a payment is.
    package static let paymentKinds = ["fee", "voucher", "gift", "expense", Words.other]
    /// What a person said to it.
    package static let paymentOutcomes = ["accepted", "reduced", "declined", "donated", Words.other]

    /// What a person is paid, or was offered; two values at once need a decision.
    package static let payment = RecordKind(
        OutreachSchema.Number.payment, "payment", plural: "payments", title: PaymentField.kind,
        titleParts: [[.person], [.kind], [.amountMinor]], day: .offered,
        list: [PaymentField.offered, .person, .kind, .amountMinor, .currency, .outcome, .paid],
        spans: [(.offered, .paid)], needsDecision: true,
        entry: EntryForm(
            [PaymentField.person, .amountMinor], asked: [.kind, .outcome], today: .offered,
            usual: [(.currency, .text(usualCurrency))],
            summary: "Record what a person is paid, or was offered.",
            discussion: "The amount is in the currency's own unit: 20 or 20.50. Thresholds that the office has set are "
                + "told before it is saved: kith payment thresholds.",
            example: "kith payment add Alex 20.00 --kind voucher --for-what \"Interview panel\" --outcome accepted"),
        fields: [
            FieldDescription(
                PaymentField.person, "person", "Person", .reference(OutreachSchema.Number.person), isRequired: true),
            FieldDescription(PaymentField.kind, "kind", "Kind", .words(paymentKinds)),
            FieldDescription(PaymentField.kindOther, "kind_other", "Kind in own words", .text),
            FieldDescription(
                PaymentField.amountMinor, "amount_minor", "Amount", .money, isRequired: true),
            FieldDescription(
                PaymentField.currency, "currency", "Currency", .currency, isRequired: true),
            FieldDescription(PaymentField.forWhat, "for_what", "For what", .text),
            FieldDescription(PaymentField.offered, "offered", "Offered on", .time),
            FieldDescription(
                PaymentField.outcome, "outcome", "Outcome", .words(paymentOutcomes)),
            FieldDescription(PaymentField.outcomeOther, "outcome_other", "Outcome in own words", .text),
            FieldDescription(PaymentField.paid, "paid", "Paid on", .time),
            FieldDescription(
                PaymentField.meeting, "meeting", "For the meeting", .reference(OutreachSchema.Number.meeting)),
        ])

    /// The currency of an amount that none is given for.
    package static let usualCurrency = "GBP"
}
