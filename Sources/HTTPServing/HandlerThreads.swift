/// The threads that call the handler.
///
/// The queue needs no bound of its own: each connection has at most one request in it.
final class HandlerThreads: Sendable {
    private struct Queue {
        var exchanges: [RequestExchange] = []
        var next = 0
        var isEnding = false

        /// Takes from the front; the array is compacted once it is used up.
        mutating func take() -> RequestExchange? {
            guard next < exchanges.count else { return nil }
            defer {
                next += 1
                if next == exchanges.count {
                    exchanges.removeAll(keepingCapacity: true)
                    next = 0
                }
            }
            return exchanges[next]
        }
    }

    private enum Step {
        case handle(RequestExchange)
        case end
    }

    private let queue = Monitor(Queue())
    private let count: Int
    private let handler: @Sendable (HTTPRequest, HTTPResponder) -> Void

    /// Starts the threads; they call the handler until `end()`.
    ///
    /// - Parameter count: how many; with none of them whoever hands over a request calls the handler.
    init(count: Int, handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void) throws(HTTPServingError) {
        self.count = count
        self.handler = handler
        let queue = queue
        do throws(HTTPServingError) {
            for _ in 0..<count {
                try DetachedThread.start { Self.work(queue, handler) }
            }
        } catch {
            end()
            throw error
        }
    }

    /// Hands over a request whose connection is suspended.
    func hand(_ exchange: RequestExchange) {
        if count == 0 { return Self.handle(exchange, handler) }
        queue.withLock { $0.exchanges.append(exchange) }
    }

    /// Lets each thread end after the request that it is working on.
    func end() {
        queue.withLock { $0.isEnding = true }
    }

    private static func work(
        _ queue: Monitor<Queue>, _ handler: @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) {
        while case .handle(let exchange) = next(in: queue) { handle(exchange, handler) }
    }

    private static func handle(
        _ exchange: RequestExchange, _ handler: @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) {
        handler(exchange.takeRequest(), HTTPResponder(exchange: exchange))
    }

    private static func next(in queue: Monitor<Queue>) -> Step {
        queue.wait { queue -> Step? in
            if let exchange = queue.take() { return .handle(exchange) }
            return queue.isEnding ? .end : nil
        }
    }
}
