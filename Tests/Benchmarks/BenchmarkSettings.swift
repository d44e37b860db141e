import Foundation

/// What to measure, and with which programs.
struct BenchmarkSettings {
    /// The words after the program's name that make no sense.
    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    private static let usage =
        "usage: kith-bench BIN_FOLDER [--visits N] [--turns N] [--rows N] [--town N] [--only sync|import|lists|large]"
    private static let smallestTurnCount = 5
    private static let largestVisitCount = 1_000_000
    private static let smallestTown = 100
    /// The list of visits in the folder of real data sets.
    private static let visits = "seattle-encampment-visits/visits_2008-2025.csv"

    /// Rows that belong together.
    enum Part: String {
        /// What a laptop with many visits of its own does, and a sync of them.
        case sync
        /// An import of the real list, and what follows from it.
        case `import`
        /// Lists, days, single records and searches on a laptop with a whole town.
        case lists
        /// The import of the made-up file.
        case large
    }

    /// The folder with the built `kith` and `kith-server`.
    let programs: URL
    /// How many visits are pushed and pulled.
    private(set) var visitCount = 10_000
    /// How often each measurement is taken, at least.
    private(set) var turnCount = 5
    /// How many rows the made-up file has.
    private(set) var rowCount = 1_000_000
    /// How many visits the town has; people and places in proportion.
    private(set) var townCount = 100_000
    /// The only rows that are measured; nil for all.
    private(set) var only: Part?
    /// A real list of visits; nil where no folder of real data is given.
    let visitsFile: String?

    init(_ arguments: [String]) throws(UsageError) {
        guard let folder = arguments.first, !folder.hasPrefix("-"), arguments.count % 2 == 1 else {
            throw UsageError(description: Self.usage)
        }
        programs = URL(fileURLWithPath: folder, isDirectory: true)
        let data = ProcessInfo.processInfo.environment["KITH_TEST_DATA"] ?? ""
        visitsFile = data.isEmpty ? nil : "\(data)/\(Self.visits)"
        if let visitsFile, !FileManager.default.fileExists(atPath: visitsFile) {
            throw UsageError(description: "KITH_TEST_DATA names a folder without \(Self.visits).")
        }
        for index in stride(from: 1, to: arguments.count, by: 2) {
            if arguments[index] == "--only" {
                guard let part = Part(rawValue: arguments[index + 1]) else {
                    throw UsageError(description: Self.usage)
                }
                only = part
                continue
            }
            guard let number = Int(arguments[index + 1]) else { throw UsageError(description: Self.usage) }
            switch arguments[index] {
            case "--visits" where (1...Self.largestVisitCount).contains(number): visitCount = number
            case "--rows" where (1...Self.largestVisitCount).contains(number): rowCount = number
            case "--town" where (Self.smallestTown...Self.largestVisitCount).contains(number): townCount = number
            case "--turns" where number >= Self.smallestTurnCount: turnCount = number
            default: throw UsageError(description: "\(Self.usage), at least \(Self.smallestTurnCount) turns")
            }
        }
        for name in ["kith", "kith-server", "kith-bench-floor"]
        where !FileManager.default.isExecutableFile(atPath: program(name)) {
            throw UsageError(description: "There is no program \(program(name)). Build it first: make release")
        }
    }

    /// Whether these rows are to be measured.
    func measures(_ part: Part) -> Bool { only == nil || only == part }

    /// The path of a built program.
    func program(_ name: String) -> String { programs.appendingPathComponent(name).path }
}
