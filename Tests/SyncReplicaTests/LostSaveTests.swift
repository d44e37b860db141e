import Database
import Foundation
import SyncCore
import Testing

@testable import SyncReplica

/// A save that was shown and then lost with the power: the database is put back to how it was before.
@Suite("Saves that were lost with the power")
struct LostSaveTests {
    let server = FakeServer(directory: TestModel.directory())
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Shows a record after saves that are lost then.
    private func shown(
        _ id: RecordID, on device: TestDevice, losing saves: (TestDevice) throws -> Void
    ) throws -> (shown: RecordSnapshot, after: TestDevice) {
        let path = folder.path + "/kept.db"
        try device.replica.database.checkpoint(.truncate)
        try FileManager.default.copyItem(atPath: device.replica.database.path, toPath: path)
        try saves(device)
        let shown = try #require(try device.replica.snapshot(table: 1, record: id))
        return (shown, try TestDevice(1, server, path: path, joins: false))
    }

    /// A device with a record that the server has.
    private func synced() throws -> (TestDevice, RecordID) {
        let device = try TestDevice(1, server, path: folder.path + "/laptop.db")
        let id = try device.add("first")
        try device.sync()
        return (device, id)
    }

    private func stamp(_ id: RecordID, on device: TestDevice) throws -> Stamp {
        try #require(try device.replica.record(table: 1, id: id)).field(TestModel.summary).stamp
    }

    /// All fields that wait once the editor has saved.
    private func fields(
        _ device: TestDevice, saving id: RecordID, over shown: RecordSnapshot
    ) throws -> [FieldChange] {
        try device.edit(id, TestModel.summary, .text("saved"), seen: shown)
        return try device.pageOfAll().flatMap(\.changes).flatMap(\.fields)
    }

    @Test("G5: who saves from an editor that still shows a lost word has seen what that stood on")
    func editor() throws {
        let (device, id) = try synced()
        let known = try stamp(id, on: device)
        let (shown, after) = try shown(id, on: device) { device in
            try device.edit(id, TestModel.summary, .text("lost"))
            _ = try device.pageOfAll()
            try device.edit(id, TestModel.summary, .text("lost too"))
        }
        // Its number is given again, to other work on the same record.
        try after.edit(id, TestModel.place, .text("here"))
        let fields = try fields(after, saving: id, over: shown)
        #expect(fields.first { $0.field == TestModel.summary }?.base == .stamp(known))
    }

    @Test("G5: what waits is still named, though what was written over it is lost")
    func waitingBeneath() throws {
        let (device, id) = try synced()
        try device.edit(id, TestModel.summary, .text("waits"))
        let waiting = try #require(try device.pageOfAll().first?.changes.first?.fields.first)
        let (shown, after) = try shown(id, on: device) { try $0.edit(id, TestModel.summary, .text("lost")) }
        let fields = try fields(after, saving: id, over: shown)
        #expect(fields.last?.value == .text("saved"))
        #expect(fields.last?.base == .own(number: 2, time: waiting.time))
    }

    @Test("G5: where the lost word had joined a group that still waits, the next one joins it too")
    func joined() throws {
        let (device, id) = try synced()
        let known = try stamp(id, on: device)
        try device.edit(id, TestModel.summary, .text("waits"))
        let (shown, after) = try shown(id, on: device) { try $0.edit(id, TestModel.summary, .text("lost")) }
        let fields = try fields(after, saving: id, over: shown)
        #expect(fields.map(\.value) == [.text("saved")])
        #expect(fields.first?.base == .stamp(known))
    }

    @Test("G5: a delete by a prompt that still shows a lost word names what is there")
    func deletion() throws {
        let (device, id) = try synced()
        try device.edit(id, TestModel.summary, .text("second"))
        try device.sync()
        let known = try stamp(id, on: device)
        let (shown, after) = try shown(id, on: device) { try $0.edit(id, TestModel.summary, .text("lost")) }
        server.now += 10
        try after.replica.write { try $0.delete(table: 1, record: id, seen: shown) }
        let existence = try #require(try after.pageOfAll().first?.changes.first?.existence)
        #expect(existence.seen == [.init(field: TestModel.summary, base: .stamp(known))])
    }
}
