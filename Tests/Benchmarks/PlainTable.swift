import Database
import Foundation
import KithClient

/// The rows of a laptop's tables, to be written by SQLite alone: same columns, same index, WAL and `synchronous=FULL`.
struct PlainTable {
    /// What the shell does first: a commit on the disk, and no checkpoint when it ends, as in Kith.
    private static let shellSettings = ".dbconfig no_ckpt_on_close on\nPRAGMA synchronous = FULL;\n"

    /// One table with its rows.
    private struct Part {
        let name: String
        let createStatement: String
        let rows: [[SQLValue]]

        var insertStatement: String {
            "INSERT INTO \(name) VALUES (\((rows.first ?? []).map { _ in "?" }.joined(separator: ", ")))"
        }
    }

    private let parts: [Part]
    private var rows: [[SQLValue]] { parts[0].rows }

    /// Reads tables of a laptop.
    init(laptop: URL, tables: [String] = ["visit"]) throws {
        let database = try SampleOffice.database(of: laptop)
        parts = try tables.map { table in
            guard let create = try database.text("SELECT sql FROM sqlite_schema WHERE name = ?", .text(table)) else {
                throw ChildProcess.Failure(description: "The laptop has no table \(table).")
            }
            let rows = try database.query("SELECT * FROM \(table) ORDER BY record_key")
            return Part(name: table, createStatement: create, rows: rows)
        }
    }

    /// Makes a database with the empty table.
    private func create(_ path: String) throws -> Database {
        let database = try Database(
            path: path, mode: .readWrite(create: true), applicationID: Laptop.applicationID)
        for part in parts { try database.execute(part.createStatement) }
        return database
    }

    /// Inserts all rows in one transaction in this process; returns the milliseconds of that transaction.
    @discardableResult
    func insertInProcess(_ path: String) throws -> Double {
        let database = try create(path)
        let time = try Stopwatch.milliseconds {
            try database.transaction {
                for part in parts {
                    let statement = try database.statement(part.insertStatement)
                    for row in part.rows {
                        for (index, value) in row.enumerated() { try statement.bind(index + 1, value) }
                        try statement.run()
                    }
                }
            }
        }
        try database.checkpoint(.truncate)
        return time
    }

    /// Makes the empty table, and a script that inserts all rows in one transaction.
    func prepareShell(database path: String, script: String) throws {
        try create(path).checkpoint(.truncate)
        var text = Self.shellSettings + "BEGIN;\n"
        for row in rows { text += "INSERT INTO visit VALUES (\(row.map(Self.literal).joined(separator: ", ")));\n" }
        try (text + "COMMIT;\n").write(toFile: script, atomically: false, encoding: .utf8)
    }

    /// Writes a script that inserts one more row, with a new id, into a table that has them all.
    func prepareOneRow(script: String) throws {
        guard var literals = rows.first?.map(Self.literal) else { return }
        // The key and the id of the row come first.
        literals[0] = "NULL"
        literals[1] = "randomblob(16)"
        let text = Self.shellSettings + "INSERT INTO visit VALUES (\(literals.joined(separator: ", ")));\n"
        try text.write(toFile: script, atomically: false, encoding: .utf8)
    }

    /// A value as it stands in an SQL text.
    private static func literal(_ value: SQLValue) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
        case .blob(let bytes):
            "x'" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'"
        }
    }
}
