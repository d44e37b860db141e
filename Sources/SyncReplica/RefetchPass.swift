import Database
import RecordStorage
import SyncCore

/// What a reply does to areas that are fetched again.
extension ReplyPass {
    /// Takes note of pages that begin at the start of the feed though the cursor stood elsewhere: it stood before the
    /// horizon.
    mutating func beginFetches(_ reply: SyncReply, readable: Set<Int>) throws {
        let starts = try fetchStarts(of: reply)
        for start in starts where readable.contains(start.area) {
            let cursor = try replica.cursors().first { $0.area == start.area }
            if let cursor, cursor.sequence > 0 {
                let purpose = try replica.fetches.refetches().first { $0.area == start.area }?.purpose
                try replica.mark(start.area, for: purpose ?? .horizon, &standing)
            }
            try replica.fetches.setHorizon(start.sequence, of: start.area)
        }
        for refetch in try replica.fetches.refetches() { refetched[refetch.area] = refetch }
    }

    private func fetchStarts(of reply: SyncReply) throws -> [AreaHorizon] {
        do throws(CBORError) {
            return try reply.fetchStarts()
        } catch {
            throw ReplicaError.unexpectedReply("the list of areas that are sent again can't be read")
        }
    }

    /// Takes the mark from a record that the server has spoken of.
    func confirm(_ row: RowKey, areas: Int...) throws {
        if refetched.isEmpty { return }
        for area in areas where refetched[area] != nil { try replica.fetches.confirm(row, area: area) }
    }

    /// Ends the refetch of areas whose feed has come to its end; all rows are written by now.
    mutating func endFetches(_ pages: [FeedPage]) throws {
        for page in pages where page.isComplete {
            guard let refetch = refetched[page.area], let server = page.digest else { continue }
            let own = try replica.recomputeDigest(of: page.area)
            guard refetch.purpose != .restored else {
                try replica.fetches.setAtEnd(page.area)
                try replaceDigest(of: page.area, by: own)
                continue
            }
            var unconfirmed: UInt128 = 0
            try replica.forEachUnconfirmedRow(of: page.area) { _, state in
                if let state { unconfirmed &+= try replica.digest(state) }
            }
            try end(refetch, own: own, unconfirmed: unconfirmed, server: server)
        }
    }

    /// Removes what the server did not send, where its digest says so too: a server that lost records but not their
    /// digest, or the digest alone, takes nothing from this device.
    private mutating func end(_ refetch: Refetch, own: UInt128, unconfirmed: UInt128, server: UInt128) throws {
        let isRemoving = own &- unconfirmed == server
        try replica.forEachUnconfirmedRow(of: refetch.area) { row, state in
            if isRemoving || state?.isLiving == false { try replica.removeAcknowledged(row) }
        }
        let digest = isRemoving ? server : own
        try replaceDigest(of: refetch.area, by: digest)
        // What is left after a repair would be left by another one too.
        let isKept = refetch.purpose == .repair && digest != server
        try replica.fetches.end(refetch.area, difference: isKept ? digest &- server : nil)
        try replica.fetches.forgetFormerEnds(of: refetch.area)
        guard refetch.purpose == .repair else { return }
        let repair = AreaRepair(area: refetch.area, outcome: digest == server ? .mended : .differs)
        try replica.fetches.setReport(repair.outcome, of: refetch.area)
        applied.repairs.append(repair)
    }

    /// The digests of an area match: should a difference that a repair left come again, it is worth another.
    func forgetDifference(of area: Int) throws {
        guard try replica.fetches.difference(of: area) != nil else { return }
        try replica.fetches.forgetDifference(of: area)
        try replica.fetches.setReport(.mended, of: area)
    }

    /// Sets a digest that was worked out from the rows, in place of what this reply adds to the kept one.
    private mutating func replaceDigest(of area: Int, by digest: UInt128) throws {
        digestChange[area] = nil
        try replica.database.run(
            "UPDATE cursor SET digest = ?1 WHERE area = ?2 AND digest <> ?1", .blob(digest.bigEndianBytes),
            .integer(Int64(area)))
    }
}

extension Replica {
    /// Removes the server's version of a record; the device's own unsent work stays in its row, and goes up.
    fileprivate func removeAcknowledged(_ row: RowKey) throws {
        guard let found = try records.row(table: row.table, key: row.key) else { return }
        // What is to be erased waits for the user's answer.
        if try isErased(row.table, found.state.id) { return }
        if try pending(found) == nil { try removeRecord(row, found.state) } else { try shadow.remove(row) }
    }
}
