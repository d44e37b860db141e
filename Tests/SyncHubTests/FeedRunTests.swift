import SyncCore
import Testing

@testable import SyncHub

@Suite("Entries of a feed that follow each other")
struct FeedRunTests {
    @Test(
        "Long runs in a feed come back entry by entry, and so does what stands between", arguments: StoreKind.allCases)
    func feedRuns(_ kind: StoreKind) throws {
        var entries: [FeedEntry] = []
        func add(_ count: Int, table: Int = 1, key: Int64, number: UInt64, step: UInt64 = 0, isExact: Bool = true) {
            for index in 0..<count {
                entries.append(
                    FeedEntry(
                        area: 2, sequence: UInt64(entries.count + 1),
                        item: .record(table: table, key: key + Int64(index)), mask: .all, device: .max,
                        number: number + UInt64(index) * step, isExact: isExact))
            }
        }
        add(70, key: 1, number: 9)
        add(65, table: 2, key: 1, number: 9)
        add(40, table: 2, key: 66, number: 10, step: 1)
        add(40, table: 2, key: 106, number: 50, step: 1, isExact: false)
        add(3, key: 5, number: 90)
        entries.append(
            FeedEntry(
                area: 2, sequence: UInt64(entries.count + 1), item: .conflict(key: 8), mask: FieldMask(), device: 1,
                number: 91, isExact: true))
        add(33, key: 200, number: 92, step: 2)
        add(32, key: 300, number: 200)
        try kind.withStore { store in
            try store.transaction {
                try store.addArea(Area(number: 2, name: "two"))
                try store.append(entries)
                var found: [FeedEntry] = []
                try store.forEachEntry(area: 2, after: 0) {
                    found.append($0)
                    return true
                }
                #expect(found == entries)
            }
        }
    }
}
