import OutreachModel
import SyncCore

/// One record as the commands see it: what this laptop holds, unsent work laid over.
package struct StoredRecord: Sendable {
    /// What kind of record it is.
    package let kind: RecordKind
    /// The identity of the record, the same on every laptop.
    package let id: RecordID
    /// The number of the area that it belongs to.
    package let area: Int
    /// Whether it is shown: not deleted, or brought back.
    package let isLiving: Bool
    /// Who made it and when.
    package let created: Stamp
    /// Whether unsent or unsettled work may touch it; for sure not where this is false.
    package let isPending: Bool
    /// Fields with a value, by number; null is left out.
    package let values: [Int: Value]

    /// The text of a field; nil where it has none.
    package func text(_ field: some RawRepresentable<Int>) -> String? {
        if case .text(let text)? = values[field.rawValue] { text } else { nil }
    }

    /// The id that a field holds; nil where it has none.
    package func reference(_ field: some RawRepresentable<Int>) -> RecordID? { reference(field: field.rawValue) }

    /// The id that the field with this number holds; nil where it has none.
    package func reference(field: Int) -> RecordID? {
        if case .blob(let bytes)? = values[field] { RecordID(bytes: bytes) } else { nil }
    }

    /// The record as it would be with another value in one field, for showing that value.
    func with(_ value: Value, in field: Int) -> StoredRecord {
        var values = values
        values[field] = value == .null ? nil : value
        return StoredRecord(
            kind: kind, id: id, area: area, isLiving: isLiving, created: created, isPending: isPending, values: values)
    }
}
