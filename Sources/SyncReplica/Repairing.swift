import RecordStorage
import SyncCore

/// The self-check: digests that differ at the end of a sync.
extension Replica {
    /// Begins to fetch the areas again whose digests differ.
    ///
    /// Left alone are areas that are fetched again already, and those where a repair left the same difference before:
    /// it would leave it again.
    /// - Returns: the areas that are fetched again now.
    func beginRepairs(_ digests: [AreaDigests]) throws -> Set<Int> {
        guard digests.contains(where: { $0.own != $0.server }) else { return [] }
        return try transaction {
            let busy = Set(try fetches.refetches().map(\.area))
            var begun: Set<Int> = []
            var standing = try standing()
            for digest in digests where digest.own != digest.server && !busy.contains(digest.area) {
                guard try fetches.difference(of: digest.area) != digest.own &- digest.server else { continue }
                try mark(digest.area, for: .repair, &standing)
                try fetches.setReport(.begun, of: digest.area)
                begun.insert(digest.area)
            }
            try standing.save(to: database)
            return begun
        }
    }

    /// Whether the server has not been told yet how a repair ended.
    func hasReports() throws -> Bool { try !fetches.report().repairs.isEmpty }

    /// Forgets what a request, which was answered, told the server of repairs.
    func forgetReports(of request: SyncRequest) throws {
        let repairs = try request.fetchReport().repairs
        if repairs.isEmpty { return }
        try transaction { try fetches.forget(repairs) }
    }

    /// Areas whose kept digest is not the sum over their rows, or that have rows which can't be read: this device's
    /// file is damaged there. Reads every record once.
    package func damagedAreas() throws -> [Int] {
        try reading {
            try cursors().map(\.area).filter { area in
                for table in schema.tables.map(\.number) + [0] {
                    if try !records.unreadableKeys(table: table, area: area).isEmpty { return true }
                }
                return try storedDigest(of: area) != recomputeDigest(of: area)
            }
        }
    }
}
