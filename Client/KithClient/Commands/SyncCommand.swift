import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith sync`
enum SyncCommand {
    static let command = Command<ClientContext>(
        name: "sync", summary: "Send what waits here and fetch what is new.",
        discussion: "Without a connection everything stays saved here, and the exit code is 4.", example: "kith sync",
        run: run)

    private static let shorterLog =
        "The office's log of who did what is shorter or other than it was. Tell the office: kith-server audit verify"

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        if !context.console.settings.isDryRun { context.prepareLink() }
        let laptop = try context.laptop()
        let (address, token) = try laptop.office()
        if context.console.settings.isDryRun {
            let waiting = try laptop.replica.unsentCount
            return try context.console.note(
                "Would send \(waiting) and fetch what is new. Nothing was sent or changed: this was a dry run.")
        }
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let before = try SyncBeginning(laptop)
        let keyTime = try laptop.serverKeys().lastTime
        try laptop.beginTelling()
        let office = OfficeConversation(laptop, token: token) { context.makeLink(address, $0, nil) }
        let progress = SyncProgress(context, waiting: before.waiting)
        office.progress = { try progress.show(sent: $0, received: $1) }
        func session() throws -> SyncSummary {
            do {
                let summary = try run(laptop, office)
                try progress.end()
                return summary
            } catch {
                try progress.end()
                throw error
            }
        }
        do {
            let summary = try session()
            try keep(summary, laptop, context)
            if try !office.keepAuditHead() { try context.console.note(Self.shorterLog) }
            if let now = summary.serverMilliseconds {
                try laptop.replica.forgetOld(serverMilliseconds: now)
                // Neither a clock that is fast nor one that was set forward takes away what is young by the other.
                laptop.texts.removeOld(now: min(now, context.clock()))
            }
            try forgetRemoved(laptop, context)
            let answered = try answer(context)
            // The office is told at once; also that this laptop knows the server's next key.
            if try answered != nil || laptop.serverKeys().lastTime != keyTime {
                try keep(try session(), laptop, context)
            }
            try tell(SyncReport(summary, laptop), context, since: before)
            try laptop.noteTold()
            guard summary.matches else {
                throw ClientError.recordsDiffer(areas: try SyncReport.names(summary.differingAreas, laptop))
            }
        } catch let end as ShutOut {
            try forgetRemoved(laptop, context)
            try laptop.keep(lastSync: laptop.lastSync() ?? context.clock(), held: laptop.replica.heldGroups().count)
            if let order = office.wipeOrder, let wipe = try LaptopWipe(order: order, laptop: laptop) {
                let link = context.makeLink(address, office.token, nil)
                while true {
                    try handInRest(laptop) { _ = try session() }
                    if let end = try wipe.carryOut(link, handedIn: before.waiting) { throw end }
                }
            }
            try tellShutOut(end, before, laptop, context)
        } catch let error as ClientError {
            try forgetRemoved(laptop, context)
            try tellCut(error, SyncReport(sentOf: before.waiting, laptop), context, since: before)
        }
    }

    /// One session with pages that fit the line, whose size is kept.
    private static func run(_ laptop: Laptop, _ office: OfficeConversation) throws -> SyncSummary {
        let size = try laptop.pageSize()
        do {
            let summary = try SyncSession(replica: laptop.replica, pageSize: size).run(office.transport)
            try laptop.keep(size)
            return summary
        } catch {
            if case ClientError.cutOff = error { size.noteCut() }
            // What ended the sync is what must be told; where this fails too, the next one begins with larger pages.
            try? laptop.keep(size)
            throw error
        }
    }

    /// Takes out of the search index what is gone from the records, also where the sync was cut after that.
    static func forgetRemoved(_ laptop: Laptop, _ context: ClientContext) throws {
        try RecordSaving(context: context).afterSaving {
            let isRemoved = try laptop.search.forgetRemoved()
            try laptop.tidy(emptiesLog: isRemoved)
        }
    }

    /// Keeps what a sync, or the answer to a sealed file, said of this laptop: `status --safe-to-lose` goes by it.
    static func keep(_ summary: SyncSummary, _ laptop: Laptop, _ context: ClientContext) throws {
        let agreed = summary.digests.map { ($0.area, $0.server) }
        try laptop.keep(
            lastSync: context.clock(), held: summary.held.count,
            agreed: Dictionary(agreed, uniquingKeysWith: { $1 }))
    }

    /// Asks about what the office wants erased, where somebody can answer.
    static func answer(_ context: ClientContext) throws -> ErasureOutcome? {
        guard let request = try ErasureRequest(context), request.canAsk else { return nil }
        return try request.askAndCarryOut()
    }

    /// Tells what a sync, or the answer to a sealed file, brought.
    ///
    /// - Parameters:
    ///   - more: what is told beside it with `--json`.
    ///   - before: what stood here before it.
    static func tell(
        _ report: SyncReport, _ context: ClientContext, more: [JSONValue.Member] = [],
        since before: SyncBeginning = SyncBeginning()
    ) throws {
        let (console, laptop) = (context.console, try context.laptop())
        let dates = try before.days.found(report.clockCorrectionMilliseconds, context)
        try before.days.tell(dates, report.clockCorrectionMilliseconds, context)
        if report.hasRefusedOrder {
            try console.note(
                "The server sent an order that does not bear your office's signature. It was not followed, and nothing "
                    + "was changed by it. Tell the office.")
        }
        let fresh = try FreshConflicts(context)
        let decided = try DecidedConflicts(context, beside: fresh, isFirst: before.isFirst)
        let concerns = try before.newConcernCount(laptop)
        if context.isJSON {
            var news = try before.lostMembers(laptop) + FalseDays.json(dates) + decided.members
            if concerns > 0 { news.append(.init("new_concerns", JSONValue(concerns))) }
            return try console.show(try report.json(notKept: fresh.notKept, more: more + news))
        }
        if report.hasHealed {
            try console.show(
                "The office's server was put back from an older copy. This laptop gave it back what is kept here; "
                    + "nothing was lost on this laptop.")
        }
        if try report.hasNewIdentity || laptop.isUntoldDevice() {
            try console.show(
                "This laptop's records were copied from another one, or put back from an older copy. The office counts it "
                    + "as a laptop of its own from now on; nothing was lost.")
        }
        try console.show(report.words)
        if concerns > 0 {
            try console.show("\(concerns) new \(concerns == 1 ? "concern" : "concerns"): kith concern list")
        }
        for line in try before.buddyLines(laptop, context) { try console.show(line) }
        let removed = try before.lostLines(laptop) + ErasureRequest.lines(report.erased)
        for line in removed { try console.showText(line) }
        if !removed.isEmpty, let line = try before.removedEntriesLine(laptop) { try console.show(line) }
        if report.leavesRemoved { try console.show(ErasureRequest.leftLine) }
        if let request = try ErasureRequest(context) { try console.show(request.waitingLine) }
        if let line = report.repairLine { try console.show(line) }
        for line in report.heldLines { try console.show(line) }
        if !report.held.isEmpty { try console.note("See what is held: kith held list") }
        for line in try OutcomeWording(report: report, presenter: HeldPresenter(context)).lines() {
            try console.showText(line)
        }
        for line in try fresh.lines() + decided.lines() { try console.show(line) }
    }

    /// Hands in what was saved while the sync ran; nothing is removed as long as something is here alone.
    private static func handInRest(_ laptop: Laptop, _ session: () throws -> Void) throws {
        var left = try laptop.replica.unsentCount
        while left > 0 {
            do {
                try session()
            } catch is ShutOut {
                // That is how handing in ends.
            }
            let rest = try laptop.replica.unsentCount
            guard rest < left else { throw FailureWording.cannotHandIn(rest) }
            left = rest
        }
    }

    /// Says what was handed in for checking before this laptop was shut out.
    private static func tellShutOut(
        _ end: ShutOut, _ before: SyncBeginning, _ laptop: Laptop, _ context: ClientContext
    ) throws {
        let report = try SyncReport(sentOf: before.waiting, laptop)
        if report.sent > 0 {
            let count = report.sent == 1 ? "1 record that waited was" : "\(report.sent) records that waited were"
            try context.console.note("\(count) handed in at the office, for checking. Nothing of it is lost.")
        }
        try tellCut(ClientError.shutOut(receipt: end.receipt), report, context, since: before)
    }

    /// Prints the same report without the server's word, then fails as the error says.
    private static func tellCut(
        _ error: ClientError, _ report: SyncReport, _ context: ClientContext, since before: SyncBeginning
    ) throws {
        if case .recordsDiffer = error { throw error }
        let laptop = try context.laptop()
        if context.isJSON {
            try context.console.show(report.json(more: before.lostMembers(laptop)))
        } else {
            for line in try before.lostLines(laptop) { try context.console.showText(line) }
        }
        throw FailureWording.failure(error, waiting: report.waiting)
    }
}
