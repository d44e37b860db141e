import SyncCore
import Tabular
import Terminal

/// One import as a person sees it: how far it is, what became of the rows, and what went wrong.
package struct ImportSession {
    /// Somebody wants no more.
    private struct Interruption: Error {}

    private let request: ImportRequest
    private let console: Console
    private let clock: () -> Int64

    /// Makes a session.
    ///
    /// - Parameter clock: milliseconds since 1970.
    package init(_ request: ImportRequest, console: Console, clock: @escaping () -> Int64) {
        self.request = request
        self.console = console
        self.clock = clock
    }

    /// Imports the file and prints the result. Where every row was rejected that is a failure: whoever goes on after it
    /// counts on something that is not here.
    ///
    /// - Parameters:
    ///   - area: the area of new records.
    ///   - team: the team whose people the rows name, where new records go to another area: its restricted twin.
    ///   - placesArea: the area of new places.
    ///   - hash: the 128-bit hash of the engine.
    /// - Throws: a plain failure for what is wrong with the file or the request; else what the store throws, after a
    ///   note that says what is kept.
    package func run(
        store: any ImportStore, area: Int, team: Int? = nil, placesArea: Int, hash: Hash128, local: LocalTime
    ) throws {
        let run: ImportRun
        do {
            run = try ImportRun(
                request, store: store, area: area, team: team, placesArea: placesArea, hash: hash, local: local,
                now: clock())
        } catch {
            throw failure(error, kept: nil, store)
        }
        let isDryRun = console.settings.isDryRun
        let titles = try titles(store, placesArea)
        let progress = ProgressLine(console: console, clock: clock)
        let signals = HeldSignals()
        do {
            let result = try run.run(isDryRun: isDryRun) { done, count in
                if done < count, signals.haveCome { throw Interruption() }
                try progress.show(
                    "\(ImportResult.grouped(done)) of \(ImportResult.grouped(count)) rows, \(done * 100 / count) %")
            }
            signals.drop()
            try progress.end()
            try show(result, run, isDryRun: isDryRun)
            try tellSameTitles(since: titles, store, placesArea)
            if result.isNothingButRejects {
                throw CommandFailure(exitCode: .failed, message: "Every row was rejected. Nothing was imported.")
            }
        } catch is Interruption {
            try progress.end()
            let message = "Stopped. \(Self.outcome(isDryRun ? nil : run.result))"
            try console.errorOutput.write(message + "\n")
            // The process ends as the signal says, which whoever started it may look at.
            signals.release()
            throw CommandFailure(exitCode: .failed, message: message)
        } catch {
            signals.drop()
            try progress.end()
            throw failure(error, kept: isDryRun ? nil : run.result, store)
        }
    }

    /// How many rows are kept, and how it goes on.
    private static func outcome(_ kept: ImportResult?) -> String {
        let count = count(kept)
        return count == 0 ? "Nothing was imported." : "\(stay(count)) The same command goes on from there."
    }

    private static func count(_ kept: ImportResult?) -> Int { (kept?.imported ?? 0) + (kept?.updated ?? 0) }

    private static func stay(_ count: Int) -> String {
        "\(ImportResult.grouped(count)) \(count == 1 ? "row is imported and stays" : "rows are imported and stay")."
    }

    /// How often each title stands here, of a kind whose records are known by it and can't be merged: the library.
    private func titles(_ store: any ImportStore, _ placesArea: Int) throws -> [String: Int] {
        guard request.kind.hasName, !request.kind.isMergeable, !console.settings.isJSON else { return [:] }
        var titles: [String: Int] = [:]
        try store.forEachRecord(request.kind, in: [placesArea]) { _, values in
            guard case .text(let title)? = values[request.kind.titleField] else { return }
            titles[TextMatch.key(title), default: 0] += 1
        }
        return titles
    }

    /// Says where a title stands twice since the import: a mended line would stand beside the wrong one.
    private func tellSameTitles(since before: [String: Int], _ store: any ImportStore, _ placesArea: Int) throws {
        let doubled = try titles(store, placesArea).reduce(0) { sum, title in
            before[title.key].map { sum + max(0, title.value - $0) } ?? sum
        }
        guard doubled > 0 else { return }
        let what = doubled == 1 ? "1 of them has the title" : "\(ImportResult.grouped(doubled)) of them have titles"
        try console.note(
            "\(what) of one that was here, and stands beside it. To change that one: export \(request.kind.plural), change its "
                + "line, and import that.")
    }

    private func show(_ result: ImportResult, _ run: ImportRun, isDryRun: Bool) throws {
        if console.settings.isJSON { return try console.output.write(result.json + "\n") }
        try console.note("The file was read as \(run.fileWords).")
        try console.show(result.words(of: request.kind, isDryRun: isDryRun))
        if result.kept > 0 {
            let rows = result.kept == 1 ? "1 row says" : "\(ImportResult.grouped(result.kept)) rows say"
            let way = result.overwritable == 0 ? "" : " To take the file's words: --overwrite"
            try console.note("\(rows) something else than somebody wrote here since: that stays.\(way)")
        }
        for (line, reason) in run.firstRejected { try console.note("Line \(line): \(reason)") }
        if result.rejected > run.firstRejected.count {
            try console.note("And \(ImportResult.grouped(result.rejected - run.firstRejected.count)) more.")
        }
        if isDryRun { try console.note("Nothing was saved: this was a dry run.") }
    }

    /// The failure to show, with what is kept of the rows before it.
    private func failure(_ error: any Error, kept: ImportResult?, _ store: any ImportStore) -> any Error {
        let rest = Self.outcome(kept)
        let count = Self.count(kept)
        switch error {
        case let error as TabularError:
            return CommandFailure(exitCode: .failed, message: "\(error) \(rest)")
        case let error as ImportError:
            if case .rejects = error { return CommandFailure(exitCode: .failed, message: "\(error) \(rest)") }
            return error.failure
        default:
            guard count > 0 else { return error }
            if let failure = store.failure(error, outcome: Self.stay(count)) {
                return CommandFailure(
                    exitCode: failure.exitCode, message: "\(failure.message) The same command then goes on from there.",
                    next: failure.next)
            }
            // The error's own words follow: they say what to do about it.
            do { try console.note(rest) } catch { return error }
            return error
        }
    }
}

extension ImportError {
    /// The usage failure for it.
    package var failure: CommandFailure { CommandFailure(exitCode: .usage, message: description) }
}
