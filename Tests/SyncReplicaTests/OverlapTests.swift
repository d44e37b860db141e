import Foundation
import SyncCore
import Testing

@testable import SyncReplica

/// What a cut looks like.
private struct Lost: Error {}

@Suite("Work while the server works")
struct OverlapTests {
    private let server = FakeServer(directory: TestModel.directory())

    /// A device whose first sync is behind it, so that no directory is on its way, with six groups to send.
    private func device() throws -> TestDevice {
        let device = try TestDevice(1, server)
        try device.sync()
        for index in 0..<6 { try device.add("visit \(index)") }
        return device
    }

    @Test("Each reply is applied while the next request is out, and no group is sent twice")
    func overlaps() throws {
        let device = try device()
        var sent: [[UInt64]] = []
        var receipts: [Int64] = []
        let summary = try SyncSession(replica: device.replica, limitCount: 2).run(overlapping: { request, meanwhile in
            sent.append(request.groups.map(\.number))
            let reply = try server.reply(to: request, from: 1)
            receipts.append(try device.replica.standing().receipt)
            meanwhile()
            receipts.append(try device.replica.standing().receipt)
            return reply
        })
        #expect(sent == [[1, 2], [3, 4], [5, 6]])
        #expect(receipts == [0, 0, 0, 2, 2, 4])
        #expect(summary.sentCount == 6 && summary.matches)
        try device.expectSame()
    }

    @Test("Where nothing is done meanwhile, it is done afterwards")
    func withoutCallBack() throws {
        let device = try device()
        var sent: [[UInt64]] = []
        let summary = try SyncSession(replica: device.replica, limitCount: 4).run(overlapping: { request, _ in
            sent.append(request.groups.map(\.number))
            return try server.reply(to: request, from: 1)
        })
        #expect(sent == [[1, 2, 3, 4], [5, 6]])
        #expect(summary.sentCount == 6 && summary.matches)
        try device.expectSame()
    }

    @Test("A cut keeps the reply before it, whether or not the device had come to apply it", arguments: [true, false])
    func cut(callsBack: Bool) throws {
        let device = try device()
        var count = 0
        #expect(throws: Lost.self) {
            try SyncSession(replica: device.replica, limitCount: 2).run(overlapping: { request, meanwhile in
                count += 1
                if callsBack { meanwhile() }
                if count == 3 { throw Lost() }
                return try server.reply(to: request, from: 1)
            })
        }
        #expect(try device.replica.standing().receipt == 4)
        #expect(try device.replica.unsentCount == 2)
        let summary = try device.sync()
        #expect(summary.sentCount == 2 && summary.matches && server.records.count == 6)
        try device.expectSame()
    }

    @Test(
        "A reply that breaks the protocol changes nothing, although the next request was out", arguments: [true, false])
    func brokenReply(callsBack: Bool) throws {
        let device = try device()
        var count = 0
        #expect(throws: ReplicaError.self) {
            try SyncSession(replica: device.replica, limitCount: 2).run(overlapping: { request, meanwhile in
                count += 1
                if callsBack { meanwhile() }
                var reply = try server.reply(to: request, from: 1)
                if count == 2 {
                    reply.pages.append(FeedPage(area: 99, sequence: 1, mark: 1, isComplete: true, digest: 0))
                }
                return reply
            })
        }
        #expect(try device.replica.standing().receipt == 2)
        #expect(try device.sync().matches)
        try device.expectSame()
    }

    @Test("Pages of records are applied one behind the other, each once")
    func pull() throws {
        let one = try device()
        try one.sync()
        let two = try TestDevice(2, server)
        server.pageEntries = 2
        var (leaving, counts): ([Int], [Int]) = ([], [])
        let summary = try SyncSession(replica: two.replica).run(overlapping: { request, meanwhile in
            leaving.append(try two.replica.livingCount(table: 1))
            meanwhile()
            counts.append(try two.replica.livingCount(table: 1))
            return try server.reply(to: request, from: 2)
        })
        // A request leaves before the reply to the one before it is applied.
        #expect(leaving == [0, 0, 2])
        #expect(counts == [0, 2, 4])
        #expect(summary.receivedCount == 6 && summary.matches)
        try two.expectSame()
    }

    @Test("A sync that brings nothing writes nothing")
    func writesNothing() throws {
        let folder = try TemporaryFolder()
        let device = try TestDevice(1, server, path: folder.path + "/kith.sqlite")
        try device.add("visit")
        let log = folder.path + "/kith.sqlite-wal"
        let sizes = try (0..<3).map { _ in
            #expect(try device.sync().matches)
            return try #require(FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
        }
        #expect(sizes[0] > 0 && sizes[1] == sizes[0] && sizes[2] == sizes[0])
    }
}
