import SyncCore

/// What a row of a file leaves as it is in a record that is here.
///
/// A spreadsheet is older than it looks: whoever imports it may never have imported it before, while others have gone on
/// writing. An import never takes back that somebody wants no contact or has withdrawn a consent, and in a record that this
/// machine did not import it leaves what somebody has written since it was made.
struct StandingWords {
    private let kind: RecordKind
    /// Whether the file is an export of ours, in which an empty cell says that there is no value.
    private let isExact: Bool
    /// The fields of which the strictest value stands.
    private let restricted: [FieldDescription]
    /// The fields that say which record stands for which: each has a command of its own, and no file takes one back. Whoever was kept
    /// together with somebody who wants no contact would stand in the list again.
    private let identities: FieldMask

    init(_ plan: ImportPlan) {
        kind = plan.kind
        identities = ["merged_into", "moved_from", "moved_to"].reduce(into: FieldMask()) { mask, name in
            if let field = plan.kind.field(named: name) { mask.insert(field.number) }
        }
        isExact = plan.isExact
        restricted = plan.targets.map(\.field).filter { !$0.restrictive.isEmpty }
    }

    /// Why a row is rejected: it would lift what is restricted; nil where it does not.
    ///
    /// An empty cell of a spreadsheet says nothing, so it lifts nothing.
    func reason(_ values: [(field: Int, value: Value)], of state: RecordState) -> String? {
        for field in restricted {
            guard let value = values.first(where: { $0.field == field.number })?.value, isExact || value != .null else {
                continue
            }
            let standing = state.field(field.number).value
            if field.isLifted(standing, by: value) { return reason(field, standing, value, state.id) }
        }
        return nil
    }

    private func reason(_ field: FieldDescription, _ standing: Value, _ value: Value, _ id: RecordID) -> String {
        let option = String(field.name.map { $0 == "_" ? "-" : $0 })
        var (stands, change) = ("yes", "--\(option) no")
        if case .text(let word) = standing {
            stands = Words.plain(word)
            if case .text(let word) = value { change = "--\(option) \(word)" } else { change = "--clear \(option)" }
        }
        return "“\(field.label)” is \(stands) here by now, and an import does not take that back. "
            + "Where it no longer holds: kith \(kind.name) edit \(ShortID.display(id)) \(change)"
    }

    /// The fields that stay as they are, of those in which a row differs from a record.
    ///
    /// - Parameters:
    ///   - isKnown: whether this machine imported the row from an earlier file: then what stands in this one is newer than the record,
    ///     but its empty cells are not.
    ///   - overwrites: whether somebody says that the file is newer.
    func left(
        _ values: [(field: Int, value: Value)], of state: RecordState, isKnown: Bool, overwrites: Bool
    ) -> FieldMask {
        var left = FieldMask()
        for (number, value) in values {
            let standing = state.field(number)
            let isLeft =
                if identities.contains(number) {
                    true
                } else if isExact {
                    false
                } else if overwrites || isKnown {
                    // An empty cell that was always empty is not meant to empty what somebody else wrote.
                    value == .null
                        && (!overwrites && standing.stamp.device != state.created.device
                            || restricted.contains { $0.number == number && $0.isLifted(standing.value, by: value) })
                } else {
                    value == .null || standing.stamp != state.created
                }
            if isLeft { left.insert(number) }
        }
        return left
    }
}
