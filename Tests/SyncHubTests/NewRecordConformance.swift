import SyncCore
import Testing

@testable import SyncHub

@Suite("What every hub store must do with new records")
struct NewRecordConformance {
    private struct Stop: Error {}

    /// New records of two tables.
    private func newRecords(_ numbers: ClosedRange<Int>) -> [RecordState] {
        numbers.map { number in
            RecordState(
                table: number % 3 == 0 ? Notebook.page : Notebook.book, id: Notebook.id(UInt64(number)), area: 2,
                created: Stamp(time: StampTime.packed(milliseconds: Int64(number)), device: 1), fields: [])
        }
    }

    @Test("new records are found at once, and stay under the keys that were told", arguments: StoreKind.allCases)
    func newRecordsStay(_ kind: StoreKind) throws {
        try kind.withStore { store in
            let states = newRecords(1...200)
            var keys: [Int64] = []
            try store.transaction {
                for (index, state) in states.enumerated() {
                    keys.append(try store.savepoint { try store.insert(state) })
                    if index % 50 == 7 {
                        #expect(try store.record(table: state.table, id: state.id)?.key == keys[index])
                    }
                }
            }
            for (key, state) in zip(keys, states) {
                #expect(try store.record(table: state.table, id: state.id) == StoredRecord(key: key, state: state))
            }
        }
    }

    @Test("a new record that is known undoes its savepoint alone", arguments: StoreKind.allCases)
    func knownRecord(_ kind: StoreKind) throws {
        try kind.withStore { store in
            try store.transaction {
                for state in newRecords(1...5) { _ = try store.insert(state) }
                #expect(throws: KnownRecord.self) {
                    try store.savepoint { for state in newRecords(5...20) { _ = try store.insert(state) } }
                }
                for state in newRecords(21...23) { _ = try store.insert(state) }
                #expect(throws: Stop.self) {
                    try store.savepoint {
                        _ = try store.insert(newRecords(30...30)[0])
                        throw Stop()
                    }
                }
            }
            var ids: [RecordID] = []
            for table in [Notebook.book, Notebook.page] {
                try store.forEachRecord(table: table) { ids.append($0.state.id) }
            }
            #expect(Set(ids) == Set((newRecords(1...5) + newRecords(21...23)).map(\.id)))
        }
    }
}
