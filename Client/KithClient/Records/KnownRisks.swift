import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Who says what is dangerous at a place, and until when it holds: whoever stands at the door goes by it.
enum KnownRisks {
    private static let (words, author, review) = (
        PlaceField.knownRisks.rawValue, RisksAuthor.field, PlaceField.risksReviewed.rawValue
    )

    /// Who changes the risks is their author, unless another one is named. A day of review that has come is over with that:
    /// it was for the words before.
    ///
    /// - Parameters:
    ///   - values: what is being written, by field; null leaves a field without a value.
    ///   - record: the place as it is; nil for a new one.
    static func fillIn(_ values: inout [Int: Value], of record: StoredRecord?, _ context: ClientContext) throws {
        guard let risks = values[words], risks != record?.values[words] ?? .null else { return }
        if risks.isNull {
            for field in [author, review] where values[field] == nil && record?.values[field] != nil {
                values[field] = .null
            }
            return
        }
        if values[author] == nil, let person = try context.laptop().replica.directory()?.person {
            values[author] = .text(person)
        }
        let today = context.local.moment(atMilliseconds: context.clock()).date
        if values[review] == nil, let day = record.flatMap(reviewDay), day <= today { values[review] = .null }
    }

    /// Writes down whose words a decision on a conflict keeps, and settles with it what there is of conflicts about their author:
    /// these are no choice of their own.
    ///
    /// - Parameters:
    ///   - report: the conflict as it was before the decision.
    ///   - record: the place as it was then.
    static func follow(
        _ report: ConflictReport, keep choice: ConflictChoice, why: String?, of record: RecordState?,
        in work: inout LocalTransaction, _ context: ClientContext
    ) throws {
        let conflict = report.conflict
        let replica = try context.laptop().replica
        let kept = RisksAuthor.kept(
            by: choice, on: report, current: record?.field(author).value, decider: try replica.directory()?.person)
        guard let kept else { return }
        let about = try replica.conflicts(openOnly: true).filter {
            $0.table == conflict.table && $0.record == conflict.record && $0.field == author
        }
        for conflict in about { try work.decide(conflict.id, keep: .value(kept), why: why) }
        if about.isEmpty, record?.field(author).value != kept {
            try work.edit(table: conflict.table, record: conflict.record, values: [(author, kept)])
        }
    }

    /// Asks for a day of review where risks were written without one.
    static func tell(_ id: RecordID, changed: Set<Int>, _ context: ClientContext) throws {
        guard changed.contains(words), let record = try context.reader().record(.place, id),
            record.values[words] != nil, record.values[review] == nil
        else { return }
        try context.console.note(
            "Say when to look at the risks again: kith place edit \(ShortID.display(id)) --risks-reviewed WHEN")
    }

    private static func reviewDay(_ record: StoredRecord) -> CivilDate? {
        record.text(PlaceField.risksReviewed).flatMap { ParsedDate(stored: $0)?.date }
    }
}
