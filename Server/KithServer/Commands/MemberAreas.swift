import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// The areas of members: somebody with lived experience has an area of their own, which they share with one worker.
///
/// Everything in an area is read by everybody who has it. So nobody may get to read a team's records, or a second worker
/// a member's, by a word that was left out or a name that was mistyped: where more would be read than a member and one
/// worker have shared, the office is told who and how much, and asked.
struct MemberAreas {
    private let hub: Hub
    /// Who has a laptop, and who was invited and may have one tomorrow.
    private let people: [String: DeviceRecord]

    init(_ connection: HubConnection) throws {
        hub = connection.hub
        let devices = try hub.devices().filter { $0.number != DeviceRecord.office && !$0.isRevoked }
        var people = Dictionary(devices.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
        let invitations = try connection.store.readTransaction {
            try [Role.worker, .lead, .member].flatMap { try connection.store.unusedInvitations(role: $0) }
        }
        for invitation in invitations where invitation.expiresMilliseconds > WallClock.milliseconds() {
            let known = people[invitation.person]
            var person =
                known ?? DeviceRecord(number: 0, name: "", person: invitation.person, role: invitation.role)
            person.areas.formUnion(invitation.areas)
            people[invitation.person] = person
        }
        self.people = people
    }

    /// Throws unless areas are named for a member: none is given by itself.
    static func check(named areas: [String], role: Role) throws(CommandFailure) {
        guard role == .member, areas.isEmpty else { return }
        throw CommandFailure(
            exitCode: .usage,
            message: "Missing --area. A member has an area of their own, which they share with a worker: everything in "
                + "it can be read by them. Nothing was changed.", next: "kith-server areas add NAME")
    }

    /// What somebody would read or show with an area, where it must be asked; nil where all is as it should be.
    func question(giving area: Area, to person: String, role: Role) throws -> String? {
        if people[person]?.areas.contains(area.number) == true, people[person]?.role == role { return nil }
        let others = people.values.filter {
            $0.person != person && $0.role != .admin && $0.areas.contains(area.number)
        }
        let names = others.map(\.person).sorted().joined(separator: ", ")
        if role == .member {
            // What an area held before goes to whoever gets it.
            let isUsed = try hub.head(area: area.number).sequence > 0
            guard isUsed || others.count > 1 || others.contains(where: { $0.role == .member }) else { return nil }
            let who = names.isEmpty ? "" : " It is the area of \(names)."
            return
                "\(person) will read everything in \(area.name), what is there already included.\(who) Give it to them?"
        }
        guard role == .worker || role == .lead else { return nil }
        let members = others.filter { $0.role == .member }.map(\.person).sorted()
        guard let member = members.first, others.count > members.count || members.count > 1 else { return nil }
        return "\(area.name) is the area of \(names). \(member) will read what \(person) writes there. Give it to them?"
    }

    /// Asks about each area where it must be; false where nobody wants it.
    func confirm(giving areas: [Area], to person: String, role: Role, _ console: Console) throws -> Bool {
        for area in areas {
            guard let question = try question(giving: area, to: person, role: role) else { continue }
            guard try console.prompter.confirm(question) else { return false }
        }
        return true
    }
}
