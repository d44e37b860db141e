import Tabular
import Terminal

/// What an import was asked to do, as both programs take it from their command lines.
package struct ImportRequest: Sendable {
    /// The options of the command `import`, the same in both programs but for the one that says whose the records are:
    /// the office calls it an area, workers their team.
    package static func options(area: CommandOption) -> [CommandOption] {
        ownOptions + [area]
    }

    private static let ownOptions: [CommandOption] = [
        .text("map", "COLUMN=FIELD", "The field that a column goes to.", isRepeatable: true),
        .text("set", "FIELD=VALUE", "A value for all rows; it wins over a column.", isRepeatable: true),
        .flag("create-places", "Add places that nobody has added yet."),
        .flag("overwrite", "Take the file also where somebody has written something else since."),
        .choice("date-format", DateOrder.allCases.map(\.rawValue), "How to read 03/04/2026."),
        .text("encoding", "NAME", "How the file is encoded; found out where it is not given."),
    ]

    /// The arguments of the command `import`, the same in both programs.
    package static let arguments = [
        Argument("kind", "One of: \(words.joined(separator: ", ")).", completes: .words(words)),
        Argument("file", "A CSV or JSON lines file; standard input is not read."),
    ]

    /// The words for what can be imported.
    package static let words = RecordKind.all.map(\.plural)

    /// What the rows are.
    package let kind: RecordKind
    /// The file with the rows.
    package let path: String
    /// `COLUMN=FIELD`, as typed.
    package var maps: [String] = []
    /// `FIELD=VALUE`, as typed.
    package var sets: [String] = []
    /// Whether a place that nobody has added yet is added.
    package var createsPlaces = false
    /// Whether the file is taken also where somebody has written something else since.
    package var overwrites = false
    /// How dates such as 03/04/2026 are read; nil refuses them.
    package var dateOrder: DateOrder?
    /// How the file is encoded; nil finds it out.
    package var encoding: TextEncoding?
    /// The name of the option that says whose the records are.
    package private(set) var areaOption = "area"

    /// Makes a request without options.
    ///
    /// - Parameter word: what the rows are: `visits`.
    /// - Throws: `ImportError.unknownKind`, `ImportError.standardInput`.
    package init(word: String, path: String) throws(ImportError) {
        guard let kind = RecordKind.named(word), Self.words.contains(kind.plural) else { throw .unknownKind }
        // An import goes through its file several times.
        guard path != "-" else { throw .standardInput }
        self.kind = kind
        self.path = path
    }

    /// Reads the command line.
    ///
    /// - Parameter areaOption: the name of the option that says whose the records are.
    /// - Throws: a usage failure for what can't be imported, for a team where the records belong to none, and for an
    ///   encoding that is not known.
    package init(_ arguments: ParsedArguments, areaOption: String) throws(CommandFailure) {
        do throws(ImportError) {
            try self.init(word: arguments.argument("kind") ?? "", path: arguments.argument("file") ?? "")
            if kind.isForEveryone, arguments.value(of: areaOption) != nil {
                throw .noTeam(kind: kind.plural.prefix(1).uppercased() + kind.plural.dropFirst(), option: areaOption)
            }
        } catch {
            throw error.failure
        }
        self.areaOption = areaOption
        maps = arguments.values(of: "map")
        sets = arguments.values(of: "set")
        createsPlaces = arguments.hasFlag("create-places")
        overwrites = arguments.hasFlag("overwrite")
        dateOrder = arguments.value(of: "date-format").flatMap(DateOrder.init(rawValue:))
        guard let word = arguments.value(of: "encoding") else { return }
        guard let encoding = TextEncoding(named: word) else {
            throw CommandFailure(
                exitCode: .usage,
                message: "There is no encoding of that name. Nothing was imported. Known: "
                    + TextEncoding.words.joined(separator: ", ") + ".")
        }
        self.encoding = encoding
    }
}

/// The order of the numbers in a date such as 03/04/2026.
package enum DateOrder: String, CaseIterable, Sendable {
    /// Day, month, year.
    case dmy
    /// Month, day, year.
    case mdy
    /// Year, month, day.
    case ymd
}
