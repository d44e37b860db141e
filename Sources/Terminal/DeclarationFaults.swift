extension Program {
    /// What is wrong with the declarations, a sentence each; empty for a program that can be shipped.
    ///
    /// A test of each program calls it: a name twice, a command that can't be run, words that can never be reached.
    package func declarationFaults() -> [String] {
        var faults: [String] = []
        root.walk { path in
            guard let command = path.last else { return }
            let title = path.map(\.name).joined(separator: " ")
            faults += self.faults(of: command).map { "\(title): \($0)" }
        }
        return faults
    }

    private func faults(of command: Command<Context>) -> [String] {
        var faults: [String] = []
        if !command.canRun, command.subcommands.isEmpty { faults.append("has neither run nor subcommands") }
        if !command.canRun, !command.options.isEmpty { faults.append("is a group with options") }
        if !command.subcommands.isEmpty, !command.arguments.isEmpty, !command.canRun {
            faults.append("is a group with arguments")
        }
        if !command.summary.hasSuffix(".") { faults.append("has a summary that is no sentence") }
        let options = command.options + globalOptions
        faults += repeated(options.flatMap(\.shownNames) + options.compactMap(\.formerName) + ["help"]).map {
            "declares --\($0) twice"
        }
        faults += repeated(options.compactMap(\.short) + ["h"]).map { "declares -\($0) twice" }
        faults += repeated(command.subcommands.map(\.name) + ["help"]).map { "declares the command \($0) twice" }
        faults += repeated(command.arguments.map(\.name)).map { "declares the argument \($0) twice" }
        for (left, right) in zip(command.arguments, command.arguments.dropFirst()) {
            if left.takesSeveral { faults.append("\(left.name) takes all words before \(right.name)") }
            if !left.isDemanded, right.isDemanded { faults.append("\(left.name) may be missing before \(right.name)") }
        }
        return faults
    }

    private func repeated<Name: Hashable>(_ names: [Name]) -> [Name] {
        var seen: Set<Name> = []
        return names.filter { !seen.insert($0).inserted }
    }
}
