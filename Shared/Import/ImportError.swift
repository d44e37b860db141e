/// Why an import can't begin. Nothing was imported; no case carries the content of a cell.
package enum ImportError: Error, Hashable, Sendable {
    /// There is nothing to import under this word.
    case unknownKind
    /// `--map` or `--set` without its two halves.
    case notAPair(option: String)
    /// The file has no column of this name.
    case unknownColumn(String, known: [String])
    /// The kind has no field of this name.
    case unknownField(String, known: [String])
    /// A column was mapped more than once.
    case columnTwice(String)
    /// Two columns, or two values, were given for one field.
    case fieldTwice(String)
    /// Neither a column nor a value was given for what every record needs.
    case missingField(labels: [String], fields: [String], kind: String, columns: [String])
    /// A value of `--set` does not fit its field.
    case wrongValue(field: String, reason: String)
    /// A value of `--set` is a date such as 03/04 that has two readings.
    case ambiguousSet(field: String)
    /// A column holds a date such as 03/04 that has two readings.
    case ambiguousDate(column: String, line: Int)
    /// The rows were to come from standard input.
    case standardInput
    /// A team was named, and the records belong to none.
    case noTeam(kind: String, option: String)
    /// The file for rejected rows can't be written.
    case rejects(path: String, reason: String)
}

extension ImportError: CustomStringConvertible {
    /// What is wrong, that nothing was saved, and what to write instead.
    package var description: String {
        let nothing = "Nothing was imported."
        switch self {
        case .unknownKind:
            return "What can be imported is one of: \(ImportRequest.words.joined(separator: ", ")). \(nothing)"
        case .notAPair(let option):
            let form = option == "map" ? "COLUMN=FIELD" : "FIELD=VALUE"
            return "--\(option) needs \(form). \(nothing)"
        case .unknownColumn(let name, let known):
            return "The file has no column “\(name)”. \(nothing) Its columns: \(Self.list(known)). \(Self.header)"
        case .unknownField(let name, let known):
            return "There is no field “\(name)”. \(nothing) The fields: \(known.joined(separator: ", "))."
        case .columnTwice(let name): return "The column “\(name)” is mapped twice. \(nothing) Map it once."
        case .fieldTwice(let name): return "The field \(name) is given twice. \(nothing) Give it once."
        case .missingField(let labels, let fields, let kind, let columns):
            let quoted = labels.map { "“\($0)”" }.joined(separator: " or ")
            return "Every \(kind) needs \(quoted), and no column is called so. \(nothing) Say which column holds it: "
                + "--map COLUMN=\(fields[0]). Columns of the file: \(Self.list(columns)). \(Self.header)"
        case .wrongValue(let field, let reason): return "--set \(field): \(reason) \(nothing)"
        case .ambiguousSet(let field):
            return "--set \(field): the date can be read day first or month first. \(nothing) "
                + "Say which: --date-format dmy, or mdy."
        case .ambiguousDate(let column, let line):
            return "The date in line \(line), column “\(column)”, can be read day first or month first. \(nothing) "
                + "Say which: --date-format dmy, or mdy."
        case .standardInput:
            return "An import reads a file, and not standard input. \(nothing) Save it as a file, and name that."
        case .noTeam(let kind, let option):
            return "\(kind) are for everyone and belong to no team. \(nothing) Leave --\(option) out."
        case .rejects(let path, let reason):
            return "\(path), the file for rejected rows, can't be written: \(reason)."
        }
    }

    /// What a title above the header makes of a file.
    private static let header = "In CSV the header must be the first line."

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(30).map { "“\($0)”" }.joined(separator: ", ")
        return names.count > 30 ? "\(shown) and \(names.count - 30) more" : shown
    }
}
