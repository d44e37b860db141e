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

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let laptop = try context.laptop()
        let (address, token) = try laptop.office()
        let lock = try SyncLock(path: laptop.home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let before = try laptop.replica.unsentCount
        let known = Set(try laptop.replica.conflicts(openOnly: false).map(\.id))
        let link = context.makeLink(address, token, nil)
        do {
            let summary = try SyncSession(replica: laptop.replica).run { request in try link.sync(request) }
            try laptop.keep(lastSync: context.clock())
            try laptop.replica.forgetOldInBetweenVersions()
            try RecordSaving(context: context).afterSaving {
                let isRemoved = try laptop.search.forgetRemoved()
                try laptop.tidy(emptiesLog: isRemoved || !summary.lostAreas.isEmpty)
            }
            try tell(SyncReport(summary, laptop), known, context)
            guard summary.matches else {
                throw ClientError.recordsDiffer(areas: try SyncReport.names(summary.differingAreas, laptop))
            }
        } catch let error as ClientError {
            try tellCut(error, SyncReport(sentOf: before, laptop), context)
        }
    }

    private static func tell(_ report: SyncReport, _ known: Set<UInt128>, _ context: ClientContext) throws {
        let console = context.console
        if let milliseconds = report.clockCorrectionMilliseconds {
            let seconds = abs(milliseconds) / 1_000
            let side = milliseconds < 0 ? "ahead" : "behind"
            try console.note(
                "The clock of this laptop is \(seconds) seconds \(side). The times of what you saved were put right.")
        }
        if context.isJSON { return try console.show(report.json) }
        try console.show(report.words)
        for held in report.held {
            try console.show("The office checks change \(held.number) first: \(SyncReport.words(held.reason)).")
        }
        let fresh = try context.laptop().replica.conflicts(openOnly: true).filter { !known.contains($0.id) }
        let presenter = try ConflictPresenter(context)
        for conflict in ConflictReport.sorted(try fresh.map { try presenter.report($0) }) {
            for line in try presenter.lines(conflict) { try console.show(line) }
            try console.show("  See it: kith conflicts show \(conflict.id.prefix(ShortID.length))")
        }
    }

    /// Prints the same report without the server's word, then fails as the error says.
    private static func tellCut(_ error: ClientError, _ report: SyncReport, _ context: ClientContext) throws {
        if case .recordsDiffer = error { throw error }
        if context.isJSON { try context.console.show(report.json) }
        throw FailureWording.failure(error, waiting: report.waiting)
    }
}
