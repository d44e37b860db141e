import Database
import RecordStorage
import SyncCore
import Testing

@testable import SyncReplica

/// Where an undo is a new change all the same, and what an undo that is none leaves behind.
extension TakingAwayTests {
    @Test("What may have left the device is taken back as a new change", arguments: [true, false])
    func mayHaveLeft(isLost: Bool) throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        if isLost {
            struct Cut: Error {}
            #expect(throws: Cut.self) {
                try SyncSession(replica: device.replica).run { request in
                    _ = try server.reply(to: request, from: 1)
                    throw Cut()
                }
            }
        } else {
            // As for a sealed file: the numbers are final from now on.
            try device.replica.freeze()
        }
        #expect(try reverse(.undo, device).unsentCount == 0)
        #expect(try groups(device) == 2)
        try device.sync()
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("before"))
        #expect(server.conflicts.isEmpty)
        try other.expectSame()
    }

    @Test("Where a colleague's words came in under the edit, taking it back is a new change as before")
    func replyBetween() throws {
        let (device, other, id) = try pair()
        try run(other) { try $0.edit(id, TestModel.summary, .text("theirs")) }
        try other.sync()
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        // A page that was asked for before the edit was saved.
        let request = try device.replica.makeRequest()
        _ = try device.replica.apply(try server.reply(to: request, from: 1))
        #expect(try reverse(.undo, device).unsentCount == 0)
        #expect(try device.replica.unsentCount == 1)
        try device.sync()
        try other.sync()
        try device.expectSame()
        try other.expectSame()
    }

    @Test(
        "G2: the value in between is kept, and an editor that showed it is taken for one that had seen what lay below")
    func inBetween() throws {
        let (device, other, id) = try pair()
        let base = try #require(try device.replica.record(table: 1, id: id)?.field(TestModel.summary).stamp)
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        let shown = try #require(try device.replica.snapshot(table: 1, record: id))
        try reverse(.undo, device)
        let row = RowKey(table: 1, key: try #require(try device.replica.records.key(table: 1, id: id)))
        let kept = try device.replica.localHistory.versions(row).filter { $0.kind == .inBetween }
        #expect(kept.map(\.version.value) == [.text("slip")])
        // Another group has the number by now.
        try run(device) { _ = try $0.add("next") }
        try run(device) { try $0.edit(id, TestModel.summary, .text("written"), seen: shown) }
        let field = try #require(try device.pageOfAll().last?.changes.first?.fields.first)
        #expect(field.base == .stamp(base))
        try device.sync()
        try other.sync()
        #expect(server.conflicts.isEmpty)
        #expect(try other.value(id, TestModel.summary) == .text("written"))
    }

    @Test("A group in the middle that is left with nothing is sent without changes, so that numbers have no gaps")
    func emptyInTheMiddle() throws {
        let (device, other, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        let second = try run(device) { try $0.add("second") }
        try reverse(.undo, device)
        try reverse(.undo, device)
        #expect(try device.replica.waitingRecords(limit: 9).map(\.id) == [second])
        try device.sync()
        try other.sync()
        #expect(try other.value(id, TestModel.summary) == .text("before"))
        try device.replica.forgetOld(serverMilliseconds: server.now)
        #expect(try groups(device) == 0)
        try device.expectSame()
        try other.expectSame()
    }

    @Test("A trial changes nothing, and a file that is opened again takes the same away")
    func trialAndCut() throws {
        let folder = try TemporaryFolder()
        let (device, _, id) = try pair(path: folder.path + "/kith.db")
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        let trial = try #require(try device.replica.reverse(.undo, isTrial: true))
        #expect(try device.value(id, TestModel.summary) == .text("slip"))
        #expect(try device.replica.unsentCount == 1)
        // Cut off before the commit: everything is as it was.
        struct Cut: Error {}
        #expect(throws: Cut.self) {
            try device.replica.write { work in
                let row = RowKey(table: 1, key: try #require(try device.replica.records.key(table: 1, id: id)))
                let change = try #require(
                    try device.replica.operations.changes(device.replica.operations.newest()).first)
                let taken = try work.takeAway([change], .undo, user: { _ in nil })
                #expect(taken.fields[row]?.contains(TestModel.summary) == true)
                throw Cut()
            }
        }
        let again = try TestDevice(1, server, path: folder.path + "/kith.db", joins: false)
        #expect(try again.value(id, TestModel.summary) == .text("slip"))
        #expect(try again.replica.reverse(.undo) == trial)
        try expectNothing(again, id)
        try device.expectSame()
    }

    @Test("Rows of the log that an earlier version wrote are read, and taken back as new changes")
    func earlierLog() throws {
        let (device, _, id) = try pair()
        try run(device) { try $0.edit(id, TestModel.summary, .text("slip")) }
        var writer = CBORWriter()
        let key = try #require(try device.replica.records.key(table: 1, id: id))
        writer.array(count: 1)
        writer.array(count: 6)
        writer.unsigned(1)
        writer.integer(key)
        writer.null()
        writer.null()
        writer.array(count: 3)
        writer.unsigned(UInt64(TestModel.summary))
        StoredState.append(.text("before"), to: &writer)
        StoredState.append(.text("slip"), to: &writer)
        writer.array(count: 0)
        let row = try device.replica.operations.newest()
        try device.replica.database.transaction {
            try device.replica.database.run(
                "UPDATE operation SET changes = ? WHERE id = ?", .blob(writer.bytes), .integer(row))
        }
        #expect(try reverse(.undo, device).unsentCount == 0)
        #expect(try device.value(id, TestModel.summary) == .text("before"))
        #expect(try device.replica.unsentCount == 1)
    }
}
