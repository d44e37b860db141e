import Database
import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One turn: each measurement with its floors right after it, on fresh copies.
struct Turn {
    let settings: BenchmarkSettings
    let office: SampleOffice
    let plain: PlainTable
    let scratch: URL

    private var streams: ChildProcess.Streams { ChildProcess.Streams(folder: scratch) }

    func run(shortRuns: Int, _ results: inout Results) throws {
        settle()
        let server = try ServerProcess(
            program: settings.program("kith-server"), office: office.office, scratch: scratch)
        do {
            try results.push.ours.add(sync(office.sender))
            try addBulkFloors(to: &results.push, name: "push")
            try results.pull.ours.add(sync(office.receiver))
            try addBulkFloors(to: &results.pull, name: "pull")
            try checkArrival()
            for _ in 0..<shortRuns {
                try results.idle.ours.add(sync(office.receiver))
                try results.idle.floors[0].samples.add(shell([path("push-shell.sqlite"), "select 1"]))
            }
            try addVisits(shortRuns, &results.add)
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
    }

    // MARK: Ours

    private func sync(_ laptop: URL) throws -> Double {
        try kith(["sync"], laptop: laptop)
    }

    private func kith(_ arguments: [String], laptop: URL) throws -> Double {
        try Stopwatch.milliseconds {
            try ChildProcess(
                settings.program("kith"), arguments, environment: ["KITH_HOME": laptop.path], streams: streams
            ).finish()
        }
    }

    private func addVisits(_ count: Int, _ measurement: inout Measurement) throws {
        let table = path("add.sqlite")
        try plain.insertInProcess(table)
        let script = path("add.sql")
        try plain.prepareOneRow(script: script)
        settle()
        for _ in 0..<count {
            try measurement.ours.add(
                kith(
                    [
                        "visit", "add", SampleOffice.place, "2026-11-22 14:30", "--summary", "Tea with the residents.",
                        "--no-input",
                    ], laptop: office.sender))
            try measurement.floors[0].samples.add(shell([table], input: script))
        }
    }

    /// A number is worth nothing where not everything arrived.
    private func checkArrival() throws {
        let database = try SampleOffice.database(of: office.receiver)
        let count = try database.integer("SELECT count(*) FROM visit WHERE living = 1") ?? 0
        guard count == Int64(settings.visitCount) else {
            throw ChildProcess.Failure(description: "\(count) of \(settings.visitCount) visits arrived.")
        }
    }

    // MARK: Floors

    private func addBulkFloors(to measurement: inout Measurement, name: String) throws {
        try measurement.floors[0].samples.add(plain.insertInProcess(path("\(name)-process.sqlite")))
        let (database, script) = (path("\(name)-shell.sqlite"), path("\(name).sql"))
        try plain.prepareShell(database: database, script: script)
        settle()
        try measurement.floors[1].samples.add(shell([database], input: script))
    }

    private func shell(_ arguments: [String], input: String? = nil) throws -> Double {
        var streams = streams
        if let input { streams.input = input }
        return try Stopwatch.milliseconds {
            try ChildProcess("sqlite3", ["-batch", "-bail"] + arguments, streams: streams).finish()
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
