/// What the handler answers.
package struct HTTPResponse: Sendable {
    /// The HTTP status, 200...599.
    package var status: Int
    /// Headers besides those that the server adds (`Date`, `Content-Length`, `Connection`). A name or value with a
    /// line break turns the whole answer into a 500.
    package var headers: [(String, String)]
    /// The body, sent as it is.
    package var body: [UInt8]

    /// Makes an answer.
    package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
