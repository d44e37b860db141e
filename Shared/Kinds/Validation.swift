import SyncCore

extension RecordKind {
    /// Checks a whole record before it is saved on the device where it was entered.
    ///
    /// What arrives from other devices is never checked: a later version may know more words. Fields that this version
    /// does not know are left alone. Control characters in texts are allowed.
    ///
    /// - Parameter values: by field number; a field that is not named is null.
    /// - Returns: all problems by ascending field number; empty where the record is fine.
    package func validate(values: [Int: Value]) -> [ValidationProblem] { validate { values[$0] ?? .null } }

    /// Checks a whole record whose values are asked for by field number, each once or twice.
    package func validate(_ values: (Int) -> Value) -> [ValidationProblem] {
        var problems: [ValidationProblem] = []
        // By index: copying each description would take longer than looking at it.
        for index in fields.indices {
            let value = values(fields[index].number)
            if value.isNull, !fields[index].isRequired { continue }
            guard let reason = fields[index].problem(with: value) else { continue }
            problems.append(problem(fields[index].number, fields[index].label, reason))
        }
        if hasName, values(titleField) == .text("-"), let name = field(titleField) {
            problems.append(problem(name.number, name.label, .onlyDash))
        }
        for group in needsOneOf where group.allSatisfy({ FieldDescription.isBlank(values($0)) }) {
            let labels = group.compactMap { field($0)?.label }
            problems.append(problem(group[0], labels[0], .missingOneOf(labels)))
        }
        if self == .relationship, let other = field(RelationshipField.other.rawValue),
            !values(other.number).isNull, values(other.number) == values(RelationshipField.person.rawValue)
        {
            problems.append(problem(other.number, other.label, .samePersonTwice))
        }
        if let lines = unreadThresholds(values), let text = field(ResourceField.text.rawValue) {
            problems.append(problem(text.number, text.label, .notThresholds(lines)))
        }
        for span in spans where isReversed(span, values) {
            guard let to = field(span.to), let from = field(span.from) else { continue }
            let reason: ValidationProblem.Reason = to.name == "ended" ? .endsBeforeStart : .before(from.label)
            problems.append(problem(to.number, to.label, reason))
        }
        return problems.sorted { $0.field < $1.field }
    }

    private func problem(_ number: Int, _ label: String, _ reason: ValidationProblem.Reason) -> ValidationProblem {
        ValidationProblem(field: number, label: label, kind: withArticle, reason: reason)
    }

    /// The lines of a list of thresholds that can't be read: found when it is written, not by whoever pays somebody.
    private func unreadThresholds(_ values: (Int) -> Value) -> [Int]? {
        guard self == .resource, values(ResourceField.kind.rawValue) == .text(Self.paymentThresholds),
            case .text(let text) = values(ResourceField.text.rawValue)
        else { return nil }
        let unread = PaymentThreshold.read(text).unread
        return unread.isEmpty ? nil : unread
    }

    private func isReversed(_ span: Span, _ values: (Int) -> Value) -> Bool {
        guard case .text(let to) = values(span.to), case .text(let from) = values(span.from),
            let start = ParsedDate(stored: from), let end = ParsedDate(stored: to)
        else { return false }
        return end.isBefore(start)
    }
}

extension FieldDescription {
    /// Whether there is nothing to read: null, or a text without any character but white space.
    static func isBlank(_ value: Value) -> Bool {
        switch value {
        case .null: true
        case .text(let text): text.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
        default: false
        }
    }

    func problem(with value: Value) -> ValidationProblem.Reason? {
        if isRequired && Self.isBlank(value) { return .missing }
        guard form.type.accepts(value) else { return .wrongType }
        guard value.byteCount <= Value.largestBytes else { return .tooLong(largestBytes: Value.largestBytes) }
        switch value {
        case .text(let text): return problem(text: text)
        case .integer(let number): return problem(number: number)
        case .blob(let bytes): return RecordID(bytes: bytes) == nil ? .notAnID : nil
        case .null, .real: return nil
        }
    }

    private func problem(text: String) -> ValidationProblem.Reason? {
        if form == .time { return ParsedDate(stored: text) == nil ? .notADate : nil }
        if form == .currency {
            return MoneyText.isCurrency(text) ? nil : .notACurrency(meant: MoneyText.nearCurrency(text))
        }
        return form.words.isEmpty || form.words.contains(text) ? nil : .unknownWord(form.words)
    }

    private func problem(number: Int64) -> ValidationProblem.Reason? {
        let (least, most): (Int64, Int64?) =
            switch form {
            case .rhythm: (1, FieldForm.longestRhythmDays)
            case .flag: (0, 1)
            case .money: (0, FieldForm.largestMinorUnits)
            case .table: (1, nil)
            default: (0, nil)
            }
        return number < least || number > most ?? .max ? .outOfRange(least: least, most: most) : nil
    }
}
