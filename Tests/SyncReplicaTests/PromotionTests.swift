import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Groups that stand as they were sent")
struct PromotionTests {
    let server = FakeServer(directory: TestModel.directory())

    /// One group of new records in two areas, and of two tables.
    private func addMany(_ device: TestDevice, _ count: Int = 6) throws -> [RecordID] {
        try device.replica.write { work in
            var ids: [RecordID] = []
            for index in 0..<count {
                ids.append(
                    try work.create(
                        table: TestModel.visits, area: 1 + index % 2,
                        values: [(TestModel.summary, .text("visit \(index)"))]))
                try work.create(table: TestModel.notes, area: 1, values: [(1, .text("note \(index)"))])
            }
            return ids
        }
    }

    @Test("One group with records of several areas and tables is settled whole, and each record is counted once")
    func severalAreas() throws {
        let device = try TestDevice(1, server)
        let ids = try addMany(device)
        let summary = try device.sync()
        #expect(summary.sentCount == 12 && summary.matches && summary.repairs.isEmpty)
        #expect(try device.replica.unsentCount == 0)
        #expect(try device.replica.database.integer("SELECT count(*) FROM outbox_change") == 0)
        #expect(try device.replica.database.integer("SELECT count(*) FROM outbox_group") == 0)
        #expect(try device.replica.database.integer("SELECT count(*) FROM visit WHERE \(Replica.mayWaitSQL)") == 0)
        for id in ids { #expect(try device.replica.progress(of: RecordReference(table: 1, id: id)) == .sent) }
        try device.expectSame()
    }

    @Test(
        "G5: a record that is edited while its making is on the way goes on waiting with its edit, and the others don't"
    )
    func editedOnTheWay() throws {
        let device = try TestDevice(1, server)
        let ids = try addMany(device)
        server.now += 10
        let summary = try SyncSession(replica: device.replica).run { request in
            let reply = try server.reply(to: request, from: 1)
            // As another command would, which runs at the same moment.
            if request.groups.contains(where: { $0.number == 1 }) {
                try device.edit(ids[2], TestModel.summary, .text("edited"))
            }
            return reply
        }
        #expect(summary.sentCount == 12 && summary.matches)
        #expect(try device.replica.unsentCount == 1)
        #expect(try device.value(ids[2], TestModel.summary) == .text("edited"))
        #expect(server.records[ids[2]]?.field(TestModel.summary).value == .text("visit 2"))
        try device.expectSame()
        #expect(try device.sync().matches)
        #expect(server.records[ids[2]]?.field(TestModel.summary).value == .text("edited"))
        #expect(server.conflicts.isEmpty)
        try device.expectSame()
    }

    @Test("G10: a group of many new records is kept in a row for each stretch of them, and is built again as it was")
    func keptGroup() throws {
        let device = try TestDevice(1, server)
        _ = try addMany(device)
        let sent = try #require(try device.pageOfAll().first)
        try device.sync()
        #expect(try device.replica.database.integer("SELECT count(*) FROM kept_change") == 0)
        let parts = try device.replica.kept.parts(after: 0)
        #expect(parts.keys.sorted() == [1] && parts[1]?.count == 12)
        #expect(try device.replica.rebuild(1, try #require(parts[1]), device: 1) == sent)
    }

    @Test("G16: a file of the version before gets the column for groups of many records, and keeps what it had")
    func olderFile() throws {
        let device = try TestDevice(1, server)
        try device.replica.database.execute(
            """
            DROP TABLE kept_run;
            CREATE TABLE kept_run (
                first INTEGER NOT NULL, table_number INTEGER NOT NULL, first_key INTEGER NOT NULL,
                last INTEGER NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY (first, table_number, first_key)) WITHOUT ROWID;
            INSERT INTO kept_run VALUES (3, 1, 7, 4, 1000);
            """)
        try device.replica.createTables()
        try device.replica.createTables()
        let parts = try device.replica.kept.parts(after: 0)
        #expect(parts.mapValues { $0.map(\.row.key) } == [3: [7], 4: [8]])
    }
}
