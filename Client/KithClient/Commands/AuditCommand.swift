import Cryptography
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith audit list|verify`: the office's log of who did what, for auditors and admins.
enum AuditCommand {
    /// How many lines are listed where nothing else is said.
    private static let usualCount = 100
    private static let largestCount = 1_000_000

    static let command = Command<ClientContext>(
        name: "audit", summary: "See who did what at the office, and whether the log of it is whole.",
        discussion:
            "For auditors and admins, over the line: nothing of the log is kept here but its last line. It names "
            + "devices and records by their numbers alone.",
        example: "kith audit verify",
        subcommands: [
            Command(
                name: "list", summary: "List the last lines.", example: "kith audit list --last 20",
                options: [.integer("last", in: 1...largestCount, "How many lines; \(usualCount) if not given.")],
                run: list),
            Command(
                name: "verify", summary: "Find lines that were changed or removed.",
                discussion:
                    "Each line covers the one before it, and this laptop holds the last line that it was told. Exit "
                    + "code 7 means that somebody has changed the log.",
                example: "kith audit verify", run: verify),
        ])

    // MARK: List

    @Sendable private static func list(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let count = arguments.integer(of: "last") ?? usualCount
        var entries: [AuditEntry] = []
        _ = try forEachPage(context) { page in
            entries += page
            if entries.count > count { entries.removeFirst(entries.count - count) }
        }
        if context.isJSON { return try context.console.show(.array(entries.map { json($0, context) })) }
        let devices = try context.laptop().replica.directory()?.devices ?? []
        let names = Dictionary(devices.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
        var table = Table([
            Table.Column("Line", .right), Table.Column("When"), Table.Column("By"), Table.Column("What"),
            Table.Column("About"), Table.Column("More", .right),
        ])
        for entry in entries {
            table.add([
                String(entry.number), when(entry, context), names[entry.actor] ?? "device \(entry.actor)",
                AuditWording.what(entry), AuditWording.about(entry), AuditWording.more(entry),
            ])
        }
        try context.console.show(table)
    }

    private static func json(_ entry: AuditEntry, _ context: ClientContext) -> JSONValue {
        [
            "line": JSONValue(Int(clamping: entry.number)), "at": .string(when(entry, context)),
            "device": .integer(Int64(entry.actor)), "what": .string(AuditWording.what(entry)),
            "about": .string(AuditWording.about(entry)), "detail": JSONValue(Int(clamping: entry.detail)),
        ]
    }

    private static func when(_ entry: AuditEntry, _ context: ClientContext) -> String {
        context.local.moment(atMilliseconds: entry.time).description
    }

    // MARK: Verify

    @Sendable private static func verify(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        let hash = Hash128(BLAKE2b.hash128)
        var last: AuditEntry?
        var fault: UInt64?
        var heads: [UInt64: UInt128] = [:]
        let held = try laptop.heldAuditHead()
        let epoch = try forEachPage(context) { page in
            for entry in page {
                let isNext = entry.number == (last?.number ?? 0) + 1 && entry.previous == (last?.hash(hash) ?? 0)
                if !isNext, fault == nil { fault = last?.number ?? entry.number }
                if entry.number == held?.head.number { heads[entry.number] = entry.hash(hash) }
                last = entry
            }
        }
        // What was told in another history counts for nothing: the log says that the server was put back.
        if fault == nil, let held, held.epoch == epoch, held.head.number > 0, heads[held.head.number] != held.head.hash
        {
            fault = held.head.number
        }
        let count = last?.number ?? 0
        if context.isJSON {
            try context.console.show([
                "lines": JSONValue(Int(clamping: count)), "whole": .boolean(fault == nil),
                "fault": fault.map { JSONValue(Int(clamping: $0)) } ?? .null,
            ])
        }
        if let fault {
            throw CommandFailure(
                exitCode: .damaged,
                message:
                    "Somebody has changed the office's log of who did what, at line \(fault) or before it. Nothing on "
                    + "this laptop was changed. Tell whoever must know, not only the office.", next: "kith audit list")
        }
        if !context.isJSON {
            let told = held?.epoch == epoch ? " What this laptop was told last is among them." : ""
            try context.console.show("\(count) lines, each as it was written.\(told)")
        }
    }

    // MARK: Reading

    /// Hands all lines to the body, page by page; returns the history that they belong to.
    private static func forEachPage(_ context: ClientContext, _ body: ([AuditEntry]) throws -> Void) throws -> [UInt8] {
        let (address, token) = try context.laptop().office()
        let link = context.makeLink(address, token, nil)
        var after: UInt64 = 0
        while true {
            let reply = try ask(link, AuditRequest(after: after))
            try body(reply.entries)
            guard let end = reply.entries.last, end.number > after else { return reply.epoch }
            after = end.number
        }
    }

    private static func ask(_ link: any ServerLink, _ request: AuditRequest) throws -> AuditReply {
        do throws(ClientError) {
            return try link.audit(request)
        } catch .refused(.notFound) {
            throw CommandFailure(
                exitCode: .refused,
                message:
                    "The office's log is shown to auditors and admins, by a server that has this command. Nothing was "
                    + "changed.", next: "kith status")
        }
    }
}
