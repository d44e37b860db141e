import SyncCore

/// What the versions of fields stand on, remembered for the groups of one push: so that a long history is read once, in batches,
/// and not once a link for each group.
///
/// Whoever writes versions or links by another way than `GroupMerging` calls `forget`.
final class RememberedLinks {
    /// How many versions are read at once: few first, for most questions are about the last ones.
    private static let firstBatchCount = 8
    private static let largestBatchCount = 256
    /// The most links that are remembered; then all are forgotten.
    private static let largestCount = 200_000

    /// A field of a record.
    private struct Place: Hashable {
        let table: Int
        let key: Int64
        let field: Int
    }

    /// The links of one field: all of its versions from `latest` down to `lowest`, and no others.
    private struct Links {
        var bases: [Stamp: Stamp?] = [:]
        var latest: Stamp
        /// Nil: down to the first.
        var lowest: Stamp?

        func covers(_ stamp: Stamp) -> Bool { stamp <= latest && lowest.map { stamp >= $0 } ?? true }
    }

    private var known: [Place: Links] = [:]
    private var count = 0

    func forget() {
        known.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Notes a version that was stored, or took another base.
    func add(_ version: FieldState, table: Int, key: Int64) {
        let place = Place(table: table, key: key, field: version.number)
        // Beyond what was read there may be others.
        guard known[place]?.covers(version.stamp) == true else { return }
        if known[place]?.bases.updateValue(version.base, forKey: version.stamp) == nil { count += 1 }
    }

    /// Notes that a version is stored no more.
    func remove(_ field: Int, _ stamp: Stamp, table: Int, key: Int64) {
        if known[Place(table: table, key: key, field: field)]?.bases.removeValue(forKey: stamp) != nil { count -= 1 }
    }

    /// What the stored version with a stamp stands on; nil where none is stored.
    func link(
        table: Int, key: Int64, field: Int, stamp: Stamp, in store: any HubStore, effort: MergeEffort
    ) throws -> VersionLink? {
        let place = Place(table: table, key: key, field: field)
        effort.links += 1
        try effort.check()
        if let links = known[place], links.covers(stamp) { return links.bases[stamp].map { VersionLink(base: $0) } }
        if count > Self.largestCount { forget() }
        var links = known.removeValue(forKey: place) ?? Links(latest: stamp, lowest: stamp)
        // Upwards as far as what is known already, or downwards from there.
        let isAbove = stamp > links.latest
        let goal = isAbove ? links.latest : stamp
        var from = isAbove ? stamp : links.lowest ?? stamp
        var size = Self.firstBatchCount
        while true {
            let batch = try store.links(table: table, key: key, field: field, through: from, limit: size)
            effort.versions += max(1, batch.count)
            try effort.check()
            for (stamp, base) in batch where links.bases.updateValue(base, forKey: stamp) == nil { count += 1 }
            let end = batch.count < size ? nil : batch.last?.stamp
            if !isAbove { links.lowest = end }
            guard let end, goal < end else { break }
            from = end
            size = Self.largestBatchCount
        }
        if isAbove { links.latest = stamp }
        known[place] = links
        return links.bases[stamp].map { VersionLink(base: $0) }
    }
}
