import Database
import Foundation
import KithClient

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One turn of an import and what follows from it: export, push, pull; each with its floor right after it.
struct ImportTurn {
    private static let options = [
        "--map", "SweepID=external_id", "--map", "SweepDate=started", "--map", "SweepLocation=place", "--map",
        "SweepType=kind", "--create-places", "--quiet",
    ]
    /// How many bytes of a made-up file are written at once.
    private static let pieceBytes = 1 << 20

    let settings: BenchmarkSettings
    let office: SampleOffice
    /// The list of visits.
    let source: String
    let scratch: URL

    private var streams: ChildProcess.Streams { ChildProcess.Streams(folder: scratch) }
    private var senderDatabase: String { HomeFolder(path: office.sender.path).databasePath }

    /// Writes a file with as many visits as asked for, which nobody made.
    static func writeRows(_ count: Int, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw ChildProcess.Failure(description: "\(path) can't be written.") }
        var text = "SweepID,SweepDate,SweepLocation,SweepType,Weather,Notes\n"
        for row in 0..<count {
            let (month, day) = (1 + row % 12, 1 + row % 28)
            text += "M\(row),20\(10 + row % 15)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day),"
            text += "Site \(row % 997),Walk,\(row % 2 == 0 ? "dry" : "rain"),\"Tea with \(row % 7), and talk \(row)\"\n"
            if text.utf8.count >= pieceBytes || row == count - 1 {
                try file.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try file.close()
    }

    func run(_ results: inout Results) throws {
        let file = office.folder.appendingPathComponent("visits.csv").path
        try FileManager.default.copyItem(atPath: source, toPath: file)
        try importFile(file, &results.laptopImport, isServer: false)
        try export(&results.export)
        try serverImport(file, &results.serverImport)
        let plain = try PlainTable(laptop: office.sender, tables: ["visit", "place"])
        let server = try ServerProcess(
            program: settings.program("kith-server"), office: office.office, scratch: scratch)
        do {
            try results.pushImport.ours.add(sync(office.sender))
            try results.pushImport.floors[0].samples.add(plain.insertInProcess(path("push-import.sqlite")))
            settle()
            try results.pullImport.ours.add(sync(office.receiver))
            try results.pullImport.floors[0].samples.add(plain.insertInProcess(path("pull-import.sqlite")))
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
        try checkArrival()
    }

    /// The import alone.
    func runLarge(_ measurement: inout Measurement) throws {
        try importFile(source, &measurement, isServer: false)
    }

    // MARK: Import

    private func importFile(_ file: String, _ measurement: inout Measurement, isServer: Bool) throws {
        settle()
        let database = isServer ? office.office.appendingPathComponent("hub.sqlite").path : senderDatabase
        let words = ["import", "visits", file] + Self.options
        let child = try Stopwatch.run {
            isServer
                ? try ChildProcess(
                    settings.program("kith-server"), words + ["--data", office.office.path], streams: streams)
                : try ChildProcess(
                    settings.program("kith"), words, environment: ["KITH_HOME": office.sender.path], streams: streams)
        }
        measurement.ours.add(child.milliseconds)
        measurement.peakBytes = max(measurement.peakBytes, child.peakBytes)
        let floor = path(isServer ? "server-floor.sqlite" : "laptop-floor.sqlite")
        try prepareFloor(floor, like: database)
        settle()
        let plain = try Stopwatch.run {
            try ChildProcess(settings.program("kith-bench-floor"), [floor, file], streams: streams)
        }
        measurement.floors[0].samples.add(plain.milliseconds)
        try FileManager.default.removeItem(atPath: floor)
        try check(database)
    }

    /// The server imports into a copy: the office itself gets the rows from the laptop later.
    private func serverImport(_ file: String, _ measurement: inout Measurement) throws {
        let copy = SampleOffice(folder: office.folder.appendingPathComponent("beside", isDirectory: true))
        try FileManager.default.createDirectory(at: copy.folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: office.office, to: copy.office)
        try ImportTurn(settings: settings, office: copy, source: source, scratch: scratch)
            .importFile(file, &measurement, isServer: true)
    }

    /// Makes an empty database with the same tables and indexes.
    private func prepareFloor(_ path: String, like source: String) throws {
        let ours = try Database(path: source, mode: .readOnly, applicationID: Laptop.applicationID)
        let statements = try ours.query(
            """
            SELECT sql FROM sqlite_schema
            WHERE tbl_name IN ('visit', 'place') AND type IN ('table', 'index') AND sql NOT NULL ORDER BY type DESC
            """)
        let database = try Database(path: path, mode: .readWrite(create: true), applicationID: Laptop.applicationID)
        for case .text(let sql) in statements.compactMap(\.first) { try database.execute(sql) }
        try database.checkpoint(.truncate)
    }

    /// A number is worth nothing where the rows are not there.
    private func check(_ path: String) throws {
        let database = try Database(path: path, mode: .readOnly, applicationID: Laptop.applicationID)
        guard try database.integer("SELECT count(*) FROM visit WHERE living = 1") ?? 0 > 0 else {
            throw ChildProcess.Failure(description: "Nothing was imported.")
        }
    }

    // MARK: Export, push, pull

    private func export(_ measurement: inout Measurement) throws {
        let ours = try Stopwatch.run {
            try ChildProcess(
                settings.program("kith"), ["export", "visits"], environment: ["KITH_HOME": office.sender.path],
                streams: streams)
        }
        measurement.ours.add(ours.milliseconds)
        measurement.peakBytes = max(measurement.peakBytes, ours.peakBytes)
        let columns = """
            hex(id), hex(place), hex(person), started, ended, kind, kind_other, purpose, summary, reflection, outcome,
            outcome_other, headcount, external_id, extra
            """
        let plain = try Stopwatch.run {
            try ChildProcess(
                "sqlite3",
                ["-batch", "-bail", "-readonly", "-csv", "-header", senderDatabase]
                    + ["SELECT \(columns) FROM visit WHERE living = 1 ORDER BY id"], streams: streams)
        }
        measurement.floors[0].samples.add(plain.milliseconds)
    }

    private func sync(_ laptop: URL) throws -> Double {
        try Stopwatch.run {
            try ChildProcess(
                settings.program("kith"), ["sync"], environment: ["KITH_HOME": laptop.path], streams: streams)
        }.milliseconds
    }

    private func checkArrival() throws {
        let counts = try [office.sender, office.receiver].map {
            try SampleOffice.database(of: $0).integer("SELECT count(*) FROM visit WHERE living = 1")
        }
        guard counts[0] == counts[1] else {
            throw ChildProcess.Failure(description: "Not all imported visits arrived.")
        }
    }

    private func path(_ name: String) -> String { office.folder.appendingPathComponent(name).path }

    /// Lets the disk finish what was copied and prepared, so that no measurement waits for it.
    private func settle() {
        #if canImport(Darwin)
            Darwin.sync()
        #else
            Glibc.sync()
        #endif
    }
}
