import Compression
import Cryptography
import Foundation
import OutreachModel
import SyncCore
import SyncHub
import Synchronization
import Testing

@testable import KithServer

/// An office with one device that sends sealed files.
private final class Desk {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("kith-seal-\(UUID().uuidString)").path
    let connection: HubConnection
    let device: UInt32
    let key: OfficeKey

    init() throws {
        let folder = ServerFolder(path: path)
        try folder.create(
            settings: ServerSettings(host: "127.0.0.1", port: 8443, address: nil), areas: ["main"],
            recoveryKey: try RecoveryKey.make())
        connection = try folder.open()
        key = try OfficeKey(seed: [UInt8](repeating: 3, count: 32))
        let secret = Array("secret".utf8)
        try connection.hub.invite(person: "Priya", role: .worker, areas: [2], expires: .max, secretHash: secret)
        device = try connection.hub.join(
            secretHash: secret, deviceName: "Priya's laptop", tokenHash: secret, deviceKey: key.publicKey)
    }

    // A folder that is gone already is no failure.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func group(_ number: UInt64) -> ChangeGroup {
        let time = (1_795_357_800_000 + number) << 16
        let id = RecordID(high: 0x01A2_03A9_F640_7123, low: 0x8405_0607_0809_0000 + number)
        let change = Change(
            table: RecordKind.place.number, record: id, creation: Creation(area: Area.everyone, time: time),
            fields: [FieldChange(field: 1, value: .text("Place \(number)"), time: time, base: .none)])
        return ChangeGroup(number: number, changes: [change])
    }

    func request(_ numbers: ClosedRange<UInt64>) throws -> [UInt8] {
        SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: try connection.hub.epoch, clockMilliseconds: 0,
            lowestOwnGroup: 1, directoryVersion: 0, cursors: [], groups: numbers.map(group)
        ).encoded()
    }

    func file(_ request: [UInt8], device: UInt32? = nil, signedBy other: OfficeKey? = nil) throws -> [UInt8] {
        var bundle = DeviceBundle(device: device ?? self.device, made: 1, request: request)
        bundle.signature = (other ?? key).sign(bundle.signedBytes)
        return try SealedMessage.seal(
            try Compressor().compress(bundle.encoded()),
            to: try SealingKey.publicKey(ofSigner: connection.officeKey.publicKey))
    }

    func take(_ file: [UInt8]) throws -> SealedBundle.Outcome {
        try SealedBundle(opening: file, for: connection).hand(to: connection.hub)
    }

    /// Sends groups over the line, as the server takes them.
    func push(_ numbers: ClosedRange<UInt64>) throws {
        let queue = PushQueue(connection: try ServerFolder(path: path).open())
        let request = try SyncRequest(decoding: try request(numbers))
        let outcome = Mutex<Result<Acceptance, any Error>?>(nil)
        queue.push(request, from: device) { result in outcome.withLock { $0 = result } }
        try queue.finish()
        _ = try outcome.withLock { try $0?.get() }
    }

    /// The first numbers of the files that wait.
    func waiting() throws -> [UInt64] { try connection.hub.waitingBundles(of: device).map(\.first) }

    func places() throws -> Int {
        try connection.hub.statistics().tables.first { $0.table == "place" }?.living ?? -1
    }
}

@Suite("Sealed files at the office")
struct SealedBundleTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("G6: a file with a gap before it is kept, tells what is missing, and is taken when that has come")
    func gap() throws {
        let late = try desk.file(try desk.request(3...4))
        for _ in 1...2 {
            let outcome = try desk.take(late)
            #expect(outcome.reply == .waiting && outcome.missing == 1...2)
        }
        #expect(try desk.places() == 0)
        let early = try desk.take(try desk.file(try desk.request(1...2)))
        #expect(early.reply == .taken && early.followers == 1)
        #expect(try desk.places() == 4)
        #expect(try desk.connection.hub.waitingBundles(of: desk.device).isEmpty)
        #expect(try desk.take(late).acceptance?.receipt == 4)
        #expect(try desk.places() == 4)
    }

    @Test("G6: a file of a laptop that was away for long holds more saves than a page of a sync may")
    func longAway() throws {
        #expect(try desk.take(try desk.file(try desk.request(1...1_001))).acceptance?.receipt == 1_001)
        #expect(try desk.places() == 1_001)
    }

    @Test("G6: what another key signed, in another's name or of somebody whom nobody knows, changes nothing")
    func signatures() throws {
        let request = try desk.request(1...1)
        let stranger = try OfficeKey(seed: [UInt8](repeating: 4, count: 32))
        for file in [
            try desk.file(request, signedBy: stranger), try desk.file(request, device: 99),
            try desk.file(request, device: DeviceRecord.office),
        ] {
            #expect(throws: SealedBundle.Problem.unreadable) { try desk.take(file) }
        }
        #expect(try desk.places() == 0)
    }

    @Test("G6: a signed file that claims a billion changes, or is no request, changes nothing")
    func claims() throws {
        let whole = try desk.request(1...1)
        // The head of the list of groups says 10^9.
        var claiming = Array(whole.prefix { $0 != 0x81 })
        claiming += [0x9A, 0x3B, 0x9A, 0xCA, 0x00]
        for request in [claiming, [], [0xFF], Array(whole.dropLast()), whole + [0]] {
            let file = try desk.file(request)
            #expect(throws: SealedBundle.Problem.unreadable) { try desk.take(file) }
        }
        #expect(try desk.places() == 0)
    }

    @Test("Numbers that came with other content are a copy's: nothing is taken")
    func forked() throws {
        _ = try desk.take(try desk.file(try desk.request(1...2)))
        var group = desk.group(2)
        group.changes[0].fields[0].value = .text("Something else")
        let request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: try desk.connection.hub.epoch, clockMilliseconds: 0,
            lowestOwnGroup: 1, directoryVersion: 0, cursors: [], groups: [desk.group(1), group])
        let file = try desk.file(request.encoded())
        let hub = desk.connection.hub
        #expect(try hub.bundleReplies(for: desk.device, limitBytes: 1) != nil)
        #expect(throws: SealedBundle.Problem.forked) { try desk.take(file) }
        #expect(try desk.places() == 2)
        #expect(try hub.bundleReplies(for: desk.device, limitBytes: 1) == nil, "it may be carried to the other copy")
    }

    @Test("G10: no answer tells a copy that work is at the office which another copy sent after the sealed file")
    func sentSince() throws {
        let hub = desk.connection.hub
        _ = try desk.take(try desk.file(try desk.request(1...2)))
        #expect(try hub.bundleReplies(for: desk.device, limitBytes: 1)?.replies.first?.receipt == 2)
        _ = try hub.takingBundles { try hub.accept([desk.group(3)], from: desk.device, deviceClock: nil) }
        #expect(try hub.bundleReplies(for: desk.device, limitBytes: 1) == nil)
        _ = try desk.take(try desk.file(try desk.request(1...3)))
        #expect(try hub.bundleReplies(for: desk.device, limitBytes: 1)?.replies.first?.receipt == 3)
    }

    @Test("G6: an older, shorter file that comes after a longer one does not take its place")
    func shorter() throws {
        for numbers: ClosedRange<UInt64> in [3...6, 3...4] {
            #expect(try desk.take(try desk.file(try desk.request(numbers))).reply == .waiting)
        }
        let early = try desk.take(try desk.file(try desk.request(1...2)))
        #expect(early.followers == 1)
        #expect(try desk.places() == 6)
        let receipt = try desk.connection.hub.devices().first { $0.number == desk.device }?.lastGroup
        #expect(receipt == 6)
    }

    @Test(
        "G6: a file that waits is taken when what is missing comes over the line, and one that came by line is dropped")
    func overTheLine() throws {
        _ = try desk.take(try desk.file(try desk.request(3...4)))
        _ = try desk.take(try desk.file(try desk.request(6...6)))
        try desk.push(1...2)
        #expect(try desk.places() == 4)
        #expect(try desk.waiting() == [6])
        try desk.push(5...7)
        #expect(try desk.places() == 7)
        #expect(try desk.waiting().isEmpty)
    }

    @Test("G10: a file of a history that was lost is dropped once all that is in it came over the line, and not before")
    func otherHistory() throws {
        try desk.push(1...2)
        let request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: [UInt8](repeating: 1, count: 16),
            clockMilliseconds: 0,
            lowestOwnGroup: 1, directoryVersion: 0, cursors: [], groups: (3...4).map(desk.group))
        #expect(try desk.take(try desk.file(request.encoded())).reply == .waiting)
        try desk.push(3...3)
        #expect(try desk.waiting() == [3])
        try desk.push(4...4)
        #expect(try desk.waiting().isEmpty)
        #expect(try desk.places() == 4)
    }

    @Test("A file that can't be taken is not opened again by pushes that change nothing for it")
    func openedInVain() throws {
        try desk.push(1...2)
        let hub = desk.connection.hub
        let request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: [UInt8](repeating: 1, count: 16),
            clockMilliseconds: 0,
            lowestOwnGroup: 1, directoryVersion: 0, cursors: [], groups: (3...5).map(desk.group))
        #expect(try desk.take(try desk.file(request.encoded())).reply == .waiting)
        // One that nobody can read any more.
        _ = try hub.takingBundles {
            try hub.keep(waiting: WaitingBundle(device: desk.device, first: 2, last: 2, arrived: 1), body: [1, 2, 3])
        }
        var tried = TriedBundles()
        func hand() throws -> Int {
            let key = try desk.connection.officeKey.sealingKey()
            return try hub.takingBundles {
                try SealedBundle.handWaiting(of: desk.device, to: hub, key: key, tried: &tried)
            }
        }
        for _ in 1...3 { #expect(try hand() == 0) }
        #expect(tried.vainCount == 2)
        try desk.push(3...4)
        for _ in 1...3 { #expect(try hand() == 0) }
        #expect(tried.vainCount == 2)
        // All of the first has come; the other still can't be read.
        _ = try hub.takingBundles { try hub.accept([desk.group(5)], from: desk.device, deviceClock: nil) }
        #expect(try hand() == 1)
        #expect(try desk.waiting() == [2])
        try hub.revoke(desk.device)
        #expect(try hand() == 0)
        #expect(tried.vainCount == 3, "once more, now that it was shut out")
    }

    @Test("A file whose numbers came with other words stays, is named, and holds up nothing")
    func forkedWhileWaiting() throws {
        var other = desk.group(3)
        other.changes[0].fields[0].value = .text("Something else")
        let request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: try desk.connection.hub.epoch, clockMilliseconds: 0,
            lowestOwnGroup: 1, directoryVersion: 0, cursors: [], groups: [other])
        #expect(try desk.take(try desk.file(request.encoded())).reply == .waiting)
        try desk.push(1...3)
        try desk.push(4...4)
        #expect(try desk.places() == 4)
        #expect(try desk.connection.hub.waitingBundles(of: desk.device).map(\.isForked) == [true])
    }

    @Test("G6: of a laptop that was shut out, what waits in a sealed file is held for checking")
    func revoked() throws {
        _ = try desk.take(try desk.file(try desk.request(3...4)))
        let hub = desk.connection.hub
        try hub.revoke(desk.device)
        #expect(try RevokeCommand.holdWaiting(of: [desk.device], desk.connection) == 1)
        #expect(try hub.quarantine().map(\.number) == [3, 4])
        #expect(try desk.waiting().isEmpty)
        #expect(try desk.places() == 0)
    }
}
