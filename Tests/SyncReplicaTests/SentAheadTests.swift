import SyncCore
import Testing

@testable import SyncReplica

/// What a cut looks like.
private struct Lost: Error {}

@Suite("Pages that are sent ahead")
struct SentAheadTests {
    private let server = FakeServer(directory: TestModel.directory())

    /// A device whose first sync is behind it, with a dozen groups to send.
    private func device() throws -> TestDevice {
        let device = try TestDevice(1, server)
        try device.sync()
        for index in 0..<12 { try device.add("visit \(index)", area: 1 + index % 2) }
        return device
    }

    private func numbers(_ request: SyncRequest) -> [UInt64] { request.groups.map(\.number) }

    @Test("The next page leaves before the reply to the one before has come, and no group is sent twice")
    func inOrder() throws {
        let device = try device()
        var sent: [[UInt64]] = []
        var (waiting, most) = (0, 0)
        let transport = SyncTransport(
            send: { request, meanwhile in
                sent.append(numbers(request))
                let reply = try server.reply(to: request, from: 1)
                waiting += 1
                meanwhile()
                waiting -= 1
                return reply
            },
            start: { request in
                sent.append(numbers(request))
                let reply = try server.reply(to: request, from: 1)
                waiting += 1
                most = max(most, waiting)
                return {
                    waiting -= 1
                    return reply
                }
            })
        let summary = try SyncSession(replica: device.replica, limitCount: 2).run(transport)
        #expect(sent == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]])
        #expect(most == 2 && waiting == 0)
        #expect(summary.sentCount == 12 && summary.matches)
        #expect(try device.replica.unsentCount == 0)
        try device.expectSame()
    }

    @Test("G4: where the server gets two pages in the wrong order, the second is sent again, and nothing is doubled")
    func wrongOrder() throws {
        let device = try device()
        var started: [(request: SyncRequest, reply: SyncReply?)] = []
        func answer(_ index: Int) throws -> SyncReply {
            if let reply = started[index].reply { return reply }
            let reply = try server.reply(to: started[index].request, from: 1)
            started[index].reply = reply
            return reply
        }
        let transport = SyncTransport(
            send: { request, meanwhile in
                let reply = try server.reply(to: request, from: 1)
                meanwhile()
                return reply
            },
            start: { request in
                started.append((request, nil))
                let index = started.count - 1
                return {
                    // The one that was started later comes first.
                    if index + 1 < started.count { _ = try answer(index + 1) }
                    return try answer(index)
                }
            })
        let summary = try SyncSession(replica: device.replica, limitCount: 2).run(transport)
        #expect(started.contains { $0.reply?.notice == .gap })
        #expect(summary.sentCount == 12 && summary.matches)
        #expect(server.records.count == 12 && server.conflicts.isEmpty)
        #expect(try device.replica.unsentCount == 0)
        try device.expectSame()
    }

    @Test("G4: a cut after any page loses nothing and doubles nothing", arguments: 0..<5)
    func cut(after pages: Int) throws {
        let device = try device()
        var count = 0
        func deliver(_ request: SyncRequest) throws -> SyncReply {
            count += 1
            let reply = try server.reply(to: request, from: 1)
            // The server has it, and its word is lost.
            if count > pages { throw Lost() }
            return reply
        }
        let transport = SyncTransport(
            send: { request, meanwhile in
                let reply = try deliver(request)
                meanwhile()
                return reply
            },
            start: { request in
                let reply = Result { try deliver(request) }
                return { try reply.get() }
            })
        #expect(throws: Lost.self) { try SyncSession(replica: device.replica, limitCount: 2).run(transport) }
        let summary = try device.sync(limitCount: 3)
        #expect(summary.matches && server.records.count == 12 && server.conflicts.isEmpty)
        #expect(try device.replica.unsentCount == 0)
        try device.expectSame()
    }

    @Test("Of much that waits a small page goes first; what was read behind it is read once and sent ahead after it")
    func firstPage() throws {
        let device = try TestDevice(1, server)
        for index in 0..<900 { try device.add("visit \(index)", area: 1 + index % 2) }
        var sent: [ClosedRange<UInt64>] = []
        var ahead: [Bool] = []
        func answer(_ request: SyncRequest, isAhead: Bool) throws -> SyncReply {
            if let first = numbers(request).first, let last = numbers(request).last {
                sent.append(first...last)
                ahead.append(isAhead)
            }
            var reply = try server.reply(to: request, from: 1)
            // The office told something new: the second request is made of the tables.
            if sent.count == 1 { reply.directory = server.directory }
            return reply
        }
        let transport = SyncTransport(
            send: { request, meanwhile in
                let reply = try answer(request, isAhead: false)
                meanwhile()
                return reply
            },
            start: { request in
                let reply = try answer(request, isAhead: true)
                return { reply }
            })
        let summary = try SyncSession(replica: device.replica, limitCount: 250).run(transport)
        #expect(sent == [1...200, 201...450, 451...700, 701...900])
        #expect(ahead == [false, false, true, true])
        #expect(summary.sentCount == 900 && summary.matches)
        #expect(server.records.count == 900 && server.conflicts.isEmpty)
        try device.expectSame()
    }

    @Test("While two pages are on their way the one behind them is read already")
    func readBehind() throws {
        let device = try device()
        var isRead: [Bool] = []
        let transport = SyncTransport(
            send: { request, meanwhile in
                let reply = try server.reply(to: request, from: 1)
                meanwhile()
                return reply
            },
            start: { request in
                let reply = try server.reply(to: request, from: 1)
                return {
                    guard let last = numbers(request).last, last <= 8 else { return reply }
                    var sent = device.replica.sent
                    isRead.append(sent.take(Int64(last + 3)...Int64(last + 4), area: 1).rest.isEmpty)
                    return reply
                }
            })
        #expect(try SyncSession(replica: device.replica, limitCount: 2).run(transport).matches)
        #expect(isRead == [true, true])
        try device.expectSame()
    }

    @Test("What fits in one page goes in one request")
    func onePage() throws {
        let device = try TestDevice(1, server)
        for index in 0..<240 { try device.add("visit \(index)") }
        var counts: [Int] = []
        let summary = try SyncSession(replica: device.replica, limitCount: 250).run { request in
            counts.append(request.groups.count)
            return try server.reply(to: request, from: 1)
        }
        #expect(counts == [240] && summary.matches)
    }
}
