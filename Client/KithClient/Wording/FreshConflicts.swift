import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// The conflicts that nobody was told of yet, whichever sync brought them: what they say to the person here, and whose
/// words were not kept.
struct FreshConflicts {
    /// The most conflicts that are told one by one; nobody reads hundreds of them where a sync ends.
    private static let largestCount = 20

    private let reports: [ConflictReport]
    private let presenter: ConflictPresenter
    private let person: String

    init(_ context: ClientContext) throws {
        presenter = try ConflictPresenter(context)
        person = try context.laptop().replica.directory()?.person ?? ""
        let fresh = try context.laptop().untoldConflicts()
        reports = ConflictReport.sorted(try fresh.map { [presenter] in try presenter.report($0) })
    }

    /// A line for each fact, and what to do next.
    func lines() throws -> [String] {
        let told = reports.prefix(Self.largestCount)
        let rest = reports.dropFirst(told.count)
        let lines = try told.flatMap { try self.lines($0) }
        guard !rest.isEmpty else { return lines }
        let own = rest.filter { $0.lost.person == person && $0.now == nil }.count
        let words = own > 0 ? " In \(own) of them your words were not kept." : ""
        return lines + ["And \(rest.count) more like these.\(words) See them: kith conflicts list"]
    }

    private func lines(_ report: ConflictReport) throws -> [String] {
        let id = report.id.prefix(ShortID.length)
        var lines = try presenter.lines(report)
        if report.lost.person == person, report.now == nil {
            let other = report.winner.person == person ? "what you wrote later" : "what \(report.winner.person) wrote"
            lines.insert("Your words were not kept here: \(other) stands. Nothing of yours is lost.", at: 0)
            lines.append("  \(Self.advice(report))")
        }
        return lines + ["  See it: kith conflicts show \(id)"]
    }

    /// The command that brings back what was not kept.
    static func advice(_ report: ConflictReport) -> String {
        let record = ShortID.display(report.conflict.record)
        let isAboutLiving = report.conflict.field == Field.existence
        if report.lost.value == nil || isAboutLiving && report.lost.value == .integer(0) {
            return "Delete it again: kith \(report.table) delete \(record)"
        }
        if report.winner.value == nil || isAboutLiving {
            return "Bring it back: kith \(report.table) restore \(record)"
        }
        return "Bring yours back: kith conflicts bring-back \(report.id.prefix(ShortID.length))"
    }

    /// The ids of all of them.
    var ids: Set<UInt128> { Set(reports.map(\.conflict.id)) }

    /// What was not kept of this person's, for `--json`; empty where all of it was.
    var notKept: [JSONValue] {
        reports.filter { $0.lost.person == person && $0.now == nil }.map { report in
            [
                "conflict": .string(report.id), "table": .string(report.table),
                "record": .string(report.conflict.record.description), "field": .string(report.field),
                "kept_person": .string(report.winner.person), "kept_device": .string(report.winner.device),
            ]
        }
    }
}

extension ConflictReport {
    /// The side that the merge did not keep.
    var lost: Side { conflict.kept == .a ? b : a }
    /// The side that the merge kept.
    var winner: Side { conflict.kept == .a ? a : b }
}
