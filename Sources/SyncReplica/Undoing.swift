import RecordStorage
import SyncCore

/// Taking back what a command did, and doing it again: new edits like any other, which sync, but for what never left.
extension Replica {
    /// The most records in one transaction.
    private static let largestStepCount = 500
    /// The most bytes of values in one transaction.
    private static let largestStepBytes = ChangeGroup.largestBytes / 4

    /// Ends a trial without saving.
    private struct TrialEnded: Error {}

    /// Takes back the operation that was done last, or does again the one that was taken back last.
    ///
    /// Only what is still as the operation left it is changed; the rest is left and told. A large operation takes
    /// several transactions: where one of them fails, what is done stays done, and the next call goes on from there.
    ///
    /// - Parameters:
    ///   - isTrial: nothing is saved.
    ///   - progress: called after each transaction with the number of its log rows that are done and their total.
    ///   - user: a device whose records name a new record that would be deleted again; where there is one, that record stays.
    /// - Returns: nil where there is nothing to take back, or to do again.
    /// - Throws: `ReplicaError` where this device may not do it any more, and what the disk reports.
    package func reverse(
        _ direction: OperationReversal.Direction, isTrial: Bool = false,
        progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in },
        user: (RecordReference) throws -> UInt32? = { _ in nil }
    ) throws -> OperationReversal? {
        guard let target = try reading({ try operations.target(direction) }) else { return nil }
        var report = OperationReversal(direction, words: target.words, milliseconds: target.milliseconds)
        for (index, row) in target.rows.enumerated() {
            let changes = try reading { try operations.changes(row) }
            let parts = try parts(direction == .undo ? changes.reversed() : changes)
            for (offset, part) in parts.enumerated() {
                let isLast = offset == parts.count - 1
                do {
                    try write { work in
                        work.isOperation = false
                        let taken = try work.takeAway(part, direction, user: user)
                        var found: [RowKey: [Int: Stamp]] = [:]
                        for change in part {
                            let written = try work.reverse(
                                change, of: target.first, taken, &report, user)
                            if !written.isEmpty { found[change.row] = written }
                        }
                        try operations.note(found, in: row)
                        if isLast { try operations.mark(row, of: target.first, direction) }
                        if isTrial { throw TrialEnded() }
                    }
                } catch is TrialEnded {
                    continue
                }
            }
            try progress(index + 1, target.rows.count)
        }
        return report
    }

    /// Parts that fit into one group each; at least one, so that a row without changes is marked too.
    private func parts(_ changes: [OperationChange]) throws -> [[OperationChange]] {
        var parts: [[OperationChange]] = [[]]
        var bytes = 0
        for change in changes {
            let isFull = parts[parts.endIndex - 1].count == Self.largestStepCount || bytes > Self.largestStepBytes
            if isFull {
                parts.append([])
                bytes = 0
            }
            parts[parts.endIndex - 1].append(change)
            bytes += try change.contents == nil ? change.valueBytes : withheldBytes(change.row)
        }
        return parts
    }

    private func withheldBytes(_ row: RowKey) throws -> Int {
        try reading { try localHistory.withheld(row).reduce(0) { $0 + $1.value.byteCount } }
    }
}

extension LocalTransaction {
    // MARK: Writing the log

    /// Adds to the log what this transaction did, after it was saved; returns the row's number.
    func log(as command: String?, _ operation: Int64?) throws -> Int64? {
        guard let command, isOperation else { return nil }
        let changes = edits.compactMap(logged)
        guard !changes.isEmpty else { return nil }
        return try replica.operations.add(
            changes, command: operation, words: command, milliseconds: replica.clock())
    }

    private func logged(_ edit: RecordEdit) -> OperationChange? {
        guard let key = edit.key else { return nil }
        var change = OperationChange(row: RowKey(table: edit.state.table, key: key))
        if let before = edit.before {
            if edit.state.isLiving != before.isLiving {
                change.lives = edit.state.isLiving
                change.found[Field.existence] = before.existenceStamp
            }
            for field in edit.change.fields.map(\.field) {
                let (old, value) = (before.field(field), edit.state.field(field).value)
                // What a decision says is said again with it.
                if old.value == value, !edit.change.decisions.isEmpty { continue }
                change.steps.append(OperationChange.Step(field: field, before: old.value, after: value))
                change.found[field] = old.stamp
            }
        } else {
            change.contents = replica.contents(of: edit.state)
        }
        change.verdicts = edit.change.decisions.map { decision in
            OperationChange.Verdict(
                conflict: decision.conflict, action: decision.action, why: decision.why, time: decision.time,
                former: edit.former[decision.conflict])
        }
        return change.isEmpty ? nil : change
    }

    // MARK: Reversing

    /// Takes back what happened to one record, or does it again.
    ///
    /// - Parameters:
    ///   - operation: the first row of the operation in the log.
    ///   - taken: what was taken away already.
    /// - Returns: the stamps of the versions that were written over, by field.
    fileprivate mutating func reverse(
        _ change: OperationChange, of operation: Int64, _ taken: TakenAway, _ report: inout OperationReversal,
        _ user: (RecordReference) throws -> UInt32?
    ) throws -> [Int: Stamp] {
        guard !change.isEmpty, let state = try replica.records.load(table: change.row.table, key: change.row.key) else {
            report.noteGone()
            return [:]
        }
        let record = RecordReference(table: state.table, id: state.id)
        guard areas[state.area]?.canWrite == true else {
            report.keep(record, nil, .notWritable)
            return [:]
        }
        // A decision and its value are one; and what must stay must not keep what came before it from being taken back.
        let isDecided = try change.verdicts.contains { try replica.conflictLog.find($0.conflict) != nil }
        let isTakenAway = taken.decided.contains(change.row)
        if isDecided, !isTakenAway, !standing.role.mayDecide {
            report.keep(record, nil, .notDecidable)
            return [:]
        }
        if taken.wordless.contains(change.row) {
            if state.isLiving {
                try unmake(change.row, record: state.id)
                report.noteWordless()
            } else {
                // Everybody has it as a deleted one already.
                report.noteUnsent(1)
            }
            try ImportedRows.reverse(.all, of: state.id, by: operation, in: replica.database)
            report.note(record, [.deleted])
            return [Field.existence: state.existenceStamp]
        }
        let taken = taken.fields[change.row] ?? FieldMask()
        var steps = change.taken(taken, report.direction)
        if !steps.isEmpty { report.noteUnsent(steps.count) }
        var found: [Int: Stamp] = [:]
        if let contents = change.contents {
            try reverseCreation(state, change.row.key, contents, &steps, &report, user)
        } else {
            if !taken.contains(Field.existence), try reverseExistence(state, change, report.direction, &steps) {
                found[Field.existence] = state.existenceStamp
            }
            var reversed = taken
            // What was just deleted says what it said: it comes back so.
            let isDeleted = steps.contains(.deleted)
            for field in isDeleted ? [] : try reverseFields(change, except: taken, record, &steps, &report) {
                found[field] = state.field(field).stamp
                reversed.insert(field)
            }
            try ImportedRows.reverse(reversed, of: state.id, by: operation, in: replica.database)
        }
        for verdict in change.verdicts where try replica.conflictLog.find(verdict.conflict) != nil {
            let wanted = report.direction == .redo ? verdict.done : verdict.opposite
            let (action, why) = (wanted.action, wanted.why)
            if isTakenAway {
                report.noteUnsent(1)
            } else {
                try declare(verdict.conflict, action, why: why)
            }
            steps.append(.conflict(isOpen: action == .reopen))
        }
        // The office has erased what was decided, and there is nothing else to take back.
        if steps.isEmpty, found.isEmpty, !change.verdicts.isEmpty { report.noteGone() }
        report.note(record, steps)
        return found
    }

    private mutating func reverseCreation(
        _ state: RecordState, _ key: Int64, _ contents: UInt128, _ steps: inout [OperationReversal.Step],
        _ report: inout OperationReversal, _ user: (RecordReference) throws -> UInt32?
    ) throws {
        if report.direction == .redo {
            guard !state.isLiving else {
                // Somebody has brought it back without its words.
                let words = try withheldWords(of: state, key: key)
                try edit(table: state.table, record: state.id, values: words.map { ($0.number, $0.value) })
                return steps += words.map { .field($0.number, $0.value) }
            }
            try restore(table: state.table, record: state.id)
            return steps.append(.restored)
        }
        guard state.isLiving else { return }
        guard replica.contents(of: state) == contents else {
            let stamps = state.fields.map(\.stamp)
            // This device may have written later itself, when it took back later operations.
            let writer = stamps.filter { $0.device != standing.device }.max() ?? state.created
            return report.keep(RecordReference(table: state.table, id: state.id), nil, .changed(device: writer.device))
        }
        let record = RecordReference(table: state.table, id: state.id)
        if let device = try user(record) { return report.keep(record, nil, .used(device: device)) }
        let row = RowKey(table: state.table, key: key)
        if try replica.pending(row) != nil, try replica.work(on: row).acknowledged == nil { report.noteMayHaveLeft() }
        try delete(table: state.table, record: state.id)
        steps.append(.deleted)
    }

    private mutating func reverseExistence(
        _ state: RecordState, _ change: OperationChange, _ direction: OperationReversal.Direction,
        _ steps: inout [OperationReversal.Step]
    ) throws -> Bool {
        guard let after = change.lives else { return false }
        let wanted = direction == .undo ? !after : after
        guard state.isLiving != wanted else { return false }
        if wanted {
            var rewritten = FieldMask()
            for step in change.steps { rewritten.insert(step.field) }
            try restore(table: state.table, record: state.id, rewriting: rewritten)
            steps.append(.restored)
        } else {
            try delete(table: state.table, record: state.id)
            steps.append(.deleted)
        }
        return true
    }

    /// Returns the fields that were written.
    private mutating func reverseFields(
        _ change: OperationChange, except taken: FieldMask, _ record: RecordReference,
        _ steps: inout [OperationReversal.Step], _ report: inout OperationReversal
    ) throws -> [Int] {
        let left = change.steps.filter { !taken.contains($0.field) }
        guard !left.isEmpty, let state = try self.record(table: record.table, id: record.id) else { return [] }
        guard state.isLiving else {
            let device = state.existence?.stamp.device ?? state.created.device
            report.keep(record, nil, .deleted(device: device))
            return []
        }
        var values: [(field: Int, value: Value)] = []
        var confirmed: [Int] = []
        for step in left {
            let (made, wanted) =
                report.direction == .undo ? (step.after, step.before) : (step.before, step.after)
            let current = state.field(step.field)
            if current.value == wanted {
                // A confirmation that had left the device still stands.
                let isGone = made == wanted && current.stamp == change.found[step.field]
                if isGone, report.direction == .redo { confirmed.append(step.field) }
                continue
            }
            // Others write what they like in what was only confirmed.
            if made == wanted { continue }
            guard current.value == made else {
                report.keep(record, step.field, .changed(device: current.stamp.device))
                continue
            }
            values.append((step.field, wanted))
            steps.append(.field(step.field, wanted))
        }
        if !confirmed.isEmpty { try confirm(table: record.table, record: record.id, fields: confirmed) }
        if !values.isEmpty { try edit(table: record.table, record: record.id, values: values) }
        return confirmed + values.map(\.field)
    }
}

extension OperationChange {
    /// What it comes to that something was taken away.
    fileprivate func taken(
        _ mask: FieldMask, _ direction: OperationReversal.Direction
    ) -> [OperationReversal.Step] {
        var steps: [OperationReversal.Step] = []
        if mask.contains(Field.existence), let lives {
            steps.append(lives == (direction == .redo) ? .restored : .deleted)
        }
        for step in self.steps where mask.contains(step.field) && step.before != step.after {
            steps.append(.field(step.field, direction == .undo ? step.before : step.after))
        }
        return steps
    }
}

extension RecordState {
    /// The version of its existence: a record that was never deleted has its creation.
    fileprivate var existenceStamp: Stamp { existence?.stamp ?? created }
}
