import SyncCore
import Testing

@testable import SyncReplica

@Suite("Pages that follow the line")
struct PageSizeTests {
    /// What the line did with one page.
    enum Page: Sendable {
        case cut
        case took(Int64, isFull: Bool)
    }

    @Test(
        "A cut makes pages a quarter, a slow page half, a quick full one twice as large, within bounds",
        arguments: [
            (256, [Page.cut], 64), (256, [.cut, .cut, .cut, .cut], 4), (256, [.took(5_001, isFull: false)], 128),
            (4, [.took(9_000, isFull: true)], 4), (64, [.took(999, isFull: true)], 128),
            (256, [.took(10, isFull: true)], 256), (64, [.took(10, isFull: false)], 64),
            (64, [.took(2_000, isFull: true)], 64), (0, [], 4), (1_000_000, [], 256),
        ])
    func sizes(start: Int, pages: [Page], end: Int) {
        let size = PageSize(bytes: start << 10)
        for page in pages {
            switch page {
            case .cut: size.noteCut()
            case .took(let milliseconds, let isFull): size.note(milliseconds: milliseconds, isFull: isFull)
            }
        }
        #expect(size.bytes == end << 10)
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
        #expect(first.first?.pageBytes == 64 << 10 && first.last?.pageBytes == PageSize.smallestBytes)
        let counts = first.map(\.groups.count).filter { $0 > 0 }
        #expect(counts.first ?? 0 > 5 && counts.last == 1, "\(counts)")
        let quick = PageSize(bytes: slow.bytes)
        let second = try requests(quick, milliseconds: 20)
        #expect(quick.bytes > 32 << 10)
        #expect(second.count < first.count, "\(second.count) \(first.count)")
        try device.expectSame()
    }
}
