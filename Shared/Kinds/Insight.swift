import SyncCore

/// The numbers of the fields of an insight.
package enum InsightField: Int, CaseIterable, Sendable {
    case meeting = 1
    case visit = 2
    case person = 3
    case theme = 4
    case words = 5
    case mayQuote = 6
    case heard = 7
    case decision = 8
    case reason = 9
    case decidedBy = 10
    case decided = 11
    case due = 12
    case did = 13
    case fedBack = 14
    case fedBackTo = 15
}

extension RecordKind {
    /// What was decided about what somebody said.
    package static let insightDecisions = ["pending", "accepted", "partly", "declined"]

    /// What somebody said, what was decided, and when they were told: you said, we did.
    package static let insight = RecordKind(
        OutreachSchema.Number.insight, "insight", plural: "insights", title: InsightField.theme, day: .heard,
        list: [InsightField.heard, .theme, .decision, .due, .fedBack],
        spans: [(.heard, .decided), (.heard, .fedBack)],
        entry: EntryForm(
            [InsightField.theme], asked: [.person, .words], today: .heard, usual: [(.decision, .text("pending"))],
            summary: "Record what somebody said that should lead to a decision.",
            discussion: "It is done once somebody was told what became of it: --fed-back and --fed-back-to.",
            example: "kith insight add \"Safer stairs\" --meeting f3kq7xzm --words - --due \"1 december\""),
        fields: [
            FieldDescription(
                InsightField.meeting, "meeting", "From the meeting", .reference(OutreachSchema.Number.meeting)),
            FieldDescription(InsightField.visit, "visit", "From the visit", .reference(OutreachSchema.Number.visit)),
            FieldDescription(InsightField.person, "person", "Said by", .reference(OutreachSchema.Number.person)),
            FieldDescription(InsightField.theme, "theme", "Theme", .text, isRequired: true),
            FieldDescription(InsightField.words, "words", "In their words", .text, isQuote: true),
            FieldDescription(
                InsightField.mayQuote, "may_quote", "May be quoted", .answer(["yes", "no"]),
                restrictive: [.text("no"), .text(OptionalAnswer.codes[1])]),
            FieldDescription(InsightField.heard, "heard", "Heard on", .time),
            FieldDescription(InsightField.decision, "decision", "Decision", .words(insightDecisions)),
            FieldDescription(InsightField.reason, "reason", "Reason", .text),
            FieldDescription(InsightField.decidedBy, "decided_by", "Decided by", .text),
            FieldDescription(InsightField.decided, "decided", "Decided on", .time),
            FieldDescription(InsightField.due, "due", "Answer due", .time, isAhead: true),
            FieldDescription(InsightField.did, "did", "What was done", .text),
            FieldDescription(InsightField.fedBack, "fed_back", "Fed back on", .time),
            FieldDescription(InsightField.fedBackTo, "fed_back_to", "Fed back to", .text),
        ])
}
