import Database
import SyncCore
import Testing

@testable import SyncReplica

@Suite("Local transactions")
struct LocalTransactionTests {
    let server = FakeServer(directory: TestModel.directory())

    @Test("A transaction over several records becomes one group, and the rows show it at once")
    func oneGroup() throws {
        let device = try TestDevice(1, server)
        let (visit, note) = try device.replica.write { work in
            (
                try work.create(table: 1, area: 1, values: [(TestModel.summary, .text("tea")), (3, .integer(4))]),
                try work.create(table: 2, area: 2, values: [(2, .real(1.5))])
            )
        }
        let groups = try device.pageOfAll()
        #expect(groups.count == 1 && groups.first?.changes.count == 2)
        #expect(groups.first?.changes.first?.fields.map(\.value) == [.text("tea"), .integer(4)])
        #expect(try device.value(visit, 3) == .integer(4))
        #expect(try device.replica.record(table: 2, id: note)?.area == 2)
        #expect(try device.replica.unsentCount == 2)
        #expect(try device.replica.livingCount(table: 1) == 1)
    }

    @Test("A body that throws leaves neither row nor group behind")
    func rollback() throws {
        let device = try TestDevice(1, server)
        #expect(throws: ReplicaError.areaNotWritable(9)) {
            try device.replica.write { work in
                try work.create(table: 1, area: 1, values: [])
                try work.create(table: 1, area: 9, values: [])
            }
        }
        try device.add("kept")
        #expect(try device.pageOfAll().map(\.number) == [1])
        #expect(try device.replica.livingCount(table: 1) == 1)
    }

    @Test("An edit of a record that has not left the device joins its group: first base, last value")
    func joining() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("first")
        try device.edit(id, TestModel.summary, .text("second"))
        try device.edit(id, TestModel.place, .text("here"))
        let groups = try device.pageOfAll()
        #expect(groups.count == 1)
        let change = try #require(groups.first?.changes.first)
        #expect(change.fields.map(\.value) == [.text("here"), .text("second")])
        #expect(change.fields.allSatisfy { $0.base == .none })
        let versions = try device.replica.history(of: RecordReference(table: 1, id: id))
        #expect(versions.map(\.value) == [.text("first"), .text("second"), .text("here")])
        #expect(versions.map(\.kind) == [.inBetween, .own, .own])
        #expect(versions.map(\.isCurrent) == [false, true, true])
    }

    @Test("An edit joins the newest group alone: what was written between would be dated after it")
    func joiningBehind() throws {
        let device = try TestDevice(1, server)
        let (one, two) = (try device.add("one"), try device.add("two"))
        try device.edit(one, TestModel.summary, .text("later"))
        try device.edit(two, TestModel.summary, .text("last"))
        let groups = try device.pageOfAll()
        let values = groups.map { $0.changes.flatMap { $0.fields.map(\.value) } }
        #expect(values == [[.text("one")], [.text("two")], [.text("later")], [.text("last")]])
        let times = groups.flatMap { $0.changes.flatMap { $0.fields.map(\.time) } }
        #expect(times == times.sorted())
    }

    @Test("An edit of a frozen group makes a new group based on the device's own, and the first keeps its values")
    func editWhileFrozen() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("first")
        let first = try device.pageOfAll()
        try device.edit(id, TestModel.summary, .text("second"))
        let both = try device.pageOfAll()
        #expect(both.count == 2 && both.first == first.first)
        let created = try #require(first.first?.changes.first?.creation?.time)
        #expect(both.last?.changes.first?.fields.first?.base == .own(number: 1, time: created))
    }

    @Test("A transaction that touches two waiting groups stays one group of its own")
    func noJoinOfTwo() throws {
        let device = try TestDevice(1, server)
        let (one, two) = (try device.add("one"), try device.add("two"))
        try device.replica.write { work in
            try work.edit(table: 1, record: one, values: [(TestModel.summary, .text("1"))])
            try work.edit(table: 1, record: two, values: [(TestModel.summary, .text("2"))])
        }
        let groups = try device.pageOfAll()
        #expect(groups.map(\.changes.count) == [1, 1, 2])
        #expect(groups.last?.changes.map { $0.fields.map(\.value) } == [[.text("1")], [.text("2")]])
        #expect(groups.first?.changes.first?.fields.map(\.value) == [.text("one")])
    }

    @Test("Values that are what the writer saw are no change, and no group")
    func unchanged() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("same")
        _ = try device.pageOfAll()
        try device.edit(id, TestModel.summary, .text("same"))
        #expect(try device.pageOfAll().count == 1)
    }

    @Test("A delete names what it saw, cannot be repeated, and can be undone")
    func deleteAndRestore() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("first")
        _ = try device.pageOfAll()
        try device.edit(id, TestModel.summary, .text("second"))
        let edited = try #require(try device.pageOfAll().last?.changes.first?.fields.first?.time)
        try device.delete(id)
        #expect(throws: ReplicaError.recordDeleted(id)) { try device.delete(id) }
        #expect(throws: ReplicaError.recordDeleted(id)) { try device.edit(id, 1, .text("x")) }
        #expect(try device.replica.livingCount(table: 1) == 0)
        let existence = try #require(try device.pageOfAll().last?.changes.first?.existence)
        #expect(existence.seen == [.init(field: TestModel.summary, base: .own(number: 2, time: edited))])
        try device.replica.write { try $0.restore(table: 1, record: id) }
        #expect(try device.isLiving(id))
        #expect(throws: ReplicaError.recordNotDeleted(id)) {
            try device.replica.write { try $0.restore(table: 1, record: id) }
        }
        #expect(try device.pageOfAll().last?.changes.first?.existence?.base == .own(number: 3, time: existence.time))
    }

    @Test("What does not exist, does not fit or is too large is refused, and nothing is saved")
    func refusals() throws {
        let device = try TestDevice(1, server)
        let id = RecordID(high: 1, low: 2)
        let large = Value.text(String(repeating: "x", count: Value.largestBytes + 1))
        #expect(throws: ReplicaError.recordNotFound(id)) { try device.delete(id) }
        #expect(throws: ReplicaError.wrongType(table: "visit", field: "headcount")) {
            try device.replica.write { try $0.create(table: 1, area: 1, values: [(3, .text("four"))]) }
        }
        #expect(throws: ReplicaError.wrongType(table: "note", field: "weight")) {
            try device.replica.write { try $0.create(table: 2, area: 1, values: [(2, .real(.nan))]) }
        }
        #expect(throws: ReplicaError.valueTooLarge(table: "visit", field: "place", bytes: 65_537)) {
            try device.replica.write { try $0.create(table: 1, area: 1, values: [(1, large)]) }
        }
        #expect(throws: ReplicaError.repeatedField(table: "visit", field: 1)) {
            try device.replica.write { try $0.create(table: 1, area: 1, values: [(1, .text("a")), (1, .text("b"))]) }
        }
        #expect(throws: ReplicaError.unknownTable(8)) {
            try device.replica.write { try $0.create(table: 8, area: 1, values: []) }
        }
        #expect(try device.pageOfAll().isEmpty)
    }

    @Test("A group takes 1,000 changes and 4 MB, not more")
    func limits() throws {
        let device = try TestDevice(1, server)
        try device.replica.write { work in
            for _ in 0..<1_000 { try work.create(table: 1, area: 1, values: []) }
        }
        #expect(throws: ReplicaError.tooManyChanges) {
            try device.replica.write { work in
                for _ in 0...1_000 { try work.create(table: 1, area: 1, values: []) }
            }
        }
        let text = Value.text(String(repeating: "x", count: 60_000))
        let error = #expect(throws: ReplicaError.self) {
            try device.replica.write { work in
                for _ in 0..<70 { try work.create(table: 1, area: 1, values: [(1, text)]) }
            }
        }
        guard case .groupTooLarge(let bytes)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(bytes > ChangeGroup.largestBytes)
        #expect(try device.replica.livingCount(table: 1) == 1_000)
    }

    @Test("A page holds whole groups up to its limits, and at least one")
    func paging() throws {
        let device = try TestDevice(1, server)
        for count in [2, 3, 4] {
            try device.replica.write { work in
                for _ in 0..<count { try work.create(table: 1, area: 1, values: []) }
            }
        }
        try device.replica.freeze()
        #expect(try device.replica.nextPage(after: 0, limitCount: 5).map(\.number) == [1, 2])
        #expect(try device.replica.nextPage(after: 2, limitCount: 1).map(\.number) == [3])
        #expect(try device.replica.nextPage(after: 0, limitBytes: 1).map(\.number) == [1])
        #expect(try device.replica.nextPage(after: 3).isEmpty)
    }

    @Test("A device that has not joined saves nothing, and says so")
    func notJoined() throws {
        let device = try TestDevice(1, server, joins: false)
        try device.replica.createTables()
        #expect(throws: ReplicaError.notJoined) { try device.add("x") }
    }

    @Test("A record is found by the first letters of its id")
    func prefixes() throws {
        let device = try TestDevice(1, server)
        let id = try device.add("x")
        try device.add("y")
        let found = try device.replica.resolveID(String(id.description.prefix(8)))
        #expect(found == [RecordReference(table: 1, id: id)])
        #expect(try device.replica.resolveID("").isEmpty)
    }

    @Test("A device that saves again and again folds its log on the way, into the room that it has")
    func foldsOnTheWay() throws {
        let folder = try TemporaryFolder()
        let device = try TestDevice(1, server, path: folder.path + "/kith.sqlite")
        var (largest, folds, logged) = (0, 0, 0)
        for index in 0..<300 {
            try device.add(String(repeating: "word ", count: 4_000) + "\(index)")
            let now = device.replica.database.loggedBytes
            if now < logged { folds += 1 }
            (logged, largest) = (now, max(largest, now))
        }
        #expect(folds >= 2 && largest <= 4 << 20)
        #expect(device.replica.database.walBytes > 3 << 20 && device.replica.database.walBytes < 5 << 20)
        #expect(try device.replica.livingCount(table: 1) == 300)
        let other = try Database(
            path: folder.path + "/kith.sqlite", mode: .readOnly, applicationID: 0x4B49_5448)
        #expect(try other.integer("SELECT count(*) FROM visit") == 300)
    }
}
