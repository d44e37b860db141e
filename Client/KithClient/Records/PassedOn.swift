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
            try context.console.note(
                "Leads and admins will read it once it is sent; then it leaves this laptop. Send it now: kith sync")
        }
        try context.console.note("If somebody is in danger now, ring the emergency services.")
    }

    /// Says which concerns were sent and have left.
    ///
    /// - Parameter here: those that are still on this laptop.
    static func note(_ context: ClientContext, here: Set<RecordID>) throws {
        let gone = try context.laptop().passedOn().filter { !here.contains($0.id) }
        guard !gone.isEmpty else { return }
        let lines = gone.prefix(longestList).map { receipt in
            let moment = context.local.moment(atMilliseconds: receipt.milliseconds)
            return "\(ShortID.display(receipt.id)), \(ParsedDate.moment(moment).echo(in: context.local))"
        }
        try context.console.note(
            "Passed on from here, for leads and admins to read: \(gone.count) (\(lines.joined(separator: "; "))).")
    }
}
