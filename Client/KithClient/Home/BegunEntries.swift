import Database
import Terminal

/// Answers to the questions of commands that were cut short: rows of the table `begun_answer`, in the order given.
///
/// They are found again by the whole command line, `visit add castle`: what was answered for one place is never taken
/// for another.
struct BegunEntries {
    /// How long answers are kept, in milliseconds: a week.
    static let keptMilliseconds: Int64 = 7 * 86_400_000

    let database: Database

    /// Makes the table, in place of that of earlier versions, which knew the command's name alone.
    func createTable() throws(DatabaseError) {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS begun_answer (
                command TEXT, position INTEGER, question TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY (command, position)) WITHOUT ROWID;
            DROP TABLE IF EXISTS kept_answer;
            """)
    }

    /// What was answered since then, and the milliseconds since 1970 of the last answer; nil where nothing was.
    func answers(of command: String, since: Int64) throws -> (answers: [Transcript.Answer], at: Int64)? {
        let rows = try database.query(
            "SELECT question, answer, at FROM begun_answer WHERE command = ? AND at > ? ORDER BY position",
            [.text(command), .integer(since)])
        var last: Int64?
        var answers: [Transcript.Answer] = []
        for row in rows {
            guard case .text(let question) = row[0], case .text(let answer) = row[1], case .integer(let at) = row[2]
            else { continue }
            last = at
            answers.append(Transcript.Answer(option: question, typed: answer))
        }
        return last.map { (answers, $0) }
    }

    /// The command lines that were cut short since then, such as `visit add castle`.
    func commands(since: Int64) throws -> [String] {
        try database.query(
            "SELECT DISTINCT command FROM begun_answer WHERE at > ? ORDER BY command", [.integer(since)]
        ).compactMap { if case .text(let command) = $0[0] { command } else { nil } }
    }

    /// Keeps what was answered, in place of what was kept of the same command; what is too old goes.
    func keep(_ answers: [Transcript.Answer], of command: String, milliseconds: Int64) throws {
        try database.transaction {
            try forget(until: milliseconds - Self.keptMilliseconds)
            try forget(command)
            for (position, answer) in answers.enumerated() {
                try database.run(
                    "INSERT INTO begun_answer VALUES (?, ?, ?, ?, ?)", .text(command), .integer(Int64(position)),
                    .text(answer.option), .text(answer.typed), .integer(milliseconds))
            }
        }
    }

    /// Forgets the answers of one command; within a transaction.
    func forget(_ command: String) throws(DatabaseError) {
        try database.run("DELETE FROM begun_answer WHERE command = ?", .text(command))
    }

    /// Forgets all answers, or those that are too old; within a transaction. All go where they may name somebody who
    /// was erased, or whose area this laptop lost.
    func forget(until milliseconds: Int64 = .max) throws(DatabaseError) {
        try database.run("DELETE FROM begun_answer WHERE at <= ?", .integer(milliseconds))
    }
}
