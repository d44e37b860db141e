/// The right to answer one request, once, from any thread.
///
/// One that is dropped without an answer answers 500, so that no client waits for ever.
package final class HTTPResponder: Sendable {
    private let exchange: RequestExchange

    init(exchange: RequestExchange) {
        self.exchange = exchange
    }

    deinit {
        exchange.answer(HTTPResponse(status: 500))
    }

    /// Says whose connection the request came on, once a credential has shown it: it counts no more among the strangers
    /// of its address, and of too many connections of one owner the oldest is closed. After the answer it says nothing.
    package func belongs(to owner: UInt64) { exchange.belongs(to: owner) }

    /// Answers; a second answer, and one after the server has stopped, is ignored.
    package func respond(_ response: HTTPResponse) {
        exchange.answer(response)
    }
}
