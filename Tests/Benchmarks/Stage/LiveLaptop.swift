import Database
import Foundation
import KithClient
import OutreachModel
import SyncCore
import SyncReplica

/// A laptop that this process works on, with its connection to the office kept open.
final class LiveLaptop {
    let laptop: Laptop
    private let conversation: OfficeConversation

    /// - Parameter port: where the office's server is reached; nil: where it listens.
    init(_ folder: URL, port: UInt16? = nil) throws {
        laptop = try Laptop(home: HomeFolder(path: folder.path), creating: false, clock: Self.now)
        var (address, token) = try laptop.office()
        if let port { address.port = port }
        let place = address
        conversation = OfficeConversation(laptop, token: token) {
            HTTPServerLink(address: place, token: $0, timeoutMilliseconds: nil)
        }
    }

    /// Milliseconds since 1970.
    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// The number of the team's area, and that of the area of everyone.
    static func areas(of laptop: Laptop) throws -> (team: Int, everyone: Int) {
        let areas = try laptop.replica.directory()?.areas ?? []
        guard let everyone = areas.first(where: { $0.name == "everyone" })?.number,
            let team = areas.first(where: { $0.name == "main" })?.number
        else { throw ChildProcess.Failure(description: "The laptop was not given its areas.") }
        return (team, everyone)
    }

    /// One whole sync, as `kith sync` does it.
    @discardableResult
    func sync() throws -> SyncSummary { try SyncSession(replica: laptop.replica).run(conversation.transport) }

    /// Changes the summary of visits, as one group for each thousand.
    func edit(_ ids: [RecordID], _ summaries: ArraySlice<Value>) throws {
        let largest = ChangeGroup.largestCount
        for first in stride(from: 0, to: ids.count, by: largest) {
            try laptop.replica.write { work in
                for index in first..<min(first + largest, ids.count) {
                    try work.edit(
                        table: OutreachSchema.Number.visit, record: ids[index],
                        values: [(VisitField.summary.rawValue, summaries[summaries.startIndex + index])])
                }
            }
        }
    }

    /// The ids of some visits, evenly spread.
    func ids(_ count: Int) throws -> [RecordID] {
        let all = try laptop.database.integer("SELECT count(*) FROM visit") ?? 0
        let step = max(1, all / Int64(count))
        let rows = try laptop.database.query(
            "SELECT id FROM visit WHERE (record_key - 1) % ? = 0 ORDER BY record_key LIMIT ?",
            [.integer(step), .integer(Int64(count))])
        let ids = rows.compactMap { row -> RecordID? in
            if case .blob(let bytes) = row[0] { RecordID(bytes: bytes) } else { nil }
        }
        guard ids.count == count else { throw ChildProcess.Failure(description: "There are too few visits.") }
        return ids
    }
}

extension SampleOffice {
    /// Fills the first laptop with records of the workload, in process; and adds the place that visits are at.
    ///
    /// - Parameter groupCount: how many records a transaction makes.
    func writeWorkload(_ records: [WorkRecord], groupCount: Int) throws {
        let laptop = try Laptop(home: HomeFolder(path: sender.path), creating: false, clock: LiveLaptop.now)
        // Nothing is measured here, so nothing needs to be on the disk before the end.
        try laptop.database.execute("PRAGMA synchronous = OFF")
        let (team, everyone) = try LiveLaptop.areas(of: laptop)
        try laptop.replica.write { work in
            _ = try work.create(
                table: OutreachSchema.Number.place, area: everyone,
                values: [
                    (PlaceField.name.rawValue, .text(Self.place)), (PlaceField.kind.rawValue, .text("residential")),
                    (PlaceField.district.rawValue, .text("Canterbury")),
                ])
        }
        for first in stride(from: 0, to: records.count, by: groupCount) {
            try laptop.replica.write { work in
                for record in records[first..<min(first + groupCount, records.count)] {
                    try record.create(in: &work, area: team)
                }
            }
            try laptop.tidy()
        }
        try laptop.database.execute("PRAGMA synchronous = FULL")
        try laptop.database.checkpoint(.truncate)
    }

    /// Lets a laptop reach its server at another port.
    static func setPort(_ port: UInt16, of laptop: URL) throws {
        let database = try Database(
            path: HomeFolder(path: laptop.path).databasePath, mode: .readWrite(create: false),
            applicationID: Laptop.applicationID)
        try database.transaction {
            try database.run("UPDATE laptop_setting SET value = ? WHERE name = 'port'", .integer(Int64(port)))
        }
    }

    /// The ids of all visits that the server has.
    func visitIDs() throws -> Set<RecordID> {
        let database = try Database(
            path: office.appendingPathComponent("hub.sqlite").path, mode: .readOnly,
            applicationID: Laptop.applicationID)
        let rows = try database.query("SELECT id FROM visit")
        return Set(
            rows.compactMap { row in if case .blob(let bytes) = row[0] { RecordID(bytes: bytes) } else { nil } })
    }

    /// A number that the server's database gives.
    func serverNumber(_ query: String) throws -> Int64 {
        let database = try Database(
            path: office.appendingPathComponent("hub.sqlite").path, mode: .readOnly,
            applicationID: Laptop.applicationID)
        return try database.integer(query) ?? 0
    }
}

extension WorkRecord {
    /// Makes the record as a visit.
    func create(in work: inout LocalTransaction, area: Int) throws {
        try work.create(
            table: OutreachSchema.Number.visit, area: area, values: values, id: id, wasLookedFor: true)
    }
}
