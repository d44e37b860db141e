/// An option as help and manual pages show it.
struct OptionRow {
    /// Its names and what follows them: `-k, --kind KIND`.
    let label: String
    /// What it does, and what may be given.
    let description: String

    init(_ option: CommandOption) {
        var words = option.summary
        switch option.value {
        case .none, .text: break
        case .choice(let allowed): words += " One of: \(allowed.joined(separator: ", "))."
        case .integer(let range): words += " From \(range.lowerBound) to \(range.upperBound)."
        }
        if option.isRequired { words += " Required." }
        if option.isRepeatable { words += " May be given several times." }
        description = words
        label = (option.short.map { "-\($0), " } ?? "") + option.usage
    }
}
