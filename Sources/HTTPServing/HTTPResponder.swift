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

    /// Answers; a second answer, and one after the server has stopped, is ignored.
    package func respond(_ response: HTTPResponse) {
        exchange.answer(response)
    }
}
