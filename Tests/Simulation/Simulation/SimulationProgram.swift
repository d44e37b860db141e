import Dispatch
import Synchronization
import Terminal

/// `kith-simulate`: the engine under everything that can go wrong, from seeds.
package enum SimulationProgram {
    private static let largestSeedCount = 10_000_000
    private static let largestThreadCount = 64

    /// Runs the command line of this process.
    package static func run() -> Int32 {
        program.runProcess(makeContext: { _, console in console }, describe: failure).rawValue
    }

    /// Runs a command line on other streams.
    static func run(_ words: [String], streams: TerminalStreams) -> ExitCode {
        program.run(words, streams: streams, makeContext: { _, console in console }, describe: failure)
    }

    private static let program = Program(version: "1", root: command)

    private static func failure(_ error: any Error) -> CommandFailure {
        CommandFailure(exitCode: .failed, message: "\(error)")
    }

    private static let command = Command<Console>(
        name: "kith-simulate", summary: "Runs the engine under everything that can go wrong, and checks its promises.",
        discussion: """
            Each seed is an office with 2 to 8 laptops, 50 to 500 operations, a bad network, wrong clocks, crashes and \
            failing disks. At rest a naive model says what must be true.
            """,
        example: "kith-simulate --seeds 1000",
        options: [
            .integer("seeds", in: 1...largestSeedCount, "How many seeds (without: 500)."),
            .integer("first", in: 0...Int(Int32.max), "The first seed (without: 0)."),
            .integer("threads", in: 1...largestThreadCount, "How many run at once (without: 2)."),
            .integer("replay", in: 0...Int(Int32.max), "Runs one seed and says what happened."),
            .text("planted", "NAME", "Runs with a planted mistake; only in a build that has them."),
            .flag("find", "Stops at the first seed that fails and prints it alone."),
            .flag("list-planted", "Lists the planted mistakes of this build."),
            .text("operations", "LIST", "With --replay: the operations to do, as 0-4,9,12."),
            .flag("agreement", "Compares with worlds of the merge model from standard input."),
        ],
        run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ console: Console) throws {
        if arguments.hasFlag("list-planted") {
            for name in PlantedChoice.names { try console.show(name) }
            return
        }
        if let name = arguments.value(of: "planted") { try PlantedChoice.choose(name) }
        if let seed = arguments.integer(of: "replay") {
            return try replay(UInt64(seed), arguments.value(of: "operations"), console)
        }
        guard arguments.value(of: "operations") == nil else {
            throw CommandFailure(
                exitCode: .usage, message: "--operations says what of one seed is done: it needs --replay. Nothing ran."
            )
        }
        if arguments.hasFlag("agreement") {
            return try Agreement(threadCount: arguments.integer(of: "threads") ?? 2).run(console)
        }
        let count = arguments.integer(of: "seeds") ?? 500
        let first = arguments.integer(of: "first") ?? 0
        let campaign = Campaign(first: first, count: count, threadCount: arguments.integer(of: "threads") ?? 2)
        if arguments.hasFlag("find") { return try campaign.find(console) }
        try campaign.run(console)
    }

    private static func replay(_ seed: UInt64, _ list: String?, _ console: Console) throws {
        let operations = try list.map { try OperationList.read($0) }
        var lines: [String] = []
        let outcome = try Simulation(number: 0).run(seed: seed, operations: operations) { lines.append($0) }
        for line in lines { try console.show(line) }
        try console.show(
            "seed \(seed), \(outcome.operationCount) operations, trace \(String(outcome.trace, radix: 16))")
        for finding in outcome.findings { try console.show(finding) }
        guard outcome.findings.isEmpty else {
            throw CommandFailure(exitCode: .failed, message: "Seed \(seed) fails.")
        }
    }
}

/// Lists of operations as words: `0-4,9,12`.
enum OperationList {
    static func read(_ text: String) throws(CommandFailure) -> [Int] {
        var numbers: [Int] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                last < Settings.operationCounts.upperBound + 1
            else {
                throw CommandFailure(
                    exitCode: .usage, message: "--operations is a list of numbers and ranges, as 0-4,9,12. Nothing ran."
                )
            }
            numbers += first...last
        }
        return numbers
    }

    static func write(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
