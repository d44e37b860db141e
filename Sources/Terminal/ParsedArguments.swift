/// The words of a command line, sorted by declaration.
package struct ParsedArguments: Sendable {
    /// The names from the program to the command: `["kith", "visit", "add"]`.
    package internal(set) var commandPath: [String]
    /// What stands behind those names, word by word as typed, without the options that every command has.
    package internal(set) var given: [String] = []
    /// What standard input said in the place of a `-`; nil where nothing was read.
    package internal(set) var input: String?
    var declaredOptions: Set<String> = []
    var declaredArguments: Set<String> = []
    var flags: Set<String> = []
    var optionValues: [String: [String]] = [:]
    var argumentValues: [String: [String]] = [:]

    init(commandPath: [String]) {
        self.commandPath = commandPath
    }

    /// Whether the flag was given; the name without dashes must be declared.
    package func hasFlag(_ name: String) -> Bool {
        precondition(declaredOptions.contains(name), "--\(name) is not declared for this command")
        return flags.contains(name)
    }

    /// The value of an option, or nil where it was not given; the name without dashes must be declared.
    package func value(of name: String) -> String? {
        values(of: name).first
    }

    /// All values of a repeatable option in the order given; the name without dashes must be declared.
    package func values(of name: String) -> [String] {
        precondition(declaredOptions.contains(name), "--\(name) is not declared for this command")
        return optionValues[name] ?? []
    }

    /// The number of an integer option, or nil where it was not given; the parser has checked its range.
    package func integer(of name: String) -> Int? {
        value(of: name).flatMap { Int($0) }
    }

    /// The word of an argument, or nil where it is missing; the name must be declared.
    package func argument(_ name: String) -> String? {
        arguments(name).first
    }

    /// All words of an argument; the name must be declared.
    package func arguments(_ name: String) -> [String] {
        precondition(declaredArguments.contains(name), "\(name) is not declared for this command")
        return argumentValues[name] ?? []
    }
}
