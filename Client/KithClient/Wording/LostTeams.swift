import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Teams that the office has taken from this person since a sync began: their records left this laptop, which nobody
/// should have to find out from an empty list.
///
/// What this person may read is compared before and after: so it is told too where the sync was cut behind that.
struct LostTeams {
    private let before: [Directory.Area]
    private let heldBefore: Set<UInt64>

    /// Remembers the teams, before a sync.
    init(_ laptop: Laptop) throws {
        before = try Self.teams(laptop)
        heldBefore = Set(try laptop.replica.heldGroups().map(\.number))
    }

    private static func teams(_ laptop: Laptop) throws -> [Directory.Area] {
        let areas = try laptop.replica.directory()?.areas ?? []
        return areas.filter { $0.canRead && $0.twinOf == nil && $0.number != AreaChoice.everyone }
    }

    /// The names of teams that are gone.
    func names(_ laptop: Laptop) throws -> [String] {
        let now = Set(try Self.teams(laptop).map(\.number))
        return before.filter { !now.contains($0.number) }.map(\.name)
    }

    /// A line for each team, and one for what was not sent by then.
    func lines(_ laptop: Laptop) throws -> [String] {
        let names = try names(laptop)
        guard !names.isEmpty else { return [] }
        var lines = names.map { name in
            "The office has taken the team \"\(name)\" from you: its records left this laptop, and are at the office."
        }
        let held = try laptop.replica.heldGroups().count {
            $0.reason == .areaNotGranted && !heldBefore.contains($0.number)
        }
        switch held {
        case 0: lines.append("What you wrote there and had sent is there too.")
        case 1: lines.append("1 change of yours that was not sent yet went there now, to be checked: kith held list")
        default:
            lines.append(
                "\(held) changes of yours that were not sent yet went there now, to be checked: kith held list")
        }
        return lines
    }
}
