import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Concerns that were written here for leads and admins to read: what a worker keeps of them is that they were sent.
enum PassedOn {
    /// The most of them that are told one by one.
    private static let longestList = 10

    /// Remembers a concern that was saved in an area, and says who will read it.
    static func tell(_ id: RecordID, _ area: Int?, _ saving: RecordSaving) throws {
        let context = saving.context
        let laptop = try context.laptop()
        let canRead = try laptop.replica.directory()?.areas.contains { $0.number == area && $0.canRead } ?? false
        if !canRead {
            try saving.afterSaving { try laptop.keep(passedOn: id, milliseconds: context.clock()) }
        }
        try RecordCommands.tell(context, "Added", .concern, id)
        if !canRead {
            let led = try LedTeams(laptop)
            let unled = led?.unledTeam(of: area)
            let readers = unled.map { "Admins will read it once it is sent (nobody leads \"\($0)\")" }
            try context.console.note(
                "\(readers ?? "Leads and admins will read it once it is sent"); then it leaves this laptop. "
                    + "Send it now: kith sync")
            if unled != nil, led?.hasLeads == true { try context.console.note("Tell a lead yourself as well.") }
        }
        try context.console.note("If somebody is in danger now, ring the emergency services.")
    }

    /// Keeps what is remembered true after something was deleted, taken back or brought back here: a concern that is gone
    /// before it was sent is read by nobody, and must not be told as passed on.
    ///
    /// - Parameter replaced: concerns in whose place others were made.
    static func follow(_ context: ClientContext, replaced: [RecordID] = []) throws {
        let (laptop, reader) = (try context.laptop(), try context.reader())
        var known = Set(try laptop.passedOn().map(\.id))
        for id in known where try replaced.contains(id) || reader.record(.concern, id)?.isLiving == false {
            try laptop.forget(passedOn: id)
            known.remove(id)
        }
        let readable = Set(try laptop.replica.directory()?.areas.filter(\.canRead).map(\.number) ?? [])
        for record in try reader.records(.concern) where !readable.contains(record.area) && !known.contains(record.id) {
            try laptop.keep(passedOn: record.id, milliseconds: record.created.milliseconds)
        }
    }

    /// The concerns that were sent and have left. What is here still waits, or is held; what the office did not take was
    /// passed on to nobody.
    private static func gone(
        _ context: ClientContext, _ held: [HeldItem]
    ) throws -> [(id: RecordID, milliseconds: Int64)] {
        let (laptop, reader) = (try context.laptop(), try context.reader())
        let notTaken = Set(
            held.filter { $0.state == .discarded || $0.state == .withdrawn }.flatMap(\.changes).map(\.record))
        return try laptop.passedOn().filter { try !notTaken.contains($0.id) && reader.record(.concern, $0.id) == nil }
    }

    /// What to say to whoever names a concern that was sent and has left; nil where the beginning of an id is not that of
    /// one alone.
    static func failure(_ typed: String, _ context: ClientContext) throws -> CommandFailure? {
        guard let prefix = ShortID.prefix(typed).flatMap({ RecordIDPrefix($0) }) else { return nil }
        let held = try context.laptop().replica.heldItems(all: true)
        let hits = try gone(context, held).filter { prefix.begins($0.id) }
        guard hits.count == 1, let hit = hits.first else { return nil }
        let moment = ParsedDate.moment(context.local.moment(atMilliseconds: hit.milliseconds)).echo(in: context.local)
        return CommandFailure(
            exitCode: .notFound,
            message:
                "That concern was passed on from here for leads and admins to read (\(moment)), and is not on this "
                + "laptop any more. Nothing was changed. To say more about it, add another concern that begins with "
                + "\"More about \(ShortID.display(hit.id))\".",
            next: "kith concern add")
    }

    /// Says which concerns were sent and have left.
    ///
    /// - Returns: whether there are any.
    static func note(_ context: ClientContext) throws -> Bool {
        let held = try context.laptop().replica.heldItems(all: true)
        let gone = try gone(context, held)
        guard !gone.isEmpty else { return false }
        let lines = gone.prefix(longestList).map { receipt in
            let moment = context.local.moment(atMilliseconds: receipt.milliseconds)
            return "\(ShortID.display(receipt.id)), \(ParsedDate.moment(moment).echo(in: context.local))"
        }
        try context.console.note(
            "Passed on from here, for leads and admins to read: \(gone.count) (\(lines.joined(separator: "; "))).")
        // Of what left with its team nobody here can tell whether a concern was in it.
        if held.contains(where: { $0.changes.isEmpty && ($0.state == .held || $0.state == .discarded) }) {
            try context.console.note(
                "Some work of this laptop is held at the office or was not taken; a concern may be among it: kith held list"
            )
        }
        return true
    }
}
