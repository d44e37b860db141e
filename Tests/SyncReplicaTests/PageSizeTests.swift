import SyncCore
import Testing

@testable import SyncReplica

@Suite("Pages that follow the line")
struct PageSizeTests {
    /// What the line did with one page.
    enum Page: Sendable {
        case cut
        /// Bytes sent, milliseconds on the line, round trip.
        case took(Int, Int64, Int64, isFull: Bool)
    }

    @Test(
        "A page is as large as the line carries in a short while beside the round trip, a quarter of that after a cut",
        arguments: [
            (256, [Page.cut], 64), (256, [.cut, .cut, .cut, .cut], 4),
            // 64 KB in 4 s, a round trip of 0.8 s not counted: 12 KB in 0.75 s.
            (256, [.took(64, 4_800, 800, isFull: true)], 12), (256, [.took(64, 4_000, 0, isFull: false)], 12),
            (4, [.took(4, 9_000, 0, isFull: true)], 4), (64, [.took(64, 100, 0, isFull: true)], 128),
            (256, [.took(256, 10, 0, isFull: true)], 256), (64, [.took(64, 10, 0, isFull: false)], 64),
            // A page with little in it says nothing of a quick line, and of a slow one only where it takes very long.
            (64, [.took(8, 10, 0, isFull: true)], 64), (64, [.took(1, 3_000, 0, isFull: false)], 64),
            (64, [.took(1, 6_000, 0, isFull: false)], 32), (0, [], 4), (1_000_000, [], 256),
        ])
    func sizes(start: Int, pages: [Page], end: Int) {
        let size = PageSize(bytes: start << 10)
        for page in pages {
            switch page {
            case .cut: size.noteCut()
            case .took(let sent, let milliseconds, let roundTrip, let isFull):
                size.note(
                    LineExchange(
                        sentBytes: sent << 10, milliseconds: milliseconds, roundTripMilliseconds: roundTrip),
                    isFull: isFull)
            }
        }
        #expect(size.bytes == end << 10)
        #expect(size.fetchBytes == min(256, 2 * end) << 10)
    }

    @Test("After cuts pages grow again to the largest, however long a byte is on its way")
    func grows() {
        let size = PageSize()
        for _ in 0..<4 { size.noteCut() }
        for _ in 0..<6 {
            size.note(
                LineExchange(sentBytes: size.bytes, milliseconds: 1_510, roundTripMilliseconds: 1_500), isFull: true)
        }
        #expect(size.bytes == PageSize.largestBytes)
    }

    @Test("What is fetched counts as what is sent, in pages that may be larger")
    func fetches() {
        let size = PageSize()
        size.note(
            LineExchange(sentBytes: 0, receivedBytes: 256 << 10, milliseconds: 16_000), isFull: true)
        #expect(size.bytes == 6 << 10 && size.fetchBytes == 12 << 10 && !size.sendsAhead && PageSize().sendsAhead)
        // On such a line these take as long as they should.
        size.note(
            LineExchange(sentBytes: 0, receivedBytes: size.fetchBytes, milliseconds: 750), isFull: true)
        #expect(size.bytes == 6 << 10)
    }

    @Test("A sync over a slow line sends ever smaller pages and asks for such, and over a quick one larger ones")
    func session() throws {
        let server = FakeServer(directory: TestModel.directory())
        let device = try TestDevice(1, server)
        try device.sync()
        func requests(_ size: PageSize, milliseconds: Int64) throws -> [SyncRequest] {
            for index in 0..<60 { try device.add(String(repeating: "a long visit \(index) ", count: 400)) }
            var requests: [SyncRequest] = []
            _ = try SyncSession(replica: device.replica, pageSize: size).run { request in
                requests.append(request)
                server.now += milliseconds
                return try server.reply(to: request, from: 1)
            }
            return requests
        }
        let slow = PageSize(bytes: 64 << 10)
        let first = try requests(slow, milliseconds: 6_000)
        #expect(slow.bytes == PageSize.smallestBytes)
        #expect(first.first?.pageBytes == 128 << 10 && first.last?.pageBytes == 2 * PageSize.smallestBytes)
        let counts = first.map(\.groups.count).filter { $0 > 0 }
        #expect(counts.first ?? 0 > 5 && counts.last == 1, "\(counts)")
        let quick = PageSize(bytes: slow.bytes)
        let second = try requests(quick, milliseconds: 20)
        #expect(quick.bytes > 32 << 10)
        #expect(second.count < first.count, "\(second.count) \(first.count)")
        try device.expectSame()
    }
}
