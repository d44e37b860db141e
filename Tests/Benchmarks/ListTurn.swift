import Foundation
import KithClient
import OutreachModel

/// What a person reads on a laptop with years of work: each command as a whole process, beside the bare query.
struct ListTurn {
    /// The memory in bytes that a command may take.
    private static let memoryLimitBytes = 64 << 20
    /// The time in milliseconds that a command may take.
    private static let limitMilliseconds = 100.0
    private static let largestRatio = 5.0

    let settings: BenchmarkSettings
    let laptop: URL
    let scratch: URL
    private let cases: [ListCase]
    private var streams: ChildProcess.Streams { ChildProcess.Streams(folder: scratch) }

    /// Makes a laptop that fetched a whole town from its office, with a full index for searching.
    init(settings: BenchmarkSettings, office: SampleOffice, scratch: URL) throws {
        (self.settings, self.scratch) = (settings, scratch)
        laptop = office.receiver
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1_000)
        let today = LocalTime().moment(atMilliseconds: milliseconds).date
        cases = ListCase.all(today: today)
        try office.writeTown(settings.townCount, today: today, milliseconds: milliseconds)
        let streams = streams
        let server = try ServerProcess(
            program: settings.program("kith-server"), office: office.office, scratch: scratch)
        do {
            for laptop in [office.sender, office.receiver] {
                try ChildProcess.run(
                    settings.program("kith"), ["sync"], environment: ["KITH_HOME": laptop.path], streams: streams)
            }
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
        try kith(["search", SampleTown.rareWord]).finish()
    }

    /// An empty measurement for each command.
    var measurements: [Measurement] {
        cases.map { listCase in
            var measurement = Measurement(listCase.name, floors: ["the query in the shell"], target: Self.largestRatio)
            measurement.limitBytes = Self.memoryLimitBytes
            if !listCase.isWhole { measurement.limitMilliseconds = Self.limitMilliseconds }
            return measurement
        }
    }

    /// Measures each once.
    func run(_ measurements: inout [Measurement]) throws {
        let database = HomeFolder(path: laptop.path).databasePath
        let script = scratch.appendingPathComponent("list.sql").path
        for (index, listCase) in cases.enumerated() {
            if measurements[index].peakBytes == 0 {
                measurements[index].peakBytes = try kith(listCase.arguments).finishWatchingMemory()
            }
            try (listCase.query + ";\n").write(toFile: script, atomically: false, encoding: .utf8)
            var reading = streams
            reading.input = script
            try measurements[index].ours.add(Stopwatch.milliseconds { try kith(listCase.arguments).finish() })
            try measurements[index].floors[0].samples.add(
                Stopwatch.milliseconds {
                    try ChildProcess("sqlite3", ["-batch", "-bail", "-readonly", database], streams: reading).finish()
                })
        }
    }

    private func kith(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            settings.program("kith"), arguments, environment: ["KITH_HOME": laptop.path], streams: streams)
    }
}
