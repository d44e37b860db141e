import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith history ID`
enum HistoryCommand {
    /// How long the server is waited for, in milliseconds: this laptop's own knowledge is worth showing without it.
    static let timeoutMilliseconds = 3_000

    private static let kinds = RecordKind.all

    static let command = Command<ClientContext>(
        name: "history", summary: "Show every value that a record ever had, oldest first.",
        discussion:
            "What this laptop knows is completed by the office's server where it can be reached; what came there "
            + "long after it was written says when, and what its writer has not brought again since the server was put back says on "
            + "whose word it stands. Each line has a number: --bring-back with it writes that value again, as a new change of yours. What stands now stays "
            + "in the history.",
        example: "kith history f3kq7xzm\nkith history f3kq7xzm --bring-back 2",
        arguments: [Argument("id", "The beginning of the record's id, or its name.")],
        options: [
            .integer("bring-back", in: 1...1_000_000, "Write the value of this line again."), EarlierValue.below,
        ], run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let record = try context.finder().find(anyOf: kinds, id: arguments.argument("id") ?? "", .all)
        let laptop = try context.laptop()
        let reference = RecordReference(table: record.kind.number, id: record.id)
        let answer = try fromServer(reference, context)
        let versions = try laptop.replica.history(of: reference, server: answer?.history)
        let presenter = try RecordPresenter(context)
        if let number = arguments.integer(of: "bring-back") {
            guard versions.indices.contains(number - 1) else {
                throw CommandFailure(
                    exitCode: .notFound,
                    message: "The history has \(versions.count) lines, and none with that number. Nothing was changed.",
                    next: "kith history \(ShortID.display(record.id))")
            }
            let line = "Line \(number): \(try words(versions[number - 1], record, presenter, context))"
            return try bringBack(versions[number - 1], of: record, line, isBelow: arguments.hasFlag("below"), context)
        }
        guard !arguments.hasFlag("below") else {
            throw CommandFailure(
                exitCode: .usage,
                message: "--below goes with --bring-back and the number of a line. Nothing was changed.")
        }
        let numbered = versions.enumerated().map { (number: $0 + 1, version: $1) }
        if context.isJSON {
            return try context.console.show(
                .array(
                    try numbered.map {
                        try json($0.version, $0.number, answer?.arrivals, record, presenter, context)
                    }))
        }
        try context.console.showHeading("\(record.kind.name.capitalizedFirst) \(ShortID.display(record.id))")
        let width = String(versions.count).count
        for (number, version) in numbered {
            let gap = String(repeating: " ", count: width - String(number).count)
            let known = answer?.arrivals
            let late = LateArrival.echo(known?.arrivals[version.stamp], of: version.stamp, in: context.local)
            let arrival = late.map { " (at the office since \($0))" } ?? ""
            let voucher =
                try known?.vouchers[version.stamp].map { " (on the word of \(try presenter.writer($0).device))" } ?? ""
            try context.console.show(
                "\(gap)\(number)  \(try words(version, record, presenter, context))\(arrival)\(voucher)")
        }
    }

    /// Writes the value of a line again.
    ///
    /// The line is told first: where the office can't be reached, or somebody wrote meanwhile, its number may be that of
    /// another one than was read.
    private static func bringBack(
        _ version: RecordVersion, of record: StoredRecord, _ line: String, isBelow: Bool, _ context: ClientContext
    ) throws {
        let kind = record.kind
        guard version.field != Field.existence else {
            let verb = version.value == .integer(0) ? "delete" : "restore"
            throw CommandFailure(
                exitCode: .notFound, message: "That line is about whether the record is deleted. Nothing was changed.",
                next: "kith \(kind.name) \(verb) \(ShortID.display(record.id))")
        }
        let earlier = EarlierValue(
            record: record, field: version.field, value: version.value,
            next: "kith \(kind.name) show \(ShortID.display(record.id))")
        if !context.isJSON { try context.console.note(line) }
        guard try earlier.write(isBelow: isBelow, context) else { return }
        try RecordCommands.tell(context, "Changed", kind, record.id)
    }

    /// The server's versions, and when they came there; nil, and what went wrong on standard error, where it gives none.
    private static func fromServer(
        _ record: RecordReference, _ context: ClientContext
    ) throws -> (history: HistoryReply, arrivals: ArrivalReply?)? {
        let (address, token) = try context.laptop().office()
        let link = context.makeLink(address, token, timeoutMilliseconds)
        let request = HistoryRequest(table: record.table, record: record.id)
        do throws(ClientError) {
            let history = try link.history(request)
            // A server of an earlier version does not know; then the lines say nothing of it.
            let asked = HistoryRequest(table: record.table, record: record.id, asksForVouchers: true)
            return (history, try? link.arrivals(asked))
        } catch {
            switch error {
            case .offline, .cutOff, .officeDiskFull, .refused(.unavailable), .refused(.notFound): break
            // Another key, a laptop that was shut out, versions that don't fit: somebody should know.
            default: try context.console.note(FailureWording.failure(error).message)
            }
            let why =
                if case .refused(.notFound) = error { "The office has nothing of it yet" } else {
                    "The office's server gave no history"
                }
            try context.console.note("\(why): this is what this laptop knows.")
            return nil
        }
    }

    /// - Parameter known: when versions came to the office, and on whose word they stand.
    private static func json(
        _ version: RecordVersion, _ number: Int, _ known: ArrivalReply?, _ record: StoredRecord,
        _ presenter: RecordPresenter, _ context: ClientContext
    ) throws -> JSONValue {
        let arrival = known?.arrivals[version.stamp]
        let voucher = try known?.vouchers[version.stamp].map { try presenter.writer($0).device }
        let writer = try presenter.writer(version.stamp.device)
        let at = context.local.moment(atMilliseconds: version.stamp.milliseconds).description
        var members: [JSONValue.Member] = [
            .init("number", JSONValue(number)),
            .init("field", .string(ConflictReport.fieldName(table: record.kind.number, field: version.field))),
            .init("value", value(version)), .init("person", .string(writer.person)),
            .init("device", .string(writer.device)), .init("at", .string(at)),
            .init("arrived", JSONValue(arrival.map { context.local.moment(atMilliseconds: $0).description })),
            .init("on_the_word_of", JSONValue(voucher)), .init("kept", .boolean(version.isCurrent)),
        ]
        if version.kind == .held { members.append(.init("held", .boolean(true))) }
        return .object(members)
    }

    private static func value(_ version: RecordVersion) -> JSONValue {
        switch version.value {
        case .null: .null
        case .integer(let number) where version.field == Field.existence: .boolean(number != 0)
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .string(text)
        case .blob(let bytes): JSONValue(RecordID(bytes: bytes)?.description)
        }
    }

    private static func mark(_ version: RecordVersion) -> String {
        switch version.kind {
        case .held: " (held for checking)"
        case .inBetween: " (kept here alone)"
        case .acknowledged, .own: version.isCurrent ? " (in force)" : ""
        }
    }

    private static func words(
        _ version: RecordVersion, _ record: StoredRecord, _ presenter: RecordPresenter, _ context: ClientContext
    ) throws -> String {
        let writer = try presenter.writer(version.stamp.device)
        let moment = ParsedDate.moment(context.local.moment(atMilliseconds: version.stamp.milliseconds))
        let start = "\(moment.echo(in: context.local))  \(writer.person) on \(writer.device)"
        let mark = mark(version)
        guard version.field != Field.existence else {
            return "\(start)  \(version.value == .integer(0) ? "deleted" : "restored")\(mark)"
        }
        let label = record.kind.field(version.field)?.label ?? "Field \(version.field)"
        let shown = try record.kind.field(version.field).map { field in
            try presenter.text(record.with(version.value, in: field.number), field)
        }
        return "\(start)  \(label): \(version.value == .null ? "(nothing)" : shown ?? "")\(mark)"
    }
}
