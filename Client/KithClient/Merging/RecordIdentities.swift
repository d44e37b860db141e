import Database
import OutreachModel
import SyncCore

/// Which records of this laptop stand for which, read when somebody first asks for a kind.
final class RecordIdentities {
    /// The most records of one person or place that are looked at, beside the one that stands for them.
    static let largestCount = 1_000

    private let reader: RecordReader
    private var known: [Int: MergedRecords] = [:]

    init(_ reader: RecordReader) { self.reader = reader }

    /// What finds merged and moved records without reading all; made once whenever the tables have a new version.
    static func createIndexes(_ database: Database) throws(DatabaseError) {
        for kind in RecordKind.all {
            for field in [kind.mergedInto, kind.movedTo] {
                guard let name = field.flatMap({ kind.field($0)?.name }) else { continue }
                try database.execute(
                    """
                    CREATE INDEX IF NOT EXISTS "\(kind.name)_\(name)" ON "\(kind.name)" ("\(name)")
                    WHERE "\(name)" NOT NULL
                    """)
            }
        }
    }

    /// What stands for what among the records of a kind.
    func merged(_ kind: RecordKind) throws -> MergedRecords {
        if let merged = known[kind.number] { return merged }
        var links: [MergedRecords.Link] = []
        for (field, isMove) in [(kind.mergedInto, false), (kind.movedTo, true)] {
            guard let field else { continue }
            links += try reader.references(kind, field: field).map { .init($0.id, to: $0.target, isMove: isMove) }
        }
        let merged = try MergedRecords(links) { try reader.isLiving(kind, $0) }
        known[kind.number] = merged
        return merged
    }

    /// The record that stands for one of the kind with this table number.
    func survivor(table: Int, id: RecordID) throws -> RecordID {
        guard let kind = RecordKind.of(table: table), kind.isMergeable else { return id }
        return try merged(kind).survivor(of: id)
    }

    /// The ids of all records of what one stands for, itself first; at most `largestCount` others.
    func members(of record: StoredRecord) throws -> [RecordID] {
        guard record.kind.isMergeable else { return [record.id] }
        return Array(try merged(record.kind).members(of: record.id).prefix(1 + Self.largestCount))
    }

    /// The other records of what one stands for.
    func others(of record: StoredRecord) throws -> [StoredRecord] {
        try members(of: record).dropFirst().compactMap { try reader.record(record.kind, $0) }
    }

    /// The record as it is shown where it stands for others too: what must not be weakened is that of the strictest.
    func shown(_ record: StoredRecord) throws -> StoredRecord {
        let others = try others(of: record)
        guard !others.isEmpty else { return record }
        var shown = record
        for field in record.kind.fields {
            let values = ([record] + others).compactMap { $0.values[field.number] }
            if let strictest = field.strictest(of: values) { shown = shown.with(strictest, in: field.number) }
        }
        return shown
    }
}
