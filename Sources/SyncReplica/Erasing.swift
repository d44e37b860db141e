import Database
import RecordStorage
import SyncCore

/// Orders of erasure on a device: what they name leaves every table and every file, and that is confirmed.
///
/// An order outranks the device's own unsent changes. One that touches more than a small part of the device's records
/// waits for its user; until then its records stay, but count in no digest any more, for the server has none of them.
extension Replica {
    // MARK: Arriving

    /// Takes an order whose signature is good, inside the transaction of the reply that brought it, before its pages.
    ///
    /// - Parameter body: the encoded order.
    /// - Throws: `CBORError` where it is no order; then nothing of the reply is applied.
    func take(erasure body: [UInt8]) throws {
        let order = try ErasureOrder(decoding: body)
        guard try !erasures.contains(order.id) else { return }
        var size = ErasureSize(records: 0, allRecords: try recordCount(), ownChanges: 0)
        let receipt = try standing().receipt
        for target in order.targets {
            guard let found = try records.row(table: target.table, id: target.record) else { continue }
            let row = RowKey(table: target.table, key: found.key)
            size.records += 1
            let pending = try pending(found)
            let chain = try outbox.chain(of: row, newest: pending)
            size.ownChanges += chain.count { $0.group > receipt }
            guard target.isWhole, try !erasures.isErased(table: target.table, id: target.record) else { continue }
            let acknowledged = pending == nil ? found.state : try shadow.load(row, id: target.record)
            if let acknowledged { try takeFromDigest(acknowledged) }
        }
        _ = try erasures.add(order, size, milliseconds: clock())
        knowsErasures = true
    }

    private func recordCount() throws -> Int {
        var count: Int64 = 0
        for table in schema.tables.map(\.number) + [0] {
            count += try database.integer("SELECT count(*) FROM \(sqlName(of: table))") ?? 0
        }
        return Int(count)
    }

    /// An erased record counts 0 in its area's digest.
    private func takeFromDigest(_ state: RecordState) throws {
        guard let digest = try storedDigest(of: state.area) else { return }
        let hash = RecordDigest.hash(of: state, hash: hash, scratch: &scratch)
        try database.run(
            "UPDATE cursor SET digest = ? WHERE area = ?", .blob((digest &- hash).bigEndianBytes),
            .integer(Int64(state.area)))
    }

    // MARK: Carrying out

    /// Carries out what has arrived, unless it is so much that the user is asked; inside the transaction of a reply,
    /// after its pages.
    func carryOutArrivedErasures() throws -> ErasureOutcome {
        var outcome = ErasureOutcome()
        guard knowsErasures else { return outcome }
        let arrived = try erasures.orders(in: .arrived)
        // Many small orders at once are like one large one.
        let size = arrived.reduce(ErasureSize(records: 0, allRecords: 0, ownChanges: 0)) { $0 + $1.size }
        for erasure in arrived {
            if size.needsUser {
                try erasures.set(.waitsForUser, erasure.order.id)
            } else {
                try remove(erasure, &outcome)
            }
        }
        // A field's newer value may have come with a later page than the order.
        for erasure in try erasures.orders(in: .removed) {
            try noteRemoval()
            _ = try removeContent(of: erasure.order)
        }
        try outbox.dropEmptied(through: standing().receipt)
        return outcome
    }

    /// Carries out the orders that wait for the user, who has agreed.
    ///
    /// - Throws: what the disk reports; then nothing was removed.
    package func carryOutWaitingErasures() throws -> ErasureOutcome {
        var outcome = ErasureOutcome()
        try transaction {
            knowsErasures = try !erasures.isEmpty()
            removed = []
            for erasure in try erasures.orders(in: .waitsForUser) { try remove(erasure, &outcome) }
            try outbox.dropEmptied(through: standing().receipt)
            try keepUntold(outcome)
        }
        try cleanAfterRemoval()
        return outcome
    }

    private func remove(_ erasure: ReplicaErasure, _ outcome: inout ErasureOutcome) throws {
        try noteRemoval()
        outcome.records += try removeContent(of: erasure.order)
        outcome.ownChanges += erasure.size.ownChanges
        try erasures.set(.removed, erasure.order.id)
    }

    /// Removes what stands in tables; returns how many records it found. May run again.
    private func removeContent(of order: ErasureOrder) throws -> Int {
        var count = 0
        for target in order.targets {
            guard target.isWhole else {
                if try trim(target, before: order.stamp) { count += 1 }
                continue
            }
            let reference = RecordReference(table: target.table, id: target.record)
            try heldLog.forget(reference)
            guard let found = try records.row(table: target.table, id: target.record) else {
                // What is known about a record that is not here.
                try conflictLog.remove(record: reference)
                try ImportedRows.forget(target.record, in: database)
                continue
            }
            count += 1
            let row = RowKey(table: target.table, key: found.key)
            for entry in try outbox.chain(of: row, newest: pending(found)) {
                try outbox.take(entry)
                try heldLog.removeCover(of: entry.group, row)
            }
            try removeRecord(row, found.state)
        }
        try operations.forget(removed)
        return count
    }

    /// Whether every field that an order names has its newer value.
    func isFinished(_ order: ErasureOrder) throws -> Bool {
        try order.targets.allSatisfy { target in
            guard !target.isWhole, let (key, view) = try records.find(table: target.table, id: target.record) else {
                return true
            }
            let row = RowKey(table: target.table, key: key)
            let kept = try shadow.load(row, id: target.record) ?? view
            return (1...Field.largestNumber).allSatisfy {
                !target.fields.contains($0) || kept.field($0).stamp >= order.stamp
            }
        }
    }

    /// Whether there is something to say of orders that a request did not say.
    func mustConfirmErasures(_ request: SyncRequest) throws -> Bool {
        let said = Set(try request.erasureReports())
        return try reading { try erasures.reports() }.contains { !said.contains($0) }
    }

    // MARK: Looking

    /// The orders that wait for this device's user.
    package func waitingErasures() throws -> [ReplicaErasure] {
        try reading { try erasures.orders(in: .waitsForUser) }
    }
}

/// What carrying out orders did here.
package struct ErasureOutcome: Hashable, Sendable {
    /// Records of which something, or everything, was removed.
    package var records = 0
    /// Own changes of them that the server had not taken, and never will.
    package var ownChanges = 0

    package init() {}

    package static func + (left: ErasureOutcome, right: ErasureOutcome) -> ErasureOutcome {
        var sum = left
        sum += right
        return sum
    }

    static func += (left: inout ErasureOutcome, right: ErasureOutcome) {
        left.records += right.records
        left.ownChanges += right.ownChanges
    }
}
