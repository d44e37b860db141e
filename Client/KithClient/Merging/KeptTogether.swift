import Database
import OutreachModel
import SyncCore
import Terminal

/// What belongs to all records of one person or place: the others that it is kept under, and what names any of them.
struct KeptTogether {
    /// One of the other records, with what it says differently.
    struct Other {
        let record: StoredRecord
        /// Fields whose value is not that of the record that stands for it.
        let differing: [FieldDescription]
        let isMoved: Bool
    }

    /// The record that stands for all, its restrictive values those of the strictest.
    let record: StoredRecord
    let others: [Other]
    /// Records that were merged into each other in a circle; empty where none were.
    let circle: [RecordID]
    /// All ids, that of `record` first.
    let ids: [RecordID]
    private let reader: RecordReader

    /// - Parameter record: any of the records.
    init(_ record: StoredRecord, _ context: ClientContext) throws {
        reader = try context.reader()
        let identities = try context.finder().identities
        guard record.kind.isMergeable else {
            self.record = record
            (others, circle, ids) = ([], [], [record.id])
            return
        }
        let merged = try identities.merged(record.kind)
        let survivor = try reader.record(record.kind, merged.survivor(of: record.id)) ?? record
        let shown = try identities.shown(survivor)
        others = try identities.others(of: survivor).map { other in
            Other(
                record: other, differing: Self.differing(other, from: survivor),
                isMoved: record.kind.movedTo.map { other.values[$0] != nil } ?? false)
        }
        self.record = shown
        circle = merged.circle(of: survivor.id)
        ids = try identities.members(of: survivor)
    }

    private static func differing(_ other: StoredRecord, from survivor: StoredRecord) -> [FieldDescription] {
        let identity = other.kind.identityFields
        return other.kind.fields.filter { field in
            guard !identity.contains(field.number), let value = other.values[field.number] else { return false }
            return value != survivor.values[field.number]
        }
    }

    /// Whose value a restrictive field shows, where it is not the record's own.
    func source(of field: FieldDescription) -> StoredRecord? {
        guard let value = record.values[field.number], field.strictest(of: [value]) != nil else { return nil }
        return others.first { $0.differing.contains(field) && $0.record.values[field.number] == value }?.record
    }

    // MARK: What names them

    /// The notes about any of them, by ascending id; also those that a later one corrects.
    func allNotes() throws -> [StoredRecord] {
        try reader.records(.note, where: RecordReader.isAmong("about", ids.count), values)
    }

    /// The notes about any of them that nothing corrects, by ascending id.
    func notes() throws -> [StoredRecord] {
        let notes = try allNotes()
        guard notes.count > 1 else { return notes }
        let corrected = try CorrectedNotes(reader)
        return notes.filter { corrected.corrector(of: $0.id) == nil }
    }

    /// How many living records of a kind name one of them, and when the last of these started; nil for other kinds.
    ///
    /// A person takes part in a visit or meeting also by an attendance.
    func gatherings(_ kind: RecordKind) throws -> (count: Int, last: String?)? {
        guard record.kind.isMergeable else { return nil }
        var conditions: [String] = []
        if kind.field(named: record.kind.name) != nil {
            conditions.append(RecordReader.isAmong(record.kind.name, ids.count))
        }
        if record.kind.number == OutreachSchema.Number.person {
            let people = RecordReader.isAmong("person", ids.count)
            conditions.append("id IN (SELECT \"\(kind.name)\" FROM attendance WHERE living AND \(people))")
        }
        let condition = conditions.joined(separator: " OR ")
        let rows = try reader.database.query(
            "SELECT started FROM \"\(kind.name)\" WHERE living AND (\(condition))", values)
        let started = rows.compactMap { row -> (key: Int64, text: String)? in
            guard case .text(let text)? = row.first else { return nil }
            return (RecordList.startKey(text), text)
        }
        return (rows.count, started.max { $0.key < $1.key }?.text)
    }

    /// What a person is and was to the work; nothing for a place.
    func roles() throws -> [StoredRecord] {
        guard record.kind == .person else { return [] }
        return try reader.records(.role, where: RecordReader.isAmong(RecordKind.person.name, ids.count), values)
    }

    private var values: [SQLValue] { ids.map { .blob($0.bytes) } }
}
