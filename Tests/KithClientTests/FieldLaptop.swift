import Cryptography
import Database
import Foundation
import OutreachModel
import SyncCore
import SyncReplica
import Synchronization
import Terminal
import Testing

@testable import KithClient

/// An office that exists in a test alone: it takes what a laptop sends and hands out what the test put there.
final class PaperOffice: ServerLink, Sendable {
    struct State {
        var role = Role.worker
        var areas = ["main"]
        /// Those of the areas that members have.
        var membersAreas: Set<String> = []
        /// Whose laptops have the numbers from 8 on.
        var colleagues = ["Sam"]
        /// The office's public key; nil for one that keeps no ledger.
        var officeKey: [UInt8]?
        var joinError: ClientError?
        var syncError: ClientError?
        var historyError = ClientError.offline(reason: "")
        var carryError: ClientError?
        /// How many pages are answered before `syncError` counts.
        var pagesBeforeError = 0
        /// Whether more is said to follow each page.
        var isEndless = false
        var taken: [ChangeGroup] = []
        var conflicts: [Conflict] = []
        var updates: [RecordUpdate] = []
        var held: [HeldGroup] = []
        /// What the office's clock shows more than the laptop's, in milliseconds.
        var clockLead: Int64 = 0
        /// What became of held work; told to whoever has not heard of it.
        var outcomes: [HeldOutcome] = []
        var sequence: UInt64 = 0
    }

    static let device: UInt32 = 7
    static let colleague: UInt32 = 8
    let state = Mutex(State())

    func join(_ request: JoinRequest) throws(ClientError) -> JoinReply {
        let (error, role, names, colleagues) = state.withLock { ($0.joinError, $0.role, $0.areas, $0.colleagues) }
        let ofMembers = state.withLock { $0.membersAreas }
        if let error { throw error }
        var areas = [Directory.Area(number: 1, name: "everyone", canRead: true, canWrite: true, twinOf: nil)]
        for (index, name) in names.enumerated() {
            let number = 2 + 2 * index
            areas.append(
                Directory.Area(
                    number: number, name: name, canRead: true, canWrite: true, twinOf: nil,
                    isOfMember: ofMembers.contains(name)))
            areas.append(
                Directory.Area(
                    number: number + 1, name: "\(name) (restricted)", canRead: role == .lead, canWrite: true,
                    twinOf: number))
        }
        let others = colleagues.enumerated().map { index, person in
            Directory.Device(number: Self.colleague + UInt32(index), name: "\(person)'s laptop", person: person)
        }
        let devices = [Directory.Device(number: Self.device, name: request.device, person: "Priya")] + others
        var reply = JoinReply(
            device: Self.device, token: [UInt8](repeating: 9, count: 32), epoch: [UInt8](repeating: 1, count: 16),
            directory: Directory(version: 1, role: role, person: "Priya", devices: devices, areas: areas))
        if let key = state.withLock({ $0.officeKey }) { reply.setOfficeKey(key) }
        return reply
    }

    func sync(_ request: SyncRequest) throws(ClientError) -> SyncReply {
        let result = state.withLock { state -> Result<SyncReply, ClientError> in
            if let error = state.syncError {
                guard state.pagesBeforeError > 0 else { return .failure(error) }
                state.pagesBeforeError -= 1
            }
            state.taken += request.groups
            state.sequence += 1
            let accepted = request.groups.map(\.number).filter { number in !state.held.contains { $0.number == number }
            }
            let pages = request.cursors.map { cursor in
                FeedPage(
                    area: cursor.area, sequence: state.sequence, mark: state.sequence, isComplete: !state.isEndless,
                    digest: nil,
                    asSent: accepted.map { $0...$0 }, records: cursor.area == 2 ? state.updates : [],
                    conflicts: cursor.area == 2 ? state.conflicts : [])
            }
            var reply = SyncReply(
                epoch: request.epoch, clockMilliseconds: request.clockMilliseconds + state.clockLead,
                receipt: state.taken.map(\.number).max() ?? 0, highestTime: 0, held: state.held, pages: pages)
            // Who does not ask is told nothing.
            guard let asked = try? request.heldGroups() else { return .success(reply) }
            reply.set(heldOutcomes: state.outcomes.filter { $0.id > asked.lastOutcome })
            return .success(reply)
        }
        return try result.get()
    }

    func history(_ request: HistoryRequest) throws(ClientError) -> HistoryReply {
        throw state.withLock { $0.historyError }
    }

    func carry(_ bundle: [UInt8]) throws(ClientError) -> CarryReply {
        if let error = state.withLock({ $0.carryError }) { throw error }
        return .taken
    }
}

/// A laptop in a temporary folder, driven as a worker would: by command lines.
final class FieldLaptop {
    struct Run {
        let code: ExitCode
        let output: String
        let errors: String

        /// The one JSON value on standard output.
        var json: JSONValue {
            get throws { try JSONParser.parse(Array(output.utf8)) }
        }
    }

    /// Sunday 22 November 2026, 15:00 in London; the zone is set once for the whole process.
    static let now: Int64 = {
        unsafe setenv("TZ", "Europe/London", 1)
        tzset()
        return Moment("2026-11-22T15:00:00+00:00")?.milliseconds ?? 0
    }()

    let folder = FileManager.default.temporaryDirectory.path + "/kith-\(UUID().uuidString)"
    let office = PaperOffice()

    init(
        role: Role = .worker, areas: [String] = ["main"], membersAreas: Set<String> = [],
        colleagues: [String] = ["Sam"], isJoined: Bool = true
    ) throws {
        office.state.withLock {
            $0.role = role
            $0.membersAreas = membersAreas
            $0.areas = areas
            $0.colleagues = colleagues
        }
        if isJoined {
            let run = run(["join", try Self.code(), "--device", "Priya's laptop"])
            try #require(run.code == .done, "\(run.errors)")
        }
    }

    // Harmless where it fails: the folder is a temporary one.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func code() throws -> String {
        let code = InvitationCode(
            secret: [UInt8](repeating: 3, count: 16), pin: [UInt8](repeating: 4, count: 32), host: "127.0.0.1", port: 9)
        return code.encoded(hash: BLAKE2b.hash256)
    }

    func run(
        _ words: [String], input: String = "", isTerminal: Bool = false, editor: String? = nil,
        width: Int = TerminalStreams.defaultWidth, laterDays: Int64 = 0, isPasted: Bool = false
    ) -> Run {
        let now = Self.now + laterDays * 86_400_000
        var variables = ["KITH_HOME": folder, "TMPDIR": FileManager.default.temporaryDirectory.path]
        variables["EDITOR"] = editor
        let streams = RecordedStreams(
            input: input, isTerminal: isTerminal, width: width, variables: variables, isPasted: isPasted)
        let office = office
        let code = KithProgram.run(words, streams: streams.streams, clock: { now }, makeLink: { _, _, _ in office })
        return Run(code: code, output: streams.output, errors: streams.errorOutput)
    }

    /// Runs a command that must succeed, with `--json`, and returns its value.
    func json(_ words: String...) throws -> JSONValue { try json(words: words) }

    /// Runs a command that must succeed, with `--json`, and returns its value.
    func json(words: [String]) throws -> JSONValue {
        let run = run(words + ["--json"])
        try #require(run.code == .done, "\(run.errors)")
        return try run.json
    }

    /// Writes what no command would, as a later version of the program may.
    @discardableResult
    func write<T>(_ body: (inout LocalTransaction) throws -> T) throws -> T { try opened().replica.write(body) }

    /// The database below.
    func database() throws -> Database { try opened().database }

    private func opened() throws -> Laptop {
        try Laptop(home: HomeFolder(path: folder), creating: false, clock: { Self.now })
    }

    /// A visit at Castle House, which is made where it is missing; returns the visit's id.
    func visit(_ summary: String = "Just chatting") throws -> String {
        if case .array(let places) = try json("place", "list"), places.isEmpty {
            _ = try json("place", "add", "Castle House", "--kind", "residential", "--district", "Canterbury")
        }
        return try #require(
            try json("visit", "add", "Castle House", "2026-11-22 14:30", "--summary", summary)["id"]?.text)
    }
}

extension JSONValue {
    /// The text, or nil where it is none.
    var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The values of an array.
    var values: [JSONValue] { if case .array(let values) = self { values } else { [] } }
    /// The names of an object's members, in order.
    var names: [String] { if case .object(let members) = self { members.map(\.name) } else { [] } }
}
