import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Which record of a kind is meant: what was given, or what somebody answers who sees the latest of them, for nobody knows
/// their ids.
struct RecordChoice {
    /// How many are offered.
    private static let offeredCount = 9

    let kind: RecordKind
    let context: ClientContext

    /// The record that was named, or is picked.
    ///
    /// - Parameters:
    ///   - given: the beginning of an id, or a name; nil where it is to be asked for.
    ///   - which: those that may be named; with `.all` the deleted ones are offered.
    ///   - isOffered: whether a record is among those that are offered.
    func find(
        _ given: String?, _ which: RecordReader.Which = .living,
        offering isOffered: (StoredRecord) -> Bool = { _ in true }
    ) throws -> StoredRecord {
        let finder = try context.finder()
        let question = kind.hasName ? "Name or id of the \(kind.name)" : "Id of the \(kind.name)"
        let offered = given == nil && context.console.prompter.canAsk ? try choices(which, isOffered) : []
        return try context.answer(given, asking: question, option: "ID", offering: offered) { typed in
            try finder.find(kind, id: typed, which)
        }
    }

    /// The latest, with what they are called; people and places are known by their names.
    private func choices(
        _ which: RecordReader.Which, _ isOffered: (StoredRecord) -> Bool
    ) throws -> [Prompter.Choice] {
        let records: [StoredRecord]
        if case .all = which {
            records = try deleted()
        } else if kind.hasName {
            return []
        } else {
            records = try latest(isOffered)
        }
        let presenter = try RecordPresenter(context)
        return try records.map { record in
            let id = ShortID.display(record.id)
            return Prompter.Choice(id, label: "\(id)  \(RecordList.firstLine(try presenter.title(of: record)))")
        }
    }

    private func latest(_ isOffered: (StoredRecord) -> Bool) throws -> [StoredRecord] {
        let reader = try context.reader()
        var found: [StoredRecord] = []
        let take: (StoredRecord) throws -> Bool = { record in
            if isOffered(record) { found.append(record) }
            return found.count < Self.offeredCount
        }
        if kind.dayField == nil {
            // The front of an id is when it was made.
            try reader.walk(kind, order: "id DESC", take)
        } else {
            try ListedRecords(kind, reader).forEachNewestFirst(fields: nil, take)
        }
        return found
    }

    /// The last ones that were deleted.
    private func deleted() throws -> [StoredRecord] {
        let replica = try context.laptop().replica
        let stamped = try ListedRecords(kind, context.reader()).deleted().map { record in
            (record: record, stamp: try replica.record(table: kind.number, id: record.id)?.existence?.stamp)
        }
        return stamped.sorted { ($0.stamp ?? $0.record.created) > ($1.stamp ?? $1.record.created) }
            .prefix(Self.offeredCount).map(\.record)
    }
}
