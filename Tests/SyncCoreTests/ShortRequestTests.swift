import Testing

@testable import SyncCore

struct ShortRequestTests {
    /// FNV-1a with 128 bits (RFC 9923): enough where nobody wants to deceive.
    private static let hash = Hash128 { bytes in
        bytes.reduce(0x6C62_272E_07BB_0142_62B8_2175_6295_C58D) { ($0 ^ UInt128($1)) &* ((1 << 88) + 0x13B) }
    }
    private static let ledger = LedgerProgress(count: 12, hash: 99, hasKey: true)
    private static let audit = AuditHead(number: 30, hash: 1 << 100)

    /// A group that makes one record.
    private static func new(
        _ number: UInt64, time: UInt64, area: Int = 2, fields: [Int] = [3, 8], text: String = "Tea."
    ) -> ChangeGroup {
        let fields = fields.map {
            FieldChange(field: $0, value: .text("\(text) \(number) \($0)"), time: time, base: .none)
        }
        return ChangeGroup(
            number: number,
            changes: [
                Change(
                    table: 4, record: RecordID(milliseconds: 7, random: (number, number)),
                    creation: Creation(area: area, time: time), fields: fields)
            ])
    }

    private static func request(_ groups: [ChangeGroup]) -> SyncRequest {
        var request = SyncRequest(
            schemaVersion: 4, epoch: [UInt8](repeating: 7, count: 16), clockMilliseconds: 5, lowestOwnGroup: 1,
            directoryVersion: 2,
            cursors: [Cursor(area: 1, sequence: 0, mark: 0), Cursor(area: 2, sequence: 9, mark: .max)],
            groups: groups)
        request.set(ledger)
        request.set(auditHead: audit)
        request.set(stretches: [])
        return request
    }

    private static func lengthened(
        _ short: SyncRequest, _ change: (inout CommonGround) -> Void = { _ in }
    ) throws -> SyncRequest? {
        try short.lengthened(hash) { ground in
            ground.epoch = [UInt8](repeating: 7, count: 16)
            ground.cursors[1].mark = .max
            ground.ledger.hash = 99
            if ground.audit != nil { ground.audit?.hash = 1 << 100 }
            change(&ground)
            return true
        }
    }

    @Test("A request in short form says the same in fewer bytes, to who holds the same")
    func roundTrip() throws {
        let groups = (1...9).map { Self.new($0, time: 1_000 + $0) }
        let whole = Self.request(groups)
        let short = try #require(try whole.shortened(Self.hash))
        let bytes = short.encoded()
        #expect(bytes.count + 56 < whole.encoded().count)
        let arrived = try SyncRequest(decoding: bytes)
        #expect(arrived.isShort && arrived.epoch.isEmpty && arrived.cursors.allSatisfy { $0.mark == 0 })
        #expect(try Self.lengthened(arrived) == whole)
    }

    @Test("Whatever is another at the other side shows, and nothing is answered by chance")
    func others() throws {
        let short = try #require(try Self.request([]).shortened(Self.hash))
        let changes: [(inout CommonGround) -> Void] = [
            { $0.epoch[15] = 8 }, { $0.cursors[1].mark -= 1 }, { $0.ledger.hash += 1 }, { $0.audit?.hash += 1 },
            { $0.cursors[0].mark = 1 },
        ]
        for change in changes { #expect(try Self.lengthened(short, change) == nil) }
        #expect(try short.lengthened(Self.hash) { _ in false } == nil)
        #expect(try Self.request([]).lengthened(Self.hash) { _ in true } == nil)
    }

    @Test("What has no history yet, or no ledger, says all; without an audit log the rest is left out")
    func whole() throws {
        var request = Self.request([])
        request.parts[.audit] = nil
        let short = try #require(try request.shortened(Self.hash))
        #expect(try Self.lengthened(SyncRequest(decoding: short.encoded())) == request)
        request.parts[.ledger] = nil
        #expect(try request.shortened(Self.hash) == nil)
        request = Self.request([])
        request.set(HealingRequest(receipt: 3))
        #expect(try request.shortened(Self.hash) != nil)
        request.set(HealingRequest(receipt: 3, step: .done))
        #expect(try request.shortened(Self.hash) == nil)
        request = Self.request([])
        request.epoch = []
        #expect(try request.shortened(Self.hash) == nil)
        #expect(try short.shortened(Self.hash) == nil)
    }

    /// Pages in which runs begin, end and are broken.
    private static let pages: [[ChangeGroup]] = {
        let run = (1...6).map { new($0, time: 1_000 - $0) }
        var edit = new(7, time: 9)
        edit.changes[0].creation = nil
        edit.changes[0].fields = [FieldChange(field: 3, value: .null, time: 9, base: .own(number: 2, time: 998))]
        var dated = new(7, time: 9)
        dated.changes[0].fields[1].time = 10
        var deleted = new(7, time: 9)
        deleted.changes[0].existence = ExistenceChange(isAlive: false, time: 9, base: .none, seen: [])
        var decided = new(7, time: 9)
        decided.changes[0].decisions = [Decision(conflict: 5, action: .reopen, why: nil, time: 9)]
        var double = new(7, time: 9)
        double.changes.append(new(8, time: 9).changes[0])
        let empty = ChangeGroup(number: 7, changes: [])
        let other = (8...13).map { new($0, time: .max - $0, area: 3, fields: [], text: "") }
        return [[], run, [edit]]
            + [edit, dated, deleted, decided, double, empty, new(7, time: 9, area: 5), new(7, time: 9, fields: [3])].map
        {
            run + [$0] + other
        } + [Array(run.prefix(3)), run + run, run.reversed(), [new(1 << 53, time: 1)]]
    }()

    @Test("Every page comes out of its runs as it went in", arguments: 0..<Self.pages.count)
    func runs(_ index: Int) throws {
        let short = try #require(try Self.request(Self.pages[index]).shortened(Self.hash))
        #expect(try SyncRequest(decoding: short.encoded()).groups == Self.pages[index])
    }

    @Test("A run that is cut, changed or claims more than a page holds is refused")
    func damaged() throws {
        let groups = (1...5).map { Self.new($0, time: 1_000 + $0) }
        let bytes = try #require(try Self.request(groups).shortened(Self.hash)).encoded()
        for length in bytes.indices {
            #expect(throws: CBORError.self) { try SyncRequest(decoding: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            for bit in [UInt8(1), 4, 32, 128] {
                var changed = bytes
                changed[index] ^= bit
                // Some changes make another message; none ends the process or makes more groups than were sent.
                guard let message = try? SyncRequest(decoding: changed) else { continue }
                #expect(message.groups.count <= 6)
            }
        }
        let many = (1...20).map { Self.new($0, time: $0) }
        let page = try #require(try Self.request(many).shortened(Self.hash)).encoded()
        #expect(throws: CBORError.self) { try SyncRequest(decoding: page, largestGroupCount: 19) }
        #expect(try SyncRequest(decoding: page, largestGroupCount: 20).groups.count == 20)
        for number in [0, (1 << 53) + 1] as [UInt64] {
            let run = (0..<5).map { Self.new(number + $0, time: 1) }
            let page = try #require(try Self.request(run).shortened(Self.hash)).encoded()
            #expect(throws: CBORError.self) { try SyncRequest(decoding: page) }
        }
    }
}
