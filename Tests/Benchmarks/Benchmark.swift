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
    private static let tableWidth = 130
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
        let empty = try sample.copy(to: scratch.appendingPathComponent("empty", isDirectory: true))
        if settings.measures(.sync) || settings.measures(.import) { try sample.writeVisits(settings.visitCount) }
        let plain = try PlainTable(laptop: sample.sender)
        var results = Results(visitCount: settings.visitCount)
        let turns = settings.only == .large || settings.only == .lists ? [] : Array(1...settings.turnCount)
        for turn in turns {
            note("Turn \(turn) of \(settings.turnCount)")
            let folder = scratch.appendingPathComponent("turn", isDirectory: true)
            if settings.measures(.sync) {
                let turn = Turn(
                    settings: settings, office: try sample.copy(to: folder), plain: plain, scratch: scratch)
                try turn.run(shortRuns: Self.shortRunCount, &results)
                try FileManager.default.removeItem(at: folder)
            }
            guard settings.measures(.import), let visits = settings.visitsFile else { continue }
            let office = try empty.copy(to: folder)
            try ImportTurn(settings: settings, office: office, source: visits, scratch: scratch).run(&results)
            try FileManager.default.removeItem(at: folder)
        }
        if settings.visitsFile == nil {
            note("No real data: the rows about 10,718 visits are left out. Give them: make bench DATA=FOLDER")
        }
        if settings.measures(.lists) { try measureLists(empty, scratch, &results.lists) }
        if settings.measures(.large) { try measureLargeFile(empty, scratch, &results) }
        try report(results, machine)
    }

    /// In turns of its own: nothing in it writes.
    private func measureLists(_ empty: SampleOffice, _ scratch: URL, _ lists: inout [Measurement]) throws {
        note("Preparing a town with \(settings.townCount) visits")
        let office = try empty.copy(to: scratch.appendingPathComponent("town", isDirectory: true))
        let turn = try ListTurn(settings: settings, office: office, scratch: scratch)
        lists = turn.measurements
        for number in 1...settings.turnCount {
            note("Lists, turn \(number) of \(settings.turnCount)")
            try turn.run(&lists)
        }
    }

    /// Once, for it takes long: a made-up file, on a laptop.
    private func measureLargeFile(_ empty: SampleOffice, _ scratch: URL, _ results: inout Results) throws {
        note("Importing \(settings.rowCount) rows")
        let office = try empty.copy(to: scratch.appendingPathComponent("large", isDirectory: true))
        let file = office.folder.appendingPathComponent("made-up.csv").path
        try ImportTurn.writeRows(settings.rowCount, to: file)
        try ImportTurn(settings: settings, office: office, source: file, scratch: scratch).runLarge(&results.large)
    }

    private func report(_ results: Results, _ machine: Machine) throws {
        var table = Table([
            .init("measured"), .init("ms", .right), .init("floor"), .init("ms", .right), .init("ratio", .right),
            .init("target", .right), .init("", .left), .init("MB", .right),
        ])
        for measurement in results.all where !measurement.ours.milliseconds.isEmpty {
            for row in measurement.rows { table.add(row) }
        }
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
    private static let importFloor = "reading and inserting in C"
    private static let bulkFloors = ["inserts in one transaction", "sqlite3 shell, one transaction"]

    var add: Measurement
    var push: Measurement
    var pull: Measurement
    var idle: Measurement
    var laptopImport = Measurement("kith import, 10,718 visits", floors: [Self.importFloor], target: 3)
    var serverImport = Measurement(
        "kith-server import, 10,718 visits", floors: [Self.importFloor], target: 3)
    var export = Measurement("kith export, what was imported", floors: ["sqlite3 .mode csv"], target: 3)
    var pushImport = Measurement(
        "kith sync, push of it", floors: [Self.importFloor, "inserts in one transaction"], target: 3)
    var pullImport = Measurement(
        "kith sync, pull of it", floors: [Self.importFloor, "inserts in one transaction"], target: 3)
    /// What a person reads.
    var lists: [Measurement] = []
    var large = Measurement("kith import, made-up file, once", floors: [Self.importFloor])

    init(visitCount: Int) {
        add = Measurement("kith visit add, \(visitCount) there", floors: ["sqlite3 shell, one insert"], target: 2)
        push = Measurement("kith sync, push of \(visitCount)", floors: Self.bulkFloors)
        pull = Measurement("kith sync, pull of \(visitCount)", floors: Self.bulkFloors)
        idle = Measurement("kith sync, nothing to say", floors: ["sqlite3 shell, select 1"])
    }

    var all: [Measurement] {
        [
            add, push, pull, idle, laptopImport, serverImport, export, pushImport, pullImport, large,
        ] + lists
    }
}
