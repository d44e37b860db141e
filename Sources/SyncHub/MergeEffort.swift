/// How much of the history merges had to read: it grows with the number of versions that a field has had, and one device can
/// make that as large as it likes.
final class MergeEffort {
    /// How many links in memory cost about as much as reading one version.
    private static let linksPerVersion = 16

    /// The versions that were read.
    var versions = 0
    /// The links that were looked up in memory.
    var links = 0
    /// What the group in hand may cost, with all before it; nil: as much as it takes.
    var limit: Int?

    /// All of it, in versions read.
    var steps: Int { versions + links / Self.linksPerVersion }

    /// - Throws: `TooMuchEffort` where the group in hand has cost more than it may.
    func check() throws(TooMuchEffort) {
        if let limit, steps > limit { throw TooMuchEffort() }
    }
}

/// A group whose merge would read more of the history than one group may: it is held for checking.
struct TooMuchEffort: Error {}
