import Cryptography
import Foundation
import SyncCore
import Testing

/// The examples of docs/protocol.md are what the code encodes, byte for byte.
@Suite("Examples of the protocol page")
struct ProtocolPageTests {
    private static let milliseconds: Int64 = 1_795_357_800_000
    private static let origin = StampTime.packed(milliseconds: milliseconds)
    private static let visit = RecordID(milliseconds: milliseconds, random: (0x123, 0x0405_0607_0809_0A0B))
    private static let place = RecordID(
        milliseconds: milliseconds - 86_400_000, random: (0x456, 0x1415_1617_1819_1A1B))
    private static let started = Value.text("2026-11-22T14:30:00+00:00")
    private static let created = Stamp(time: origin, device: 2)
    private static let priya = Stamp(time: after(seconds: 90), device: 2)
    private static let sam = Stamp(time: after(seconds: 95), device: 3)
    private static let hash = Hash128(BLAKE2b.hash128)
    private static let conflictID = Conflict.id(record: visit, field: 8, stamps: (priya, sam), hash: hash)

    private static func after(seconds: Int64) -> UInt64 {
        StampTime.packed(milliseconds: milliseconds + 1_000 * seconds)
    }

    @Test("Every hexadecimal example is a message or hash input that the code makes, and each of those is there")
    func examplesAreReal() throws {
        let page = try pageText()
        let shown = Set(Self.hexadecimalRuns(in: page))
        let made = Set(examples().map(Hex.encode))
        #expect(shown.subtracting(made) == [], "on the page, and not what the code makes")
        #expect(made.subtracting(shown) == [], "made by the code, and not on the page")
    }

    @Test("The digest, the conflict id, the invitation code and the text form of an id stand there as they are made")
    func resultsAreReal() throws {
        let page = try pageText()
        var scratch: [UInt8] = []
        let digest = RecordDigest.hash(of: digestedRecord, hash: Self.hash, scratch: &scratch)
        #expect(page.contains("→ \(Hex.encode(digest.bigEndianBytes))\n"))
        #expect(page.contains("→ \(Hex.encode(Self.conflictID.bigEndianBytes))\n"))
        let code = InvitationCode(
            secret: Self.bytes(0..<16), pin: Self.bytes(0x40..<0x60), host: "office.example", port: 8443)
        #expect(page.contains("\n\(code.encoded(hash: BLAKE2b.hash256))\n"))
        #expect(page.contains("`\(Hex.encode(Self.visit.bytes))` is `\(Self.visit)`"))
        #expect(page.contains("`\(Self.spaced(Refusal.revoked.encoded(receipt: 7)))`"))
    }

    // MARK: What the page shows

    private func pageText() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/protocol.md"), encoding: .utf8)
    }

    /// Lines of hexadecimal digits and spaces within code blocks; lines that follow each other are one run.
    private static func hexadecimalRuns(in page: String) -> [String] {
        var runs: [String] = []
        for (index, block) in page.components(separatedBy: "```").enumerated() where index % 2 == 1 {
            var run = ""
            for line in block.components(separatedBy: "\n") + [""] {
                if !line.isEmpty, line.allSatisfy({ $0 == " " || ($0.isHexDigit && !$0.isUppercase) }) {
                    run += line.filter { $0 != " " }
                } else if !run.isEmpty {
                    runs.append(run)
                    run = ""
                }
            }
        }
        return runs
    }

    private static func spaced(_ bytes: [UInt8]) -> String { bytes.map { Hex.encode([$0]) }.joined(separator: " ") }

    private static func bytes(_ range: Range<UInt8>) -> [UInt8] { Array(range) }

    // MARK: What the code makes

    private func examples() -> [[UInt8]] {
        var digested: [UInt8] = []
        _ = RecordDigest.hash(of: digestedRecord, hash: Self.hash, scratch: &digested)
        var conflictBytes = Self.visit.bytes + [8]
        Self.priya.append(to: &conflictBytes)
        Self.sam.append(to: &conflictBytes)
        let groups = [ownEdit, delete, decision].map { $0.encoded() }
        let others = [
            JoinRequest(secret: Self.bytes(0..<16), device: "Priya's laptop").encoded(), joined.encoded(),
            HistoryRequest(table: 4, record: Self.visit).encoded(), history.encoded(), digested, conflictBytes,
            erasure.encoded(),
        ]
        return groups + others + [request.encoded(), reply.encoded()] + refetchParts + shortForms
    }

    /// Parts of messages, and a request in short form with a run of new records.
    private var shortForms: [[UInt8]] {
        var (whole, reply) = (request, reply)
        reply.set(stretches: [FeedStretch(area: 2, after: 0, through: 11_000)])
        reply.set(seenEnds: [Cursor(area: 2, sequence: 44, mark: 0xFEDC_BA98_7654_3210)])
        var ahead = request
        var fingerprint = GroupFingerprint(hash: Self.hash)
        ahead.set(previousFingerprint: fingerprint.of(ownEdit))
        ahead.set(openGroups: [OpenGroup(number: 7, fingerprint: fingerprint.of(ownEdit))])
        whole.set(LedgerProgress(count: 12, hash: 0xABCD, hasKey: true))
        whole.set(auditHead: AuditHead(number: 30, hash: 0x1234))
        whole.groups = ["Tea.", "No answer.", "Tea again.", "A walk."].enumerated().map { index, text in
            let time = Self.after(seconds: Int64(index))
            let id = RecordID(
                milliseconds: Self.milliseconds + 1_000 * Int64(index),
                random: (0x123, 0x0405_0607_0809_0A0B + UInt64(index)))
            let fields = [
                FieldChange(field: 3, value: Self.started, time: time, base: .none),
                FieldChange(field: 8, value: .text(text), time: time, base: .none),
            ]
            return ChangeGroup(
                number: 7 + UInt64(index),
                changes: [Change(table: 4, record: id, creation: Creation(area: 2, time: time), fields: fields)])
        }
        // A part that can't be read would be missed in the comparison.
        let short = try? whole.shortened(Self.hash)?.encoded()
        let parts = [
            reply.parts[.stretches], reply.parts[.seenEnds], ahead.parts[.previousGroup], ahead.parts[.openGroups],
        ]
        return (parts + [short]).compactMap(\.self)
    }

    private var refetchParts: [[UInt8]] {
        var (request, reply) = (request, reply)
        let horizon = AreaHorizon(area: 2, sequence: 900)
        request.setFetchReport(
            FetchReport(horizons: [horizon], repairs: [AreaRepair(area: 2, outcome: .begun)]))
        reply.setFetchStarts([horizon])
        return [request.parts[.refetch], reply.parts[.refetch]].compactMap(\.self)
    }

    private var erasure: ErasureOrder {
        ErasureOrder(
            id: RecordID(milliseconds: Self.milliseconds, random: (0x123, 0x0405_0607_0809_0A0C)), time: Self.origin,
            targets: [
                ErasureTarget(table: 2, record: Self.place),
                ErasureTarget(table: 4, record: Self.visit, fields: FieldMask(bits: 1 << 8)),
            ])
    }

    private let epoch = Self.bytes(0xE0..<0xF0)

    private var joined: JoinReply {
        let directory = Directory(
            version: 4, role: .worker, person: "Priya",
            devices: [
                .init(number: 0, name: "server", person: "office"),
                .init(number: 2, name: "Priya's laptop", person: "Priya"),
            ],
            areas: [
                .init(number: 1, name: "everyone", canRead: true, canWrite: true, twinOf: nil),
                .init(number: 2, name: "canterbury", canRead: true, canWrite: true, twinOf: nil),
                .init(number: 3, name: "canterbury (restricted)", canRead: false, canWrite: true, twinOf: 2),
            ])
        return JoinReply(device: 2, token: Self.bytes(0..<32), epoch: epoch, directory: directory)
    }

    private var request: SyncRequest {
        let creation = Change(
            table: 4, record: Self.visit, creation: Creation(area: 2, time: Self.origin),
            fields: [
                FieldChange(field: 1, value: .blob(Self.place.bytes), time: Self.origin, base: .none),
                FieldChange(field: 3, value: Self.started, time: Self.origin, base: .none),
                FieldChange(field: 8, value: .text("Tea."), time: Self.origin, base: .none),
            ])
        let seen = Stamp(time: Self.after(seconds: -3_600), device: 1)
        let edit = FieldChange(
            field: 5, value: .text("Ring twice."), time: Self.after(seconds: 60), base: .stamp(seen))
        let group = ChangeGroup(
            number: 7, changes: [creation, Change(table: 1, record: Self.place, fields: [edit])])
        return SyncRequest(
            schemaVersion: 1, epoch: epoch, clockMilliseconds: Self.milliseconds + 130_000, lowestOwnGroup: 1,
            directoryVersion: 4,
            cursors: [
                Cursor(area: 1, sequence: 0, mark: 0), Cursor(area: 2, sequence: 41, mark: 0x0123_4567_89AB_CDEF),
            ], groups: [group])
    }

    private var ownEdit: ChangeGroup {
        let field = FieldChange(
            field: 8, value: .text("Tea with Alex."), time: Self.priya.time, base: .own(number: 7, time: Self.origin))
        return ChangeGroup(number: 8, changes: [Change(table: 4, record: Self.visit, fields: [field])])
    }

    private var delete: ChangeGroup {
        let existence = ExistenceChange(
            isAlive: false, time: Self.after(seconds: 120), base: .none,
            seen: [.init(field: 8, base: .own(number: 8, time: Self.priya.time))])
        return ChangeGroup(
            number: 9, changes: [Change(table: 4, record: Self.visit, fields: [], existence: existence)])
    }

    private var decision: ChangeGroup {
        let time = Self.after(seconds: 200)
        let field = FieldChange(
            field: 8, value: .text("Tea with Alex and Sam."), time: time, base: .stamp(Self.sam))
        let decision = Decision(conflict: Self.conflictID, action: .resolve, why: "Both were said.", time: time)
        return ChangeGroup(
            number: 10,
            changes: [Change(table: 4, record: Self.visit, fields: [field], decisions: [decision])])
    }

    private var reply: SyncReply {
        let record = RecordUpdate(
            table: 4, record: Self.visit, created: Self.created, isWhole: true,
            fields: [
                FieldState(number: 1, value: .blob(Self.place.bytes), stamp: Self.created),
                FieldState(number: 3, value: Self.started, stamp: Self.created),
                FieldState(number: 8, value: .text("Tea with Sam."), stamp: Self.sam),
            ], existence: nil, isLiving: true)
        let conflict = Conflict(
            id: Self.conflictID, table: 4, record: Self.visit, area: 2, field: 8,
            a: .init(value: .text("Tea with Alex."), stamp: Self.priya),
            b: .init(value: .text("Tea with Sam."), stamp: Self.sam), before: .text("Tea."), kept: .b)
        let page = FeedPage(
            area: 2, sequence: 44, mark: 0xFEDC_BA98_7654_3210, isComplete: true, digest: 0x1234, asSent: [7...7],
            records: [record], conflicts: [conflict])
        return SyncReply(
            epoch: epoch, clockMilliseconds: Self.milliseconds + 131_000, receipt: 8, highestTime: Self.priya.time,
            pages: [FeedPage(area: 1, sequence: 0, mark: 0, isComplete: true, digest: 0), page])
    }

    private var history: HistoryReply {
        HistoryReply(versions: [
            .init(field: 8, value: .text("Tea."), stamp: Self.created, isCurrent: false),
            .init(field: 8, value: .text("Tea with Sam."), stamp: Self.sam, isCurrent: true),
        ])
    }

    private var digestedRecord: RecordState {
        RecordState(
            table: 4, id: Self.visit, area: 2, created: Self.created,
            fields: [FieldState(number: 8, value: .text("Tea with Sam."), stamp: Self.sam)])
    }
}
