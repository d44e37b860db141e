import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith status`
enum StatusCommand {
    static let command = Command<ClientContext>(
        name: "status", summary: "Show what waits to be sent and what needs a choice.",
        discussion:
            "With --safe-to-lose it says whether everything on this laptop is on the server, and lists what is not; "
            + "then the exit code is 1.",
        example: "kith status --check\nkith status --safe-to-lose",
        options: [
            .flag("check", "End with exit code 6 where a choice is needed."),
            .flag("safe-to-lose", "Say whether nothing would be lost with this laptop."),
        ], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        if arguments.hasFlag("safe-to-lose") { return try SafeToLose(context).tell(context) }
        let status = try Status(context)
        if context.isJSON { try context.console.show(status.json) } else { try status.show(context) }
        guard arguments.hasFlag("check"), status.conflicts > 0 else { return }
        let count = status.conflicts == 1 ? "1 conflict needs" : "\(status.conflicts) conflicts need"
        throw CommandFailure(
            exitCode: .choiceNeeded, message: "\(count) a choice. Nothing is lost.", next: "kith conflicts list")
    }
}

/// How this laptop stands.
struct Status {
    let directory: Directory
    let device: String
    let office: ServerAddress
    let waiting: Int
    /// How many groups the office held at the last sync, but for those that were taken back here since.
    let held: Int
    /// How many groups the office did not take, and that were not sent again.
    let notTaken: Int
    let conflicts: Int
    /// RFC 3339; nil before the first sync.
    let lastSync: String?
    private let lastSyncWords: String
    /// What the office asks to erase; nil where nothing waits for an answer.
    private let erasure: ErasureRequest?

    init(_ context: ClientContext) throws {
        let laptop = try context.laptop()
        let replica = laptop.replica
        guard let directory = try replica.directory(), let number = try replica.device else {
            throw ClientError.notJoined
        }
        self.directory = directory
        device = directory.devices.first { $0.number == number }?.name ?? "device \(number)"
        office = try laptop.office().address
        waiting = try replica.unsentCount
        held = try laptop.heldCount()
        notTaken = try replica.heldItems().count { $0.state == .discarded && !$0.changes.isEmpty }
        conflicts = try replica.conflicts(openOnly: true).count
        let moment = try laptop.lastSync().map { context.local.moment(atMilliseconds: $0) }
        lastSync = moment?.description
        erasure = try ErasureRequest(context)
        lastSyncWords = moment.map { ParsedDate.moment($0).echo(in: context.local) } ?? "never"
    }

    /// The areas that this person reads, by name.
    private var areas: [String] { directory.areas.filter(\.canRead).map(\.name).sorted() }

    /// The teams among them: everybody's places and library are none, and the concerns of a team belong to it.
    private var teams: [String] {
        directory.areas.filter { $0.canRead && $0.twinOf == nil && $0.number != AreaChoice.everyone }.map(\.name)
            .sorted()
    }

    /// The teams whose concerns this person reads.
    private var concernTeams: [String] {
        let twins = Set(directory.areas.filter(\.canRead).compactMap(\.twinOf))
        return directory.areas.filter { twins.contains($0.number) }.map(\.name).sorted()
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("person", .string(directory.person)), .init("role", .string("\(directory.role)")),
            .init("device", .string(device)), .init("server", .string("\(office.host):\(office.port)")),
            .init("waiting", JSONValue(waiting)), .init("held", JSONValue(held)),
            .init("not_taken", JSONValue(notTaken)), .init("conflicts", JSONValue(conflicts)),
            .init("last_sync", JSONValue(lastSync)),
            .init("areas", .array(areas.map { .string($0) })),
        ]
        if let erasure { members.append(.init("erasure_waiting", JSONValue(erasure.records))) }
        return .object(members)
    }

    func show(_ context: ClientContext) throws {
        let console = context.console
        try console.show("\(directory.person) (\(directory.role)) on \(device)")
        try console.show("Waiting to send: \(waiting)")
        if held > 0 { try console.show("Held for checking at the office: \(held)") }
        if notTaken > 0 { try console.show("Not taken by the office: \(notTaken)") }
        try console.show("Need a choice: \(conflicts)")
        try console.show("Last sync: \(lastSyncWords)")
        try console.show("Teams: \(teams.isEmpty ? "none" : teams.joined(separator: ", "))")
        if !concernTeams.isEmpty { try console.show("Concerns read of: \(concernTeams.joined(separator: ", "))") }
        if held + notTaken > 0 { try console.note("See what is held: kith held list") }
        if let erasure { try console.show("Waiting for you: \(erasure.waitingLine)") }
        if conflicts > 0 { try console.note("See them: kith conflicts list") }
        if waiting > 0 { try console.note("Send: kith sync") }
    }
}
