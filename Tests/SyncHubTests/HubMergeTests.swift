import SyncCore
import Testing

@testable import SyncHub

@Suite("Merging through the hub")
struct HubMergeTests {
    private let id = Notebook.id(1)
    private let title = Notebook.title

    /// A book titled "old" that two devices know.
    private func office() throws -> (Office, UInt32, UInt32) {
        let office = try Office()
        let (ada, ben) = (try office.join("Ada", role: .lead), try office.join("Ben"))
        try office.push(make(id, [title: .text("old")], at: at(0)), from: ada)
        return (office, ada, ben)
    }

    @Test(
        "G2 of two edits that had not seen each other the later stays, in both orders, and the other is in the log",
        arguments: [true, false])
    func concurrentEdits(_ isEarlierFirst: Bool) throws {
        let (office, ada, ben) = try office()
        let pushes = [
            (ada, edit(id, .text("early"), at: at(10), base: .stamp(stamp(0, ada)))),
            (ben, edit(id, .text("late"), at: at(20), base: .stamp(stamp(0, ada)))),
        ]
        for (device, change) in isEarlierFirst ? pushes : pushes.reversed() { try office.push(change, from: device) }
        #expect(try office.value(id) == .text("late"))
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
        #expect(conflict.a == Conflict.Side(value: .text("early"), stamp: stamp(10, ada)))
        #expect(conflict.b == Conflict.Side(value: .text("late"), stamp: stamp(20, ben)))
        #expect(conflict.before == .text("old") && conflict.kept == .b && conflict.area == Office.main)
        let history = try #require(try office.hub.history(table: Notebook.book, record: id, for: ben))
        #expect(history.versions.map(\.value) == [.text("old"), .text("early"), .text("late")])
        #expect(history.versions.map(\.isCurrent) == [false, false, true])
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }

    @Test(
        "words that a copy sends once more, under whatever time, make no conflict with what was written over them",
        arguments: [0, 100] as [Int64])
    func wordsOfBoth(shift: Int64) throws {
        let (office, ada, ben) = try office()
        let copy = try office.join("Ada's copy")
        try office.store.transaction { try office.store.setOriginal(ada, ofDevice: copy) }
        let second = { (device: UInt32, number: UInt64) in
            edit(
                self.id, .text("second"), at: at(10),
                base: device == ada ? .stamp(stamp(0, ada)) : .own(number: number, time: at(0)))
        }
        try office.push(second(ada, 1), from: ada)
        try office.push(edit(id, .text("Ben's"), at: at(20 + shift), base: .stamp(stamp(10, ada))), from: ben)
        try office.push(make(id, [title: .text("old")], at: at(0)), from: copy)
        try office.push(second(copy, 1), from: copy)
        #expect(try office.value(id) == .text("Ben's"))
        #expect(try office.hub.conflicts(openOnly: false) == [])
        // The copy's own word had not seen Ben's.
        try office.push(edit(id, .text("third"), at: at(30), base: .own(number: 2, time: at(10))), from: copy)
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
    }

    @Test("what a copy was shown before it had a number of its own is known by the time that was proposed for it")
    func shownBeforeCopying() throws {
        let (office, ada, _) = try office()
        let copy = try office.join("Ada's copy")
        try office.store.transaction { try office.store.setOriginal(ada, ofDevice: copy) }
        let hours: Int64 = 10 * 3_600_000
        let fast = edit(id, .text("second"), at: at(hours), base: .own(number: 1, time: at(0)))
        try office.push(fast, from: ada, clock: office.now + hours)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.field(title).stamp.time ?? 0 < at(hours))
        try office.push(edit(id, .text("third"), at: at(20), base: .stamp(stamp(hours, ada))), from: copy)
        #expect(try office.hub.quarantine().isEmpty)
        #expect(try office.value(id) == .text("third"))
        #expect(try office.hub.conflicts(openOnly: false) == [])
    }

    @Test("a decision that a copy sends once more does not undo what was decided since")
    func decidedByBoth() throws {
        let (office, ada, ben) = try office()
        let copy = try office.join("Ada's copy", role: .lead)
        try office.store.transaction { try office.store.setOriginal(ada, ofDevice: copy) }
        for (device, time) in [(ada, Int64(10)), (ben, 11)] {
            try office.push(edit(id, .text("\(device)"), at: at(time), base: .stamp(stamp(0, ada))), from: device)
        }
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first).id
        func decide(_ action: Decision.Action, at time: Int64, from device: UInt32) throws {
            let decision = Decision(conflict: conflict, action: action, why: nil, time: at(time))
            try office.push(
                Change(table: Notebook.book, record: id, fields: [], decisions: [decision]), from: device)
        }
        try decide(.resolve, at: 20, from: ada)
        try decide(.reopen, at: 30, from: ada)
        try decide(.resolve, at: 20, from: copy)
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
        try decide(.resolve, at: 40, from: copy)
        #expect(try office.hub.conflicts(openOnly: true).isEmpty)
    }

    @Test("G2 whoever writes over held work whose base can't be has not seen what else the device wrote")
    func writtenOverImpossible() throws {
        let (office, _, ben) = try office()
        try office.push(edit(id, .text("first"), at: at(10), base: .stamp(stamp(0, 1))), from: ben)
        try office.push(edit(id, .text("held"), at: at(20), base: .stamp(stamp(10_000_000, 9))), from: ben)
        #expect(try office.hub.quarantine().map(\.reason) == [.malformed])
        try office.push(edit(id, .text("third"), at: at(30), base: .own(number: 2, time: at(20))), from: ben)
        #expect(try office.value(id) == .text("third"))
        #expect(try office.hub.conflicts(openOnly: true).map(\.a.value) == [.text("first")])
    }

    @Test("a delete that a copy sends once more with all before it revives nothing, and its later restore stands")
    func deletedByBoth() throws {
        let (office, ada, _) = try office()
        let copy = try office.join("Ada's copy")
        try office.store.transaction { try office.store.setOriginal(ada, ofDevice: copy) }
        let groups = { (first: UInt64) in
            [
                ChangeGroup(
                    number: first,
                    changes: [
                        edit(self.id, .text("second"), at: at(10), base: .own(number: first - 1, time: at(0)))
                    ]),
                ChangeGroup(
                    number: first + 1,
                    changes: [
                        Change(
                            table: Notebook.book, record: self.id, fields: [],
                            existence: ExistenceChange(
                                isAlive: false, time: at(20), base: .none,
                                seen: [.init(field: self.title, base: .own(number: first, time: at(10)))]))
                    ]),
            ]
        }
        try office.push(groups(2), from: ada)
        try office.push(make(id, [title: .text("old")], at: at(0)), from: copy)
        try office.push(groups(2), from: copy)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try office.hub.conflicts(openOnly: false) == [])
        let restore = Change(
            table: Notebook.book, record: id, fields: [],
            existence: ExistenceChange(isAlive: true, time: at(30), base: .own(number: 3, time: at(20)), seen: []))
        try office.push([ChangeGroup(number: 4, changes: [restore])], from: copy)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.isLiving == true)
        #expect(try office.hub.conflicts(openOnly: false) == [])
    }

    @Test(
        "a copy that says what its laptop had said before, having seen nothing since, makes a conflict in either order",
        arguments: [true, false])
    func confirmedByCopy(isCopyFirst: Bool) throws {
        let (office, ada, ben) = try office()
        let copy = try office.join("Ada's copy")
        try office.store.transaction { try office.store.setOriginal(ada, ofDevice: copy) }
        let pushes = [
            (copy, edit(id, .text("old"), at: at(10), base: .stamp(stamp(0, ada)))),
            (ben, edit(id, .text("Ben's"), at: at(20), base: .stamp(stamp(0, ada)))),
        ]
        for (device, change) in isCopyFirst ? pushes : pushes.reversed() { try office.push(change, from: device) }
        #expect(try office.value(id) == .text("Ben's"))
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
    }

    @Test("a page whose merges must read much of the history is taken in parts, and all of it in the end")
    func effort() throws {
        let (office, ada, ben) = try office()
        var base = Base.stamp(stamp(0, ada))
        for number in 1...30 {
            try office.push(edit(id, .text("\(number)"), at: at(Int64(number)), base: base), from: ada)
            base = .stamp(stamp(Int64(number), ada))
        }
        // Each has seen the beginning alone: what both had seen lies thirty versions back.
        let groups = (1...6).map { number in
            ChangeGroup(
                number: UInt64(number),
                changes: [
                    edit(id, .text("ben \(number)"), at: at(100 + Int64(number)), base: .stamp(stamp(0, ada)))
                ])
        }
        office.hub.largestEffort = 20
        var receipts: [UInt64] = []
        repeat {
            let rest = groups.filter { $0.number > receipts.last ?? 0 }
            let acceptance = try office.store.transaction {
                try office.hub.accept(rest, from: ben, deviceClock: office.now)
            }
            #expect((acceptance.notice == .gap) == (acceptance.receipt < 6))
            try #require(acceptance.receipt > receipts.last ?? 0, "each time something is taken")
            receipts.append(acceptance.receipt)
        } while receipts.last != 6
        #expect(receipts.count > 1, "\(receipts)")
        #expect(try office.value(id) == .text("ben 6"))
    }

    @Test("the same value written twice is no conflict")
    func sameValue() throws {
        let (office, ada, ben) = try office()
        for (device, time) in [(ada, 10), (ben, 20)] {
            try office.push(edit(id, .text("same"), at: at(Int64(time)), base: .stamp(stamp(0, ada))), from: device)
        }
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.field(title).stamp == stamp(20, ben))
    }

    @Test("G5 an edit that saw a value wins over it though its clock is behind")
    func seenWins() throws {
        let (office, ada, ben) = try office()
        try office.push(edit(id, .text("first"), at: at(100_000), base: .stamp(stamp(0, ada))), from: ada)
        let seen = Base.stamp(stamp(100_000, ada))
        let acceptance = try office.push(edit(id, .text("second"), at: at(50), base: seen), from: ben)
        #expect(try office.value(id) == .text("second"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        #expect(acceptance.isClockCorrected)
        #expect(acceptance.highestTime == at(100_000) + 1)
    }

    @Test("a restrictive value stays whichever is later", arguments: [(1, 2), (2, 1)])
    func restrictive(_ times: (Int64, Int64)) throws {
        let (office, ada, ben) = try office()
        let base = Base.stamp(stamp(0, ada))
        try office.push(edit(id, Notebook.sealed, .integer(1), at: at(times.0), base: base), from: ada)
        try office.push(edit(id, Notebook.sealed, .integer(0), at: at(times.1), base: base), from: ben)
        #expect(try office.value(id, Notebook.sealed) == .integer(1))
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
    }

    @Test("G4 a group that comes again changes nothing")
    func retry() throws {
        let (office, ada, _) = try office()
        let group = ChangeGroup(
            number: 2, changes: [edit(id, .text("new"), at: at(5), base: .own(number: 1, time: at(0)))])
        var first = try office.push([group], from: ada)
        let head = try office.hub.head(area: Office.main)
        let second = try office.push([group], from: ada)
        // The feed has it already.
        #expect(second.added.isEmpty)
        first.added = []
        #expect(first == second)
        #expect(first.receipt == 2 && first.notice == .none)
        #expect(try office.hub.head(area: Office.main) == head)
        #expect(try office.hub.statistics().feedEntries == 2)
    }

    @Test("G4 after a lost reply the next edit builds on the device's own group without a conflict")
    func lostReply() throws {
        let (office, ada, _) = try office()
        // The clock is an hour ahead, so the final stamps differ from what the device knows.
        let ahead: Int64 = 3_600_000
        let clock = office.now + ahead
        try office.push(
            edit(id, .text("one"), at: at(ahead), base: .stamp(stamp(0, ada))), from: ada, clock: clock)
        let acceptance = try office.push(
            edit(id, .text("two"), at: at(ahead + 1), base: .own(number: 2, time: at(ahead))), from: ada,
            clock: clock)
        #expect(acceptance.isClockCorrected)
        #expect(try office.value(id) == .text("two"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        let version = try #require(try office.hub.record(table: Notebook.book, id: id)?.field(title))
        #expect(version.stamp.milliseconds < office.now + 1_000)
        #expect(version.base.map { $0 < version.stamp } == true)
    }

    @Test(
        "a clock that is wrong by more than two minutes is corrected, in either direction",
        arguments: [-3_600_000, 3_600_000] as [Int64])
    func clockShift(_ error: Int64) throws {
        let (office, ada, _) = try office()
        let late = Notebook.id(2)
        office.now += 10_000
        let acceptance = try office.push(
            make(late, [title: .text("x")], at: at(9_000 + error)), from: ada, clock: office.now + error)
        #expect(acceptance.isClockCorrected)
        #expect(try office.hub.record(table: Notebook.book, id: late)?.created == stamp(9_000, ada))
        let near = try office.push(
            make(Notebook.id(3), [:], at: at(9_500) + 1), from: ada, clock: office.now + 100_000)
        #expect(!near.isClockCorrected)
    }

    @Test("G4 a skipped number is answered with a gap, and what came before it is taken")
    func gap() throws {
        let (office, ada, _) = try office()
        let groups = [2, 4].map {
            ChangeGroup(number: $0, changes: [make(Notebook.id($0), [:], at: at(Int64($0)))])
        }
        let acceptance = try office.push(groups, from: ada)
        #expect(acceptance.notice == .gap && acceptance.receipt == 2)
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(4)) == nil)
    }

    @Test("a known number with other content is a fork, and nothing of the push is taken")
    func fork() throws {
        let (office, ada, _) = try office()
        let other = ChangeGroup(number: 1, changes: [make(id, [title: .text("other")], at: at(0))])
        let next = ChangeGroup(number: 2, changes: [make(Notebook.id(2), [:], at: at(5))])
        let acceptance = try office.push([other, next], from: ada)
        #expect(acceptance.notice == .fork && acceptance.receipt == 1)
        #expect(try office.hub.record(table: Notebook.book, id: Notebook.id(2)) == nil)
        #expect(try office.reply(to: ada, acceptance: acceptance).pages.isEmpty)
        // The same content with other times is the same group.
        let later = ChangeGroup(number: 1, changes: [make(id, [title: .text("old")], at: at(7))])
        #expect(try office.push([later, next], from: ada).receipt == 2)
    }

    @Test("what is sent ahead is taken behind the group that it names, behind another one nothing of it")
    func ahead() throws {
        let (office, ada, _) = try office()
        let first = ChangeGroup(number: 1, changes: [make(id, [title: .text("old")], at: at(0))])
        var fingerprint = GroupFingerprint(hash: Notebook.hash)
        let meant = fingerprint.of(first)
        func push(_ number: UInt64, behind previous: UInt128?) throws -> Acceptance {
            let group = ChangeGroup(number: number, changes: [make(Notebook.id(number), [:], at: at(5))])
            return try office.store.transaction {
                try office.hub.accept([group], from: ada, deviceClock: nil, behind: previous)
            }
        }
        var acceptance = try push(2, behind: meant &+ 1)
        #expect(acceptance.notice == .gap && acceptance.receipt == 1 && acceptance.identity == nil)
        acceptance = try push(2, behind: meant)
        #expect(acceptance.notice == .none && acceptance.receipt == 2)
        // Of one that an erasure took something of, the fingerprint is not known any more.
        try office.store.transaction { try office.store.clearFingerprint(GroupName(device: ada, number: 2)) }
        let second = fingerprint.of(ChangeGroup(number: 2, changes: [make(Notebook.id(2), [:], at: at(5))]))
        acceptance = try push(3, behind: second)
        #expect(acceptance.notice == .gap && acceptance.receipt == 2)
        #expect(try push(3, behind: nil).receipt == 3)
        // The one before it is still on its way.
        acceptance = try push(5, behind: meant)
        #expect(acceptance.notice == .gap && acceptance.receipt == 3)
    }

    @Test("a creation of a known record is merged as a concurrent one")
    func doubleCreation() throws {
        let (office, _, ben) = try office()
        try office.push(make(id, [title: .text("mine")], at: at(9)), from: ben)
        #expect(try office.value(id) == .text("mine"))
        #expect(try office.hub.conflicts(openOnly: true).count == 1)
        #expect(try office.hub.statistics().tables.first?.living == 1)
    }

    // MARK: Deletes

    @Test(
        "G2 a delete against an edit that it had not seen: the record lives, in both orders", arguments: [true, false])
    func deleteAgainstEdit(_ isDeleteFirst: Bool) throws {
        let (office, ada, ben) = try office()
        let pushes = [
            (ada, erase(id, at: at(30), seen: [:])),
            (ben, edit(id, .text("edited"), at: at(20), base: .stamp(stamp(0, ada)))),
        ]
        for (device, change) in isDeleteFirst ? pushes : pushes.reversed() { try office.push(change, from: device) }
        let record = try #require(try office.hub.record(table: Notebook.book, id: id))
        #expect(record.isLiving)
        #expect(record.field(title).value == .text("edited"))
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        #expect(conflict.a.value == .text("edited") && conflict.b.value == nil && conflict.field == title)
        #expect(try office.hub.head(area: Office.main).digest == office.recomputedDigest(area: Office.main))
    }

    @Test("a delete that saw everything empties the digest; its own group's edit counts as seen")
    func deleteSeen() throws {
        let (office, ada, ben) = try office()
        try office.push(edit(id, .text("edited"), at: at(20), base: .stamp(stamp(0, ada))), from: ben)
        var change = erase(id, at: at(31), seen: [title: .own(number: 2, time: at(30))])
        change.fields = [
            FieldChange(field: title, value: .text("last"), time: at(30), base: .stamp(stamp(20, ben)))
        ]
        try office.push(change, from: ada)
        #expect(try office.hub.record(table: Notebook.book, id: id)?.isLiving == false)
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        #expect(try office.hub.head(area: Office.main).digest == 0)
        #expect(try office.hub.statistics().tables.first?.deleted == 1)
    }

    @Test("the time of a delete is greater than that of what it replaces, not than those of the fields that it saw")
    func deleteOfLaterFields() throws {
        let (office, ada, ben) = try office()
        let seen = stamp(100_000, ben)
        try office.push(edit(id, .text("edited"), at: seen.time, base: .stamp(stamp(0, ada))), from: ben)
        let acceptance = try office.push(erase(id, at: at(50), seen: [title: .stamp(seen)]), from: ada)
        let record = try #require(try office.hub.record(table: Notebook.book, id: id))
        #expect(!record.isLiving)
        #expect(record.existence?.stamp == stamp(50, ada))
        #expect(!acceptance.isClockCorrected)
    }

    @Test("fields and tables that this version does not know are kept and passed on")
    func unknownFields() throws {
        let (office, ada, ben) = try office()
        try office.push(
            make(Notebook.id(5), table: 40, [61: .text("later")], at: at(3)),
            edit(id, 50, .real(1.5), at: at(3), base: .stamp(stamp(0, ada))), from: ada)
        let records = try office.reply(to: ben).pages.flatMap(\.records)
        #expect(records.count == 2)
        #expect(records.first { $0.table == 40 }?.fields.map(\.value) == [.text("later")])
        #expect(records.first { $0.record == id }?.fields.last?.value == .real(1.5))
    }
}
