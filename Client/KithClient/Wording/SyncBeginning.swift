import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// What stood here before a sync, for telling what it changed.
struct SyncBeginning {
    /// Records with changes that the server did not have.
    let waiting: Int
    let days: FalseDays
    /// Whether this laptop had never come to the end of a sync: what was decided by then is no news.
    let isFirst: Bool
    /// nil where no sync began here: an answer that came in a sealed file.
    private let teams: LostTeams?
    /// The concerns that could be read here.
    private let concerns: Set<RecordID>
    /// The open rounds that name this person as the buddy.
    private let rounds: Set<RecordID>
    /// The commands that were begun and not saved, and how many texts were not.
    private let begun: [String]
    private let textCount: Int

    init(_ laptop: Laptop) throws {
        waiting = try laptop.replica.unsentCount
        days = try FalseDays(laptop, waiting: waiting)
        isFirst = try laptop.lastSync() == nil
        teams = try LostTeams(laptop)
        concerns = try Self.concerns(laptop)
        rounds = try OpenRounds.trusting(laptop)
        begun = try laptop.begun.commands(since: 0)
        textCount = laptop.texts.paths.count
    }

    /// Of a sync that began elsewhere.
    init() {
        waiting = 0
        days = FalseDays()
        isFirst = false
        teams = nil
        concerns = []
        rounds = []
        begun = []
        textCount = 0
    }

    /// A line for each team that is gone, and one for what was not sent by then.
    func lostLines(_ laptop: Laptop) throws -> [String] { try teams?.lines(laptop) ?? [] }

    /// What was begun, or written in an editor, and went with what was erased or lost, because it may say something of that; nil
    /// where nothing did.
    func removedEntriesLine(_ laptop: Laptop) throws -> String? {
        let left = try laptop.begun.commands(since: 0)
        var gone = begun.filter { !left.contains($0) }.map { "kith \($0)" }
        let count = textCount - laptop.texts.paths.count
        if count > 0 { gone.append(count == 1 ? "a text from an editor" : "\(count) texts from an editor") }
        return gone.isEmpty ? nil : "Begun and not saved, and removed with it: " + gone.joined(separator: ", ")
    }

    /// How many concerns came that can be read here. Nothing is told of them but that they are there.
    func newConcernCount(_ laptop: Laptop) throws -> Int {
        teams == nil ? 0 : try Self.concerns(laptop).subtracting(concerns).count
    }

    /// A line for each round that came and counts on this person; nobody reads a list to find that out.
    func buddyLines(_ laptop: Laptop, _ context: ClientContext) throws -> [String] {
        let new = teams == nil ? [] : try OpenRounds.trusting(laptop).subtracting(rounds)
        return new.isEmpty ? [] : try OpenRounds.buddyLines(new, context)
    }

    private static func concerns(_ laptop: Laptop) throws -> Set<RecordID> {
        guard [.lead, .admin].contains(try laptop.replica.directory()?.role) else { return [] }
        return Set(try RecordReader(database: laptop.database).records(.concern, isOrdered: false).map(\.id))
    }

    /// The teams that are gone, for `--json`.
    func lostMembers(_ laptop: Laptop) throws -> [JSONValue.Member] {
        let names = try teams?.names(laptop) ?? []
        return names.isEmpty ? [] : [.init("lost_areas", .array(names.map { .string($0) }))]
    }
}
