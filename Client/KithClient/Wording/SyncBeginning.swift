import SyncReplica
import Terminal

/// What stood here before a sync, for telling what it changed.
struct SyncBeginning {
    /// Records with changes that the server did not have.
    let waiting: Int
    let days: FalseDays
    /// nil where no sync began here: an answer that came in a sealed file.
    private let teams: LostTeams?

    init(_ laptop: Laptop) throws {
        waiting = try laptop.replica.unsentCount
        days = try FalseDays(laptop, waiting: waiting)
        teams = try LostTeams(laptop)
    }

    /// Of a sync that began elsewhere.
    init() {
        waiting = 0
        days = FalseDays()
        teams = nil
    }

    /// A line for each team that is gone, and one for what was not sent by then.
    func lostLines(_ laptop: Laptop) throws -> [String] { try teams?.lines(laptop) ?? [] }

    /// The teams that are gone, for `--json`.
    func lostMembers(_ laptop: Laptop) throws -> [JSONValue.Member] {
        let names = try teams?.names(laptop) ?? []
        return names.isEmpty ? [] : [.init("lost_areas", .array(names.map { .string($0) }))]
    }
}
