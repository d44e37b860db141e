import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Refusals, copies, gaps and areas")
struct SyncTroubleTests {
    let server = FakeServer(directory: TestModel.directory())

    @Test("A reply that is refused changes neither cursor nor rows")
    func refusedReply() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        try one.add("tea")
        try one.sync()
        let before = try two.replica.makeRequest()
        var reply = try server.reply(to: before, from: 2)
        var foreign = reply.pages[0]
        foreign.area = 3
        reply.pages.append(foreign)
        #expect(throws: ReplicaError.self) { try two.replica.apply(reply) }
        reply.pages.removeLast()
        reply.notice = .otherHistory
        #expect(throws: ReplicaError.otherHistory) { try two.replica.apply(reply) }
        reply.notice = .none
        reply.epoch = [UInt8](repeating: 1, count: 16)
        #expect(throws: ReplicaError.otherHistory) { try two.replica.apply(reply) }
        #expect(try two.replica.makeRequest() == before)
        #expect(try two.replica.livingCount(table: 1) == 0)
        #expect(try two.sync().receivedCount == 1)
    }

    @Test("G10: a receipt for numbers that were never given here shows that the database was copied")
    func copiedDatabase() throws {
        let device = try TestDevice(1, server)
        try device.add("unsent")
        var reply = try server.reply(to: device.replica.makeRequest(), from: 1)
        reply.receipt = 5
        #expect(throws: ReplicaError.forked) { try device.replica.apply(reply) }
        reply.receipt = 0
        reply.notice = .fork
        #expect(throws: ReplicaError.forked) { try device.replica.apply(reply) }
        #expect(try device.replica.unsentCount == 1)
    }

    @Test("A gap is filled from what is still here, and named where it is gone")
    func gap() throws {
        let device = try TestDevice(1, server)
        server.holds = [1, 2]
        try device.add("one")
        try device.add("two")
        try device.sync()
        server.holds = []
        server.forgetGroups(of: 1, after: 1)
        try device.add("three")
        try device.replica.freeze()
        let applied = try device.replica.apply(server.reply(to: device.replica.makeRequest(), from: 1))
        #expect(applied.isGap)
        #expect(try device.replica.makeRequest().groups.map(\.number) == [2, 3])
        try device.sync()
        #expect(try device.replica.unsentCount == 0)
        server.forgetGroups(of: 1, after: 0)
        try device.add("four")
        #expect(throws: ReplicaError.groupsGone(1...3)) { try device.sync() }
        #expect(try device.replica.unsentCount == 1)
    }

    @Test("G7: a lost area is gone after one sync, unsent work in it stays; a regained one comes back whole")
    func areas() throws {
        let (one, two) = (try TestDevice(1, server), try TestDevice(2, server))
        let gone = try two.add("theirs", area: 2)
        let mine = try one.add("mine", area: 2)
        try two.sync()
        try one.sync()
        try one.edit(mine, TestModel.summary, .text("theirs, unsent"))
        server.directory = TestModel.directory(version: 2, readable: [1])
        let reply = try server.reply(to: one.replica.makeRequest(), from: 1)
        let applied = try one.replica.apply(reply)
        #expect(applied.lostAreas == [2])
        #expect(try one.replica.record(table: 1, id: gone) == nil)
        #expect(try one.value(mine, TestModel.summary) == .text("theirs, unsent"))
        #expect(try one.replica.digests().keys.sorted() == [1])
        #expect(try one.sync().sentCount == 1)
        #expect(try one.replica.record(table: 1, id: mine) == nil)
        server.directory = TestModel.directory(version: 3)
        #expect(try one.sync().matches)
        #expect(try one.value(mine, TestModel.summary) == .text("theirs, unsent"))
        #expect(try one.value(gone, TestModel.summary) == .text("theirs"))
        try one.expectSame()
    }

    @Test("What is written to an area that this device may not read leaves it with the receipt")
    func writeOnlyArea() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("a concern", area: 3)
        #expect(try device.value(id, TestModel.summary) == .text("a concern"))
        #expect(try device.sync().sentCount == 1)
        #expect(try device.replica.record(table: 1, id: id) == nil)
        #expect(server.records[id] != nil)
    }

    @Test("G4: two processes on one file write by turns, and neither repeats a number or a stamp")
    func twoProcesses() throws {
        let folder = try TemporaryFolder()
        let one = try TestDevice(1, server, path: folder.path + "/replica")
        let two = try TestDevice(1, server, path: folder.path + "/replica", joins: false, seed: 100)
        let id = try one.add("one")
        try two.add("two")
        try two.edit(id, TestModel.summary, .text("edited by two"))
        // Joins the edit that waits at the end.
        try one.edit(id, TestModel.place, .text("edited by one"))
        let groups = try one.pageOfAll()
        #expect(groups.map(\.number) == [1, 2, 3])
        let times = groups.flatMap { $0.changes.flatMap { $0.fields.map(\.time) } }
        #expect(times.count == 4 && Set(times).count == 4)
        #expect(try two.sync().matches)
        #expect(try one.replica.unsentCount == 0)
    }
}
