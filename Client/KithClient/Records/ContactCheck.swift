import OutreachModel
import SyncCore
import Terminal

/// Tells, before something is saved that plans to be in contact with somebody, that they are not to be contacted.
struct ContactCheck {
    let context: ClientContext

    /// Names whoever is not to be contacted; throws where somebody who can be asked does not want it saved.
    ///
    /// - Parameters:
    ///   - values: the record as it will be.
    ///   - people: further people who are to take part.
    func warn(_ kind: RecordKind, _ values: [Int: Value], with people: [RecordID] = []) throws {
        guard isPlan(kind, values) else { return }
        var meant = people
        for field in kind.fields where field.form == .reference(OutreachSchema.Number.person) {
            guard case .blob(let bytes)? = values[field.number], let person = RecordID(bytes: bytes) else { continue }
            if !meant.contains(person) { meant.append(person) }
        }
        let finder = try context.finder()
        guard !meant.isEmpty else { return }
        let presenter = try RecordPresenter(context)
        let wishes = try context.contactWishes(finder.identities, of: meant)
        var isWarned = false
        for person in meant where wishes.wantsNoContact(person) {
            guard let record = try finder.reader.record(.person, person) else { continue }
            isWarned = true
            let consent = wishes.consent(withheldBy: person)
            let why = consent == nil ? "" : ": the consent to it was withdrawn or refused"
            try context.console.note(
                "\(try presenter.title(of: record)) is not to be contacted\(why). "
                    + "Since when, and who says so: kith history \(ShortID.display(consent ?? record.id))")
        }
        guard isWarned, context.console.prompter.canAsk, !context.console.settings.assumesYes else { return }
        guard try context.console.prompter.confirm("Save it all the same?") else {
            throw CommandFailure(exitCode: .failed, message: "Nothing was saved.")
        }
    }

    /// Whether a record says what is to come: a promise that is open, an offer without an answer, a visit or meeting that
    /// lies ahead.
    private func isPlan(_ kind: RecordKind, _ values: [Int: Value]) -> Bool {
        switch kind {
        case .promise:
            return values[PromiseField.kept.rawValue] == nil && values[PromiseField.outcome.rawValue] == nil
        case .opportunity:
            return values[OpportunityField.answer.rawValue] == nil
        case .visit, .meeting:
            guard let field = kind.dayField, case .text(let text)? = values[field],
                let start = ParsedDate(stored: text)
            else { return false }
            return ParsedDate.moment(context.local.moment(atMilliseconds: context.clock())).isBefore(start)
        default:
            return false
        }
    }
}
