import Database
import Foundation
import KithClient
import OutreachModel
import SyncCore
import SyncReplica

/// The folders of one office: the server's, and two laptops of which the first is the one that is filled.
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
}
