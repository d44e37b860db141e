import SyncReplica
import Terminal

/// `kith erase`: answers the office, which asks this laptop to erase more than a small part of its records.
enum EraseCommand {
    static let command = Command<ClientContext>(
        name: "erase", summary: "Carry out what the office asks this laptop to erase.",
        discussion: "Small orders are carried out by each sync. One that is about more than "
            + "\(ErasureSize.largestUnaskedPercent) % of the records here waits for your answer. "
            + "What is erased can't be brought back.",
        example: "kith erase\nkith erase --yes", run: run)

    @Sendable private static func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let console = context.console
        guard let request = try ErasureRequest(context) else {
            if context.isJSON { return try console.show(ErasureRequest.json(erased: 0)) }
            return try console.show("The office asks this laptop to erase nothing.")
        }
        if console.settings.isDryRun {
            try console.show(request.words)
            return try console.note("Nothing was changed: this was a dry run.")
        }
        // A sync that runs could take note that the file is clean before this has removed anything.
        let lock = try SyncLock(path: context.laptop().home.syncLockPath)
        defer { withExtendedLifetime(lock) {} }
        let outcome = try request.askAndCarryOut()
        if context.isJSON { return try console.show(ErasureRequest.json(erased: outcome?.records ?? 0)) }
        guard outcome != nil else {
            return try console.show("Nothing was erased. The office sees that it waits for you.")
        }
        let laptop = try context.laptop()
        // With it what an earlier order did that nobody was told of.
        for line in ErasureRequest.lines(try laptop.replica.untoldNews().erased) { try console.show(line) }
        if try laptop.replica.leavesRemoved() { try console.show(ErasureRequest.leftLine) }
        try laptop.replica.forgetUntoldErasures()
        try console.note("Tell the office: kith sync")
    }
}

/// What the office asks this laptop to erase, until its user has answered.
struct ErasureRequest {
    private let context: ClientContext
    /// How many records it is about.
    let records: Int
    private let allRecords: Int

    /// Nil where nothing waits.
    init?(_ context: ClientContext) throws {
        let waiting = try context.laptop().replica.waitingErasures()
        if waiting.isEmpty { return nil }
        self.context = context
        records = waiting.reduce(0) { $0 + $1.size.records }
        allRecords = waiting.reduce(0) { max($0, $1.size.allRecords) }
    }

    var words: String { "The office asks this laptop to erase \(records) of \(allRecords) records." }

    /// What is shown where nobody is asked.
    var waitingLine: String { "\(words) It waits for your answer: kith erase" }

    /// Whether somebody can answer now.
    var canAsk: Bool { context.console.settings.assumesYes || context.console.prompter.canAsk }

    /// Asks, and erases where the answer is yes; nil where it is no.
    func askAndCarryOut() throws -> ErasureOutcome? {
        guard try context.console.prompter.confirm("\(words) They can't be brought back. Erase them now?") else {
            return nil
        }
        let laptop = try context.laptop()
        let outcome = try laptop.replica.carryOutWaitingErasures()
        try RecordSaving(context: context).afterSaving { try laptop.tidy() }
        return outcome
    }

    static func json(erased: Int) -> JSONValue { ["erased": JSONValue(erased)] }

    /// What is told while something of what was removed is left.
    static let leftLine =
        "What left this laptop can still be read in its file: another program uses that, or the disk has no room to write it "
        + "anew. The next sync does it."

    /// What was erased here, for people; nothing where nothing was.
    static func lines(_ outcome: ErasureOutcome) -> [String] {
        if outcome.records == 0 && outcome.ownChanges == 0 { return [] }
        var lines = ["The office has erased \(outcome.records == 1 ? "1 record" : "\(outcome.records) records") here."]
        if outcome.ownChanges > 0 {
            let what = outcome.ownChanges == 1 ? "1 change of yours" : "\(outcome.ownChanges) changes of yours"
            lines.append("\(what) had not been sent and went with them: what is erased takes no more changes.")
        }
        return lines
    }
}
