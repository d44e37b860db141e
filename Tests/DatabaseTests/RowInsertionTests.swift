import Testing

@testable import Database

@Suite("Many rows in one statement")
struct RowInsertionTests {
    private func withTable(_ body: (Database) throws -> Void) throws {
        let database = try Database(path: Database.memoryPath, mode: .readWrite(create: true), applicationID: 1)
        try database.execute("CREATE TABLE row (key INTEGER PRIMARY KEY, word TEXT NOT NULL)")
        try body(database)
    }

    private func add(_ keys: [Int64], _ word: String?, by insertion: RowInsertion, to database: Database) throws -> Int
    {
        try insertion.insert(keys.indices, into: database) { statement, first, index in
            try statement.bind(first, keys[index])
            if let word { try statement.bind(first + 1, "\(word)\(keys[index])") }
        }
    }

    private func words(_ database: Database) throws -> [String?] {
        try database.query("SELECT word FROM row ORDER BY key").map { row in
            if case .text(let word)? = row.first { word } else { nil }
        }
    }

    @Test("Every row arrives with its own values, whatever their count", arguments: [0, 1, 15, 16, 17, 100])
    func counts(_ count: Int) throws {
        try withTable { database in
            let insertion = RowInsertion(into: "row", columnCount: 2)
            let keys = (0..<count).map { Int64($0) }
            let added = try database.transaction { try add(keys, "w", by: insertion, to: database) }
            #expect(try added == count && words(database) == keys.map { "w\($0)" })
        }
    }

    @Test("A row that meets another one fails, is left out, or replaces it, as was asked for")
    func meetings() throws {
        try withTable { database in
            let keys = (0..<40).map { Int64($0) }
            try database.transaction {
                _ = try add([5, 38], "old", by: RowInsertion(into: "row", columnCount: 2), to: database)
            }
            #expect(throws: DatabaseError.self) {
                try database.transaction {
                    try add(keys, "new", by: RowInsertion(into: "row", columnCount: 2), to: database)
                }
            }
            #expect(try words(database) == ["old5", "old38"])
            let leaving = RowInsertion(into: "row", columnCount: 2, meeting: .leaves)
            #expect(try database.transaction { try add(keys, "new", by: leaving, to: database) } == 38)
            #expect(try words(database) == keys.map { $0 == 5 || $0 == 38 ? "old\($0)" : "new\($0)" })
            let replacing = RowInsertion(into: "row", columnCount: 2, meeting: .replaces)
            #expect(try database.transaction { try add(keys, "last", by: replacing, to: database) } == 40)
            #expect(try words(database) == keys.map { "last\($0)" })
        }
    }

    @Test("A row that can't be stored is refused also where others are replaced")
    func refused() throws {
        try withTable { database in
            let insertion = RowInsertion(into: "row", columnCount: 2, meeting: .replaces)
            #expect(throws: DatabaseError.self) {
                _ = try database.transaction {
                    try add((0..<20).map { Int64($0) }, nil, by: insertion, to: database)
                }
            }
            let left = try words(database)
            #expect(left.isEmpty)
        }
    }
}
