import Foundation

/// What to measure, and with which programs.
struct BenchmarkSettings {
    /// The words after the program's name that make no sense.
    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    private static let usage = """
        usage: kith-bench BIN_FOLDER [--only NAME,…] [--peers FOLDER] [--quick] [--turns N] [--rows N] [--town N]
        NAME is a row of docs/performance.md such as P3, or import, lists, large, fairness
        """
    private static let smallestTurnCount = 5
    private static let largestVisitCount = 1_000_000
    private static let smallestTown = 100
    /// The list of visits in the folder of real data sets.
    private static let visits = "seattle-encampment-visits/visits_2008-2025.csv"

    /// Rows that belong together and stand in no table of targets.
    enum Part: String, CaseIterable {
        /// An import of the real list, and what follows from it.
        case `import`
        /// Lists, days, single records and searches on a laptop with a whole town.
        case lists
        /// The import of the made-up file.
        case large
        /// What others notice of a laptop that asks for all that it can get.
        case fairness
    }

    /// The folder with the built `kith` and `kith-server`.
    let programs: URL
    /// How often each measurement is taken, at least.
    private(set) var turnCount = 5
    /// How many rows the made-up file has.
    private(set) var rowCount = 1_000_000
    /// How many visits the town has; people and places in proportion.
    private(set) var townCount = 100_000
    /// The only rows and parts that are measured; empty for all.
    private(set) var only: Set<String> = []
    /// One turn and fewer records: to see that everything runs; not a result.
    private(set) var isQuick = false
    /// The folder with `raw_sqlite.py` and `workload.py`; nil where none is given.
    private(set) var peersFolder: URL?
    /// A real list of visits; nil where no folder of real data is given.
    let visitsFile: String?

    init(_ arguments: [String]) throws(UsageError) {
        guard let folder = arguments.first, !folder.hasPrefix("-") else { throw UsageError(description: Self.usage) }
        programs = URL(fileURLWithPath: folder, isDirectory: true)
        let data = ProcessInfo.processInfo.environment["KITH_TEST_DATA"] ?? ""
        visitsFile = data.isEmpty ? nil : "\(data)/\(Self.visits)"
        if let visitsFile, !FileManager.default.fileExists(atPath: visitsFile) {
            throw UsageError(description: "KITH_TEST_DATA names a folder without \(Self.visits).")
        }
        var rest = arguments.dropFirst()
        while let word = rest.popFirst() {
            if word == "--quick" {
                isQuick = true
                turnCount = 1
            } else {
                guard let value = rest.popFirst() else { throw UsageError(description: Self.usage) }
                try take(word, value)
            }
        }
        for name in ["kith", "kith-server", "kith-bench-floor", "kith-bench-plain"]
        where !FileManager.default.isExecutableFile(atPath: program(name)) {
            throw UsageError(description: "There is no program \(program(name)). Build it first: make release")
        }
    }

    private mutating func take(_ word: String, _ value: String) throws(UsageError) {
        switch word {
        case "--only": only = Set(value.split(separator: ",").map(String.init))
        case "--peers":
            let folder = URL(fileURLWithPath: value, isDirectory: true)
            guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("raw_sqlite.py").path) else {
                throw UsageError(description: "\(value) has no raw_sqlite.py.")
            }
            peersFolder = folder
        default:
            guard let number = Int(value) else { throw UsageError(description: Self.usage) }
            switch word {
            case "--rows" where (1...Self.largestVisitCount).contains(number): rowCount = number
            case "--town" where (Self.smallestTown...Self.largestVisitCount).contains(number): townCount = number
            case "--turns" where number >= Self.smallestTurnCount: turnCount = number
            default: throw UsageError(description: "\(Self.usage), at least \(Self.smallestTurnCount) turns")
            }
        }
    }

    /// Whether these rows are to be measured.
    func measures(_ part: Part) -> Bool { measures(part.rawValue) }

    /// Whether a row is to be measured.
    func measures(_ name: String) -> Bool { only.isEmpty || only.contains(name) }

    /// The path of a built program.
    func program(_ name: String) -> String { programs.appendingPathComponent(name).path }
}
