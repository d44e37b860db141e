import SyncCore

/// Orders of erasure at the server: what they name is removed, and never comes in again.
extension Hub {
    /// What carrying out an order removed.
    package struct ErasureCount: Hashable, Sendable {
        /// Whole records that were here.
        package var records = 0
        /// Records that stay and lost older versions of some fields.
        package var trimmedRecords = 0
        /// Held groups that lost changes, or went altogether.
        package var heldGroups = 0
    }

    /// Carries out an order, inside a transaction that the caller has opened; one that is known does nothing.
    ///
    /// Whatever the server holds of the records goes: rows, versions, conflicts, places in feeds, links, and changes in
    /// held groups. What stays is the order itself. Empty the write-ahead log afterwards.
    /// - Throws: what the store throws.
    @discardableResult
    package func carryOut(_ order: ErasureOrder) throws -> ErasureCount {
        var count = ErasureCount()
        guard try store.erasure(order.id) == nil else { return count }
        leavesErasedContent = true
        let highest = try store.devices().map(\.number).max() ?? DeviceRecord.office
        try store.addErasure(Erasure(order: order, milliseconds: clock(), highestDevice: highest))
        var stamps: Set<Stamp> = []
        for target in order.targets {
            try store.eraseReasons(table: target.table, record: target.record)
            guard let stored = try store.record(table: target.table, id: target.record) else { continue }
            for group in try store.groups(table: target.table, key: stored.key, record: target.record) {
                try store.clearFingerprint(group)
            }
            stamps.formUnion(try store.stamps(about: stored))
            if target.isWhole {
                try erase(stored)
                count.records += 1
            } else {
                try empty(target, of: stored, before: order.stamp)
                try store.eraseVersions(
                    table: target.table, key: stored.key, record: target.record, fields: target.fields,
                    before: order.stamp)
                count.trimmedRecords += 1
            }
        }
        try store.clearFingerprints(ofPushesWith: stamps)
        count.heldGroups = try eraseFromQuarantine()
        return count
    }

    /// The digest changes with the row; the feed needs no entry, for the order itself tells every device.
    private func erase(_ stored: StoredRecord) throws {
        let state = stored.state
        var head = try store.head(area: state.area)
        head.digest &-= digestHash(of: state)
        try store.setHead(head)
        try store.eraseRecord(table: state.table, key: stored.key, record: state.id)
    }

    /// Empties fields that do not have the office's value yet, as on a server that went back to an older backup: the
    /// value comes with the healing.
    private func empty(_ target: ErasureTarget, of stored: StoredRecord, before stamp: Stamp) throws {
        var state = stored.state
        var changed = FieldMask()
        for index in state.fields.indices where target.fields.contains(state.fields[index].number) {
            guard state.fields[index].stamp < stamp, state.fields[index].value != .null else { continue }
            state.fields[index].value = .null
            changed.insert(state.fields[index].number)
        }
        guard !changed.isEmpty else { return }
        state.fields.removeAll { $0.value == .null && $0.stamp == state.created }
        try store.update(state, key: stored.key, changed: changed)
        var head = try store.head(area: state.area)
        head.digest &+= digestHash(of: state) &- digestHash(of: stored.state)
        try store.setHead(head)
    }

    /// Rewrites held groups without what is erased; one that says nothing any more goes, and counts as taken.
    private func eraseFromQuarantine() throws -> Int {
        var count = 0
        let filter = ErasureFilter(hub: self)
        for held in try store.quarantined(device: nil) {
            guard let body = try store.quarantinedBody(held.id) else { continue }
            let group: ChangeGroup
            do throws(CBORError) {
                group = try ChangeGroup(decoding: body)
            } catch {
                throw HubError.damagedRow(table: "quarantine")
            }
            let rest = try filter.rest(of: group, from: held.device)
            guard rest != group else { continue }
            count += 1
            try store.clearFingerprint(GroupName(device: held.device, number: held.number))
            if rest.changes.isEmpty {
                try store.removeQuarantined(held.id)
            } else {
                try store.replaceQuarantined(held.id, body: rest.encoded(), changeCount: rest.changes.count)
            }
        }
        return count
    }

    /// Whether a record was erased as a whole; such an id never comes into use again.
    package func isErased(table: Int, record: RecordID) throws -> Bool {
        try store.erasureMarks(table: table, record: record).contains { $0.fields == .all }
    }

    // MARK: What devices say

    /// Keeps what a device says of orders, inside the caller's transaction; orders that are not known are passed over.
    package func take(_ reports: [ErasureReport], from device: UInt32) throws {
        for report in reports where try store.erasure(report.order) != nil {
            try store.setErasureState(report.state, order: report.order, device: device, at: clock())
        }
    }

    /// Whether a device says something of orders that is not known yet: only then there is anything to write.
    func areNews(_ reports: [ErasureReport], from device: UInt32) throws -> Bool {
        if reports.isEmpty { return false }
        return try store.readTransaction {
            try reports.contains { report in
                guard try store.erasure(report.order) != nil else { return false }
                let known = try store.erasureConfirmations(order: report.order).first { $0.device == device }
                return known.map { $0.state.rawValue < report.state.rawValue } ?? true
            }
        }
    }

    /// Those of some orders that a device has confirmed.
    func confirmed(_ reports: [ErasureReport], by device: UInt32) throws -> [RecordID] {
        try reports.filter { report in
            guard report.state == .confirmed else { return false }
            return try store.erasureConfirmations(order: report.order).contains {
                $0.device == device && $0.state == .confirmed
            }
        }.map(\.order)
    }

    /// All orders with what devices said of them, oldest first.
    package func erasures() throws -> [(erasure: Erasure, confirmations: [ErasureConfirmation])] {
        try store.readTransaction {
            try store.erasures().map { ($0, try store.erasureConfirmations(order: $0.order.id)) }
        }
    }
}

/// Takes out of groups what was erased: it never comes in again, from whatever device or file.
struct ErasureFilter {
    let hub: Hub
    private var store: any HubStore { hub.store }

    /// What is left of a group; the number stays, so that a device's count has no gap.
    func rest(of group: ChangeGroup, from device: UInt32) throws -> ChangeGroup {
        #if PlantedBugs
            if PlantedBug.isChosen(.erasedAccepted) { return group }
        #endif
        var rest = group
        rest.changes = []
        for change in group.changes {
            let marks = try store.erasureMarks(table: change.table, record: change.record)
            if let change = try self.rest(of: change, marks, from: device) { rest.changes.append(change) }
        }
        return rest
    }

    private func rest(of change: Change, _ marks: [ErasureMark], from device: UInt32) throws -> Change? {
        if marks.isEmpty { return change }
        if marks.contains(where: { $0.fields == .all }) { return nil }
        var rest = change
        rest.fields = try change.fields.filter { field in
            try marks.allSatisfy { mark in
                try !mark.fields.contains(field.field) || sawErasure(field, of: change, mark, from: device)
            }
        }
        // A conflict over erased values is gone, and so is a word on it.
        rest.decisions = try change.decisions.filter { try store.conflict($0.conflict) != nil }
        guard rest != change else { return change }
        let isEmpty = rest.creation == nil && rest.fields.isEmpty && rest.existence == nil && rest.decisions.isEmpty
        return isEmpty ? nil : rest
    }

    /// Whether the writer of a value had seen the field as the office left it.
    ///
    /// Everything older was removed, and what had not seen it never comes in. So a base that is not older, and is
    /// known, was itself written after seeing it.
    private func sawErasure(
        _ field: FieldChange, of change: Change, _ mark: ErasureMark, from device: UInt32
    ) throws -> Bool {
        let base: Stamp
        switch field.base {
        case .none: return false
        case .stamp(let stamp): base = stamp
        case .own(let number, let time):
            let final = try store.correction(device: device, number: number, proposed: time) ?? time
            base = Stamp(time: final, device: device)
        }
        guard base >= mark.stamp, let stored = try store.record(table: change.table, id: change.record) else {
            return false
        }
        if stored.state.field(field.field).stamp == base { return true }
        let history = StoredHistory(store: store, table: change.table, key: stored.key, record: change.record)
        return try history.version(field: field.field, stamp: base) != nil
    }
}
