import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Which teams somebody leads, as the office's ledger tells it: it names people by numbers, whatever they are called.
struct LedTeams {
    private struct Somebody {
        var role: Role
        var areas: Set<Int> = []
        var devices: Set<UInt32> = []
    }

    private let areas: [Directory.Area]
    private let led: Set<Int>

    /// Reads the ledger; nil where the office keeps none, and nobody here can tell.
    init?(_ laptop: Laptop) throws {
        let entries = try laptop.replica.ledger.entries(after: 0)
        guard !entries.isEmpty, let directory = try laptop.replica.directory() else { return nil }
        var people: [UInt32: Somebody] = [:]
        for entry in entries {
            do throws(CBORError) {
                try Self.follow(entry, &people)
            } catch {
                // What only a later version can read makes nobody a lead here.
                continue
            }
        }
        areas = directory.areas
        led = people.values.filter { $0.role == .lead && !$0.devices.isEmpty }.reduce(into: []) {
            $0.formUnion($1.areas)
        }
    }

    private static func follow(_ entry: LedgerEntry, _ people: inout [UInt32: Somebody]) throws(CBORError) {
        switch LedgerEntry.Kind(rawValue: entry.kind) {
        case .enrolment:
            let letIn = try LedgerContent.Enrolment(decoding: entry.payload)
            people[letIn.person, default: Somebody(role: letIn.role)].role = letIn.role
            people[letIn.person]?.devices.insert(letIn.device)
        case .grant:
            let grant = try LedgerContent.Grant(decoding: entry.payload)
            people[grant.person]?.areas.insert(grant.area)
        case .take:
            let grant = try LedgerContent.Grant(decoding: entry.payload)
            people[grant.person]?.areas.remove(grant.area)
        case .revocation:
            let device = try LedgerContent.Revocation(decoding: entry.payload).device
            for person in people.keys { people[person]?.devices.remove(device) }
        case .role:
            let change = try LedgerContent.RoleChange(decoding: entry.payload)
            people[change.person]?.role = change.role
        case .area, .erasure, .wipe, .deviceKey, .serverKey, nil: break
        }
    }

    /// Whether somebody leads any team.
    var hasLeads: Bool { !led.isEmpty }

    /// Whether somebody leads a team.
    func isLed(_ team: Int) -> Bool { led.contains(team) }

    /// The name of the team of a restricted twin, where nobody leads it; nil where somebody does.
    func unledTeam(of twin: Int?) -> String? {
        guard let base = areas.first(where: { $0.number == twin })?.twinOf, !isLed(base) else { return nil }
        return areas.first { $0.number == base }?.name ?? "team \(base)"
    }

    /// Where a concern goes that would be read by no lead: to the leads of another team of the person who writes it. A team
    /// with a lead keeps its own, and so does one where no other team has any.
    func readers(instead team: AreaChoice.Decision, lastUsed: Int?, _ choice: AreaChoice) -> AreaChoice.Decision {
        let others = choice.areas.filter { isLed($0.number) }
        guard !isLed(team.area), let other = others.first(where: { $0.number == lastUsed }) ?? others.first else {
            return team
        }
        return AreaChoice.Decision(area: other.number, name: other.name, reason: "as nobody leads \"\(team.name)\"")
    }
}
