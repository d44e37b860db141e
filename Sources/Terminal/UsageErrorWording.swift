/// The sentence that tells a person about a mistake on the command line.
package func wording(of problem: UsageError.Problem) -> String {
    switch problem {
    case .unknownOption(let name, let suggestion):
        unknown("option", name, suggestion)
    case .unknownCommand(let name, let suggestion):
        unknown("command", name, suggestion)
    case .missingCommand(let allowed):
        "A command is missing. It is one of: \(allowed.joined(separator: ", "))."
    case .missingValue(let option, let placeholder):
        "\(option) needs a value: \(option) \(placeholder)."
    case .unexpectedValue(let option):
        "\(option) takes no value."
    case .repeatedOption(let option):
        "\(option) was given more than once. It is taken once."
    case .notAllowed(let option, let allowed, let suggestion):
        "\(option) must be one of: \(allowed.joined(separator: ", "))." + question(suggestion)
    case .notInteger(let option, let range):
        "\(option) must be a whole number from \(range.lowerBound) to \(range.upperBound)."
    case .tooManyArguments(let limit, let found):
        tooMany(limit: limit, found: found)
    case .missingArgument(let name):
        "Missing \(name.uppercased())."
    case .missingOption(let name):
        "Missing \(name)."
    case .notUTF8(let position):
        "Word \(position) of the command line is not UTF-8 text."
    case .holdsNUL(let position):
        "Word \(position) of the command line holds a NUL byte."
    case .tooLong(let position, let limitBytes):
        "Word \(position) of the command line is longer than \(limitBytes) bytes. Give long text on standard input."
    }
}

private func question(_ suggestion: String?) -> String {
    guard let suggestion else { return "" }
    return " Did you mean \(suggestion)?"
}

/// Repeats the name only where it looks like one: what else was typed may be about a person.
private func unknown(_ kind: String, _ name: String, _ suggestion: String?) -> String {
    let longestName = 32
    let looksLikeName = name.utf8.count <= longestName && name.utf8.allSatisfy { isNameByte($0) }
    let start = looksLikeName ? "Unknown \(kind) \(name)." : "Unknown \(kind)."
    return start + question(suggestion)
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}

private func tooMany(limit: Int, found: Int) -> String {
    let takes = limit == 0 ? "none is taken" : "at most \(limit) \(limit == 1 ? "is" : "are") taken"
    return "Too many arguments: \(found) given, \(takes). Put quotes around words that belong together."
}
