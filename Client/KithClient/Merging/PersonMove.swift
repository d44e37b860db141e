import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// What a move of a person into another area does, worked out before anything is written.
///
/// A record never changes its area. The person gets a record there with a link back, and the old one says which record
/// stands for it. What was written about the person stays where it was written: it is that team's work.
struct PersonMove {
    /// One record of the person, and the one that stands for it from now on.
    struct Step {
        let record: StoredRecord
        let target: RecordID
        /// The record under which the person was first kept, unless it is the target itself.
        let first: RecordID?
    }

    private static let fields = (
        mergedInto: PersonField.mergedInto.rawValue, movedFrom: PersonField.movedFrom.rawValue,
        movedTo: PersonField.movedTo.rawValue
    )

    let area: Int
    let steps: [Step]
    /// How many records of each kind stay, by the kind's plural; those that there are none of are left out.
    let stays: [(kind: RecordKind, count: Int)]

    /// Works out a move.
    ///
    /// - Parameter person: the record that stands for the person, in the area that they leave.
    init(of person: StoredRecord, to area: Int, _ context: ClientContext) throws {
        self.area = area
        let reader = try context.reader()
        let hash = Hash128(BLAKE2b.hash128)
        let kept = try KeptTogether(person, context)
        let leaving =
            [person]
            + kept.others.map(\.record).filter { other in
                other.area == person.area && other.values[Self.fields.movedTo] == nil
            }
        steps = try leaving.map { record in
            let first = record.reference(PersonField.movedFrom) ?? record.id
            let original = try reader.record(.person, first)
            let target = original?.area == area ? first : MovedPerson.id(of: first, area: area, hash: hash)
            return Step(record: record, target: target, first: target == first ? nil : first)
        }
        let ids = kept.ids
        let first: [RecordKind] = [.visit, .meeting, .note, .role]
        stays = try (first + RecordKind.all.filter { !first.contains($0) }).compactMap { kind in
            let count = try Self.count(kind, about: ids, kept, reader)
            return count == 0 ? nil : (kind, count)
        }
    }

    /// How many records of a kind name the person. Who took part counts with its visit or meeting.
    private static func count(
        _ kind: RecordKind, about ids: [RecordID], _ kept: KeptTogether, _ reader: RecordReader
    ) throws -> Int {
        switch kind {
        case .person, .attendance: return 0
        case .note: return try kept.allNotes().count
        case .visit, .meeting: return try kept.gatherings(kind)?.count ?? 0
        default:
            let fields = kind.fields.filter { $0.form == .reference(OutreachSchema.Number.person) }
            guard !fields.isEmpty else { return 0 }
            let names = fields.map { RecordReader.isAmong($0.name, ids.count) }.joined(separator: " OR ")
            return try reader.records(kind, where: names, ids.map { .blob($0.bytes) }, isOrdered: false).count
        }
    }

    /// The record that will stand for the person.
    var target: RecordID { steps[0].target }

    /// How many records stay.
    var staysCount: Int { stays.reduce(0) { $0 + $1.count } }

    /// What stays, for people: `3 visits, 1 note`; nil where nothing does.
    var staysWords: String? {
        let parts = stays.map { "\($0.count) \($0.count == 1 ? $0.kind.name : $0.kind.plural)" }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    // MARK: Writing

    /// Does it, as one group.
    ///
    /// - Parameter seen: what the person who moves them was shown of each record.
    func write(_ work: inout LocalTransaction, seen: [RecordID: RecordSnapshot]) throws {
        let targets = Dictionary(steps.map { ($0.record.id, $0.target) }, uniquingKeysWith: { first, _ in first })
        let carried = RecordKind.person.fields.map(\.number).filter { !RecordKind.person.identityFields.contains($0) }
        for step in steps {
            try writeTarget(step, targets, &work)
            // What somebody writes here without having seen the move would never reach the new record: as a conflict it
            // is noticed.
            try work.confirm(
                table: RecordKind.person.number, record: step.record.id, fields: carried, seen: seen[step.record.id])
            try work.edit(
                table: RecordKind.person.number, record: step.record.id,
                values: [(Self.fields.movedTo, .blob(step.target.bytes))], seen: seen[step.record.id])
        }
    }

    private func writeTarget(
        _ step: Step, _ targets: [RecordID: RecordID], _ work: inout LocalTransaction
    ) throws {
        let table = RecordKind.person.number
        var values = step.record.values
        for field in RecordKind.person.identityFields { values[field] = nil }
        if let merged = step.record.reference(PersonField.mergedInto).flatMap({ targets[$0] }) {
            values[Self.fields.mergedInto] = .blob(merged.bytes)
        }
        if let first = step.first { values[Self.fields.movedFrom] = .blob(first.bytes) }
        guard let there = try work.record(table: table, id: step.target) else {
            try work.create(table: table, area: area, values: values.map { ($0.key, $0.value) }, id: step.target)
            return
        }
        let isKept = there.isLiving && there.field(Self.fields.movedTo).value == .null
        // Somebody has the person there in use: what they wrote is not written over, both are shown together.
        guard !isKept else { return }
        if !there.isLiving { try work.restore(table: table, record: step.target) }
        let all = RecordKind.person.fields.map(\.number)
        try work.edit(table: table, record: step.target, values: all.map { ($0, values[$0] ?? .null) })
    }
}
