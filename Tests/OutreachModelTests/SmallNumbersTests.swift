import OutreachModel
import Testing

@Suite("Small numbers")
struct SmallNumbersTests {
    private func words(_ counts: [Int]) -> [String] { SmallNumbers(counts).cells[0].map(\.words) }

    @Test("Small counts are hidden, and another one with a single one of them, because the total would give it away")
    func row() {
        #expect(words([6, 9, 1]) == ["hidden", "9", "hidden"], "16 less 6 and 9 is 1")
        #expect(words([6, 9, 1, 2]) == ["6", "9", "fewer than 5", "fewer than 5"], "1 and 2, or 2 and 1")
        #expect(words([6, 9, 0]) == ["6", "9", "0"])
        #expect(words([9, 4, 4]) == ["9", "hidden", "hidden"], "fewer than 5 twice would be 4 and 4 of 8")
        #expect(words([1, 0]) == ["hidden", "hidden"], "nothing else is left to hide")
        #expect(words([]).isEmpty)
    }

    @Test("In a table the totals of rows and columns give nothing away either")
    func table() {
        let table = SmallNumbers(rows: [[6, 9], [1, 8], [7, 7]])
        let told = table.cells.map { $0.map(\.words) }
        #expect(told[1] == ["hidden", "hidden"], "9 less 8 is 1: \(told)")
        #expect(told.dropLast().count { $0[0] == "hidden" } == 2, "14 less 6 and 7 is 1: \(told)")
        #expect(told[3] == ["14", "24"])
        for row in told.dropLast() { #expect(row.count { $0 == "hidden" } != 1, "\(told)") }
    }

    @Test("A total that is hidden elsewhere is not found by adding up its column")
    func total() {
        let table = SmallNumbers(rows: [[6, 9], [7, 8]], hidingTotals: [0])
        #expect(table.hiddenTotals.contains(0))
        #expect(table.cells.dropLast().contains { $0[0].value == nil })
    }

    @Test("Who knows the total, and what is told, can't tell any small count", arguments: [2, 3])
    func everyRow(length: Int) {
        let most = 9
        var rows: [[Int]] = [[]]
        for _ in 0..<length { rows = rows.flatMap { row in (0...most).map { row + [$0] } } }
        for row in rows {
            let total = row.reduce(0, +)
            // A total that small is not told itself.
            guard total > Report.largestHidden else { continue }
            let cells = SmallNumbers(row).cells[0]
            let possible = rows.filter { other in
                other.reduce(0, +) == total
                    && zip(other, cells).allSatisfy { count, cell in
                        switch cell {
                        case .told(let told): count == told
                        case .tooFew: (1...Report.largestHidden).contains(count)
                        case .notTold: true
                        }
                    }
            }
            for column in 0..<length where (1...Report.largestHidden).contains(row[column]) {
                #expect(Set(possible.map { $0[column] }).count > 1, "\(cells) can only be \(possible)")
            }
        }
    }
}
