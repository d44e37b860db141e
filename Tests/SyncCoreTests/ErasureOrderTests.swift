import SyncCore
import Testing

@Suite("Orders of erasure as bytes")
struct ErasureOrderTests {
    private static let id = RecordID(milliseconds: 5, random: (1, 2))
    private static let whole = ErasureTarget(table: 2, record: RecordID(milliseconds: 6, random: (3, 4)))
    private static let fields = ErasureTarget(
        table: 9, record: RecordID(milliseconds: 7, random: (5, 6)), fields: FieldMask(bits: 1 << 1 | 1 << 62))

    @Test("An order comes back as it was", arguments: [[], [whole], [fields, whole]])
    func roundTrip(targets: [ErasureTarget]) throws {
        let order = ErasureOrder(id: Self.id, time: .max, targets: targets)
        #expect(try ErasureOrder(decoding: order.encoded()) == order)
    }

    @Test("The largest order fits into a ledger entry")
    func largest() {
        let targets = [ErasureTarget](repeating: Self.fields, count: ErasureOrder.largestCount)
        let order = ErasureOrder(id: Self.id, time: .max, targets: targets)
        #expect(order.encoded().count <= LedgerEntry.largestPayloadBytes)
    }

    @Test("What is no order is refused, field sets without fields, with existence or with all bits too")
    func refused() {
        func bytes(_ bits: UInt64) -> [UInt8] {
            var target = Self.fields
            target.fields = FieldMask(bits: bits)
            return ErasureOrder(id: Self.id, time: 1, targets: [target]).encoded()
        }
        let good = bytes(2)
        #expect(throws: Never.self) { try ErasureOrder(decoding: good) }
        for bad in [bytes(0), bytes(1), bytes(3), good + [0], Array(good.dropLast()), []] {
            #expect(throws: CBORError.self) { try ErasureOrder(decoding: bad) }
        }
    }

    @Test("Reports and confirmations travel as part 4, and none leave no part")
    func parts() throws {
        var request = SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: 1, lowestOwnGroup: 1, directoryVersion: 0, pageBytes: 1,
            cursors: [], groups: [])
        request.set(erasureReports: [])
        #expect(request.parts.isEmpty)
        let reports = [
            ErasureReport(order: Self.id, state: .confirmed),
            ErasureReport(order: Self.whole.record, state: .waitsForUser),
        ]
        request.set(erasureReports: reports)
        #expect(try SyncRequest(decoding: request.encoded()).erasureReports() == reports)
        request.parts[.erasure] = [0x82, 0x00, 0x00]
        #expect(throws: CBORError.self) { try request.erasureReports() }
        var reply = SyncReply(
            notice: .none, epoch: [UInt8](repeating: 1, count: 16), clockMilliseconds: 1, receipt: 0, highestTime: 0,
            isClockCorrected: false, held: [])
        #expect(try reply.confirmedErasures().isEmpty)
        reply.set(confirmedErasures: [Self.id])
        #expect(try SyncReply(decoding: reply.encoded()).confirmedErasures() == [Self.id])
    }
}
