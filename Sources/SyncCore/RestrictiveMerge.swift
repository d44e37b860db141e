/// Most restrictive wins, in whatever order versions arrive (design section 5, point 5).
///
/// Of all versions that nobody has seen who wrote after them, the most restrictive one stands. So a value that lifts a
/// restriction lifts only what its writer had seen: another one that was set meanwhile stays, or comes back.
package struct RestrictiveChoice<History: VersionHistory> {
    /// The most restrictive value first; those that are not in it restrict nothing.
    private let order: [Value]
    private let field: Int
    private let created: Stamp
    let history: History
    /// The versions that are not in force, by stamp.
    private let past: [Stamp: FieldState]
    /// What deciders had seen beside the bases of their values.
    private let decided: [(by: Stamp, sides: [Stamp])]

    /// - Parameters:
    ///   - order: of the field's policy.
    ///   - decisions: those of the change that is being merged.
    package init(
        _ order: [Value], field: Int, created: Stamp, history: History,
        decisions: [(decision: Decision, stamp: Stamp)] = []
    ) throws {
        #if PlantedBugs
            self.order = PlantedBug.isChosen(.restrictiveLoses) ? [] : order
        #else
            self.order = order
        #endif
        self.field = field
        self.created = created
        self.history = history
        past = Dictionary(try history.versions(field: field).map { ($0.stamp, $0) }) { first, _ in first }
        decided =
            try history.decided(field: field)
            + decisions.map { ($0.stamp, try history.sides(ofConflict: $0.decision.conflict)) }
    }

    /// The version that stands: of those that no other writer had seen the most restrictive, then the latest.
    ///
    /// - Parameter versions: the one in force, and what arrives.
    package func standing(_ versions: [FieldState]) throws -> FieldState? {
        var all = past
        for version in versions { all[version.stamp] = version }
        var seen: Set<Stamp> = []
        for version in all.values { try walk(version.base, all, &seen) }
        for (by, sides) in decided where all[by] != nil {
            for side in sides where side != by { try walk(side, all, &seen) }
        }
        let unseen = all.values.filter { !seen.contains($0.stamp) }
        // Where a link was lost, a writer knows their own earlier words all the same.
        let chain = (versions.first ?? unseen.first).map {
            VersionChain(current: $0, created: created, history: history)
        }
        let standing = try unseen.filter { version in
            try !unseen.contains { try $0.stamp > version.stamp && chain?.reaches(version.stamp, from: $0) == true }
        }
        return standing.min { isStronger($0, than: $1) }
    }

    /// Whether whoever wrote a version decided a conflict with the other one by it.
    func hasDecided(_ version: FieldState, about other: FieldState) -> Bool {
        decided.contains { $0.by == version.stamp && $0.sides.contains(other.stamp) }
    }

    private func walk(_ base: Stamp?, _ all: [Stamp: FieldState], _ seen: inout Set<Stamp>) throws {
        var next = base
        for _ in 0..<RecordMerge.longestChain {
            guard let stamp = next, seen.insert(stamp).inserted else { return }
            next = try all[stamp].map(\.base) ?? history.link(field: field, stamp: stamp)?.base
        }
    }

    private func isStronger(_ one: FieldState, than other: FieldState) -> Bool {
        let (left, right) = (rank(one.value), rank(other.value))
        return left == right ? one.stamp > other.stamp : left < right
    }

    private func rank(_ value: Value) -> Int { order.firstIndex(of: value) ?? order.count }
}

extension RecordMerge {
    /// Merges one version of a field of which the most restrictive value stays.
    func merge<History: VersionHistory>(
        _ incoming: FieldState, _ choice: RestrictiveChoice<History>, into state: inout RecordState,
        outcome: inout MergeOutcome
    ) throws {
        let current = state.field(incoming.number)
        if incoming.stamp == current.stamp {
            takeFirstHand(incoming, over: current, into: &state, outcome: &outcome)
            return try settle(incoming.number, choice, in: &state, outcome: &outcome)
        }
        let chain = VersionChain(current: current, created: state.created, history: choice.history)
        let isUnwritten = state.isUnwritten(current)
        let sawCurrent = try isUnwritten || chain.reaches(current.stamp, from: incoming)
        let isLate = try !sawCurrent && isAncestor(incoming, of: current, chain)
        let standing = try choice.standing(isUnwritten ? [incoming] : [current, incoming]) ?? current
        let isWinner = standing.stamp == incoming.stamp
        if !sawCurrent, !isLate, Self.differ(incoming.value, current.value) {
            outcome.conflicts.append(
                try conflict(incoming, current, kept: isWinner ? incoming : current, state, chain))
        }
        if isWinner { return replace(current, by: incoming, in: &state, outcome: &outcome) }
        outcome.superseded.append(incoming)
        outcome.isExact = false
        guard standing.stamp != current.stamp else { return }
        // What arrives lifted what it saw, and not this one; or what stood until now gives way to an earlier one.
        try keepConflict(
            of: sawCurrent ? incoming : current, with: standing, choice, chain, in: state, outcome: &outcome)
        reinstate(standing, in: &state, outcome: &outcome)
    }

    /// Puts into force what stands by all that is known now: a link or a decision came late.
    package func settle<History: VersionHistory>(
        _ field: Int, _ choice: RestrictiveChoice<History>, in state: inout RecordState, outcome: inout MergeOutcome
    ) throws {
        let current = state.field(field)
        let known = state.isUnwritten(current) ? [] : [current]
        guard let standing = try choice.standing(known), standing.stamp != current.stamp else { return }
        let chain = VersionChain(current: current, created: state.created, history: choice.history)
        try keepConflict(of: current, with: standing, choice, chain, in: state, outcome: &outcome)
        reinstate(standing, in: &state, outcome: &outcome)
    }

    /// Logs a conflict between a version that gives way and the one that stands, unless one of the writers had seen the other's:
    /// nobody may have heard of one.
    private func keepConflict<History: VersionHistory>(
        of version: FieldState, with standing: FieldState, _ choice: RestrictiveChoice<History>,
        _ chain: VersionChain<History>, in state: RecordState, outcome: inout MergeOutcome
    ) throws {
        let isSeen =
            try state.isUnwritten(version) || choice.hasDecided(standing, about: version)
            || chain.reaches(version.stamp, from: standing) || chain.reaches(standing.stamp, from: version)
        guard !isSeen, Self.differ(version.value, standing.value) else { return }
        outcome.conflicts.append(try conflict(version, standing, kept: standing, state, chain))
    }

    private func reinstate(_ version: FieldState, in state: inout RecordState, outcome: inout MergeOutcome) {
        replace(state.field(version.number), by: version, in: &state, outcome: &outcome)
        outcome.reinstated.append(version)
    }

    private func conflict(
        _ one: FieldState, _ other: FieldState, kept: FieldState, _ state: RecordState,
        _ chain: VersionChain<some VersionHistory>
    ) throws -> Conflict {
        conflict(
            field: one.number, state: state, sides: (side(one), side(other)),
            before: try chain.commonAncestor(one, other), kept: kept.stamp)
    }
}
