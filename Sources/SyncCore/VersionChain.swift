/// The versions of one field as links from each to what its writer had seen.
///
/// A stamp is greater than its base, so a walk ends as soon as it has passed the stamp that it looks for.
package struct VersionChain<History: VersionHistory> {
    private let current: FieldState
    private let created: Stamp
    private let history: History

    /// - Parameters:
    ///   - current: the version in force.
    ///   - created: the stamp of the record's creation, where a chain ends.
    package init(current: FieldState, created: Stamp, history: History) {
        self.current = current
        self.created = created
        self.history = history
    }

    /// The version with this stamp, or nil where it is not kept.
    package func version(_ stamp: Stamp) throws -> FieldState? {
        if stamp == current.stamp { return current }
        if stamp == created { return try history.version(field: current.number, stamp: stamp) ?? atCreation }
        return try history.version(field: current.number, stamp: stamp)
    }

    /// What the version with this stamp stands on, or nil where it is not kept.
    private func link(_ stamp: Stamp) throws -> VersionLink? {
        if stamp == current.stamp { return VersionLink(base: current.base) }
        if let link = try history.link(field: current.number, stamp: stamp) { return link }
        return stamp == created ? VersionLink(base: nil) : nil
    }

    private var atCreation: FieldState { FieldState(number: current.number, value: .null, stamp: created) }

    /// Whether the writer of a version had seen the version with the stamp `earlier`.
    ///
    /// Where the chain breaks, because a restored server has lost what lay between, a device still knows its own earlier
    /// writes: whoever saw the later of two versions of one device saw both, and so did who wrote it.
    package func reaches(_ earlier: Stamp, from version: FieldState) throws -> Bool {
        var stamp = version.stamp
        var base = version.base
        var isOwn = stamp.device == earlier.device
        for _ in 0..<RecordMerge.longestChain {
            if stamp == earlier { return true }
            guard stamp > earlier else { return false }
            guard let next = base, next >= earlier else {
                // Who told of a version may not have seen what lay before it.
                return try isOwn && !history.isLinkKnown(of: stamp)
            }
            if next == earlier { return true }
            isOwn = isOwn || next.device == earlier.device
            guard let link = try link(next) else { return isOwn }
            stamp = next
            base = link.base
        }
        return false
    }

    /// The newest value that both writers had seen; null where there is none, or where it lies many edits back.
    package func commonAncestor(_ one: FieldState, _ other: FieldState) throws -> Value {
        var left = one.base
        var right = other.base
        for _ in 0..<RecordMerge.longestCommonChain {
            guard let a = left, let b = right else { return .null }
            if a == b { return try version(a)?.value ?? .null }
            if a > b { left = try link(a)?.base } else { right = try link(b)?.base }
        }
        return .null
    }
}

/// A history with the versions that this very merge superseded and that are not stored yet.
struct RecentHistory<Earlier: VersionHistory>: VersionHistory {
    let earlier: Earlier
    let recent: [FieldState]

    func version(field: Int, stamp: Stamp) throws -> FieldState? {
        try recent.first { $0.number == field && $0.stamp == stamp } ?? earlier.version(field: field, stamp: stamp)
    }

    func link(field: Int, stamp: Stamp) throws -> VersionLink? {
        if let version = recent.first(where: { $0.number == field && $0.stamp == stamp }) {
            return VersionLink(base: version.base)
        }
        return try earlier.link(field: field, stamp: stamp)
    }

    func versions(field: Int) throws -> [FieldState] {
        try recent.filter { $0.number == field } + earlier.versions(field: field)
    }

    func isLinkKnown(of stamp: Stamp) throws -> Bool { try earlier.isLinkKnown(of: stamp) }

    func decided(field: Int) throws -> [(by: Stamp, sides: [Stamp])] { try earlier.decided(field: field) }

    func sides(ofConflict id: UInt128) throws -> [Stamp] { try earlier.sides(ofConflict: id) }
}
