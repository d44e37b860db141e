import SyncCore

/// A conflict that somebody else has decided, or opened again, as the writer of one of its sides reads it.
package struct DecidedConflict: Sendable {
    /// What the decision made of the writer's words.
    package enum Fate: String, Sendable {
        /// They stand, alone or with others.
        case kept
        /// Something else stands.
        case notKept = "not_kept"
        /// The choice is to be made again.
        case reopened
        /// It can't be said here.
        case unknown
    }

    /// The conflict.
    package let report: ConflictReport
    /// The word of the writer's side: `a` or `b`; of two, of the one that does not stand.
    package let ownWord: String
    /// What became of that side.
    package let fate: Fate
    /// The word of the side that stands; nil where neither does, or it is not known.
    package let standingWord: String?
    private let verdict: ConflictReport.Side

    /// Nil where the person wrote neither side, decided it themselves, or nobody has decided.
    package init?(_ report: ConflictReport, for person: String) {
        guard report.conflict.status != .withdrawn, let verdict = report.verdict, verdict.person != person,
            report.a.person == person || report.b.person == person
        else { return nil }
        self.report = report
        self.verdict = verdict
        if report.a.person == report.b.person {
            ownWord = report.kept == "a" ? "b" : "a"
        } else {
            ownWord = report.a.person == person ? "a" : "b"
        }
        standingWord = report.isStandingKnown && report.now == nil ? report.kept : nil
        let own = ownWord == "a" ? report.a : report.b
        if report.conflict.verdict?.action == .reopen {
            fate = .reopened
        } else if let standingWord {
            fate = standingWord == ownWord ? .kept : .notKept
        } else if let now = report.now {
            fate = Self.holds(now.value, own.value) ? .kept : .notKept
        } else {
            fate = .unknown
        }
    }

    /// Whether words stand within others, as where both texts were put together.
    private static func holds(_ standing: Value?, _ own: Value?) -> Bool {
        guard case .text(let whole)? = standing, case .text(let part)? = own else { return false }
        return !part.isEmpty && whole.contains(part)
    }

    /// What was written by the one whose words these are; nil where they deleted the record.
    package var own: ConflictReport.Side { ownWord == "a" ? report.a : report.b }

    private var other: ConflictReport.Side { ownWord == "a" ? report.b : report.a }

    /// What the record says now; nil where it is deleted, or where that is not known.
    package var standing: Value? {
        if let now = report.now { return now.value }
        return standingWord.flatMap { $0 == "a" ? report.a.value : report.b.value }
    }

    /// Whether the record is known to be deleted now.
    package var isDeleted: Bool {
        standingWord.map { report.deletes($0 == "a" ? report.a : report.b) } ?? false
    }

    /// What was decided, for the writer to read.
    package var headline: String {
        // That is what a decision at the server is signed with.
        let decider = verdict.person == "office" ? "The office" : verdict.person
        let isBothOwn = own.person == other.person
        let others = isBothOwn ? "other words of yours" : "what \(other.person) wrote"
        let safe = " Nothing of yours is lost."
        switch fate {
        case .reopened:
            return "\(decider) opened a choice about words of yours again: a lead or an admin decides it anew."
        case .unknown: return "\(decider) decided about words of yours.\(safe)"
        case .kept where report.since != nil, .notKept where report.since != nil:
            return "\(decider) decided about words of yours. What stands now was written after that.\(safe)"
        case .kept: return "\(decider) decided: what you wrote stands\(standingWord == nil ? ", with more" : "")."
        case .notKept where report.deletes(own): return "\(decider) decided: what you had deleted stays."
        case .notKept where standingWord != nil && report.deletes(other):
            return "\(decider) decided: \(isBothOwn ? "your" : other.person + "'s") deletion stands.\(safe)"
        case .notKept where standingWord != nil: return "\(decider) decided: \(others) stands.\(safe)"
        case .notKept:
            return "\(decider) decided: neither what you wrote nor \(others) stands as it was.\(safe)"
        }
    }

    /// The decision for people, a line for each fact; not escaped for terminals.
    ///
    /// - Parameters:
    ///   - title: what the record is called.
    ///   - names: gives the name of a referenced record.
    package func lines(title: String, names: (RecordID) -> String?) -> [String] {
        var lines = [headline, "\(title): \(report.label)"]
        if let standing {
            lines.append("  now: \(report.words(standing, names))")
        } else if standingWord != nil {
            lines.append("  now: deleted")
        }
        if fate != .kept || standingWord == nil {
            lines.append("  yours: \(own.value.map { report.words($0, names) } ?? "deleted the record")")
        }
        return lines + report.verdictLines
    }
}
