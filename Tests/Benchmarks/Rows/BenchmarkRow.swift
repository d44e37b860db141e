/// One row of the table of targets: measured in turns with all others, so that a busy moment falls on everything alike.
protocol BenchmarkRow: AnyObject {
    /// The names in the table, such as `P3 P4`.
    var name: String { get }
    /// The cases of the peers' floor that it is measured beside.
    var peerCases: [String] { get }
    /// What was measured so far.
    var findings: [Finding] { get }

    /// Makes what all turns need; nothing is measured.
    func prepare(_ stage: Stage) throws
    /// Measures everything once, each figure beside its floors.
    func turn(_ number: Int, _ stage: Stage) throws
}

extension BenchmarkRow {
    /// Whether it is to be measured.
    func isWanted(_ settings: BenchmarkSettings) -> Bool {
        name.split(separator: " ").contains { settings.measures(String($0)) }
    }

    var peerCases: [String] { [] }
    func prepare(_ stage: Stage) throws {}
}

/// All rows in the order of the table, and what became of each.
final class RowRun {
    /// A row that could not be measured to its end, and why.
    struct Failure {
        let row: String
        let reason: String
    }

    private let rows: [any BenchmarkRow]
    private let stage: Stage
    private(set) var failures: [Failure] = []

    init(_ rows: [any BenchmarkRow], stage: Stage) {
        (self.rows, self.stage) = (rows, stage)
    }

    var findings: [Finding] { rows.flatMap(\.findings) }

    /// Measures all rows; one that fails is left out from there on, and the others go on.
    func run(turnCount: Int) {
        for row in rows { attempt(row, "preparing") { try row.prepare(stage) } }
        for number in 1...turnCount {
            let left = rows.filter { row in !failures.contains { $0.row == row.name } }
            if left.isEmpty { return }
            if let peers = stage.peers, left.contains(where: { !$0.peerCases.isEmpty }) {
                measure(peers, "turn \(number) of \(turnCount)")
            }
            for row in left { attempt(row, "turn \(number) of \(turnCount)") { try row.turn(number, stage) } }
        }
    }

    /// Where it fails, the rows that need it fail with the first of its figures that is missing.
    private func measure(_ peers: PeerFloor, _ step: String) {
        stage.note("The peers' floor, \(step)")
        do {
            try peers.measure(stage)
        } catch {
            stage.note("The peers' floor failed: \(error)")
            failures.append(Failure(row: "the peers' floor", reason: "\(error)"))
        }
    }

    private func attempt(_ row: any BenchmarkRow, _ step: String, _ body: () throws -> Void) {
        guard !failures.contains(where: { $0.row == row.name }) else { return }
        stage.note("\(row.name), \(step)")
        do {
            try body()
            stage.settle()
        } catch {
            stage.note("\(row.name) failed: \(error)")
            failures.append(Failure(row: row.name, reason: "\(error)"))
        }
    }
}
