import Foundation
import Terminal

/// Takes all measurements in turns, so that a busy moment of the machine falls on everything alike.
struct Benchmark {
    private static let resultsFolder = "bench-out"
    private static let tableWidth = 200

    private let settings: BenchmarkSettings

    init(settings: BenchmarkSettings) { self.settings = settings }

    /// Measures, prints the tables and writes the results.
    ///
    /// - Returns: false where something could not be measured to its end; what it was is printed.
    func run() throws -> Bool {
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
        let stage = try Stage(settings: settings, scratch: scratch)
        if settings.peersFolder == nil { note("No peers: rows are judged by the plain floor. Give them: PEERS=FOLDER") }
        let rows = RowRun(Self.rows.filter { $0.isWanted(settings) }, stage: stage)
        rows.run(turnCount: settings.turnCount)
        var results = Results()
        let failures = rows.failures + measureParts(stage, &results)
        try report(
            BenchmarkReport(findings: rows.findings, failures: failures, machine: machine, stage: stage), results)
        return failures.isEmpty
    }

    /// All rows, in the order in which a turn measures them.
    private static var rows: [any BenchmarkRow] {
        [
            AddRow(), WriteRow(), PushRow(), EditRow(), MergeRow(), DurableRow(), RushRow(), QuietRow(), IdleRow(),
            SlowLineRow(), VisitBytesRow(), GrowthRow(), HistoryRow(), BuildRow(),
        ]
    }

    // MARK: Imports and lists

    private func measureParts(_ stage: Stage, _ results: inout Results) -> [RowRun.Failure] {
        var failures: [RowRun.Failure] = []
        func attempt(_ part: BenchmarkSettings.Part, _ body: () throws -> Void) {
            guard settings.measures(part) else { return }
            do {
                try body()
            } catch {
                note("\(part.rawValue) failed: \(error)")
                failures.append(RowRun.Failure(row: part.rawValue, reason: "\(error)"))
            }
        }
        attempt(.import) { try measureImport(stage, &results) }
        attempt(.lists) { try measureLists(stage, &results.lists) }
        attempt(.large) { try measureLargeFile(stage, &results) }
        attempt(.fairness) { try measureFairness(stage, &results.fairness) }
        return failures
    }

    private func measureImport(_ stage: Stage, _ results: inout Results) throws {
        guard let visits = settings.visitsFile else {
            return note("No real data: the rows about 10,718 visits are left out. Give them: make bench DATA=FOLDER")
        }
        for number in 1...settings.turnCount {
            note("Import, turn \(number) of \(settings.turnCount)")
            try stage.onCopy(of: stage.emptyOffice()) { office in
                try ImportTurn(settings: settings, office: office, source: visits, scratch: stage.scratch).run(&results)
            }
        }
    }

    /// Nothing in it writes.
    private func measureLists(_ stage: Stage, _ lists: inout [Measurement]) throws {
        note("Preparing a town with \(settings.townCount) visits")
        let turn = try ListTurn(
            settings: settings, office: stage.copy(stage.emptyOffice()), scratch: stage.scratch)
        lists = turn.measurements
        for number in 1...settings.turnCount {
            note("Lists, turn \(number) of \(settings.turnCount)")
            try turn.run(&lists)
        }
    }

    /// Once, for it takes long: a made-up file, on a laptop.
    private func measureLargeFile(_ stage: Stage, _ results: inout Results) throws {
        note("Importing \(settings.rowCount) rows")
        try stage.onCopy(of: stage.emptyOffice()) { office in
            let file = office.folder.appendingPathComponent("made-up.csv").path
            try ImportTurn.writeRows(settings.rowCount, to: file)
            try ImportTurn(settings: settings, office: office, source: file, scratch: stage.scratch)
                .runLarge(&results.large)
        }
    }

    private func measureFairness(_ stage: Stage, _ measurement: inout Measurement) throws {
        for number in 1...settings.turnCount {
            note("Fairness, turn \(number) of \(settings.turnCount)")
            try FairnessTurn(settings: settings, scratch: stage.scratch).run(&measurement)
        }
    }

    // MARK: Report

    private func report(_ report: BenchmarkReport, _ results: Results) throws {
        if !report.findings.isEmpty { print(report.table.text(width: Self.tableWidth)) }
        let measured = results.all.filter { !$0.ours.values.isEmpty }
        if !measured.isEmpty {
            var table = Table([
                .init("measured"), .init("ms", .right), .init("floor"), .init("ms", .right), .init("ratio", .right),
                .init("target", .right), .init("", .left), .init("MB", .right),
            ])
            for measurement in measured {
                for row in measurement.rows { table.add(row) }
            }
            print(table.text(width: Self.tableWidth))
        }
        print(report.summary)
        try FileManager.default.createDirectory(atPath: Self.resultsFolder, withIntermediateDirectories: true)
        let path = Self.resultsFolder + "/results.json"
        try (report.json(results.all).encoded() + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        print("Written to \(path)")
        if settings.only.isEmpty, !settings.isQuick {
            try PerformancePage().write(report, measured)
            print("Written to \(PerformancePage.path)")
        }
    }

    private func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}

/// What imports and lists took.
struct Results {
    private static let importFloor = "reading and inserting in C"

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
    var fairness = FairnessTurn.measurement

    var all: [Measurement] { [laptopImport, serverImport, export, pushImport, pullImport, large, fairness] + lists }
}
