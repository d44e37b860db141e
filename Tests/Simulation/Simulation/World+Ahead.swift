import SyncCore
import SyncReplica

/// Pages that are sent before the reply to the one before them has come, on a second line.
extension World {
    /// How often such a page is slower, or quicker, than the one before it, in a thousand.
    private static let slowPerMille = 400
    private static let overtakingPerMille = 300

    /// A request that was sent and whose reply nobody has waited for.
    final class MessageAhead {
        let request: SyncRequest
        /// Nil until it has come to its end, well or not.
        var outcome: Result<SyncReply, any Error>?

        init(_ request: SyncRequest) { self.request = request }
    }

    /// A transport that may have several requests on their way at once.
    func transport(on line: Line) -> SyncTransport {
        SyncTransport(
            send: { try self.send($0, on: line, meanwhile: $1) },
            start: { request in try self.start(request, on: line) })
    }

    /// Sends a request; what its laptop sends meanwhile follows it, or comes in before it.
    private func send(_ request: SyncRequest, on line: Line, meanwhile: () -> Void) throws -> SyncReply {
        if !line.isQuiet, dice.happens(perMille: Self.overtakingPerMille) {
            line.ahead = nil
            meanwhile()
            if line.ahead?.outcome != nil { note(.overtaken) }
            return try send(request, on: line)
        }
        let outcome = Result { try send(request, on: line) }
        meanwhile()
        return try outcome.get()
    }

    private func start(_ request: SyncRequest, on line: Line) throws -> () throws -> SyncReply {
        note(.sentAhead)
        let overtakes = !line.isQuiet && dice.happens(perMille: Self.overtakingPerMille)
        if let earlier = line.ahead, earlier.outcome == nil {
            if overtakes { note(.overtaken) } else { deliver(earlier, on: line) }
        }
        let message = MessageAhead(request)
        line.ahead = message
        if overtakes || !dice.happens(perMille: Self.slowPerMille) { deliver(message, on: line) }
        return {
            self.deliver(message, on: line)
            guard let outcome = message.outcome else { throw Cut() }
            return try outcome.get()
        }
    }

    /// Lets a message arrive, unless it has.
    private func deliver(_ message: MessageAhead, on line: Line) {
        guard message.outcome == nil else { return }
        message.outcome = Result {
            do {
                return try self.send(message.request, on: line)
            } catch is Unknown {
                // The shipped client shows its ledger with the next sync.
                throw Cut()
            }
        }
    }
}
