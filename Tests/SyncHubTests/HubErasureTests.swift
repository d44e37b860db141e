import Database
import Foundation
import SyncCore
import Testing

@testable import SyncHub

@Suite("Orders of erasure at the server")
struct HubErasureTests {
    private let id = Notebook.id(1)
    private let other = Notebook.id(2)

    private func order(_ targets: ErasureTarget..., at time: UInt64) -> ErasureOrder {
        ErasureOrder(id: Notebook.id(9_000 + UInt64(targets.count)), time: time, targets: targets)
    }

    private func whole(_ id: RecordID) -> ErasureTarget { ErasureTarget(table: Notebook.book, record: id) }

    /// Fills every place that holds content with words that begin with "canary": row, history, conflict with verdict,
    /// unknown field, held group, and a record of an unknown table.
    private func fill(_ office: Office) throws -> (sam: UInt32, kim: UInt32) {
        let (sam, kim) = (try office.join("Sam"), try office.join("Kim", role: .lead))
        try office.push(
            make(id, [Notebook.title: .text("canary first"), 40: .text("canary unknown field")], at: at(0)),
            make(other, [Notebook.title: .text("stays")], at: at(0)), from: sam)
        try office.push(edit(id, .text("canary second"), at: at(10), base: .stamp(stamp(0, sam))), from: sam)
        try office.push(edit(id, .text("canary third"), at: at(20), base: .stamp(stamp(0, sam))), from: kim)
        let conflict = try #require(try office.hub.conflicts(openOnly: true).first)
        try office.push(
            edit(
                id, .text("canary fourth"), at: at(30), base: .stamp(stamp(20, kim)),
                decisions: [Decision(conflict: conflict.id, action: .resolve, why: "canary why", time: at(30))]),
            from: kim)
        // Held for the record that nobody knows; it names the erased one too.
        try office.push(
            edit(id, .text("canary held"), at: at(40), base: .stamp(stamp(30, kim))),
            edit(Notebook.id(99), .text("held and stays"), at: at(40), base: .none), from: sam)
        try office.push(
            make(Notebook.id(3), table: 77, [1: .text("canary unknown table")], at: at(50)), from: sam)
        return (sam, kim)
    }

    @Test("G9: nothing of an erased record is left in any byte of the server's files")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let database = try Notebook.database(path: folder.appendingPathComponent("hub.sqlite").path)
        let office = try Office(database: database)
        _ = try fill(office)
        func find(_ words: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
                try Data(contentsOf: $0).range(of: Data(words.utf8)) != nil
            }.map(\.lastPathComponent)
        }
        try database.checkpoint(.truncate)
        #expect(try find("canary") == ["hub.sqlite"])

        let count = try office.store.transaction {
            try office.hub.carryOut(
                order(whole(id), ErasureTarget(table: 77, record: Notebook.id(3)), at: at(100)))
        }
        #expect(count == Hub.ErasureCount(records: 2, trimmedRecords: 0, heldGroups: 1))
        #expect(try database.checkpoint(.truncate))

        #expect(try find("canary") == [])
        #expect(try find("stays") == ["hub.sqlite"])
        #expect(try find("held and stays") == ["hub.sqlite"])
        #expect(try database.integrityCheck() == [])
        #expect(try office.hub.areasWithWrongDigest() == [])
    }

    @Test("G9: an erased record counts 0, its places in the feed are gone, and readers still come to the end")
    func feed() throws {
        let office = try Office()
        let (sam, _) = try fill(office)
        let before = try office.hub.head(area: Office.main)
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        let after = try office.hub.head(area: Office.main)
        #expect(after.digest != before.digest)
        let expected = try office.recomputedDigest(area: Office.main) &+ unknownDigest(office)
        #expect(after.digest == expected)
        let reply = try office.reply(to: sam)
        let page = try #require(reply.pages.first { $0.area == Office.main })
        #expect(page.isComplete && page.sequence == after.sequence && page.digest == after.digest)
        #expect(page.records.map(\.record) == [other, Notebook.id(3)])
        #expect(page.conflicts.isEmpty)
        #expect(try office.hub.history(table: Notebook.book, record: id, for: sam) == nil)
        // A cursor at the end of the feed still belongs to this history.
        let again = try office.reply(
            to: sam, cursors: [Cursor(area: Office.main, sequence: page.sequence, mark: page.mark)])
        #expect(again.notice == .none)
    }

    private func unknownDigest(_ office: Office) throws -> UInt128 {
        var sum: UInt128 = 0
        try office.store.forEachLivingRecord(table: 0) { sum &+= office.hub.digestHash(of: $0) }
        return sum
    }

    @Test("G9: what comes later for an erased record is taken without content, and never held")
    func later() throws {
        let office = try Office()
        let (sam, kim) = try fill(office)
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        let acceptance = try office.push(
            edit(id, .text("late"), at: at(200), base: .stamp(stamp(30, kim))),
            edit(other, .text("goes on"), at: at(200), base: .stamp(stamp(0, sam))), from: sam)
        #expect(acceptance.notice == .none && acceptance.receipt == 5)
        #expect(acceptance.held.map(\.number) == [3], "the rest of the held group stays for checking")
        #expect(try office.value(id) == nil)
        #expect(try office.value(other) == .text("goes on"))
        // Made anew under the same id, and alone in a group.
        try office.push(make(id, [Notebook.title: .text("again")], at: at(300)), from: kim)
        #expect(try office.value(id) == nil)
        #expect(try office.hub.isErased(table: Notebook.book, record: id))
        #expect(try !office.hub.isErased(table: Notebook.page, record: id))
    }

    @Test("a retry is no fork where an order took changes out of a group in between")
    func retry() throws {
        let office = try Office()
        let sam = try office.join("Sam")
        let full = ChangeGroup(
            number: 1,
            changes: [
                make(id, [Notebook.title: .text("x")], at: at(0)),
                make(other, [Notebook.title: .text("y")], at: at(0)),
            ])
        var less = full
        less.changes.removeFirst()
        try office.push([full], from: sam)
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        for group in [full, less, full] {
            #expect(try office.push([group], from: sam).notice == .none)
        }
        // A group of which nothing is left keeps its number.
        #expect(try office.push([ChangeGroup(number: 2, changes: [])], from: sam).receipt == 2)
        // Another content under a number that no order touched is a fork as ever.
        try office.push(make(Notebook.id(5), [Notebook.title: .text("z")], at: at(200)), from: sam)
        let copy = ChangeGroup(number: 3, changes: [make(Notebook.id(6), [:], at: at(200))])
        #expect(try office.push([copy], from: sam).notice == .fork)
    }

    @Test("a retry of a group that an order emptied is no fork where its place has left the feed; another content is")
    func retryAfterCollection() throws {
        let office = try Office()
        let (sam, kim) = (try office.join("Sam"), try office.join("Kim"))
        try office.push(make(id, [Notebook.title: .text("x")], at: at(0)), from: sam)
        try office.push(edit(id, .text("y"), at: at(10), base: .stamp(stamp(0, sam))), from: kim)
        #expect(try FeedCollection(hub: office.hub).run().needless == 1)
        let other = make(Notebook.id(6), [:], at: at(0))
        let empty = ChangeGroup(number: 1, changes: [])
        #expect(try office.push([empty], from: sam).notice == .fork, "nothing was ever erased")
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        #expect(try office.push([empty], from: sam).notice == .none)
        #expect(try office.push([ChangeGroup(number: 1, changes: [other])], from: sam).notice == .fork)
    }

    @Test(
        "G9: no hash is left of erased words whose places have left the feed; those of other pushes stay",
        arguments: [false, true])
    func fingerprints(isDeleted: Bool) throws {
        let office = try Office()
        let (sam, kim) = (try office.join("Sam"), try office.join("Kim"))
        try office.push(make(other, [Notebook.title: .text("stays")], at: at(0)), from: sam)
        try office.push(make(id, [Notebook.title: .text("canary")], at: at(10)), from: sam)
        try office.push(edit(other, .text("stays too"), at: at(20), base: .stamp(stamp(0, sam))), from: kim)
        try office.push(edit(id, .text("later canary"), at: at(30), base: .stamp(stamp(10, sam))), from: kim)
        try office.push(edit(other, .text("last"), at: at(40), base: .stamp(stamp(20, kim))), from: sam)
        if isDeleted {
            try office.push(erase(id, at: at(50), seen: [Notebook.title: .stamp(stamp(30, kim))]), from: sam)
        }
        _ = try FeedCollection(hub: office.hub).run()
        office.now += RecordState.tombstoneMilliseconds + 86_400_000
        _ = try FeedCollection(hub: office.hub).run()
        let key = try #require(try office.store.record(table: Notebook.book, id: id)?.key)
        #expect(try office.store.groups(table: Notebook.book, key: key, record: id).count == (isDeleted ? 0 : 1))
        func known(_ device: UInt32) throws -> [Bool] {
            try (1...4).compactMap { try office.store.fingerprint(device: device, number: $0) }.map { $0 != 0 }
        }
        #expect(try known(sam).allSatisfy(\.self) && known(kim).allSatisfy(\.self))
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        #expect(try known(sam) == [true, false, true] + (isDeleted ? [false] : []))
        #expect(try known(kim) == [true, false])
    }

    @Test("G10: a retry of what an order left of a group is no fork where its place has left the feed")
    func retryOfTheRest() throws {
        let office = try Office()
        let (sam, kim) = (try office.join("Sam"), try office.join("Kim"))
        let kept = make(other, [Notebook.title: .text("y")], at: at(0))
        let full = ChangeGroup(number: 1, changes: [make(id, [Notebook.title: .text("x")], at: at(0)), kept])
        try office.push([full], from: sam)
        try office.push(edit(id, .text("z"), at: at(10), base: .stamp(stamp(0, sam))), from: kim)
        try office.push(edit(other, .text("later"), at: at(10), base: .stamp(stamp(0, sam))), from: kim)
        #expect(try FeedCollection(hub: office.hub).run().needless == 2)
        let rest = ChangeGroup(number: 1, changes: [kept])
        #expect(try office.push([rest], from: sam).notice == .fork, "nothing was ever erased")
        try office.store.transaction { _ = try office.hub.carryOut(order(whole(id), at: at(100))) }
        #expect(try office.push([rest], from: sam).notice == .none)
        #expect(try office.value(other) == .text("later"))
        var forged = rest
        forged.changes[0].fields[0].value = .text("other words")
        #expect(try office.push([forged], from: sam).notice == .fork)
    }

    @Test("a server that lacks the office's value empties the field, so that no older value comes back into use")
    func olderBackup() throws {
        let office = try Office()
        _ = try fill(office)
        let target = ErasureTarget(
            table: Notebook.book, record: id, fields: FieldMask(bits: 1 << UInt64(Notebook.title)))
        try office.store.transaction { _ = try office.hub.carryOut(order(target, at: at(100))) }
        #expect(try office.value(id) == .null)
        #expect(try office.value(id, 40) == .text("canary unknown field"))
        #expect(try office.hub.areasWithWrongDigest() == [])
        let versions = try #require(try office.hub.history(table: Notebook.book, record: id, for: 1)).versions
        #expect(versions.filter { $0.field == Notebook.title }.allSatisfy { $0.value == .null })
    }

    @Test("a device that says again what is known has nothing to be written down, so an idle sync commits nothing")
    func repeatedReports() throws {
        let office = try Office()
        let (sam, kim) = try fill(office)
        let order = order(whole(id), at: at(100))
        try office.store.transaction { _ = try office.hub.carryOut(order) }
        func isWritten(_ state: ErasureState, _ number: UInt32) throws -> Bool {
            var request = SyncRequest(
                schemaVersion: 1, epoch: [], clockMilliseconds: office.now, lowestOwnGroup: .max, directoryVersion: 0,
                pageBytes: 0, cursors: [], groups: [])
            request.set(erasureReports: [ErasureReport(order: order.id, state: state)])
            let onlyReads = try office.hub.onlyReads(request, from: try office.hub.knownDevice(number))
            _ = try office.store.transaction { try office.hub.accept(request, from: number) }
            return !onlyReads
        }
        #expect(try isWritten(.waitsForUser, sam))
        #expect(try !isWritten(.waitsForUser, sam))
        #expect(try isWritten(.waitsForUser, kim))
        #expect(try isWritten(.confirmed, sam))
        #expect(try !isWritten(.confirmed, sam))
        #expect(try !isWritten(.waitsForUser, sam))
    }

    @Test("of a field that stays, only what was written after seeing the office's value comes in")
    func fields() throws {
        let office = try Office()
        let (sam, kim) = try fill(office)
        office.now += 1_000
        let time = try office.store.transaction {
            let writer = try OfficeWriter(office.hub)
            let state = try #require(try office.store.record(table: Notebook.book, id: id)?.state)
            let change = writer.edit(state, values: [(Notebook.title, .text("[erased]"))], restores: false)
            _ = try office.hub.accept([office.hub.officeGroup([change])], from: 0, deviceClock: nil)
            let written = try #require(try office.store.record(table: Notebook.book, id: id)?.state)
            let time = written.field(Notebook.title).stamp.time
            let target = ErasureTarget(
                table: Notebook.book, record: id, fields: FieldMask(bits: 1 << UInt64(Notebook.title)))
            _ = try office.hub.carryOut(order(target, at: time))
            return time
        }
        #expect(try office.value(id) == .text("[erased]"))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        let versions = try #require(try office.hub.history(table: Notebook.book, record: id, for: kim)).versions
        #expect(versions.filter { $0.field == Notebook.title }.map(\.value) == [.text("[erased]")])
        // Not seen: dropped, without a conflict; another field of the same change comes in.
        let late = StampTime.packed(milliseconds: office.now + 10)
        try office.push(
            Change(
                table: Notebook.book, record: id,
                fields: [
                    FieldChange(
                        field: Notebook.title, value: .text("late"), time: late, base: .stamp(stamp(30, kim))),
                    FieldChange(
                        field: Notebook.count, value: .integer(4), time: late, base: .stamp(stamp(0, sam))),
                ]), from: sam)
        #expect(try office.value(id) == .text("[erased]"))
        #expect(try office.value(id, Notebook.count) == .integer(4))
        #expect(try office.hub.conflicts(openOnly: false).isEmpty)
        // Based on a value that was dropped, though with a later time: dropped too.
        try office.push(
            edit(id, .text("late again"), at: late + 1, base: .own(number: 5, time: late)), from: sam)
        #expect(try office.value(id) == .text("[erased]"))
        // Seen: an edit like any other.
        try office.push(
            edit(id, .text("new"), at: late + 2, base: .stamp(Stamp(time: time, device: 0))), from: sam)
        #expect(try office.value(id) == .text("new"))
        try office.push(edit(id, .text("newer"), at: late + 3, base: .own(number: 7, time: late + 2)), from: sam)
        #expect(try office.value(id) == .text("newer"))
    }
}
