import Terminal
import Testing

@Suite("Tables")
struct TableTests {
    private let table = Table(
        [.init("Place"), .init("People", .right), .init("Last contact")],
        rows: [["St Mary's", "12", "Monday"], ["日本の家", "3", ""], ["Zoe\u{308}\tX", "100", "a\nb\u{1B}[2J"]])

    @Test("At 80 columns a table has aligned columns by display width")
    func wide() {
        #expect(
            table.text(width: 80) == """
                Place      People  Last contact
                St Mary's      12  Monday
                日本の家        3
                Zoe\u{308}\\tX        100  a\\nb\\u{1B}[2J

                """)
    }

    @Test("At 40 columns a table becomes label and value lines")
    func narrow() {
        #expect(
            table.text(width: 40) == """
                Place: St Mary's
                People: 12
                Last contact: Monday

                Place: 日本の家
                People: 3

                Place: Zoe\u{308}\\tX
                People: 100
                Last contact: a\\nb\\u{1B}[2J

                """)
    }

    @Test("A table that does not fit becomes records, one that just fits does not")
    func fits() {
        let row = [String(repeating: "x", count: 30), String(repeating: "y", count: 30)]
        let table = Table([.init("A"), .init("B")], rows: [row])
        #expect(table.text(width: 62).split(separator: "\n").count == 2)
        #expect(table.text(width: 62).hasPrefix("A  "))
        #expect(table.text(width: 61).hasPrefix("A: xxx"))
        #expect(Table([.init("A")], rows: [["x"]]).text(width: 60) == "A\nx\n")
        #expect(Table([.init("A")], rows: [["x"]]).text(width: 59) == "A: x\n")
    }

    @Test("Plain text has tabs between cells and none within")
    func plain() {
        #expect(
            table.plainText()
                == "Place\tPeople\tLast contact\nSt Mary's\t12\tMonday\n日本の家\t3\t\n"
                + "Zoe\u{308}\\tX\t100\ta\\nb\\u{1B}[2J\n")
    }

    @Test("No rows give no text, and a row may be short or long")
    func rows() {
        var table = Table([.init("A"), .init("B")])
        #expect(table.text(width: 80) == "")
        table.add(["1"])
        table.add(["1", "2", "3"])
        #expect(table.text(width: 80) == "A  B\n1\n1  2\n")
    }

    @Test("Seven columns with an id, a time and a state fit into 80")
    func seven() {
        let words = String(repeating: "word ", count: 8)
        var table = Table(
            [
                .init("Id", isWhole: true), .init("Kind"), .init("Place"), .init("Started", isWhole: true),
                .init("Decided"), .init("Summary"), .init("State", isWhole: true),
            ], rows: [["8vcxg7zg", words, words, "Mon 23 Nov 2026, 09:00", words, words, "needs a choice"]])
        table.fit(width: 80)
        let lines = table.text(width: 80).split(separator: "\n")
        #expect(
            lines == [
                "Id        Kind    Place   Started                 Decid…  Summa…  State",
                "8vcxg7zg  word …  word …  Mon 23 Nov 2026, 09:00  word …  word …  needs a choice",
            ])
    }

    @Test("The widest cells are cut until a row fits, unless too little of them would remain")
    func cutting() {
        let (long, short) = (String(repeating: "x", count: 70), String(repeating: "é", count: 20))
        var table = Table([.init("A"), .init("B")], rows: [[long, short], ["a", "b"]])
        table.fit(width: 60)
        let cut = String(repeating: "x", count: 37) + "…"
        #expect(table.text(width: 60).split(separator: "\n")[1] == "\(cut)  \(short)")
        #expect(table.plainText().contains(long))
        var narrow = Table([.init("A"), .init("B")], rows: [[long, short]])
        narrow.fit(width: 12)
        #expect(narrow.text(width: 100).contains(long))
    }

    @Test("A column that is whole is never cut: the others are, or the table becomes records")
    func whole() {
        let (date, long) = ("Thu 26 Nov 2026 14:30", String(repeating: "x", count: 70))
        var table = Table([.init("When", isWhole: true), .init("Words")], rows: [[date, long]])
        table.fit(width: 60)
        #expect(
            table.text(width: 60).split(separator: "\n").last.map(String.init)
                == "\(date)  \(String(repeating: "x", count: 36))…")
        var full = Table([.init("A", isWhole: true), .init("B", isWhole: true)], rows: [[date, long]])
        full.fit(width: 60)
        #expect(full.text(width: 60) == "A: \(date)\nB: \(long)\n")
    }

    @Test("A column can be left out, and a long table comes in pieces that make the same text")
    func pieces() {
        var table = Table([.init("A"), .init("B"), .init("C")])
        for row in 0..<5_000 { table.add(["\(row)", "hidden", "row \(row)"]) }
        table.shown = [0, 2]
        var pieces: [[UInt8]] = []
        table.write(width: 80) { pieces.append($0) }
        #expect(pieces.count > 1)
        let text = String(decoding: pieces.joined(), as: UTF8.self)
        #expect(text == table.text(width: 80))
        #expect(text.hasPrefix("A     C\n0     row 0\n"))
        #expect(text.hasSuffix("4999  row 4999\n"))
        #expect(!text.contains("hidden"))
    }

    @Test(
        "Display width counts columns",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
            ("👍🏽", 2), ("👩‍👩‍👧", 2), ("🇬🇧", 2), ("❤️", 2), ("❤", 1), ("ｆｕｌｌ", 8), ("\u{200B}", 0), ("ab\u{7}", 2),
            ("𠀀", 2), ("—", 1),
        ])
    func widths(_ text: String, _ width: Int) {
        #expect(displayWidth(text) == width)
    }
}

@Suite("Escaping")
struct ControlEscapingTests {
    @Test(
        "What can change the screen becomes visible",
        arguments: [
            ("plain é 日本 👩‍👩‍👧", "plain é 日本 👩‍👩‍👧"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\u{D}\\nb"),
            ("\u{1B}[31m", "\\u{1B}[31m"), ("\u{7F}", "\\u{7F}"), ("\u{9B}2J", "\\u{9B}2J"), ("\u{0}", "\\u{0}"),
            ("\u{202E}abc\u{202C}", "\\u{202E}abc\\u{202C}"), ("\u{2066}\u{2069}", "\\u{2066}\\u{2069}"),
            ("\u{2028}", "\\u{2028}"), ("\u{A0}", "\u{A0}"), ("\u{2065}", "\u{2065}"),
        ])
    func escapes(_ text: String, _ shown: String) {
        #expect(escapeControls(text) == shown)
    }

    @Test("Newlines stay where several lines are asked for, and nothing else does")
    func newlines() {
        #expect(escapeControls("a\n\tb\r\n", keepingNewlines: true) == "a\n\\tb\\u{D}\n")
    }
}
