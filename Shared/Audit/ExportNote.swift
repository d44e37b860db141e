import SyncCore

/// What the audit log says of an export at the office: of which kind, and whether of all its records.
package struct ExportNote: Hashable, Sendable {
    private static let restrictedBit: UInt64 = 1 << 16
    private static let selectedBit: UInt64 = 1 << 17

    /// nil: all kinds but those that few may read.
    package let kind: RecordKind?
    /// Whether records about concerns were let through, though their kind is for many.
    package let isRestricted: Bool
    /// Whether conditions chose among the records.
    package let isSelection: Bool

    /// Makes a note.
    package init(_ kind: RecordKind?, isRestricted: Bool, isSelection: Bool) {
        self.kind = kind
        self.isRestricted = isRestricted
        self.isSelection = isSelection
    }

    /// The same as the detail of a line has it; nil for a kind of a later version.
    package init?(detail: UInt64) {
        let number = Int(detail & (Self.restrictedBit - 1))
        kind = RecordKind.of(table: number)
        guard kind != nil || number == 0 else { return nil }
        isRestricted = detail & Self.restrictedBit != 0
        isSelection = detail & Self.selectedBit != 0
    }

    /// The number of the kind's table, 0 for all, in the lowest 16 bits, and above them what was chosen.
    package var detail: UInt64 {
        UInt64(kind?.number ?? 0) | (isRestricted ? Self.restrictedBit : 0) | (isSelection ? Self.selectedBit : 0)
    }

    /// For people: "notes, those about concerns too, a selection".
    package var words: String {
        (kind?.plural ?? "all kinds") + (isRestricted ? ", those about concerns too" : "")
            + (isSelection ? ", a selection" : "")
    }
}
