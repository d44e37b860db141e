/// Counts behind which few people stand, and which of them are not told.
///
/// A small count is hidden; and where a total would give it away, others are hidden with it: in each line whose total
/// somebody may know, either nothing is hidden, or so much that what is hidden stays open (complementary suppression, as in
/// Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, chapter 5).
package struct SmallNumbers: Hashable, Sendable {
    /// A count as it is told.
    package enum Cell: Hashable, Sendable {
        case told(Int)
        case tooFew
        /// Hidden beside others of which some are small: which of them is not said.
        case notTold

        /// The count; nil where it is hidden.
        package var value: Int? { if case .told(let count) = self { count } else { nil } }
        /// As it is read.
        package var words: String {
            switch self {
            case .told(let count): String(count)
            case .tooFew: Report.tooFew
            case .notTold: Report.notTold
            }
        }
    }

    /// Counts row by row, all rows equally long; below them the totals of the columns.
    private let counts: [[Int]]
    private var hidden: [[Bool]]
    /// Whether more than the small ones is hidden.
    private var hidesMore = false

    /// Hides in one row whose total somebody may know.
    package init(_ counts: [Int]) {
        self.init(table: [counts], hasTotals: false)
    }

    /// Hides in rows whose totals somebody may know, and whose columns add up to totals that are told elsewhere.
    ///
    /// - Parameter hidden: the columns whose totals are hidden there.
    package init(rows: [[Int]], hidingTotals hidden: Set<Int> = []) {
        let columns = rows.first?.count ?? 0
        let totals = (0..<columns).map { column in rows.reduce(0) { $0 + $1[column] } }
        self.init(table: rows + [totals], hasTotals: true, hiding: hidden)
    }

    private init(table: [[Int]], hasTotals: Bool, hiding given: Set<Int> = []) {
        counts = table
        hidden = table.map { $0.map { Report.shown($0, small: false) == nil } }
        for column in given where hasTotals && !hidden[table.count - 1][column] {
            hidden[table.count - 1][column] = true
            hidesMore = true
        }
        let columns = table.first?.count ?? 0
        var lines = table.indices.map { row in (0..<columns).map { (row, $0) } }
        if hasTotals { lines += (0..<columns).map { column in table.indices.map { ($0, column) } } }
        // Each round hides a cell more, or is the last one.
        for _ in 0...table.count * columns {
            guard lines.reduce(false, { isChanged, line in close(line, hasTotals: hasTotals) || isChanged }) else {
                break
            }
        }
    }

    /// The columns whose totals are hidden.
    package var hiddenTotals: Set<Int> {
        Set((hidden.last ?? []).indices.filter { hidden[hidden.count - 1][$0] })
    }

    /// The counts as they are told, row by row; the totals last, where there are any.
    package var cells: [[Cell]] {
        zip(counts, hidden).map { counts, hidden in
            zip(counts, hidden).map { $1 ? (hidesMore ? .notTold : .tooFew) : .told($0) }
        }
    }

    /// Hides one cell more where those of a line are given away; says whether anything changed.
    private mutating func close(_ line: [(row: Int, column: Int)], hasTotals: Bool) -> Bool {
        let inside = line.filter { hidden[$0.row][$0.column] }
        guard !inside.isEmpty, !isOpen(inside, line, hasTotals: hasTotals) else { return false }
        if !hidesMore, inside.count > 1 {
            hidesMore = true
            if isOpen(inside, line, hasTotals: hasTotals) { return true }
        }
        guard let next = neighbour(of: inside[0], in: line, hasTotals: hasTotals) else { return false }
        hidden[next.row][next.column] = true
        hidesMore = true
        return true
    }

    /// The cell that is hidden next: the one that follows, whatever it holds. Were the smallest taken, it would say
    /// something of those that are told. Totals and counts of 0 come last.
    private func neighbour(
        of cell: (row: Int, column: Int), in line: [(row: Int, column: Int)], hasTotals: Bool
    ) -> (row: Int, column: Int)? {
        let place = line.firstIndex { $0 == cell } ?? 0
        let told = (line[place...] + line[..<place]).filter { !hidden[$0.row][$0.column] }
        let counted = told.filter { counts[$0.row][$0.column] > 0 }
        return counted.first { !hasTotals || $0.row < counts.count - 1 } ?? counted.first ?? told.first
    }

    /// Whether what is hidden in a line can't be worked out from the rest of it.
    private func isOpen(
        _ inside: [(row: Int, column: Int)], _ line: [(row: Int, column: Int)], hasTotals: Bool
    ) -> Bool {
        guard inside.count > 1 else { return false }
        // A column whose total is hidden too says nothing of the rest.
        let isColumn = hasTotals && line.count == counts.count && Set(line.map(\.column)).count == 1
        if isColumn, inside.contains(where: { $0.row == counts.count - 1 }) { return true }
        let values = inside.map { counts[$0.row][$0.column] }
        if values.contains(0) { return true }
        let sum = values.reduce(0, +)
        guard sum > values.count else { return false }
        return hidesMore || sum < values.count * Report.largestHidden
    }
}
