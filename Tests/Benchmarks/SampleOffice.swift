import Database
import Foundation
import KithClient
import OutreachModel
import SyncCore
import SyncReplica

/// The folders of one office before anything was synced: the server's, a laptop full of unsent visits, an empty laptop.
///
/// It is made once; each turn works on a copy.
struct SampleOffice {
    /// The place that all visits are at.
    static let place = "Castle House"

    let folder: URL

    var office: URL { folder.appendingPathComponent("office", isDirectory: true) }
    var sender: URL { folder.appendingPathComponent("sender", isDirectory: true) }
    var receiver: URL { folder.appendingPathComponent("receiver", isDirectory: true) }

    /// The database of a laptop.
    static func database(of laptop: URL) throws -> Database {
        try Database(
            path: HomeFolder(path: laptop.path).databasePath, mode: .readOnly, applicationID: Laptop.applicationID)
    }

    /// Sets everything up with the built programs.
    static func make(in folder: URL, settings: BenchmarkSettings, scratch: URL) throws -> SampleOffice {
        let sample = SampleOffice(folder: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let streams = ChildProcess.Streams(folder: scratch)
        let program = settings.program("kith-server")
        try ChildProcess.run(program, ["init", "--data", sample.office.path, "--area", "main"], streams: streams)
        let server = try ServerProcess(program: program, office: sample.office, scratch: scratch)
        do {
            for laptop in [sample.sender, sample.receiver] {
                let name = laptop.lastPathComponent
                let invite = ["invite", "--data", sample.office.path, "--name", name, "--role", "worker"]
                let code = try ChildProcess.run(program, invite, streams: streams)
                var joining = streams
                joining.input = scratch.appendingPathComponent("code").path
                try code.write(toFile: joining.input, atomically: false, encoding: .utf8)
                try ChildProcess.run(
                    settings.program("kith"), ["join", "-", "--device", name],
                    environment: ["KITH_HOME": laptop.path], streams: joining)
            }
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
        return sample
    }

    /// Copies everything to a new folder.
    func copy(to folder: URL) throws -> SampleOffice {
        try FileManager.default.copyItem(at: self.folder, to: folder)
        return SampleOffice(folder: folder)
    }

    /// Fills the first laptop, in process, each visit as a group of its own.
    func writeVisits(_ count: Int) throws {
        let first: Int64 = 1_767_258_000_000
        var milliseconds = first
        let laptop = try Laptop(home: HomeFolder(path: sender.path), creating: false, clock: { milliseconds })
        // Nothing is measured here, so nothing needs to be on the disk before the end.
        try laptop.database.execute("PRAGMA synchronous = OFF")
        let areas = try laptop.replica.directory()?.areas ?? []
        guard let everyone = areas.first(where: { $0.name == "everyone" })?.number,
            let main = areas.first(where: { $0.name == "main" })?.number
        else { throw ChildProcess.Failure(description: "The laptop was not given its areas.") }
        let place = try laptop.replica.write { work in
            try work.create(
                table: OutreachSchema.Number.place, area: everyone,
                values: [
                    (PlaceField.name.rawValue, .text(Self.place)), (PlaceField.kind.rawValue, .text("residential")),
                    (PlaceField.district.rawValue, .text("Canterbury")),
                ])
        }
        for number in 0..<count {
            milliseconds += 1_000
            try laptop.replica.write { work in
                _ = try work.create(
                    table: OutreachSchema.Number.visit, area: main, values: Self.visit(number, place: place))
            }
        }
        try laptop.database.execute("PRAGMA synchronous = FULL")
        try laptop.database.checkpoint(.truncate)
    }

    /// Fills the first laptop with a whole town, in process.
    ///
    /// - Parameters:
    ///   - visitCount: how many visits; the rest is in proportion.
    ///   - milliseconds: the time of today, since 1970.
    func writeTown(_ visitCount: Int, today: CivilDate, milliseconds: Int64) throws {
        let laptop = try Laptop(home: HomeFolder(path: sender.path), creating: false, clock: { milliseconds })
        // Nothing is measured here, so nothing needs to be on the disk before the end.
        try laptop.database.execute("PRAGMA synchronous = OFF")
        var town = try SampleTown(laptop, today: today, visitCount: visitCount)
        try town.write()
        try laptop.database.execute("PRAGMA synchronous = FULL")
        try laptop.database.checkpoint(.truncate)
    }

    /// A visit as a worker writes it, each with its own words.
    private static func visit(_ number: Int, place: RecordID) -> [(field: Int, value: Value)] {
        let (day, minute) = (1 + number % 28, number % 60)
        let started =
            "2026-0\(1 + number % 9)-\(day < 10 ? "0" : "")\(day)T14:\(minute < 10 ? "0" : "")\(minute):00+00:00"
        return [
            (VisitField.place.rawValue, .blob(place.bytes)),
            (VisitField.started.rawValue, .text(started)),
            (VisitField.kind.rawValue, .text("residential")),
            (VisitField.summary.rawValue, .text("Tea with \(number % 7) residents; visit \(number) of the round.")),
            (VisitField.outcome.rawValue, .text("went_ahead")),
            (VisitField.headcount.rawValue, .integer(Int64(number % 12))),
        ]
    }
}
