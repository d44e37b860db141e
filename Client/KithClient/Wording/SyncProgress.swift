import OutreachModel
import Terminal

/// How far a sync is, on one line: `Sent 3,000 of 60,000, received 12,400`.
struct SyncProgress {
    private let line: ProgressLine
    /// How many records waited to be sent when it began.
    private let waiting: Int

    init(_ context: ClientContext, waiting: Int) {
        line = ProgressLine(console: context.console, clock: context.clock)
        self.waiting = waiting
    }

    /// Shows what was done so far, where it is time for it.
    func show(sent: Int, received: Int) throws(CommandFailure) {
        try line.show(Self.words(sent: sent, of: waiting, received: received))
    }

    /// Wipes the line away.
    func end() throws(CommandFailure) { try line.end() }

    /// A record that was changed several times is sent as several changes: no more than all of them are ever told.
    static func words(sent: Int, of waiting: Int, received: Int) -> String {
        let came = "received \(ImportResult.grouped(received))"
        guard waiting > 0 else { return came.prefix(1).uppercased() + came.dropFirst() }
        return "Sent \(ImportResult.grouped(min(sent, waiting))) of \(ImportResult.grouped(waiting)), \(came)"
    }
}
