import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// The decisions of others on conflicts about words of the person here that nobody told them of yet, whichever sync
/// brought them.
struct DecidedConflicts {
    /// The most decisions that are told one by one.
    private static let largestCount = 20

    private let decided: [DecidedConflict]
    private let presenter: ConflictPresenter

    /// - Parameters:
    ///   - fresh: the conflicts that are told in the same breath, which say themselves who opened them again.
    ///   - isFirst: whether this is the first sync of the laptop, to which nothing is news.
    init(_ context: ClientContext, beside fresh: FreshConflicts, isFirst: Bool) throws {
        presenter = try ConflictPresenter(context)
        let laptop = try context.laptop()
        let person = try laptop.replica.directory()?.person ?? ""
        let untold = isFirst ? [] : try laptop.untoldDecisions().filter { !fresh.ids.contains($0.id) }
        let reports = ConflictReport.sorted(try untold.map { [presenter] in try presenter.report($0) })
        // Whoever lets a deletion stand settles at once all that it stands against: told once.
        var deletions: Set<RecordID> = []
        decided = reports.compactMap { DecidedConflict($0, for: person) }.filter { decided in
            guard decided.report.conflict.deletion != nil, decided.fate != .reopened else { return true }
            return deletions.insert(decided.report.conflict.record).inserted
        }
    }

    /// A line for each fact, and what to do next.
    func lines() throws -> [String] {
        let told = decided.prefix(Self.largestCount)
        let rest = decided.count - told.count
        let more = rest == 0 ? [] : ["And \(rest) more about words of yours. See them: kith conflicts list --all"]
        return try told.flatMap { try lines($0) } + more
    }

    private func lines(_ decided: DecidedConflict) throws -> [String] {
        let advice = Self.advice(decided).map { ["  \($0)"] } ?? []
        return try presenter.lines(decided) + advice
            + ["  See it: kith conflicts show \(decided.report.id.prefix(ShortID.length))"]
    }

    /// The command that brings the reader's own words back; nil where they stand.
    private static func advice(_ decided: DecidedConflict) -> String? {
        guard decided.fate != .kept, decided.standingWord != decided.ownWord else { return nil }
        let record = ShortID.display(decided.report.conflict.record)
        let table = decided.report.table
        if decided.report.deletes(decided.own) { return "Delete it again: kith \(table) delete \(record)" }
        let other = decided.ownWord == "a" ? decided.report.b : decided.report.a
        if decided.report.conflict.field == Field.existence
            || decided.standingWord != nil && decided.report.deletes(other)
        {
            return "Bring it back: kith \(table) restore \(record)"
        }
        return "Bring yours back: kith conflicts bring-back \(decided.report.id.prefix(ShortID.length)) "
            + "--side \(decided.ownWord)"
    }

    /// The same for `--json`; nothing where there is nothing to tell.
    var members: [JSONValue.Member] {
        decided.isEmpty ? [] : [.init("decided", .array(decided.map(Self.json)))]
    }

    private static func json(_ decided: DecidedConflict) -> JSONValue {
        let report = decided.report
        var members: [JSONValue.Member] = [
            .init("conflict", .string(report.id)), .init("table", .string(report.table)),
            .init("record", .string(report.conflict.record.description)), .init("field", .string(report.field)),
            .init("decided_by", JSONValue(report.verdict?.person)), .init("decided_at", JSONValue(report.verdict?.at)),
            .init("why", JSONValue(report.conflict.verdict?.why)), .init("own_side", .string(decided.ownWord)),
            .init("own_words", .string(decided.fate.rawValue)),
        ]
        if decided.standingWord != nil || report.now != nil {
            members.append(.init("now", json(decided.standing, report.conflict.field)))
            members.append(.init("deleted", .boolean(decided.isDeleted)))
        }
        return .object(members)
    }

    private static func json(_ value: Value?, _ field: Int) -> JSONValue {
        switch value {
        case .integer(let number)? where field == Field.existence: .boolean(number != 0)
        case .integer(let number)?: .integer(number)
        case .real(let number)?: .real(number)
        case .text(let text)?: .string(text)
        case .blob(let bytes)?: JSONValue(RecordID(bytes: bytes)?.description)
        case .null?, nil: .null
        }
    }
}
