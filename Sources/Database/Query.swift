/// An SQL text with its compiled statement, for what runs once for each record: finding a statement by its text would
/// hash all of the text each time.
package final class Query {
    package let sql: String
    var compiled: Statement?

    /// Nothing is compiled before the first use.
    package init(_ sql: String) { self.sql = sql }
}
