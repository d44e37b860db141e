import SyncCore

extension FieldDescription {
    /// The value as people read it, or nil where there is none.
    ///
    /// Stored words lose their underscores, dates are written out with their weekday, flags become yes or no, and a
    /// reference its short id, for whoever cannot find the name. Control characters are left for the terminal.
    package func shown(_ value: Value, in local: LocalTime) -> String? {
        switch value {
        case .null: nil
        case .text(let text) where form == .time: ParsedDate(stored: text)?.echo(in: local) ?? text
        case .text(let text): isStoredWord(text) ? Words.plain(text) : isFormerlyDeclined(text) ? "did not say" : text
        case .integer(let number) where form == .flag: number == 0 ? "no" : "yes"
        case .integer(let number) where form == .table:
            Int(exactly: number).flatMap(RecordKind.of(table:))?.name ?? String(number)
        case .integer(let number) where form == .money: MoneyText.shown(number)
        case .integer(let number): String(number)
        case .real(let number): number.description
        case .blob(let bytes): RecordID(bytes: bytes).map(ShortID.display) ?? Base16.text(bytes)
        }
    }

    /// Whether an earlier version took the word where the list of words has it no more.
    private func isFormerlyDeclined(_ text: String) -> Bool {
        guard case .words(let words) = form else { return false }
        return text == OptionalAnswer.codes[1] && !words.contains(text)
    }

    private func isStoredWord(_ text: String) -> Bool {
        switch form {
        case .words(let words): words.contains(text)
        case .answer(let words): words.contains(text) || OptionalAnswer.codes.contains(text)
        default: false
        }
    }
}
