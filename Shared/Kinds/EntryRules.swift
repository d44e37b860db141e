import SyncCore

extension RecordKind {
    /// Pairs of dates that are in order where a person enters them. What is imported may say otherwise: a promise was
    /// often written down after the day that it was due.
    package var entrySpans: [Span] {
        guard self == .promise else { return spans }
        return spans + [Span(from: PromiseField.made.rawValue, to: PromiseField.due.rawValue)]
    }

    /// Checks a whole record as `validate` does, and what is plainly a slip where a person enters it: what has happened
    /// does not lie ahead, a promise is not due before it was made, nobody takes part in two gatherings at once.
    ///
    /// - Parameters:
    ///   - values: by field number; a field that is not named is null.
    ///   - today: the day on the clock of the device.
    /// - Returns: all problems by ascending field number; empty where the record is fine.
    package func validateEntry(values: [Int: Value], today: CivilDate) -> [ValidationProblem] {
        var problems = validate(values: values)
        func add(_ number: Int, _ reason: ValidationProblem.Reason) {
            guard let field = field(number) else { return }
            problems.append(ValidationProblem(field: number, label: field.label, kind: withArticle, reason: reason))
        }
        for number in happenedFields {
            if let date = date(values[number]), date.date > today { add(number, .ahead(today)) }
        }
        for span in entrySpans where !spans.contains(span) {
            if let start = date(values[span.from]), let end = date(values[span.to]), end.isBefore(start) {
                add(span.to, .before(field(span.from)?.label ?? ""))
            }
        }
        if self == .attendance, needsOneOf.contains(where: { $0.allSatisfy { !(values[$0] ?? .null).isNull } }) {
            add(AttendanceField.visit.rawValue, .bothGatherings)
        }
        return problems.sorted { $0.field < $1.field }
    }

    /// The fields with the day of something that has happened, which can't lie ahead.
    private var happenedFields: [Int] {
        switch self {
        case .promise: [PromiseField.made.rawValue, PromiseField.kept.rawValue]
        case .concern: [ConcernField.happened.rawValue]
        case .insight: [InsightField.fedBack.rawValue]
        case .payment: [PaymentField.paid.rawValue]
        case .consent: [ConsentField.given.rawValue, ConsentField.withdrawn.rawValue]
        default: []
        }
    }

    private func date(_ value: Value?) -> ParsedDate? {
        if case .text(let text)? = value { ParsedDate(stored: text) } else { nil }
    }
}
