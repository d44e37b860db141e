import Compression
import Cryptography
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith bundle export|import|carry`: work and answers as sealed files, where there is no line at all.
enum BundleCommand {
    private static let file = Argument("file", "The sealed file.")

    static let command = Command<ClientContext>(
        name: "bundle", summary: "Send work to the office as a sealed file, and read the answer.",
        discussion: "The file can be read by the office alone, whoever carries it.",
        example: "kith bundle export /media/stick/priya.kith",
        subcommands: [
            Command(
                name: "export", summary: "Write all that waits to be sent into a sealed file.",
                discussion:
                    "It may be handed in any number of times, and a sync may come first: everything counts once.",
                example: "kith bundle export /media/stick/priya.kith",
                arguments: [Argument("file", "Where to write.")], run: export),
            Command(
                name: "import", summary: "Read the office's answer to a sealed file of this laptop.",
                example: "kith bundle import /media/stick/answer.kith", arguments: [file], run: takeAnswer),
            Command(
                name: "carry", summary: "Hand a colleague's sealed file in at the office; it can't be read here.",
                example: "kith bundle carry /media/stick/priya.kith", arguments: [file], run: carry),
        ])

    // MARK: Export

    @Sendable private static func export(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let path = arguments.argument("file") ?? ""
        let laptop = try context.laptop()
        try ByteFile.checkReplacing(path, beginningWith: SealedMessage.magic, what: "a sealed file")
        if context.console.settings.isDryRun {
            return try context.console.note(
                "Would write \(try laptop.replica.unsentCount) to \(path). Nothing was changed: this was a dry run.")
        }
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let (bytes, request) = try BundleSealing(laptop: laptop, now: context.clock()).bundle()
        try ByteFile.replace(path) { file throws(CommandFailure) in try file.write(bytes) }
        let changes = request.groups.reduce(0) { $0 + $1.changes.count }
        let isWhole = try request.groups.isEmpty || request.groups.last?.number == laptop.replica.lastFrozen()
        if context.isJSON {
            return try context.console.show([
                "file": .string(path), "changes": JSONValue(changes), "whole": .boolean(isWhole),
            ])
        }
        let count = changes == 1 ? "1 change" : "\(changes) changes"
        try context.console.show("Wrote \(count) to \(path), sealed. They stay here too, until the office has them.")
        if !isWhole {
            try context.console.show(
                "More waits than fits into one file. Send the rest when you have read the office's answer.")
        }
        try context.console.note(
            "At the office: kith-server bundle import FILE. Or a colleague: kith bundle carry FILE")
    }

    // MARK: Import

    @Sendable private static func takeAnswer(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let path = arguments.argument("file") ?? ""
        let laptop = try context.laptop()
        let bytes = try read(path)
        let answer = try BundleSealing(laptop: laptop, now: context.clock()).open(bytes, path: path)
        if context.console.settings.isDryRun {
            return try context.console.note("The file is for this laptop. Nothing was changed: this was a dry run.")
        }
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        try laptop.beginTelling()
        switch try laptop.replica.apply(
            bundle: answer.replies, from: answer.cursors, isOwnFile: { try laptop.hasMade(file: $0) })
        {
        case .anotherCopys:
            throw CommandFailure(
                exitCode: .refused,
                message:
                    "This answer is to a sealed file that this laptop did not make: another copy of its records did. "
                    + "Nothing was changed, and nothing is lost: what waits here stays saved. It must sync over the line "
                    + "once.", next: "kith sync")
        case .nothingNew:
            if context.isJSON { return try context.console.show(["sent": 0, "received": 0] as JSONValue) }
            try context.console.show("This answer says nothing that is not known here. Nothing was changed.")
        case .applied(let summary): try finish(summary, laptop, context)
        }
    }

    /// What follows an answer follows a sync as well: for a laptop without a line there is no other.
    private static func finish(_ summary: SyncSummary, _ laptop: Laptop, _ context: ClientContext) throws {
        try SyncCommand.keep(summary, laptop, context)
        try SyncCommand.forgetRemoved(laptop, context)
        _ = try SyncCommand.answer(context)
        let report = try SyncReport(summary, laptop)
        try SyncCommand.tell(report, context, more: [.init("waiting", JSONValue(report.waiting))])
        try laptop.noteTold()
        guard summary.matches else {
            throw ClientError.recordsDiffer(areas: try SyncReport.names(summary.differingAreas, laptop))
        }
    }

    // MARK: Carry

    @Sendable private static func carry(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let path = arguments.argument("file") ?? ""
        let (address, token) = try context.laptop().office()
        let bytes = try read(path)
        guard bytes.starts(with: SealedMessage.magic) else {
            throw CommandFailure(exitCode: .usage, message: "\(path) is no sealed file of kith. Nothing was sent.")
        }
        if context.console.settings.isDryRun {
            return try context.console.note("Would hand in \(bytes.count) bytes. Nothing was sent: this was a dry run.")
        }
        let state = try handIn(bytes, path, context.makeLink(address, token, nil))
        if context.isJSON { return try context.console.show(["state": .string(state.rawValue)] as JSONValue) }
        switch state {
        case .taken: try context.console.show("Handed in: the office has what is in it.")
        case .waiting:
            try context.console.show(
                "Handed in: the office keeps it until earlier work of that laptop has come. Nothing is lost.")
        }
    }

    /// - Throws: where the office does not take the file, what is to be done with it, in place of the number of the refusal.
    private static func handIn(_ bytes: [UInt8], _ path: String, _ link: any ServerLink) throws -> CarryReply {
        do throws(ClientError) {
            return try link.carry(bytes)
        } catch .refused(.notFound) {
            throw CommandFailure(
                exitCode: .refused,
                message: "The office does not take this file: the laptop that made it must sync over the line once. "
                    + "Nothing is lost: what is in it is on that laptop too. Tell who gave it to you.")
        } catch .refused(.malformed) {
            throw CommandFailure(
                exitCode: .refused,
                message:
                    "\(path) is no sealed file of a laptop of this office, or it was changed on its way. Nothing was "
                    + "taken. Ask for it again.")
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try ByteFile(reading: path)
        guard file.size <= UInt64(SealedMessage.largestBytes) else {
            throw CommandFailure(
                exitCode: .usage, message: "\(path) is larger than a sealed file can be. Nothing was changed.")
        }
        return try file.read(Int(file.size))
    }
}
