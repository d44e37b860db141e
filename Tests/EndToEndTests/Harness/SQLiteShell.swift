import Foundation

/// The `sqlite3` shell, to change a database behind the programs' backs.
enum SQLiteShell {
    private static let program = "/usr/bin/sqlite3"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    @discardableResult
    static func run(_ database: String, _ sql: String) throws -> String {
        // A program that writes at this moment is waited for.
        try Child(program, ["-cmd", ".timeout 10000", database, sql]).finish().succeeded().output
    }
}
