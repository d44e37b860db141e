import SyncCore

/// The versions of one record that are not in force, held ones included.
struct StoredHistory: VersionHistory {
    let store: any HubStore
    /// Counts what is read.
    var effort: MergeEffort?
    /// What is remembered of links, with `effort`.
    var links: RememberedLinks?
    let table: Int
    let key: Int64
    let record: RecordID

    func version(field: Int, stamp: Stamp) throws -> FieldState? {
        effort?.versions += 1
        if let version = try store.version(table: table, key: key, field: field, stamp: stamp) { return version }
        guard let link = try unstoredLink(field: field, stamp: stamp) else { return nil }
        return FieldState(number: field, value: .null, stamp: stamp, base: link.base)
    }

    func link(field: Int, stamp: Stamp) throws -> VersionLink? {
        guard let links, let effort else {
            return try version(field: field, stamp: stamp).map { VersionLink(base: $0.base) }
        }
        return try links.link(table: table, key: key, field: field, stamp: stamp, in: store, effort: effort)
            ?? unstoredLink(field: field, stamp: stamp)
    }

    func isLinkKnown(of stamp: Stamp) throws -> Bool { try store.voucher(table: table, key: key, stamp: stamp) == nil }

    /// What a version stands on of which only that is known: a held one, or the creation under another time.
    private func unstoredLink(field: Int, stamp: Stamp) throws -> VersionLink? {
        effort?.versions += 1
        if let held = try store.heldLink(table: table, record: record, field: field, stamp: stamp) {
            return VersionLink(base: held.base)
        }
        return try store.creation(table: table, key: key, onceAt: stamp).map { VersionLink(base: $0) }
    }

    func versions(field: Int) throws -> [FieldState] {
        let versions = try store.versions(table: table, key: key, field: field)
        effort?.versions += versions.count
        try effort?.check()
        return try withoutSentAgain(versions)
    }

    /// Versions without those that stand on somebody's word, and whose author has sent the same word again since a restore:
    /// under that time it was seen by whoever wrote over it. As `Vouching` keeps them: told under an earlier time, or with the
    /// same link.
    private func withoutSentAgain(_ versions: [FieldState]) throws -> [FieldState] {
        guard versions.count > 1, try store.hasVouched() else { return versions }
        effort?.versions += versions.count
        let told = try versions.filter { try store.voucher(table: table, key: key, stamp: $0.stamp) != nil }
        if told.isEmpty { return versions }
        let firstHand = versions.filter { !told.contains($0) }
        return versions.filter { version in
            !told.contains(version)
                || !firstHand.contains { again in
                    again.stamp.device == version.stamp.device && again.value == version.value
                        && (again.stamp > version.stamp || again.base == version.base)
                }
        }
    }

    func decided(field: Int) throws -> [(by: Stamp, sides: [Stamp])] {
        try store.conflicts(table: table, record: record).flatMap { stored in
            let conflict = stored.conflict
            if conflict.field != field { return [(by: Stamp, sides: [Stamp])]() }
            var deciders = Set(try store.settlings(ofConflict: stored.key))
            if let verdict = conflict.verdict, verdict.action == .resolve { deciders.insert(verdict.stamp) }
            return deciders.sorted().map { ($0, [conflict.a.stamp, conflict.b.stamp]) }
        }
    }

    func sides(ofConflict id: UInt128) throws -> [Stamp] {
        try store.conflict(id).map { [$0.conflict.a.stamp, $0.conflict.b.stamp] } ?? []
    }
}
