import Testing

@testable import SyncCore

/// What a restored server still has of one field.
private struct Remainder: VersionHistory {
    let kept: [FieldState]
    /// Versions that somebody else than their writers told of.
    var told: Set<Stamp> = []

    func version(field: Int, stamp: Stamp) -> FieldState? { kept.first { $0.stamp == stamp } }
    func versions(field: Int) -> [FieldState] { kept }
    func isLinkKnown(of stamp: Stamp) -> Bool { !told.contains(stamp) }
    func decided(field: Int) -> [(by: Stamp, sides: [Stamp])] { [] }
    func sides(ofConflict id: UInt128) -> [Stamp] { [] }
}

@Suite("The chain of versions where a restored server has lost a link")
struct VersionChainTests {
    private let created = Stamp(time: 1_000, device: 9)

    private func version(_ time: UInt64, _ device: UInt32, saw base: Stamp) -> FieldState {
        FieldState(number: 1, value: .text("at \(time)"), stamp: Stamp(time: time, device: device), base: base)
    }

    private func chain(
        _ current: FieldState, kept: [FieldState] = [], told: Set<Stamp> = []
    ) -> VersionChain<Remainder> {
        VersionChain(current: current, created: created, history: Remainder(kept: kept, told: told))
    }

    @Test("exactness: who saw a lost version of a device saw the earlier ones of that device", arguments: [1, 2])
    func lostOwnVersion(writer: UInt32) throws {
        let first = version(2_000, 1, saw: created)
        let third = version(4_000, writer, saw: Stamp(time: 3_000, device: 1))
        #expect(try chain(first).reaches(first.stamp, from: third))
        let fourth = version(5_000, 2, saw: third.stamp)
        #expect(try chain(first, kept: [third]).reaches(first.stamp, from: fourth))
    }

    @Test("G2: a lost version says nothing about what other devices wrote")
    func lostForeignVersion() throws {
        let first = version(2_000, 3, saw: created)
        let third = version(4_000, 1, saw: Stamp(time: 3_000, device: 2))
        #expect(try !chain(first).reaches(first.stamp, from: third))
    }

    @Test("exactness: whoever wrote over a lost version knew their own earlier words")
    func ownBeforeLostVersion() throws {
        let first = version(2_000, 1, saw: created)
        let third = version(4_000, 1, saw: Stamp(time: 3_000, device: 2))
        #expect(try chain(first).reaches(first.stamp, from: third))
        let fourth = version(5_000, 2, saw: third.stamp)
        #expect(try chain(first, kept: [third]).reaches(first.stamp, from: fourth))
    }

    @Test("exactness: a link that somebody else told of may have passed a word over, but not for who wrote that word")
    func toldLink() throws {
        let first = version(2_000, 1, saw: created)
        let second = version(3_000, 2, saw: created)
        let own = version(4_000, 1, saw: second.stamp)
        let other = version(4_000, 3, saw: second.stamp)
        #expect(try chain(first, kept: [second], told: [second.stamp]).reaches(first.stamp, from: own))
        #expect(try !chain(first, kept: [second], told: [second.stamp]).reaches(first.stamp, from: other))
        #expect(try !chain(first, kept: [second]).reaches(first.stamp, from: own))
    }

    @Test("G2: what a device wrote after the lost version was not seen by it")
    func laterOwnVersion() throws {
        let first = version(3_500, 1, saw: created)
        let third = version(4_000, 2, saw: Stamp(time: 3_000, device: 1))
        #expect(try !chain(first).reaches(first.stamp, from: third))
    }

    @Test("A field that is empty since the creation conflicts with nothing, though a restore made the creation later")
    func emptySinceCreation() throws {
        var state = RecordState(
            table: 1, id: RecordID(high: 7, low: 8), area: 2, created: Stamp(time: 9_000, device: 1), fields: [])
        let change = FinalChange(
            table: 1, record: state.id, creation: nil, fields: [version(2_000, 1, saw: created)], existence: nil,
            decisions: [])
        let merge = RecordMerge(table: nil, hash: Hash128 { UInt128($0.count) })
        let outcome = try merge.merge(change, into: &state, history: Remainder(kept: []))
        #expect(state.field(1).value == .text("at 2000"))
        #expect(outcome.conflicts.isEmpty)
    }
}

@Suite("Deletes of a record that its author has made once more")
struct RemadeRecordTests {
    private let first = Stamp(time: 1_000, device: 1)
    private let created = Stamp(time: 3_000, device: 1)

    /// Made with what stands on the first version; deleted by somebody who had seen `seen`.
    private func isLiving(afterSeeing seen: Stamp?) throws -> (living: Bool, conflicts: Int) {
        let said = FieldState(number: 1, value: .text("said again"), stamp: created, base: first)
        var state = RecordState(
            table: 1, id: RecordID(high: 7, low: 8), area: 2, created: created, fields: [said])
        let delete = ExistenceState(
            isAlive: false, stamp: Stamp(time: 4_000, device: 1), base: nil,
            seen: seen.map { [ExistenceState.Seen(field: 1, stamp: $0)] } ?? [])
        let change = FinalChange(
            table: 1, record: state.id, creation: nil, fields: [], existence: delete, decisions: [])
        let kept = [FieldState(number: 1, value: .text("said"), stamp: first)]
        let outcome = try RecordMerge(table: nil, hash: Hash128 { UInt128($0.count) }).merge(
            change, into: &state, history: Remainder(kept: kept))
        return (state.isLiving, outcome.conflicts.count)
    }

    @Test("G2: a delete by somebody who had seen the first version alone does not hide the new one")
    func firstVersion() throws {
        let (living, conflicts) = try isLiving(afterSeeing: first)
        #expect(living && conflicts == 1)
    }

    @Test("A delete by somebody who had seen the new one ends the record")
    func newVersion() throws {
        for seen in [created, nil] {
            let (living, conflicts) = try isLiving(afterSeeing: seen)
            #expect(!living && conflicts == 0)
        }
    }
}
