import Testing

@testable import SyncCore

/// A history in memory, and one record to merge into.
private struct Scene: VersionHistory {
    static let hash = Hash128 { bytes in bytes.reduce(0) { $0 &* 1_099_511_628_211 &+ UInt128($1) &+ 1 } }
    static let table = Table(
        1, "visit",
        [
            Field(1, "summary"), Field(2, "purpose"),
            Field(3, "do_not_contact", .integer, policy: .mostRestrictive([.integer(2), .integer(1)])),
        ])
    static let created = Stamp(time: 1_000, device: 9)

    var state = RecordState(
        table: 1, id: RecordID(high: 7, low: 8), area: 2, created: Scene.created,
        fields: [FieldState(number: 1, value: .text("first"), stamp: Scene.created)])
    var versions: [FieldState] = []
    var conflicts: [Conflict] = []
    var decided: [(by: Stamp, sides: [Stamp])] = []

    func version(field: Int, stamp: Stamp) -> FieldState? {
        versions.first { $0.number == field && $0.stamp == stamp }
    }

    func versions(field: Int) -> [FieldState] { versions.filter { $0.number == field } }

    func decided(field: Int) -> [(by: Stamp, sides: [Stamp])] { decided }

    func sides(ofConflict id: UInt128) -> [Stamp] {
        conflicts.first { $0.id == id }.map { [$0.a.stamp, $0.b.stamp] } ?? []
    }

    @discardableResult
    mutating func merge(
        _ fields: [FieldState] = [], existence: ExistenceState? = nil,
        decisions: [(decision: Decision, stamp: Stamp)] = []
    ) throws -> MergeOutcome {
        let change = FinalChange(
            table: 1, record: state.id, creation: nil, fields: fields, existence: existence, decisions: decisions)
        let outcome = try RecordMerge(table: Scene.table, hash: Scene.hash).merge(change, into: &state, history: self)
        versions += outcome.superseded
        versions.removeAll { version in outcome.reinstated.contains { $0.stamp == version.stamp } }
        conflicts += outcome.conflicts
        return outcome
    }
}

private func stamp(_ time: UInt64, _ device: UInt32) -> Stamp { Stamp(time: time, device: device) }

private func edit(_ text: String, _ at: Stamp, saw base: Stamp, field: Int = 1) -> FieldState {
    FieldState(number: field, value: .text(text), stamp: at, base: base)
}

@Suite("The merge of one record")
struct MergeTests {
    @Test("G5: an edit that saw the current value wins without conflict")
    func editThatSawWins() throws {
        var scene = Scene()
        let outcome = try scene.merge([edit("second", stamp(2_000, 1), saw: Scene.created)])
        #expect(scene.state.field(1).value == .text("second"))
        #expect(outcome.isExact && scene.conflicts.isEmpty)
        #expect(scene.versions.map(\.value) == [.text("first")])
    }

    @Test(
        "G3: two edits that had not seen each other end alike in both orders, and the loser is in the log",
        arguments: [(stamp(2_000, 1), stamp(3_000, 2)), (stamp(2_000, 1), stamp(2_000, 2))])
    func concurrentEdits(earlier: Stamp, later: Stamp) throws {
        let edits = [edit("early", earlier, saw: Scene.created), edit("late", later, saw: Scene.created)]
        var forward = Scene()
        var backward = Scene()
        for change in edits { try forward.merge([change]) }
        for change in edits.reversed() { try backward.merge([change]) }
        #expect(forward.state == backward.state)
        #expect(forward.state.field(1).value == .text("late"))
        #expect(forward.conflicts == backward.conflicts)
        let conflict = try #require(forward.conflicts.first)
        #expect(conflict.a.value == .text("early") && conflict.b.value == .text("late"))
        #expect(conflict.before == .text("first"))
        #expect(conflict.kept == .b && conflict.status == .open)
    }

    @Test("Identical time and counter on three devices: the greatest device number stays in every order")
    func threeDevices() throws {
        let edits = (1...3).map { edit("by \($0)", stamp(2_000, UInt32($0)), saw: Scene.created) }
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            var scene = Scene()
            for index in order { try scene.merge([edits[index]]) }
            #expect(scene.state.field(1).value == .text("by 3"))
            let losers = Set(scene.conflicts.flatMap { [$0.a.value, $0.b.value] })
            #expect(losers.isSuperset(of: [.text("by 1"), .text("by 2")]))
        }
    }

    @Test("The same value written twice is no conflict; the later stamp stays")
    func sameValue() throws {
        var scene = Scene()
        try scene.merge([edit("same", stamp(3_000, 1), saw: Scene.created)])
        try scene.merge([edit("same", stamp(2_000, 2), saw: Scene.created)])
        #expect(scene.conflicts.isEmpty)
        #expect(scene.state.field(1).stamp == stamp(3_000, 1))
    }

    @Test("Values that differ only in case, or in Unicode form, are different values")
    func differentInCaseOrForm() throws {
        for (one, other) in [("Alex", "alex"), ("caf\u{E9}", "cafe\u{301}")] {
            var scene = Scene()
            try scene.merge([edit(one, stamp(2_000, 1), saw: Scene.created)])
            try scene.merge([edit(other, stamp(3_000, 2), saw: Scene.created)])
            #expect(scene.conflicts.count == 1)
        }
    }

    @Test("G4: an ancestor that comes late goes to the history without a conflict")
    func lateAncestor() throws {
        var scene = Scene()
        let held = edit("held", stamp(2_000, 1), saw: Scene.created)
        scene.versions.append(held)  // The link of a held group is stored before the group is accepted.
        try scene.merge([edit("after it", stamp(3_000, 1), saw: held.stamp)])
        #expect(scene.conflicts.isEmpty)
        let outcome = try scene.merge([held])
        #expect(scene.conflicts.isEmpty && !outcome.isExact)
        #expect(scene.state.field(1).value == .text("after it"))
    }

    @Test("Different fields edited on two devices are both kept")
    func differentFields() throws {
        var scene = Scene()
        try scene.merge([edit("mine", stamp(2_000, 1), saw: Scene.created)])
        try scene.merge([edit("yours", stamp(3_000, 2), saw: Scene.created, field: 2)])
        #expect(scene.conflicts.isEmpty)
        #expect(scene.state.field(1).value == .text("mine") && scene.state.field(2).value == .text("yours"))
    }

    @Test("The restrictive value stays whichever is later, and an edit that saw it may lift it")
    func mostRestrictive() throws {
        func contact(_ value: Int64, _ at: Stamp, saw base: Stamp) -> FieldState {
            FieldState(number: 3, value: .integer(value), stamp: at, base: base)
        }
        let restrictive = contact(1, stamp(2_000, 1), saw: Scene.created)
        let open = contact(0, stamp(3_000, 2), saw: Scene.created)
        for order in [[restrictive, open], [open, restrictive]] {
            var scene = Scene()
            for change in order { try scene.merge([change]) }
            #expect(scene.state.field(3).value == .integer(1))
            #expect(scene.conflicts.first?.kept == .a)
            try scene.merge([contact(0, stamp(4_000, 2), saw: restrictive.stamp)])
            #expect(scene.state.field(3).value == .integer(0))
        }
    }

    @Test("A value that is older than the creation stands where nobody wrote one, or is in a conflict")
    func restrictiveOlderThanCreation() throws {
        let old = Self.contact(0, stamp(500, 4), saw: stamp(400, 4))
        let later = Self.contact(3, stamp(2_000, 5), saw: Scene.created)
        for order in [[old, later], [later, old]] {
            var scene = Scene()
            for change in order { try scene.merge([change]) }
            #expect(scene.state.field(3).stamp == later.stamp)
            #expect(scene.conflicts.map { [$0.a.value, $0.b.value] } == [[.integer(0), .integer(3)]])
        }
        var scene = Scene()
        try scene.merge([old])
        #expect(scene.state.field(3).value == .integer(0))
    }

    private static func contact(_ value: Int64, _ at: Stamp, saw base: Stamp) -> FieldState {
        FieldState(number: 3, value: .integer(value), stamp: at, base: base)
    }

    /// Two withdraw without having seen each other, and one gives again: what they did, and what must stand.
    private static let histories: [(changes: [FieldState], standing: Stamp)] = {
        let one = contact(1, stamp(2_000, 1), saw: Scene.created)
        let other = contact(1, stamp(3_000, 2), saw: Scene.created)
        let strictest = contact(2, stamp(2_500, 3), saw: Scene.created)
        let lifted = contact(0, stamp(4_000, 1), saw: one.stamp)
        let bothLifted = contact(0, stamp(5_000, 1), saw: other.stamp)
        let mine = contact(0, stamp(4_500, 4), saw: Scene.created)
        return [
            ([one, other, lifted], other.stamp), ([one, strictest, lifted, mine], strictest.stamp),
            ([one, lifted, mine], mine.stamp), ([one, other, lifted, bothLifted], bothLifted.stamp),
            ([one, other, lifted, contact(1, stamp(6_000, 3), saw: lifted.stamp)], stamp(6_000, 3)),
        ]
    }()

    @Test("the restriction that nobody lifted who had seen it stands, in every order of arrival", arguments: 0..<5)
    func restrictiveInEveryOrder(number: Int) throws {
        let (changes, standing) = Self.histories[number]
        for order in permutations(changes) {
            var scene = Scene()
            for change in order { try scene.merge([change]) }
            #expect(scene.state.field(3).stamp == standing, "\(order.map(\.stamp))")
            #expect(scene.versions.map(\.stamp).filter { $0 == standing }.isEmpty)
            let named = Set(scene.conflicts.flatMap { [$0.a.value, $0.b.value] })
            // What lost to a restriction that its writer had not seen is in the log.
            let current = scene.state.field(3)
            for change in changes where change.value != current.value {
                let isSeen = changes.contains { $0.base == change.stamp }
                #expect(isSeen || named.contains(change.value), "\(order.map(\.stamp))")
            }
        }
    }

    private func permutations(_ changes: [FieldState]) -> [[FieldState]] {
        guard changes.count > 1 else { return [changes] }
        return changes.indices.flatMap { index in
            var rest = changes
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test("who decides a conflict has seen both sides: the restriction that lost stays away")
    func decidedRestriction() throws {
        let one = Self.contact(1, stamp(2_000, 1), saw: Scene.created)
        let strictest = Self.contact(2, stamp(2_500, 3), saw: Scene.created)
        var scene = Scene()
        for change in [one, strictest] { try scene.merge([change]) }
        let conflict = try #require(scene.conflicts.first)
        let chosen = Self.contact(0, stamp(3_000, 4), saw: strictest.stamp)
        let decision = Decision(conflict: conflict.id, action: .resolve, why: nil, time: chosen.stamp.time)
        try scene.merge([chosen], decisions: [(decision, chosen.stamp)])
        #expect(scene.state.field(3).stamp == chosen.stamp && scene.conflicts.count == 1)
        // Later merges know it from the verdict.
        scene.decided = [(chosen.stamp, [one.stamp, strictest.stamp])]
        let next = Self.contact(0, stamp(4_000, 1), saw: chosen.stamp)
        try scene.merge([next])
        #expect(scene.state.field(3).stamp == next.stamp && scene.conflicts.count == 1)
    }

    @Test("G5: a restrictive value that comes late does not beat one whose writer had seen it, though that one lost")
    func lateRestrictiveValue() throws {
        func contact(_ value: Int64, _ at: Stamp, saw base: Stamp) -> FieldState {
            FieldState(number: 3, value: .integer(value), stamp: at, base: base)
        }
        let held = contact(2, stamp(2_000, 1), saw: Scene.created)
        let lifted = contact(0, stamp(4_000, 1), saw: held.stamp)
        let other = contact(1, stamp(3_000, 2), saw: Scene.created)
        var scene = Scene()
        for change in [other, lifted, held] { try scene.merge([change]) }
        #expect(scene.state.field(3).stamp == other.stamp)
    }
}

@Suite("Deletes and restores")
struct ExistenceMergeTests {
    private func delete(_ at: Stamp, saw seen: [Stamp] = []) -> ExistenceState {
        ExistenceState(
            isAlive: false, stamp: at, base: nil, seen: seen.map { ExistenceState.Seen(field: 1, stamp: $0) })
    }

    @Test("A delete that saw everything ends the record, and a restore brings it back")
    func deleteAndRestore() throws {
        var scene = Scene()
        try scene.merge(existence: delete(stamp(2_000, 1)))
        #expect(!scene.state.isLiving && scene.conflicts.isEmpty)
        try scene.merge(
            existence: ExistenceState(isAlive: true, stamp: stamp(3_000, 1), base: stamp(2_000, 1), seen: []))
        #expect(scene.state.isLiving && scene.conflicts.isEmpty)
        #expect(scene.state.field(1).value == .text("first"))
    }

    @Test("A delete here and an edit there: the edit lives on in both orders, and the conflict names both")
    func deleteAgainstEdit() throws {
        let change = edit("edited", stamp(2_000, 2), saw: Scene.created)
        var editFirst = Scene()
        try editFirst.merge([change])
        let outcome = try editFirst.merge(existence: delete(stamp(3_000, 1)))
        #expect(!outcome.isExact)
        var deleteFirst = Scene()
        try deleteFirst.merge(existence: delete(stamp(3_000, 1)))
        #expect(!deleteFirst.state.isLiving)
        try deleteFirst.merge([change])
        for scene in [editFirst, deleteFirst] {
            #expect(scene.state.isLiving)
            let conflict = try #require(scene.conflicts.first)
            #expect(scene.conflicts.count == 1)
            #expect(conflict.field == 1 && conflict.a.value == .text("edited") && conflict.b.value == nil)
            #expect(conflict.before == .text("first") && conflict.kept == .a)
        }
        #expect(editFirst.conflicts == deleteFirst.conflicts)
    }

    @Test("Edits made after the record was seen to live on make no further conflict with the delete")
    func editsAfterRevival() throws {
        var scene = Scene()
        try scene.merge(existence: delete(stamp(3_000, 1)))
        try scene.merge([edit("edited", stamp(2_000, 2), saw: Scene.created)])
        try scene.merge([edit("again", stamp(4_000, 2), saw: stamp(2_000, 2))])
        #expect(scene.conflicts.count == 1 && scene.state.isLiving)
    }

    @Test("A delete that saw the edit ends the record without a conflict")
    func deleteThatSawTheEdit() throws {
        var scene = Scene()
        try scene.merge([edit("edited", stamp(2_000, 2), saw: Scene.created)])
        try scene.merge(existence: delete(stamp(3_000, 1), saw: [stamp(2_000, 2)]))
        #expect(!scene.state.isLiving && scene.conflicts.isEmpty)
    }

    @Test("A record created and deleted before any sync is created dead")
    func createdAndDeleted() {
        let at = stamp(2_000, 1)
        let change = FinalChange(
            table: 1, record: RecordID(high: 1, low: 2), creation: (area: 2, stamp: at),
            fields: [FieldState(number: 1, value: .text("x"), stamp: at)], existence: delete(stamp(3_000, 1)),
            decisions: [])
        let state = RecordMerge(table: Scene.table, hash: Scene.hash).create(change, area: 2, stamp: at)
        #expect(!state.isLiving && state.field(1).value == .text("x"))
    }
}
