/// One step from a version of the tables to the next.
package enum Migration {
    /// A script.
    case sql(String)
    /// Work that a script cannot do; it runs inside the transaction of the migration.
    case code((Database) throws -> Void)
}

extension Database {
    /// The version of the tables: the number of migrations that the file has had (`PRAGMA user_version`).
    package var version: Int {
        get throws(DatabaseError) { Int(try integer("PRAGMA user_version") ?? 0) }
    }

    /// Brings the tables up to date, in one transaction; a file that is up to date is not written.
    ///
    /// - Parameter steps: all migrations since the first version, in order; a step is never changed once released.
    /// - Throws: `.newerVersion` if the file has had more steps than these; otherwise what a step throws.
    package func migrate(_ steps: [Migration]) throws {
        guard try missing(of: steps) > 0 else { return }
        try transaction {
            // Counted again, now that no other process can do the same work.
            for step in steps.suffix(try missing(of: steps)) {
                switch step {
                case .sql(let script): try execute(script)
                case .code(let work): try work(self)
                }
            }
            try execute("PRAGMA user_version = \(steps.count)")
        }
    }

    private func missing(of steps: [Migration]) throws(DatabaseError) -> Int {
        let found = try version
        guard found <= steps.count else {
            throw DatabaseError(.newerVersion, "version \(found), known is \(steps.count)", path: path)
        }
        return steps.count - found
    }
}
