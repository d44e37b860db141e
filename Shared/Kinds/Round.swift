/// The numbers of the fields of a round.
package enum RoundField: Int, CaseIterable, Sendable {
    case who = 1
    case plan = 2
    case place = 3
    case buddy = 4
    case started = 5
    case expectedEnd = 6
    case lastOK = 7
    case ended = 8
    case ifOverdue = 9
}

extension RecordKind {
    /// Working alone: where somebody goes, who knows, and when they are expected back.
    package static let round = RecordKind(
        OutreachSchema.Number.round, "round", plural: "rounds", title: RoundField.plan,
        titleParts: [[.who], [.plan]], day: .started,
        list: [RoundField.started, .who, .plan, .buddy, .expectedEnd, .lastOK, .ended],
        spans: [(.started, .expectedEnd), (.started, .ended)],
        entry: EntryForm(
            [RoundField.plan], asked: [.buddy, .started, .expectedEnd, .ifOverdue], recorder: .who,
            summary: "Record a round of somebody who works alone.",
            example: "kith round add \"Castle Street, then the river\" --buddy Sam --started \"14:00\""
                + " --expected-end \"17:00\""),
        fields: [
            FieldDescription(RoundField.who, "who", "Who goes", .text, isRequired: true),
            FieldDescription(RoundField.plan, "plan", "Plan", .text, isRequired: true),
            FieldDescription(RoundField.place, "place", "Place", .reference(OutreachSchema.Number.place)),
            FieldDescription(RoundField.buddy, "buddy", "Buddy", .text, isRequired: true),
            FieldDescription(RoundField.started, "started", "Started", .time, isRequired: true),
            FieldDescription(
                RoundField.expectedEnd, "expected_end", "Expected back", .time, isRequired: true, isAhead: true),
            FieldDescription(RoundField.lastOK, "last_ok", "Last said to be well", .time),
            FieldDescription(RoundField.ended, "ended", "Came back", .time),
            FieldDescription(RoundField.ifOverdue, "if_overdue", "What to do if overdue", .text),
        ])
}
