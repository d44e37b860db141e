import RecordStorage
import SyncCore

/// Takes back what a command of the office did, and does it again: new changes of the office like any other, which sync.
package struct OfficeUndo {
    /// The most records in one group.
    private static let largestGroupCount = 500
    /// The size of the values in bytes from which on a group is full.
    private static let largestGroupBytes = 1 << 20
    /// The most groups in one commit, so that devices need not wait long.
    private static let largestCommitCount = 8

    /// Ends a trial without saving.
    private struct TrialEnded: Error {}

    private let hub: Hub
    private let store: SQLiteHubStore
    private let log: OfficeLog

    /// Works on what the hub's store holds.
    package init(_ hub: Hub, store: SQLiteHubStore) {
        self.hub = hub
        self.store = store
        log = OfficeLog(database: store.database)
    }

    /// Takes back the operation that was done last, or does again the one that was taken back last.
    ///
    /// Only what is still as the operation left it is changed; the rest is left and told. A large operation takes
    /// several commits: where one of them fails, what is done stays done, and the next call goes on from there.
    ///
    /// - Parameters:
    ///   - isTrial: nothing is saved.
    ///   - progress: called after each commit with how many records are done and of how many.
    ///   - user: a device whose records name a new record that would be deleted again; where there is one, that record stays.
    /// - Returns: nil where there is nothing to take back, or to do again.
    /// - Throws: what the store throws.
    package func reverse(
        _ direction: OperationReversal.Direction, isTrial: Bool = false,
        progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in },
        user: (RecordReference) throws -> UInt32? = { _ in nil }
    ) throws -> OperationReversal? {
        guard let target = try log.target(direction) else { return nil }
        var report = OperationReversal(direction, words: target.words, milliseconds: target.milliseconds)
        let touched = try log.touched(by: target.span)
        let conflicts = Set(
            touched.compactMap { touch -> Int64? in
                if case .conflict(let key) = touch.item { key } else { nil }
            })
        var begun = target.begun
        var index = 0
        repeat {
            do {
                try store.transaction {
                    let before = try hub.knownDevice(DeviceRecord.office)
                    for _ in 0..<Self.largestCommitCount where index < touched.count {
                        try reverseGroup(touched, conflicts, &index, target, &report, user)
                    }
                    if isTrial { throw TrialEnded() }
                    let after = try hub.knownDevice(DeviceRecord.office)
                    if begun == nil, after.lastGroup > before.lastGroup {
                        begun = (before.lastGroup + 1, before.highestTime)
                        try log.beginReversal(target.id, group: before.lastGroup + 1, afterTime: before.highestTime)
                    }
                    guard index == touched.count else { return }
                    let span = begun.map {
                        OfficeLog.Span(
                            first: $0.group, last: after.lastGroup, afterTime: $0.afterTime, lastTime: after.highestTime
                        )
                    }
                    try log.finishReversal(target.id, direction, by: span)
                }
            } catch is TrialEnded {}
            try progress(index, touched.count)
        } while index < touched.count
        return report
    }

    /// Reverses as many records as fit a group, from the given place on.
    private func reverseGroup(
        _ touched: [(item: FeedEntry.Item, mask: FieldMask)], _ conflicts: Set<Int64>, _ index: inout Int,
        _ target: OfficeLog.Target, _ report: inout OperationReversal, _ user: (RecordReference) throws -> UInt32?
    ) throws {
        let writer = try OfficeWriter(hub)
        var seen: Set<RecordReference> = []
        var changes: [Change] = []
        var bytes = 0
        while index < touched.count, changes.count < Self.largestGroupCount, bytes < Self.largestGroupBytes {
            let entry = touched[index]
            index += 1
            // A conflict and a value of the same record are reversed together, by whichever comes first.
            guard let record = try record(entry.item),
                seen.insert(RecordReference(table: record.state.table, id: record.state.id)).inserted
            else { continue }
            var reversal = RecordReversal(
                record, span: target.span, mask: entry.mask, conflicts: conflicts, time: writer.time)
            try reversal.run(hub, store, &report, user)
            guard let change = reversal.change else { continue }
            bytes += change.fields.reduce(0) { $0 + $1.value.byteCount }
            changes.append(change)
            let fields = change.fields.reduce(into: FieldMask()) { $0.insert($1.field) }
            try ImportedRows.reverse(fields, of: change.record, by: target.id, in: store.database)
        }
        guard !changes.isEmpty else { return }
        guard try hub.acceptFromOffice(changes) != nil else { throw HubError.damagedRow(table: "operation") }
    }

    private func record(_ item: FeedEntry.Item) throws -> StoredRecord? {
        switch item {
        case .record(let table, let key):
            return try store.record(table: table, key: key).map { StoredRecord(key: key, state: $0) }
        case .conflict(let key):
            guard let conflict = try store.conflict(key: key) else { return nil }
            return try store.record(table: conflict.table, id: conflict.record)
        }
    }
}

/// What taking back one record comes to.
private struct RecordReversal {
    private let key: Int64
    private let state: RecordState
    private let span: OfficeLog.Span
    private let mask: FieldMask
    /// The rows of all conflicts that the operation touched.
    private let conflicts: Set<Int64>
    private let time: UInt64
    private let reference: RecordReference
    private var steps: [OperationReversal.Step] = []
    private var made: Change

    init(_ record: StoredRecord, span: OfficeLog.Span, mask: FieldMask, conflicts: Set<Int64>, time: UInt64) {
        key = record.key
        state = record.state
        self.span = span
        self.mask = mask
        self.conflicts = conflicts
        self.time = time
        reference = RecordReference(table: state.table, id: state.id)
        made = Change(table: state.table, record: state.id, fields: [])
    }

    /// The change that does it; nil where there is nothing to do.
    var change: Change? { steps.isEmpty ? nil : made }

    mutating func run(
        _ hub: Hub, _ store: SQLiteHubStore, _ report: inout OperationReversal,
        _ user: (RecordReference) throws -> UInt32?
    ) throws {
        if span.holds(state.created) {
            try takeBackCreation(hub, store, &report, user)
        } else {
            takeBackExistence(hub, &report)
            try takeBackFields(store, &report)
        }
        for stored in try store.conflicts(table: state.table, record: state.id) {
            guard let action = try reversal(of: stored, store) else { continue }
            made.decisions.append(Decision(conflict: stored.conflict.id, action: action, why: nil, time: time))
            steps.append(.conflict(isOpen: action == .reopen))
        }
        report.note(reference, steps)
    }

    /// The operation made the record: it is deleted, unless it says something else by now.
    private mutating func takeBackCreation(
        _ hub: Hub, _ store: SQLiteHubStore, _ report: inout OperationReversal,
        _ user: (RecordReference) throws -> UInt32?
    ) throws {
        guard state.isLiving else { return }
        for field in state.fields where field.stamp != state.created {
            guard try left(field, store)?.value == field.value else {
                return report.keep(reference, nil, .changed(device: lastWriter))
            }
        }
        if let device = try user(reference) { return report.keep(reference, nil, .used(device: device)) }
        made.existence = hub.deletion(of: state, time: time)
        steps.append(.deleted)
    }

    /// Who wrote last to the record; another than the office where there is one, which may have taken back later things.
    private var lastWriter: UInt32 {
        let stamps = state.fields.map(\.stamp)
        return (stamps.filter { $0.device != DeviceRecord.office }.max() ?? state.created).device
    }

    /// The operation deleted the record, or brought it back.
    private mutating func takeBackExistence(_ hub: Hub, _ report: inout OperationReversal) {
        guard let existence = state.existence, span.holds(existence.stamp), existence.isAlive == state.isLiving else {
            return
        }
        guard existence.isAlive else {
            made.existence = ExistenceChange(isAlive: true, time: time, base: .stamp(existence.stamp), seen: [])
            return steps.append(.restored)
        }
        let isChanged = state.fields.contains { $0.stamp > existence.stamp && $0.stamp.device != DeviceRecord.office }
        if isChanged { return report.keep(reference, nil, .changed(device: lastWriter)) }
        made.existence = hub.deletion(of: state, time: time)
        steps.append(.deleted)
    }

    /// The operation wrote fields: each takes the value that the office had seen before it.
    private mutating func takeBackFields(_ store: SQLiteHubStore, _ report: inout OperationReversal) throws {
        let isGoing = made.existence?.isAlive == false
        let fields = state.fields.filter { mask.contains($0.number) && $0.stamp != state.created }
        if !state.isLiving, made.existence == nil, fields.contains(where: { span.holds($0.stamp) }) {
            let device = state.existence?.stamp.device ?? state.created.device
            return report.keep(reference, nil, .deleted(device: device))
        }
        for field in fields {
            guard let left = try left(field, store) else { continue }
            let before = try valueBefore(left, store)
            if field.value == before { continue }
            guard field.value == left.value else {
                report.keep(reference, field.number, .changed(device: field.stamp.device))
                continue
            }
            made.fields.append(
                FieldChange(field: field.number, value: before, time: time, base: .stamp(field.stamp)))
            if !isGoing { steps.append(.field(field.number, before)) }
        }
        made.fields.sort { $0.field < $1.field }
    }

    // MARK: Decisions

    /// What takes back the operation's word on a conflict; nil where it said none, or another counts by now.
    private func reversal(of stored: StoredConflict, _ store: SQLiteHubStore) throws -> Decision.Action? {
        guard let verdict = stored.conflict.verdict else { return nil }
        if !span.holds(verdict.stamp) {
            // Where a later word of the office was taken back, that of the operation counts again, under a newer stamp.
            guard verdict.stamp.device == DeviceRecord.office, verdict.stamp.time > span.lastTime,
                try verdict.action == decided(stored, store)
            else { return nil }
        }
        return verdict.action == .resolve ? .reopen : .resolve
    }

    /// How the operation decided a conflict; nil where it did not, or a device has settled it since.
    private func decided(_ stored: StoredConflict, _ store: SQLiteHubStore) throws -> Decision.Action? {
        let settlings = try store.settlings(ofConflict: stored.key)
        if settlings.contains(where: { $0.device != DeviceRecord.office && $0.time > span.afterTime }) { return nil }
        if settlings.contains(where: span.holds) { return .resolve }
        // A conflict is touched without a word on it where it begins, and where its record comes back.
        let isTold = mask == .all || span.holds(stored.conflict.a.stamp) || span.holds(stored.conflict.b.stamp)
        return conflicts.contains(stored.key) && !isTold ? .reopen : nil
    }

    // MARK: Versions

    /// The version of a field as the operation left it, the current one or one that it goes back to; nil where the
    /// operation wrote none.
    private func left(_ field: FieldState, _ store: SQLiteHubStore) throws -> FieldState? {
        var version = field
        while !span.holds(version.stamp) {
            guard version.stamp.time > span.afterTime, let earlier = try earlier(version, store) else { return nil }
            version = earlier
        }
        return version
    }

    /// The value that the office had seen before the operation wrote this version.
    private func valueBefore(_ left: FieldState, _ store: SQLiteHubStore) throws -> Value {
        var version = left
        while span.holds(version.stamp) {
            guard let earlier = try earlier(version, store) else { return .null }
            version = earlier
        }
        return version.value
    }

    /// The version that the writer of another one had seen; nil before the first.
    private func earlier(_ version: FieldState, _ store: SQLiteHubStore) throws -> FieldState? {
        // Each link leads to a smaller stamp, so a walk along them ends.
        guard let base = version.base, base < version.stamp else { return nil }
        let nothing = FieldState(number: version.number, value: .null, stamp: base)
        return try store.version(table: state.table, key: key, field: version.number, stamp: base) ?? nothing
    }
}
