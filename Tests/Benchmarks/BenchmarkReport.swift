import Foundation
import Terminal

/// What was measured, as a table for people and as JSON for programs.
struct BenchmarkReport {
    static let headings = ["row", "measured", "Kith", "plain floor", "peers' floor", "ratio", "target", ""]

    let findings: [Finding]
    let failures: [RowRun.Failure]
    let machine: Machine
    let turnCount: Int
    let workload: String

    init(findings: [Finding], failures: [RowRun.Failure], machine: Machine, stage: Stage) {
        self.findings = findings.filter { !$0.ours.values.isEmpty }
            .sorted { (Self.number(of: $0), $0.row) < (Self.number(of: $1), $1.row) }
        (self.failures, self.machine) = (failures, machine)
        turnCount = stage.settings.turnCount
        workload = stage.workload.description
    }

    /// Rows stand in the order of their numbers; the sort keeps those of one row in theirs.
    private static func number(of finding: Finding) -> Int { Int(finding.row.dropFirst()) ?? 0 }

    var table: Table {
        var table = Table(
            Self.headings.enumerated().map { index, heading in
                .init(heading, (2...5).contains(index) ? .right : .left)
            })
        for finding in findings { table.add(finding.cells) }
        return table
    }

    /// The lines below the table.
    var summary: String {
        let judged = findings.compactMap(\.isMet)
        var lines = ["\(judged.filter { $0 }.count) of \(judged.count) targets are met."]
        lines += failures.map { "Not measured to its end: \($0.row): \($0.reason)" }
        lines.append("Medians of \(turnCount) turns or more; records: \(workload). \(machine.line)")
        return lines.joined(separator: "\n")
    }

    func json(_ measurements: [Measurement]) -> JSONValue {
        [
            "machine": machine.json, "turns": JSONValue(turnCount), "workload": .string(workload),
            "rows": .array(findings.map(\.json)),
            "failures": .array(failures.map { ["row": .string($0.row), "reason": .string($0.reason)] }),
            "measurements": .array(measurements.map(\.json)),
        ]
    }
}
