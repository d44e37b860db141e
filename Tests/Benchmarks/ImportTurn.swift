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
        if results.laptopImport.peakBytes == 0 {
            try onCopies { copy in results.laptopImport.peakBytes = try copy.laptopImport(file).finishWatchingMemory() }
            try onCopies { copy in results.serverImport.peakBytes = try copy.serverImport(file).finishWatchingMemory() }
        }
        try time(&results.laptopImport, file, like: senderDatabase) { try laptopImport(file) }
        try export(&results.export)
        try onCopies { copy in
            let database = copy.office.office.appendingPathComponent("hub.sqlite").path
            try copy.time(&results.serverImport, file, like: database) { try copy.serverImport(file) }
        }
        let plain = try PlainTable(laptop: office.sender, tables: ["visit", "place"])
        let server = try ServerProcess(
            program: settings.program("kith-server"), office: office.office, scratch: scratch)
        do {
            try results.pushImport.ours.add(sync(office.sender))
            try addFloors(to: &results.pushImport, plain, file)
            try results.pullImport.ours.add(sync(office.receiver))
            try addFloors(to: &results.pullImport, plain, file)
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
        try checkArrival()
    }

    /// The import alone, once.
    func runLarge(_ measurement: inout Measurement) throws {
        settle()
        var peak = 0
        try measurement.ours.add(
            Stopwatch.milliseconds { peak = try laptopImport(source).finishWatchingMemory() })
        measurement.peakBytes = peak
        try measurement.floors[0].samples.add(floor(source, like: senderDatabase))
    }

    // MARK: Import

    private func laptopImport(_ file: String) throws -> ChildProcess {
        try ChildProcess(
            settings.program("kith"), ["import", "visits", file] + Self.options,
            environment: ["KITH_HOME": office.sender.path], streams: streams)
    }

    private func serverImport(_ file: String) throws -> ChildProcess {
        try ChildProcess(
            settings.program("kith-server"),
            ["import", "visits", file, "--data", office.office.path] + Self.options, streams: streams)
    }

    /// Works on copies of the folders, which go away again: the office itself gets the rows from the laptop.
    private func onCopies(_ body: (ImportTurn) throws -> Void) throws {
        let copy = SampleOffice(folder: office.folder.appendingPathComponent("beside", isDirectory: true))
        try FileManager.default.createDirectory(at: copy.folder, withIntermediateDirectories: true)
        for (from, to) in [(office.office, copy.office), (office.receiver, copy.sender)] {
            try FileManager.default.copyItem(at: from, to: to)
        }
        try body(ImportTurn(settings: settings, office: copy, source: source, scratch: scratch))
        try FileManager.default.removeItem(at: copy.folder)
    }

    private func time(
        _ measurement: inout Measurement, _ file: String, like database: String, _ start: () throws -> ChildProcess
    ) throws {
        settle()
        try measurement.ours.add(Stopwatch.milliseconds { try start().finish() })
        try check(database)
        try measurement.floors[0].samples.add(floor(file, like: database))
    }

    /// How long C takes, in milliseconds, for tables like those of a database.
    private func floor(_ file: String, like database: String) throws -> Double {
        let floor = path("floor.sqlite")
        try prepareFloor(floor, like: database)
        settle()
        let time = try Stopwatch.milliseconds {
            try ChildProcess(settings.program("kith-bench-floor"), [floor, file], streams: streams).finish()
        }
        guard try visitCount(floor) == visitCount(database) else {
            throw ChildProcess.Failure(description: "The floor has not inserted the same rows.")
        }
        for end in ["", "-wal", "-shm", "-lock"] where FileManager.default.fileExists(atPath: floor + end) {
            try FileManager.default.removeItem(atPath: floor + end)
        }
        return time
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
        guard try visitCount(path) > 0 else { throw ChildProcess.Failure(description: "Nothing was imported.") }
    }

    private func visitCount(_ path: String) throws -> Int64 {
        let database = try Database(path: path, mode: .readOnly, applicationID: Laptop.applicationID)
        return try database.integer("SELECT count(*) FROM visit WHERE living = 1") ?? 0
    }

    // MARK: Export, push, pull

    private func export(_ measurement: inout Measurement) throws {
        try measurement.ours.add(
            Stopwatch.milliseconds {
                try ChildProcess(
                    settings.program("kith"), ["export", "visits"], environment: ["KITH_HOME": office.sender.path],
                    streams: streams
                ).finish()
            })
        let columns = """
            hex(id), hex(place), hex(person), started, ended, kind, kind_other, purpose, summary, reflection, outcome,
            outcome_other, headcount, external_id, extra
            """
        try measurement.floors[0].samples.add(
            Stopwatch.milliseconds {
                try ChildProcess(
                    "sqlite3",
                    ["-batch", "-bail", "-readonly", "-csv", "-header", senderDatabase]
                        + ["SELECT \(columns) FROM visit WHERE living = 1 ORDER BY id"], streams: streams
                ).finish()
            })
    }

    private func sync(_ laptop: URL) throws -> Double {
        try Stopwatch.milliseconds {
            try ChildProcess(
                settings.program("kith"), ["sync"], environment: ["KITH_HOME": laptop.path], streams: streams
            ).finish()
        }
    }

    /// Reading and inserting in C, and the inserts alone in this process.
    private func addFloors(to measurement: inout Measurement, _ plain: PlainTable, _ file: String) throws {
        try measurement.floors[0].samples.add(floor(file, like: senderDatabase))
        let database = path("plain.sqlite")
        try measurement.floors[1].samples.add(plain.insertInProcess(database))
        for end in ["", "-wal", "-shm", "-lock"] where FileManager.default.fileExists(atPath: database + end) {
            try FileManager.default.removeItem(atPath: database + end)
        }
        settle()
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
