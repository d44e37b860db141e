/// Where the merge looks up versions of a record that are no longer current.
package protocol VersionHistory {
    /// The version of a field that was written with this stamp, or nil where none is kept.
    func version(field: Int, stamp: Stamp) throws -> FieldState?
    /// What the writer of a version had seen; nil where no such version is kept.
    func link(field: Int, stamp: Stamp) throws -> VersionLink?
    /// Whether the link of a version is its writer's; false where somebody else told of it, who may not have seen what it was written
    /// over.
    func isLinkKnown(of stamp: Stamp) throws -> Bool
    /// All versions of a field that are not in force and were accepted.
    func versions(field: Int) throws -> [FieldState]
    /// What deciders had before them: for each settled conflict of a field the stamp of the decision and both sides.
    func decided(field: Int) throws -> [(by: Stamp, sides: [Stamp])]
    /// The sides of a conflict; none where it is not known.
    func sides(ofConflict id: UInt128) throws -> [Stamp]
}

extension VersionHistory {
    package func isLinkKnown(of stamp: Stamp) throws -> Bool { true }

    package func link(field: Int, stamp: Stamp) throws -> VersionLink? {
        try version(field: field, stamp: stamp).map { VersionLink(base: $0.base) }
    }
}

/// The link from a version to the one that its writer had seen.
package struct VersionLink: Hashable, Sendable {
    /// The stamp of that one; nil where the writer had seen none.
    package let base: Stamp?

    package init(base: Stamp?) { self.base = base }
}
