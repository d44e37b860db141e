import Cryptography
import Database
import Foundation
import KithClient
import OutreachModel
import SyncCore

/// An office that many devices have joined, and what each of them shows.
struct Crowd {
    /// Joined in the order of the numbers.
    struct Member {
        let device: UInt32
        let token: [UInt8]
    }

    /// What raises the limits of connections: all devices come from one address here.
    private static let limits = """
        limit-connections = 4096
        limit-connections-per-address = 4096

        """

    let office: SampleOffice
    let members: [Member]
    let team: Int
    private let pin: [UInt8]
    private let epoch: [UInt8]
    private let directoryVersion: UInt64
    private let ledger: LedgerProgress

    /// Invites and joins devices, one after the other, with the built server.
    init(_ count: Int, stage: Stage) throws {
        office = try stage.emptyOffice().copy(to: stage.scratch.appendingPathComponent("crowd", isDirectory: true))
        let settings = office.office.appendingPathComponent("server.conf").path
        let text = try String(contentsOfFile: settings, encoding: .utf8) + Self.limits
        try text.write(toFile: settings, atomically: true, encoding: .utf8)
        let laptop = try Laptop(
            home: HomeFolder(path: office.sender.path), creating: false, clock: LiveLaptop.now)
        team = try LiveLaptop.areas(of: laptop).team
        stage.note("Inviting \(count) devices")
        let (members, pin) = try stage.serving(office) { [office] server in
            var members: [Member] = []
            var pin: [UInt8] = []
            for number in 0..<count {
                let code = try Self.invite("Worker \(number)", office, stage)
                pin = code.pin
                let link = Self.link(port: server.port, pin: pin, token: nil)
                let reply = try link.join(JoinRequest(secret: code.secret, device: "laptop \(number)"))
                members.append(Member(device: reply.device, token: reply.token))
            }
            return (members, pin)
        }
        (self.members, self.pin) = (members, pin)
        let database = try Database(
            path: office.office.appendingPathComponent("hub.sqlite").path, mode: .readOnly,
            applicationID: Laptop.applicationID)
        guard let last = try database.query("SELECT number, entry FROM ledger ORDER BY number DESC LIMIT 1").first,
            case .integer(let number) = last[0], case .blob(let entry) = last[1],
            let row = try database.query("SELECT value FROM server WHERE name = 'epoch'").first,
            case .blob(let epoch) = row[0]
        else { throw ChildProcess.Failure(description: "The server has no ledger.") }
        ledger = LedgerProgress(count: UInt64(number), hash: BLAKE2b.hash128(entry), hasKey: true)
        self.epoch = epoch
        // What a device is told of people and devices, asked once for all of them.
        directoryVersion = try stage.serving(office) { [ledger, office] server in
            _ = office
            var request = Self.emptyRequest(epoch: epoch, directoryVersion: 0, ledger: ledger)
            request.pageBytes = 0
            let reply = try Self.link(port: server.port, pin: pin, token: members[0].token).sync(request)
            guard let directory = reply.directory else {
                throw ChildProcess.Failure(description: "The server did not send the directory.")
            }
            return directory.version
        }
    }

    private static func invite(_ name: String, _ office: SampleOffice, _ stage: Stage) throws -> InvitationCode {
        let text = try ChildProcess.run(
            stage.settings.program("kith-server"),
            ["invite", "--data", office.office.path, "--name", name, "--role", "worker", "--quiet"],
            streams: stage.streams)
        let code = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return try InvitationCode(decoding: code, hash: BLAKE2b.hash256)
    }

    private static func link(port: UInt16, pin: [UInt8], token: [UInt8]?) -> HTTPServerLink {
        HTTPServerLink(
            address: ServerAddress(host: "127.0.0.1", port: port, pin: pin), token: token, timeoutMilliseconds: nil)
    }

    /// A connection of one of them; made at its first request.
    func link(of member: Int, port: UInt16) -> HTTPServerLink {
        Self.link(port: port, pin: pin, token: members[member].token)
    }

    /// What a laptop sends that has nothing to say and knows everything about the office.
    func request(cursors: [Cursor] = [], groups: [ChangeGroup] = []) -> SyncRequest {
        var request = Self.emptyRequest(epoch: epoch, directoryVersion: directoryVersion, ledger: ledger)
        request.cursors = cursors
        request.groups = groups
        return request
    }

    private static func emptyRequest(epoch: [UInt8], directoryVersion: UInt64, ledger: LedgerProgress) -> SyncRequest {
        var request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: epoch, clockMilliseconds: LiveLaptop.now(),
            lowestOwnGroup: 1, directoryVersion: directoryVersion, cursors: [], groups: [])
        request.setFetchReport(FetchReport())
        request.set(heldGroups: HeldGroupsRequest(lastOutcome: 0, withdrawals: []))
        request.set(ledger)
        request.set(DeviceStanding(disk: 0, isWiped: false))
        return request
    }

    /// A group that makes one visit.
    func creation(_ record: WorkRecord, number: UInt64, time: UInt64) -> ChangeGroup {
        let fields = record.values.map { FieldChange(field: $0.field, value: $0.value, time: time, base: .none) }
        let change = Change(
            table: OutreachSchema.Number.visit, record: record.id, creation: Creation(area: team, time: time),
            fields: fields)
        return ChangeGroup(number: number, changes: [change])
    }
}
