import Testing

@testable import Database

struct StatementTests {
    static let texts = [
        "", "a\u{0}b", "\u{0}", "\u{FEFF}x", "\u{FFFF}", "\u{D7FF}\u{E000}", "\u{10FFFF}", "e\u{301}", "é",
        "👩‍👩‍👧", "\u{202E}abc", String(repeating: "long ", count: 100_000),
    ]

    @Test("A text comes back byte for byte, NUL and unusual scalars included", arguments: texts)
    func text(_ text: String) throws {
        let database = try memoryDatabase()
        try database.transaction { try database.run("INSERT INTO t VALUES (?, ?)", .text(text), .text(text)) }
        let row = try #require(try database.query("SELECT a, b, typeof(a) FROM t").first)
        for value in row.prefix(2) {
            guard case .text(let found) = value else {
                Issue.record("not a text")
                return
            }
            #expect(Array(found.utf8) == Array(text.utf8))
        }
        #expect(row[2] == .text("text"))
    }

    @Test(
        "A number, a blob and null come back as they were",
        arguments: [
            SQLValue.null, .integer(.min), .integer(.max), .integer(0), .real(-0.0), .real(.greatestFiniteMagnitude),
            .real(.leastNonzeroMagnitude), .real(.infinity), .real(3), .blob([]), .blob([0, 255, 0]),
            .blob([UInt8](repeating: 7, count: 300_000)),
        ])
    func value(_ value: SQLValue) throws {
        let database = try memoryDatabase()
        try database.transaction { try database.run("INSERT INTO t (a) VALUES (?)", value) }
        #expect(try database.query("SELECT a FROM t") == [[value]])
    }

    @Test("Bytes bound without a copy arrive")
    func zeroCopy() throws {
        let database = try memoryDatabase()
        let bytes: [UInt8] = [1, 2, 3]
        try database.transaction {
            let insert = try database.statement("INSERT INTO t (a) VALUES (?)")
            try unsafe bytes.withUnsafeBytes {
                try unsafe insert.bind(1, $0)
                try insert.run()
            }
        }
        #expect(try database.query("SELECT a FROM t") == [[.blob(bytes)]])
    }

    @Test("Rows that one statement inserts in turn keep their own texts, whatever their sizes")
    func reuse() throws {
        let database = try memoryDatabase()
        let rows = (0..<200).map { number in
            (String(repeating: "a", count: number * 37 % 1_000), String(repeating: "b", count: number * 91 % 700))
        }
        try database.transaction {
            let insert = try database.statement("INSERT INTO t VALUES (?, ?)")
            for row in rows {
                try insert.bind(1, row.0)
                try insert.bind(2, row.1)
                try insert.run()
            }
        }
        #expect(try database.query("SELECT a, b FROM t") == rows.map { [.text($0.0), .text($0.1)] })
    }

    @Test("A reset forgets the bound values")
    func forgets() throws {
        let database = try memoryDatabase()
        let select = try database.statement("SELECT ?1")
        try select.bind(1, "secret")
        #expect(try select.step())
        #expect(select.text(0) == "secret")
        select.reset()
        #expect(try select.step())
        #expect(select.isNull(0))
    }

    @Test("The same SQL gives the same statement, but another one while its rows are being read")
    func cache() throws {
        let database = try memoryDatabase()
        let first = try database.statement("SELECT 1 UNION SELECT 2")
        #expect(try database.statement("SELECT 1 UNION SELECT 2") === first)
        #expect(try first.step())
        let second = try database.statement("SELECT 1 UNION SELECT 2")
        #expect(second !== first)
        #expect(try second.step())
        #expect(try first.step())
        #expect(first.integer(0) == 2)
        #expect(second.integer(0) == 1)
    }

    @Test("The cache stays bounded, and statements that fell out of it still work")
    func boundedCache() throws {
        let database = try memoryDatabase()
        let early = try database.statement("SELECT -1")
        for number in 0...Database.cachedStatementLimit { _ = try database.statement("SELECT \(number)") }
        #expect(try database.statement("SELECT -1") !== early)
        #expect(try early.step())
        #expect(early.integer(0) == -1)
    }

    @Test("Columns tell their number, names and types")
    func columns() throws {
        let database = try memoryDatabase()
        let select = try database.prepare("SELECT 1 AS one, 2.5 AS two, 'x', x'00', NULL")
        #expect(try select.step())
        #expect(select.columnCount == 5)
        #expect([select.columnName(0), select.columnName(1)] == ["one", "two"])
        #expect((0..<5).map(select.type) == [.integer, .real, .text, .blob, .null])
        #expect(select.double(1) == 2.5)
        let size = unsafe select.withBlob(3) { $0.count }
        #expect(size == 1)
    }

    @Test("No statement, several statements and a parameter that does not exist are refused")
    func misuse() throws {
        let database = try memoryDatabase()
        #expect(try failure { _ = try database.prepare(" -- nothing") } == .misuse)
        #expect(try failure { _ = try database.prepare("SELECT 1; SELECT 2") } == .misuse)
        #expect(try failure { try database.prepare("SELECT ?").bind(2, Int64(1)) } == .misuse)
        #expect(try failure { _ = try database.prepare("SELEC 1") } == .other)
        #expect(try failure { _ = try database.prepare("SELECT 1; SELEC 2") } == .other)
        #expect(try failure { _ = try database.prepare("SELECT 1; -- and a comment") } == nil)
    }

    @Test("An error names the constraint and never the value")
    func constraint() throws {
        let database = try memoryDatabase()
        try database.execute("CREATE UNIQUE INDEX i ON t (a)")
        let error = #expect(throws: DatabaseError.self) {
            try database.transaction {
                for _ in 1...2 { try database.run("INSERT INTO t (a) VALUES (?)", .text("Rosa")) }
            }
        }
        #expect(error?.kind == .constraint)
        #expect(error?.description.contains("t.a") == true)
        #expect(error?.description.contains("Rosa") == false)
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
    }

    @Test("A query keeps one statement, and gives another one while that is between its rows")
    func query() throws {
        let database = try memoryDatabase()
        let query = Query("SELECT value FROM (SELECT ? AS value UNION ALL SELECT 2)")
        let first = try database.statement(query)
        try first.bind(1, Int64(1))
        #expect(try first.step() && first.integer(0) == 1)
        let second = try database.statement(query)
        #expect(second !== first)
        try second.bind(1, Int64(7))
        #expect(try second.step() && second.integer(0) == 7)
        #expect(try first.step() && first.integer(0) == 2)
        first.reset()
        #expect(try database.statement(query) === first)
    }
}
