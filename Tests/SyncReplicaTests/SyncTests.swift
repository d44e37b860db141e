import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Sync of a replica")
struct SyncTests {
    let server = FakeServer(directory: TestModel.directory())

    @Test("A new record goes out, comes back as sent, and arrives on another device")
    func roundTrip() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        let record = RecordReference(table: 1, id: id)
        #expect(try one.replica.progress(of: record) == .waiting)
        let sent = try one.sync()
        #expect(sent.sentCount == 1 && sent.receivedCount == 0 && sent.matches)
        #expect(try one.replica.progress(of: record) == .sent)
        #expect(try one.replica.unsentCount == 0)
        #expect(try one.replica.makeRequest().lowestOwnGroup == 2)
        let received = try two.sync()
        #expect(received.sentCount == 0 && received.receivedCount == 1 && received.matches)
        #expect(try two.value(id, TestModel.summary) == .text("tea"))
        #expect(try one.replica.record(table: 1, id: id) == two.replica.record(table: 1, id: id))
        try one.expectSame()
        try two.expectSame()
    }

    @Test("G4: a lost reply is made up for by the next sync, without a second copy or a conflict")
    func lostReply() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("tea")
        #expect(throws: Lost.self) {
            try SyncSession(replica: device.replica).run { request in
                _ = try server.reply(to: request, from: 1)
                throw Lost()
            }
        }
        try device.edit(id, TestModel.summary, .text("coffee"))
        let summary = try device.sync()
        #expect(summary.sentCount == 1 && summary.newConflicts == 0 && summary.matches)
        #expect(server.conflicts.isEmpty && server.records.count == 1)
        #expect(server.records[id]?.field(TestModel.summary).value == .text("coffee"))
        try device.expectSame()
    }

    @Test("G4: a page of new records that comes twice, or of which some are here, changes nothing the second time")
    func repeatedPage() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let ids = try (0..<70).map { try one.add("visit \($0)") }
        try one.sync()
        let request = try two.replica.makeRequest()
        var reply = try server.reply(to: request, from: 2)
        let whole = reply.pages
        reply.pages[0].records.removeAll { $0.record == ids[3] || $0.record == ids[68] }
        reply.pages[0].isComplete = false
        _ = try two.replica.apply(reply)
        for _ in 1...2 {
            reply.pages = whole
            _ = try two.replica.apply(reply)
            #expect(try two.replica.livingCount(table: 1) == 70)
            try two.expectSame()
        }
    }

    @Test("A receipt without rows keeps the own edits in sight, and a page at a time ends the same")
    func smallPages() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        for index in 0..<7 { try one.add("one \(index)") }
        for index in 0..<5 { try two.add("two \(index)") }
        try two.sync()
        server.pageEntries = 2
        let request = try one.replica.makeRequest()
        #expect(request.groups.isEmpty)
        try one.replica.freeze()
        let applied = try one.replica.apply(server.reply(to: one.replica.makeRequest(), from: 1))
        #expect(!applied.isComplete && applied.acknowledged.count == 7)
        #expect(try one.replica.livingCount(table: 1) == 9)
        #expect(try one.replica.unsentCount == 0)
        #expect(try one.replica.digests() == one.replica.recomputeDigests())
        let summary = try one.sync(limitCount: 2)
        #expect(summary.matches)
        #expect(try one.replica.livingCount(table: 1) == 12)
        try one.expectSame()
    }

    @Test("Two edits that had not seen each other: both devices end alike, and each is told of the conflict once")
    func conflict() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        try one.sync()
        try two.sync()
        try one.edit(id, TestModel.summary, .text("one"))
        try two.edit(id, TestModel.summary, .text("two"))
        try one.sync()
        #expect(try two.sync().newConflicts == 1)
        #expect(try one.sync().newConflicts == 1)
        #expect(try one.sync().newConflicts == 0)
        #expect(try one.value(id, TestModel.summary) == .text("two"))
        let record = RecordReference(table: 1, id: id)
        #expect(try one.replica.progress(of: record) == .conflict)
        let versions = try one.replica.history(of: record)
        #expect(versions.map(\.value) == [.text("tea"), .text("one"), .text("two")])
        #expect(versions.map(\.isCurrent) == [false, false, true])
        try one.expectSame()
        try two.expectSame()
    }

    @Test("A delete that an edit of somebody else overruled is in the history, and is not what is shown now")
    func overruledDelete() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        try one.sync()
        try two.sync()
        try one.delete(id)
        let record = RecordReference(table: 1, id: id)
        let existence = { (device: TestDevice) in
            try device.replica.history(of: record).filter { $0.field == Field.existence }.map(\.isCurrent)
        }
        #expect(try existence(one) == [true])
        try two.edit(id, TestModel.summary, .text("two"))
        try one.sync()
        for device in [two, one] {
            try device.sync()
            #expect(try device.isLiving(id))
            #expect(try existence(device) == [false])
        }
    }

    @Test("G5: an editor that was open during a sync claims only what it had shown")
    func staleSnapshot() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        try one.sync()
        try two.sync()
        let shown = try #require(try one.replica.snapshot(table: 1, record: id))
        try two.edit(id, TestModel.summary, .text("two"))
        try two.sync()
        try one.sync()
        try one.edit(id, TestModel.summary, .text("one"), seen: shown)
        let change = try #require(try one.pageOfAll().last?.changes.first?.fields.first)
        #expect(change.base == .stamp(shown.state.created))
        #expect(try one.sync().newConflicts == 1)
        #expect(server.conflicts.values.first?.before == .text("tea"))
    }

    @Test("G5: an editor that was opened on an unsent value may save after that value was sent")
    func snapshotOfOwnGroup() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("tea")
        let shown = try #require(try device.replica.snapshot(table: 1, record: id))
        try device.sync()
        try device.edit(id, TestModel.summary, .text("coffee"), seen: shown)
        try device.sync()
        #expect(server.conflicts.isEmpty)
        #expect(server.records[id]?.field(TestModel.summary).value == .text("coffee"))
    }

    @Test("An editor that showed an in-between value conflicts with what replaced it, not with what came before")
    func snapshotOfInBetween() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("tea")
        try device.sync()
        try device.edit(id, TestModel.summary, .text("in between"))
        let shown = try #require(try device.replica.snapshot(table: 1, record: id))
        try device.edit(id, TestModel.summary, .text("joined"))
        try device.edit(id, TestModel.summary, .text("from the editor"), seen: shown)
        try device.sync()
        let conflict = try #require(server.conflicts.values.first)
        #expect(server.conflicts.count == 1)
        #expect([conflict.a.value, conflict.b.value] == [.text("joined"), .text("from the editor")])
        #expect(conflict.before == .text("tea"))
    }

    @Test(
        "A clock that is years off: stamps are corrected, the rows follow, and the clock is set back",
        arguments: [
            Int64(300_000), 400_000_000_000, -400_000_000_000,
        ])
    func clockCorrection(error: Int64) throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        one.clockError = error
        let id = try one.add("tea")
        try one.edit(id, TestModel.place, .text("here"))
        let summary = try one.sync()
        #expect(summary.clockCorrectionMilliseconds == -error)
        #expect(summary.matches)
        try two.sync()
        let record = try #require(try one.replica.record(table: 1, id: id))
        #expect(abs(record.created.milliseconds - server.now) < StampCorrection.toleranceMilliseconds)
        #expect(try two.replica.record(table: 1, id: id) == record)
        one.clockError = 0
        try one.edit(id, TestModel.place, .text("there"))
        #expect(try one.sync().clockCorrectionMilliseconds == nil)
        let edited = try #require(try one.replica.record(table: 1, id: id)?.field(TestModel.place).stamp)
        #expect(abs(edited.milliseconds - server.now) < StampCorrection.toleranceMilliseconds)
        try one.expectSame()
    }

    @Test("G6: a held group keeps showing here and blocks nothing; once accepted it is like any other")
    func held() throws {
        let device = try TestDevice(1, server)
        server.holds = [1]
        let id = try device.add("held")
        try device.add("next")
        let summary = try device.sync()
        #expect(summary.held == [HeldGroup(number: 1, reason: .areaNotGranted)])
        #expect(try device.replica.heldGroups() == summary.held)
        let record = RecordReference(table: 1, id: id)
        #expect(try device.replica.progress(of: record) == .held)
        #expect(try device.replica.livingCount(table: 1) == 2)
        try device.expectSame()
        try server.release(1, of: 1)
        #expect(try device.sync().held.isEmpty)
        #expect(try device.replica.progress(of: record) == .sent)
        try device.expectSame()
    }

    @Test("A held group that is dropped by the office disappears here with the next sync")
    func discarded() throws {
        let device = try TestDevice(1, server)
        server.holds = [2]
        let id = try device.add("tea")
        _ = try device.pageOfAll()
        try device.edit(id, TestModel.summary, .text("held"))
        try device.sync()
        #expect(try device.value(id, TestModel.summary) == .text("held"))
        var reply = try server.reply(to: device.replica.makeRequest(), from: 1)
        reply.held = []
        _ = try device.replica.apply(reply)
        #expect(try device.value(id, TestModel.summary) == .text("tea"))
        try device.expectSame()
    }

    @Test("A delete and an edit that it had not seen: the record lives on both devices, whichever comes first")
    func deleteAndEdit() throws {
        for deleteFirst in [true, false] {
            let server = FakeServer(directory: TestModel.directory())
            let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
            let id = try one.add("tea")
            try one.sync()
            try two.sync()
            try one.delete(id)
            try two.edit(id, TestModel.place, .text("here"))
            for device in deleteFirst ? [one, two, one] : [two, one, two] { try device.sync() }
            for device in [one, two] {
                #expect(try device.isLiving(id))
                #expect(try device.replica.digests() == device.replica.recomputeDigests())
                #expect(try device.replica.digests()[1] == server.digest(of: 1))
                #expect(try device.replica.conflicts().count == 1)
            }
        }
    }

    @Test("A decision shows at once, stands on the server, and can be reopened")
    func decisions() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        try one.sync()
        try two.sync()
        try one.edit(id, TestModel.summary, .text("one"))
        try two.edit(id, TestModel.summary, .text("two"))
        for device in [one, two, one] { try device.sync() }
        let conflict = try #require(try one.replica.conflicts().first)
        server.now += 10
        try one.replica.write { try $0.decide(conflict.id, keep: .a, why: "asked her") }
        #expect(try one.value(id, TestModel.summary) == .text("one"))
        #expect(try one.replica.conflicts().isEmpty)
        #expect(try one.sync().matches)
        #expect(server.conflicts[conflict.id]?.status == .resolved)
        #expect(try one.replica.conflict(conflict.id) == server.conflicts[conflict.id])
        try two.sync()
        #expect(try two.replica.conflict(conflict.id)?.verdict?.why == "asked her")
        #expect(try two.value(id, TestModel.summary) == .text("one"))
        server.now += 10
        try two.replica.write { try $0.reopen(conflict.id) }
        #expect(try two.replica.conflicts().count == 1)
        try two.sync()
        try one.sync()
        #expect(try one.replica.conflicts().map(\.id) == [conflict.id])
        try one.expectSame()
        try two.expectSame()
    }

    @Test("History takes in what the server adds, each version once, oldest first")
    func historyFromServer() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let id = try one.add("tea")
        try one.sync()
        let first = try #require(try one.replica.record(table: 1, id: id)?.created)
        try one.edit(id, TestModel.summary, .text("coffee"))
        try one.sync()
        try two.sync()
        let record = RecordReference(table: 1, id: id)
        #expect(try two.replica.history(of: record).map(\.value) == [.text("coffee")])
        let last = try #require(try two.replica.record(table: 1, id: id)?.field(TestModel.summary).stamp)
        let answer = HistoryReply(versions: [
            .init(field: TestModel.summary, value: .text("tea"), stamp: first, isCurrent: false),
            .init(field: TestModel.summary, value: .text("coffee"), stamp: last, isCurrent: true),
        ])
        let versions = try two.replica.history(of: record, server: answer)
        #expect(versions.map(\.value) == [.text("tea"), .text("coffee")])
        #expect(versions.map(\.isCurrent) == [false, true])
        #expect(try one.replica.history(of: record).map(\.value) == [.text("tea"), .text("coffee")])
    }

    @Test("A worker may not decide a conflict")
    func roles() throws {
        let server = FakeServer(directory: TestModel.directory(role: .worker))
        let device = try TestDevice(1, server)
        #expect(throws: ReplicaError.roleNotAllowed) { try device.replica.write { try $0.decide(1, keep: .a) } }
    }

    private struct Lost: Error {}
}
