import Testing

@testable import SyncCore

private let id = RecordID(milliseconds: 1_700_000_000_000, random: (5, 6))

private let request = SyncRequest(
    schemaVersion: 1, epoch: [UInt8](repeating: 7, count: 16), clockMilliseconds: -3, lowestOwnGroup: 2,
    directoryVersion: 9, cursors: [Cursor(area: 1, sequence: 10, mark: .max)],
    groups: [
        ChangeGroup(
            number: 3,
            changes: [
                Change(
                    table: 4, record: id, creation: Creation(area: 2, time: 500),
                    fields: [
                        FieldChange(field: 1, value: .text("a\u{0}b"), time: 500, base: .none),
                        FieldChange(field: 2, value: .real(-0.5), time: 501, base: .own(number: 3, time: 500)),
                        FieldChange(field: 62, value: .blob([1, 2]), time: 500, base: .none),
                    ]),
                Change(
                    table: 4, record: id,
                    fields: [
                        FieldChange(
                            field: 1, value: .null, time: 700, base: .stamp(Stamp(time: .max, device: .max)))
                    ],
                    existence: ExistenceChange(
                        isAlive: false, time: 800, base: .none,
                        seen: [.init(field: 1, base: .own(number: 2, time: 1)), .init(field: 2, base: .none)]),
                    decisions: [Decision(conflict: 1 << 100, action: .reopen, why: "because", time: 900)]),
            ])
    ])

private let reply = SyncReply(
    notice: .gap, epoch: [UInt8](repeating: 1, count: 16), clockMilliseconds: 5, receipt: 6, highestTime: 7,
    isClockCorrected: true, held: [HeldGroup(number: 4, reason: .malformed)],
    directory: Directory(
        version: 3, role: .lead, person: "Priya",
        devices: [.init(number: 1, name: "laptop", person: "Priya")],
        areas: [.init(number: 2, name: "main", canRead: true, canWrite: false, twinOf: 1)]),
    pages: [
        FeedPage(area: 1, sequence: 2, mark: 3, isComplete: true, digest: 1 << 127),
        FeedPage(
            area: 2, sequence: 5, mark: 6, isComplete: false, digest: nil, asSent: [1...4, 9...9],
            records: [
                RecordUpdate(
                    table: 4, record: id, created: Stamp(time: 100, device: 1), isWhole: true,
                    fields: [
                        FieldState(number: 1, value: .text("x"), stamp: Stamp(time: 100, device: 1)),
                        FieldState(number: 2, value: .integer(.min), stamp: Stamp(time: 50, device: 2)),
                    ],
                    existence: ExistenceState(isAlive: true, stamp: Stamp(time: 3, device: 3), base: nil, seen: []),
                    isLiving: true)
            ],
            conflicts: [
                Conflict(
                    id: 77, table: 4, record: id, area: 2, field: 0,
                    a: .init(value: nil, stamp: Stamp(time: 1, device: 1)),
                    b: .init(value: .integer(1), stamp: Stamp(time: 2, device: 1)), before: .null, kept: .b,
                    status: .resolved,
                    verdict: .init(stamp: Stamp(time: 9, device: 1), action: .resolve, why: nil))
            ]),
    ])

@Suite("Messages on the wire")
struct MessageTests {
    @Test("G16: a reason for holding that this version does not know is kept by its number, and passed on")
    func unknownReason() throws {
        var told = reply
        told.held = [HeldGroup(number: 4, reason: .malformed), HeldGroup(number: 9, reason: .unknown(99))]
        told.set(heldOutcomes: [
            HeldOutcome(id: 1, number: 3, kind: .discarded, reason: .unknown(99), why: nil, milliseconds: 5)
        ])
        let read = try SyncReply(decoding: told.encoded())
        #expect(read == told)
        #expect(read.held.map(\.reason.rawValue) == [4, 99])
        #expect(try read.heldOutcomes().first?.reason == HoldReason(rawValue: 99))
    }

    @Test(
        "Which areas members have comes with a directory; without one, or for an area that is not in it, it is refused")
    func membersAreas() throws {
        var told = reply
        told.directory = Directory(
            version: 1, role: .worker, person: "Priya", devices: [],
            areas: [
                .init(number: 2, name: "canterbury", canRead: true, canWrite: true, twinOf: nil),
                .init(number: 4, name: "alex", canRead: true, canWrite: true, twinOf: nil, isOfMember: true),
            ])
        let bytes = told.encoded()
        let read = try SyncReply(decoding: bytes)
        #expect(read == told && read.encoded() == bytes)
        #expect(read.directory?.areas.map(\.isOfMember) == [false, true])
        for (part, has) in [([0x81, 0x04], false), ([0x81, 0x03], true), ([0x80], true)] as [([UInt8], Bool)] {
            var other = told
            other.directory?.areas[1].isOfMember = false
            if !has { other.directory = nil }
            other.parts[.membersAreas] = part
            #expect(throws: CBORError.self) { try SyncReply(decoding: other.encoded()) }
        }
        let directory = try #require(told.directory)
        let joined = JoinReply(
            device: 1, token: [UInt8](repeating: 1, count: 32), epoch: [UInt8](repeating: 2, count: 16),
            directory: directory)
        #expect(try JoinReply(decoding: joined.encoded()) == joined)
    }

    @Test("A request comes back as it was sent")
    func requestRoundTrip() throws {
        #expect(try SyncRequest(decoding: request.encoded()) == request)
    }

    @Test("A reply comes back as it was sent")
    func replyRoundTrip() throws {
        #expect(try SyncReply(decoding: reply.encoded()) == reply)
    }

    @Test("Parts come back as they were sent, those of a kind that nobody knows too, and none leave no trace")
    func parts() throws {
        var said = request
        said.parts[.refetch] = [0x82, 0x01, 0x02]
        var answered = reply
        answered.parts[.corrections] = [0x80]
        #expect(try SyncRequest(decoding: said.encoded()) == said)
        #expect(try SyncReply(decoding: answered.encoded()) == answered)
        #expect(try SyncRequest(decoding: said.encoded()).parts[.refetch] == [0x82, 0x01, 0x02])
        var bytes = said.encoded()
        let kind = try #require(bytes.lastIndex(of: 0x03))
        bytes[kind] = 0x17
        let unknown = try SyncRequest(decoding: bytes)
        #expect(unknown.parts[.refetch] == nil && unknown.encoded() == bytes)
        said.parts[.refetch] = nil
        #expect(said.encoded() == request.encoded())
        #expect(throws: CBORError.self) { try SyncReply(decoding: Self.withEmptyParts(reply.encoded())) }
    }

    /// A message of nine elements with an empty map behind them.
    private static func withEmptyParts(_ bytes: [UInt8]) -> [UInt8] { [0x8A] + bytes.dropFirst() + [0xA0] }

    @Test("Joining and history come back as they were sent")
    func otherRoundTrips() throws {
        let join = JoinRequest(secret: [UInt8](repeating: 3, count: 16), device: "Priya's laptop")
        #expect(try JoinRequest(decoding: join.encoded()) == join)
        let directory = try #require(reply.directory)
        let joined = JoinReply(
            device: 4, token: [UInt8](repeating: 1, count: 32), epoch: [UInt8](repeating: 2, count: 16),
            directory: directory)
        #expect(try JoinReply(decoding: joined.encoded()) == joined)
        let history = HistoryReply(
            versions: [.init(field: 0, value: .integer(0), stamp: Stamp(time: 1, device: 2), isCurrent: true)])
        #expect(try HistoryReply(decoding: history.encoded()) == history)
        let wanted = HistoryRequest(table: 4, record: id)
        #expect(try HistoryRequest(decoding: wanted.encoded()) == wanted)
        let refusal = try Refusal.decode(Refusal.revoked.encoded(receipt: 12))
        #expect(refusal.refusal == .revoked && refusal.receipt == 12)
    }

    @Test("Every truncation is refused, and so is a byte too many")
    func truncations() {
        for whole in [request.encoded(), reply.encoded()] {
            for length in 0..<whole.count {
                let part = Array(whole[..<length])
                #expect(throws: CBORError.self) { try SyncRequest(decoding: part) }
                #expect(throws: CBORError.self) { try SyncReply(decoding: part) }
            }
            #expect(throws: CBORError.self) { try SyncRequest(decoding: whole + [0]) }
            #expect(throws: CBORError.self) { try SyncReply(decoding: whole + [0]) }
        }
    }

    @Test("A changed byte either is refused or gives a message that survives a round trip")
    func everyByteChanged() throws {
        let whole = request.encoded()
        for index in whole.indices {
            for flip in [UInt8(1), 0x20, 0x80, 0xFF] {
                var bytes = whole
                bytes[index] ^= flip
                guard let read = try? SyncRequest(decoding: bytes) else { continue }  // Refused: as it should be.
                #expect(try SyncRequest(decoding: read.encoded()) == read, "byte \(index) changed by \(flip)")
            }
        }
    }

    @Test("A new record costs little beyond its values")
    func newRecordIsSmall() {
        let group = ChangeGroup(
            number: 1,
            changes: [
                Change(
                    table: 4, record: id, creation: Creation(area: 2, time: 1 << 56),
                    fields: [FieldChange(field: 1, value: .text("note"), time: 1 << 56, base: .none)])
            ])
        #expect(group.encoded().count <= 45)
    }

    @Test("what is asked and told of held groups comes back as it was; what breaks the form is refused")
    func heldGroups() throws {
        let asked = HeldGroupsRequest(
            lastOutcome: 7, withdrawals: [.init(number: 3, replacement: nil), .init(number: 4, replacement: 9)])
        var request = SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: 0, lowestOwnGroup: 1, directoryVersion: 0, cursors: [],
            groups: [])
        #expect(try request.heldGroups() == nil)
        request.set(heldGroups: asked)
        #expect(try SyncRequest(decoding: request.encoded()).heldGroups() == asked)
        // A replacement that is not later than what it replaces.
        request.set(heldGroups: HeldGroupsRequest(lastOutcome: 0, withdrawals: [.init(number: 4, replacement: 4)]))
        #expect(throws: CBORError.self) { try request.heldGroups() }
        let outcomes = HeldOutcome.Kind.allCases.enumerated().map { index, kind in
            HeldOutcome(
                id: UInt64(index + 1), number: UInt64(9 - index), kind: kind, reason: .revoked,
                why: index == 0 ? "entered twice" : nil, milliseconds: -5)
        }
        var reply = SyncReply(
            epoch: [UInt8](repeating: 1, count: 16), clockMilliseconds: 0, receipt: 0, highestTime: 0)
        reply.set(heldOutcomes: [])
        #expect(reply.parts.isEmpty)
        reply.set(heldOutcomes: outcomes)
        #expect(try SyncReply(decoding: reply.encoded()).heldOutcomes() == outcomes)
        reply.set(heldOutcomes: outcomes.reversed())
        #expect(throws: CBORError.self) { try reply.heldOutcomes() }
    }

    @Test("of work that did not come into force no value is told; what breaks the form is refused")
    func returnedGroups() throws {
        let id = RecordID(milliseconds: 1, random: (1, 2))
        let decision = Decision(conflict: 5, action: .resolve, why: "why", time: 12)
        let group = ChangeGroup(
            number: 3,
            changes: [
                Change(
                    table: 1, record: id, creation: Creation(area: 2, time: 10),
                    fields: [FieldChange(field: 1, value: .text("words"), time: 10, base: .none)],
                    decisions: [decision])
            ])
        func told(_ number: UInt64, _ kind: HeldOutcome.Kind) -> ReturnedGroup {
            ReturnedGroup(
                ChangeGroup(number: number, changes: group.changes), kind: kind, reason: .roleNotAllowed,
                why: kind == .discarded ? "twice" : nil, milliseconds: 7)
        }
        var request = SyncRequest(
            schemaVersion: 1, epoch: [], clockMilliseconds: 0, lowestOwnGroup: 1, directoryVersion: 0, cursors: [],
            groups: [])
        #expect(try request.returnedGroups() == [])
        request.set(returned: [told(3, .discarded), told(4, .withdrawn)])
        let back = try SyncRequest(decoding: request.encoded()).returnedGroups()
        #expect(back == [told(3, .discarded), told(4, .withdrawn)])
        #expect(back[0].group.changes[0].fields.map(\.value) == [.null])
        #expect(back[0].group.changes[0].decisions.isEmpty)
        for wrong in [[told(4, .discarded), told(3, .discarded)], [told(3, .accepted)]] {
            request.set(returned: wrong)
            #expect(throws: CBORError.self) { try request.returnedGroups() }
        }
    }
}
