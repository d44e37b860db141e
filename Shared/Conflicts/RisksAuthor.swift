import SyncCore

/// Whose words the known risks of a place are, once somebody has decided a conflict about them.
package enum RisksAuthor {
    /// The field of a place that names the author.
    package static let field = PlaceField.risksBy.rawValue

    /// The author that goes with the words that a decision keeps; conflicts about the author are no choice of their own.
    ///
    /// - Parameters:
    ///   - choice: what shall stand.
    ///   - report: the conflict as it was before the decision.
    ///   - current: the author that the place names then.
    ///   - decider: who decides; nil where that is not known.
    /// - Returns: a text, or null where no words are kept; nil where the conflict is not about known risks, and where the place is
    ///   deleted.
    package static func kept(
        by choice: ConflictChoice, on report: ConflictReport, current: Value?, decider: String?
    ) -> Value? {
        let conflict = report.conflict
        guard conflict.table == OutreachSchema.Number.place, conflict.field == PlaceField.knownRisks.rawValue else {
            return nil
        }
        switch choice {
        case .a: return author(of: report.a)
        case .b: return author(of: report.b)
        case .value(let value):
            guard [conflict.a, conflict.b].allSatisfy({ contains(value, $0.value) }) else {
                return value.isNull ? .null : decider.map { .text($0) } ?? .null
            }
            let (a, b) = (report.a.person, report.b.person)
            return .text(a == b ? a : "\(a) and \(b)")
        // Who wrote what had stood before is not known here.
        case .before: return conflict.before.isNull ? .null : current ?? .null
        }
    }

    private static func author(of side: ConflictReport.Side) -> Value? {
        side.value.map { $0.isNull ? .null : .text(side.person) }
    }

    private static func contains(_ value: Value, _ part: Value?) -> Bool {
        guard case .text(let whole) = value, case .text(let part)? = part else { return false }
        return whole.contains(part)
    }
}
