import OutreachModel
import SyncCore
import Terminal

/// What a reference to a record comes to on this laptop.
struct ReadReference: Equatable {
    /// Where the record is.
    enum Place: String {
        /// Here, and shown.
        case here
        /// Here, but deleted.
        case deleted
        /// Moved to another team, whose records this laptop does not have.
        case moved
        /// Not here: it has not arrived yet, belongs to another team, or was erased.
        case notHere = "not_here"
    }

    /// The record that stands for the one that is referred to.
    let id: RecordID
    /// What it is called; nil where it is not here.
    let name: String?
    let place: Place

    /// The reference for people; never empty.
    var words: String {
        switch place {
        case .here: name ?? ShortID.display(id)
        case .deleted: "\(name ?? ShortID.display(id)) (deleted)"
        case .moved: "\(name ?? ShortID.display(id)) (moved to another team)"
        case .notHere: "not here (\(ShortID.display(id)))"
        }
    }
}

extension RecordPresenter {
    /// What a reference to a record of a table comes to.
    ///
    /// - Parameter follows: whether the record that stands for a merged or moved one is meant.
    func reference(table: Int, id: RecordID, follows: Bool = true) throws -> ReadReference {
        var id = id
        var isAway = false
        if follows, let kind = RecordKind.of(table: table), kind.isMergeable {
            let merged = try identities.merged(kind)
            id = merged.survivor(of: id)
            isAway = merged.isAway(id)
        }
        guard let title = try title(table: table, id: id) else {
            return ReadReference(id: id, name: nil, place: .notHere)
        }
        let place: ReadReference.Place = !title.isLiving ? .deleted : isAway ? .moved : .here
        return ReadReference(id: id, name: title.text, place: place)
    }

    /// What the reference in a field comes to; nil where the field holds none.
    ///
    /// A field that says which record stands for which is read to the letter.
    func reference(_ record: StoredRecord, _ field: FieldDescription) throws -> ReadReference? {
        guard case .blob(let bytes)? = record.values[field.number], let id = RecordID(bytes: bytes),
            let table = table(of: field, record)
        else { return nil }
        return try reference(table: table, id: id, follows: !record.kind.identityFields.contains(field.number))
    }

    /// The table that a reference points into; nil where only its own record could tell and does not.
    private func table(of field: FieldDescription, _ record: StoredRecord) -> Int? {
        switch field.form {
        case .reference(let table): table
        case .anyReference:
            if case .integer(let table)? = record.values[NoteField.aboutTable.rawValue] {
                Int(clamping: table)
            } else {
                nil
            }
        default: nil
        }
    }

    /// The reference as JSON: the record that stands for it, with its name; where it is merged or moved also the id
    /// that was written, and where it is not here what became of it.
    func json(_ read: ReadReference, written: RecordID) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(read.id.description)), .init("name", JSONValue(read.name)),
        ]
        if read.id != written { members.append(.init("written", .string(written.description))) }
        if read.place != .here { members.append(.init("missing", .string(read.place.rawValue))) }
        return .object(members)
    }
}

extension RecordPresenter {
    /// What follows a record's name where another one stands for it: ` (merged into Alex)`; else nothing.
    func standing(of record: StoredRecord) throws -> String {
        let merged = try identities.merged(record.kind)
        if merged.isShown(record.id) { return "" }
        if merged.isAway(record.id) { return " (moved to another team)" }
        guard let survivor = try reader.record(record.kind, merged.survivor(of: record.id)) else { return "" }
        let isMoved = record.kind.movedTo.map { record.values[$0] != nil } ?? false
        return isMoved
            ? " (moved to \(try areaName(survivor.area)))" : " (merged into \(try title(of: survivor)))"
    }
}
