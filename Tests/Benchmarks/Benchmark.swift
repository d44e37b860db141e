import Foundation
import Terminal

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Takes all measurements in turns, so that a busy moment of the machine falls on everything alike.
struct Benchmark {
    private static let resultsFolder = "bench-out"
    private static let tableWidth = 120
    /// How often the short commands are run in each turn.
    private static let shortRunCount = 5

    private let settings: BenchmarkSettings

    init(settings: BenchmarkSettings) { self.settings = settings }

    /// Measures, prints the table and writes the results.
    func run() throws {
        let scratch = FileManager.default.temporaryDirectory
            .appendingPathComponent("kith-bench.\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(at: scratch)
            } catch {
                note("\(scratch.path) can't be removed: \(error)")
            }
        }
        let machine = try Machine(scratch: scratch)
        note("Preparing \(settings.visitCount) visits")
        let template = scratch.appendingPathComponent("template", isDirectory: true)
        let sample = try SampleOffice.make(in: template, settings: settings, scratch: scratch)
        let plain = try PlainTable(laptop: sample.sender)
        var results = Results(visitCount: settings.visitCount)
        for turn in 1...settings.turnCount {
            note("Turn \(turn) of \(settings.turnCount)")
            let folder = scratch.appendingPathComponent("turn", isDirectory: true)
            let turn = Turn(
                settings: settings, office: try sample.copy(to: folder), plain: plain, scratch: scratch)
            try turn.run(shortRuns: Self.shortRunCount, &results)
            try FileManager.default.removeItem(at: folder)
        }
        try report(results, machine)
    }

    private func report(_ results: Results, _ machine: Machine) throws {
        var table = Table([
            .init("measured"), .init("ms", .right), .init("floor"), .init("ms", .right), .init("ratio", .right),
        ])
        for measurement in results.all { for row in measurement.rows { table.add(row) } }
        print(table.text(width: Self.tableWidth))
        print("Medians of \(settings.turnCount) or more. \(machine.line)")
        let json: JSONValue = [
            "machine": machine.json, "visits": JSONValue(settings.visitCount), "turns": JSONValue(settings.turnCount),
            "measurements": .array(results.all.map(\.json)),
        ]
        try FileManager.default.createDirectory(atPath: Self.resultsFolder, withIntermediateDirectories: true)
        let path = Self.resultsFolder + "/results.json"
        try (json.encoded() + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        print("Written to \(path)")
    }

    private func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}

/// Everything that is measured.
struct Results {
    private static let bulkFloors = ["inserts in one transaction", "sqlite3 shell, one transaction"]

    var add: Measurement
    var push: Measurement
    var pull: Measurement
    var idle: Measurement

    init(visitCount: Int) {
        add = Measurement("kith visit add, \(visitCount) there", floors: ["sqlite3 shell, one insert"])
        push = Measurement("kith sync, push of \(visitCount)", floors: Self.bulkFloors)
        pull = Measurement("kith sync, pull of \(visitCount)", floors: Self.bulkFloors)
        idle = Measurement("kith sync, nothing to say", floors: ["sqlite3 shell, select 1"])
    }

    var all: [Measurement] { [add, push, pull, idle] }
}
