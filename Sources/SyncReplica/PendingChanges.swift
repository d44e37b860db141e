import Database
import RecordStorage
import SyncCore

/// How far numbers were final before they were all made so.
package struct Frost {
    /// The last number that was.
    let before: Int64
    /// What tells that another process has written to the file since.
    let version: Int64?
}

/// What waits for single records, and the pages that are made of it.
extension Replica {
    /// A record with what an edit may claim to have seen; nil where there is none.
    package func snapshot(table: Int, record id: RecordID) throws -> RecordSnapshot? {
        try reading {
            guard let (key, state) = try records.find(table: table, id: id) else { return nil }
            let row = RowKey(table: table, key: key)
            return try snapshot(of: state, row: row, pending: pending(row))
        }
    }

    func snapshot(of state: RecordState, row: RowKey, pending: Int64?) throws -> RecordSnapshot {
        let chain = try outbox.chain(of: row, newest: pending).map {
            (group: UInt64(clamping: $0.group), change: try change(in: $0, state: state))
        }
        return RecordSnapshot(state, device: chain.isEmpty ? state.created.device : try standing().device, chain: chain)
    }

    /// What an entry of the outbox says, given the row of its record.
    func change(in entry: Outbox.Entry, state: RecordState) throws -> Change {
        guard entry.detail.isEmpty else {
            guard let change = try ChangeGroup(decoding: entry.detail).changes.first else {
                throw ReplicaError.damaged("a change in the outbox")
            }
            return change
        }
        return creation(of: state)
    }

    /// What a record said when it was made, as far as its row still has it.
    func creation(of state: RecordState) -> Change {
        let time = state.created.time
        var fields: [FieldChange] = []
        fields.reserveCapacity(state.fields.count)
        for field in state.fields where field.stamp == state.created && !field.value.isNull {
            fields.append(FieldChange(field: field.number, value: field.value, time: time, base: .none))
        }
        return Change(
            table: state.table, record: state.id, creation: Creation(area: state.area, time: time), fields: fields)
    }

    func pendingChange(of edit: LocalTransaction.RecordEdit, in group: Int64) throws -> Change? {
        guard let key = edit.key, let before = edit.before,
            let entry = try outbox.entry(group, RowKey(table: before.table, key: key))
        else { return nil }
        return try change(in: entry, state: before)
    }

    func outboxDetail(_ change: Change, group: Int64) -> [UInt8] {
        ChangeGroup(number: UInt64(clamping: group), changes: [change]).encoded()
    }

    /// Copies the values of a creation from the row to the outbox, before the row takes others.
    func keepValues(of group: Int64, row: RowKey, state: RecordState) throws {
        guard var entry = try outbox.entry(group, row), entry.detail.isEmpty else { return }
        entry.detail = outboxDetail(try change(in: entry, state: state), group: group)
        try outbox.insert(entry)
    }

    // MARK: Pages

    /// Makes the numbers of all waiting groups final: from now on nothing joins them.
    ///
    /// Numbers that an earlier sync gave and has no receipt for are written once more: a process that ended between
    /// writing and syncing them leaves numbers that show, and that a loss of power would still take back.
    /// - Returns: what takes it back, as long as nothing has left the device.
    @discardableResult
    package func freeze() throws -> Frost {
        sent.removeAll()
        return try transaction {
            var standing = try standing()
            let before = standing.frozen
            if standing.frozen != standing.lastGroup || standing.receipt < standing.frozen {
                standing.frozen = standing.lastGroup
                try standing.save(to: database)
            }
            return Frost(before: before, version: try database.integer("PRAGMA data_version"))
        }
    }

    /// Takes a freeze back after which nothing has left the device: there was no signal. So what waits is still this device's
    /// alone, can be joined, and be undone without a trace.
    ///
    /// It stays where another process has written meanwhile: that may have put the groups into a sealed file.
    func thaw(_ frost: Frost) throws {
        sent.removeAll()
        try transaction {
            var standing = try standing()
            guard try database.integer("PRAGMA data_version") == frost.version, standing.frozen > frost.before else {
                return
            }
            standing.frozen = frost.before
            try standing.save(to: database)
        }
    }

    /// What to send now: the groups behind the receipt, and the cursors.
    ///
    /// - Parameters:
    ///   - limitCount: the most changes in the page.
    ///   - limitBytes: the largest encoded size of the page.
    ///   - pageBytes: the size that pages of records should have.
    package func makeRequest(
        limitCount: Int = SyncRequest.largestPageCount, limitBytes: Int = SyncRequest.largestPageBytes,
        pageBytes: Int = SyncRequest.largestPageBytes
    ) throws -> SyncRequest {
        try makeRequest(
            limitCount: limitCount, limitBytes: limitBytes, pageBytes: pageBytes, beginningWith: nil, ahead: nil,
            isFirst: false)
    }

    /// - Parameters:
    ///   - firstCount: the most changes in the page where not all that waits fits in one; nil for no such limit.
    ///   - ahead: groups that were read before; they are taken where they follow the receipt.
    ///   - isFirst: whether it says what receipts were for, as that of a sync does with which it begins.
    func makeRequest(
        limitCount: Int, limitBytes: Int, pageBytes: Int, beginningWith firstCount: Int?,
        ahead: SyncRounds.PageAhead?, isFirst: Bool
    ) throws -> SyncRequest {
        try reading {
            let standing = try standing()
            let receipt = UInt64(clamping: standing.receipt)
            let groups =
                ahead?.after == receipt
                ? ahead?.groups ?? []
                : try nextPage(
                    after: receipt, limitCount: limitCount, limitBytes: limitBytes, beginningWith: firstCount)
            var request = SyncRequest(
                schemaVersion: schema.version, epoch: standing.epoch, clockMilliseconds: try correctedClock(),
                lowestOwnGroup: UInt64(clamping: standing.lowestOwn), directoryVersion: standing.directoryVersion,
                pageBytes: pageBytes, cursors: try cursors(), groups: groups)
            request.set(erasureReports: try erasures.reports())
            request.set(
                heldGroups: HeldGroupsRequest(
                    lastOutcome: try heldLog.lastOutcome(epoch: standing.epoch), withdrawals: try heldLog.withdrawals())
            )
            request.setFetchReport(try fetches.report())
            request.set(stretches: try fetches.stretches())
            request.set(seenEnds: try fetches.seenEnds())
            if verifier != nil {
                request.set(try ledger.progress())
                request.set(HealingRequest(receipt: UInt64(clamping: standing.receipt)))
                if isFirst { request.set(openGroups: try openGroups()) }
            }
            return request
        }
    }

    func cursors() throws -> [Cursor] {
        let statement = try database.statement("SELECT area, sequence, mark FROM cursor ORDER BY area")
        defer { statement.reset() }
        var cursors: [Cursor] = []
        while try statement.step() {
            cursors.append(
                Cursor(
                    area: Int(statement.integer(0)), sequence: UInt64(bitPattern: statement.integer(1)),
                    mark: UInt64(bitPattern: statement.integer(2))))
        }
        return cursors
    }
}
