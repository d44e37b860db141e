import SyncCore

/// Checks whether rows make records.
struct RowCheck {
    /// A text of fewer bytes fits wherever texts go.
    private static let shortBytes = 4_096

    private let kind: RecordKind
    /// Whether the file is an export of ours, whose texts are taken to the letter.
    private let isExact: Bool
    /// Of each of these sets of fields, one must be there.
    private let needed: [FieldMask]
    /// Fields that can't be before another.
    private let ends: FieldMask

    init(_ plan: ImportPlan) {
        kind = plan.kind
        isExact = plan.isExact
        ends = plan.kind.spans.reduce(into: FieldMask()) { $0.insert($1.to) }
        needed = (plan.kind.fields.filter(\.isRequired).map { [$0.number] } + plan.kind.needsOneOf).map { numbers in
            numbers.reduce(into: FieldMask()) { $0.insert($1) }
        }
    }

    /// Why a row makes no record; nil where it does.
    func problem(_ row: PlannedRow) -> String? { isPlainlyFine(row) ? nil : problem { row.value($0) } }

    /// Whether there is nothing to check: the reader made words, dates and ids itself, the texts are short, what is
    /// needed is there, and nothing can contradict anything.
    private func isPlainlyFine(_ row: PlannedRow) -> Bool {
        // Two ids of a relationship can be the same person.
        guard !isExact, kind != .resource, kind != .relationship else { return false }
        var found = FieldMask()
        for (field, value) in row.values {
            switch value {
            case .null: continue
            case .text(let text):
                guard !ends.contains(field), text.utf8.count <= Self.shortBytes, let first = text.utf8.first,
                    first > 0x20
                else { return false }
            case .blob: break
            case .integer, .real: return false
            }
            found.insert(field)
        }
        return needed.allSatisfy { $0.bits & found.bits != 0 }
    }

    /// Why these values make no record; nil where they do.
    func problem(_ value: (Int) -> Value) -> String? {
        let problems = kind.validate(value)
        return problems.isEmpty ? nil : problems.map(\.description).joined(separator: " ")
    }
}
