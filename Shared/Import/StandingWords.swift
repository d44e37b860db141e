import SyncCore

/// What a row of a file leaves as it is in a record that is here.
///
/// A spreadsheet is older than it looks: whoever imports it may never have imported it before, while others have gone on
/// writing. An import never takes back that somebody wants no contact or has withdrawn a consent; in a record that this
/// machine did not import it leaves what somebody has written since it was made; and a cell that reads as it did at the last
/// import here says nothing new.
struct StandingWords {
    private let kind: RecordKind
    /// Whether the file is an export of ours, in which an empty cell says that there is no value.
    private let isExact: Bool
    /// The fields of which the strictest value stands.
    private let restricted: [FieldDescription]
    /// The fields that say which record stands for which: each has a command of its own, and no file takes one back. Whoever was kept
    /// together with somebody who wants no contact would stand in the list again.
    private let identities: FieldMask
    /// Fields that say one thing together: where the file changes one of them, it says both anew.
    private let pairs: [FieldMask]

    init(_ plan: ImportPlan) {
        kind = plan.kind
        identities = ["merged_into", "moved_from", "moved_to"].reduce(into: FieldMask()) { mask, name in
            if let field = plan.kind.field(named: name) { mask.insert(field.number) }
        }
        isExact = plan.isExact
        let kindOfRecord = plan.kind
        pairs = kindOfRecord.fields.compactMap { field in
            let partner = Self.partners[field.name] ?? "\(field.name)_other"
            guard let other = kindOfRecord.field(named: partner) else { return nil }
            var pair = FieldMask()
            pair.insert(field.number)
            pair.insert(other.number)
            return pair
        }
        restricted = plan.targets.map(\.field).filter { !$0.restrictive.isEmpty }
    }

    /// Fields that say one thing with another, beside lists of words with own words.
    private static let partners = ["amount_minor": "currency", "about": "about_table"]

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
    ///   - values: what the row says.
    ///   - differing: that in which it differs.
    ///   - known: what this machine knows of an earlier row of the record: then what this one says anew is newer than the record, but
    ///     its empty cells are not.
    ///   - overwrites: whether somebody says that the file is newer.
    func left(
        _ values: [(field: Int, value: Value)], _ differing: [(field: Int, value: Value)], of state: RecordState,
        known: ImportedRow?, overwrites: Bool
    ) -> FieldMask {
        var left = FieldMask()
        let anew = isExact || overwrites ? .all : known.map { changed(values, since: $0) } ?? .all
        for (number, value) in differing {
            let standing = state.field(number)
            let isKnown = known.map { !$0.leftOut(number) } ?? false
            let isLeft =
                if identities.contains(number) {
                    true
                } else if isExact {
                    false
                } else if overwrites || isKnown {
                    // An empty cell that was always empty is not meant to empty what somebody else wrote.
                    !anew.contains(number)
                        || value == .null
                            && (!overwrites && standing.stamp.device != state.created.device
                                || restricted.contains { $0.number == number && $0.isLifted(standing.value, by: value) })
                } else {
                    value == .null || standing.stamp != state.created
                }
            if isLeft { left.insert(number) }
        }
        return left
    }

    /// The fields in which a row says something else than an earlier one; all, where only the whole of that one is known.
    private func changed(_ values: [(field: Int, value: Value)], since known: ImportedRow) -> FieldMask {
        if known.cells.isEmpty { return .all }
        var changed = known.changed(values)
        for pair in pairs where pair.bits & changed.bits != 0 { changed.formUnion(pair) }
        return changed
    }
}
