import RecordStorage
import SyncCore

/// One version of one field of a record.
package struct RecordVersion: Sendable, Equatable {
    /// Where a version has been.
    package enum Kind: Sendable, Equatable {
        /// The server has it.
        case acknowledged
        /// The device's own, which the server has not acknowledged.
        case own
        /// The device's own, which the server has for checking.
        case held
        /// The device's own, replaced before it was sent or not taken by the office.
        case inBetween
    }

    /// 0 for deletes and restores, whose value is the integer 0 or 1.
    package let field: Int
    package let value: Value
    package let stamp: Stamp
    package let kind: Kind
    /// Whether this is what is shown now.
    package let isCurrent: Bool
}

/// All versions of a record that can be found.
extension Replica {
    /// The versions of a record, oldest first, each once.
    ///
    /// - Parameter server: what the server knows of it, where it could be asked.
    package func history(of record: RecordReference, server: HistoryReply? = nil) throws -> [RecordVersion] {
        try reading {
            var gathering = VersionGathering()
            if let (key, view) = try records.find(table: record.table, id: record.id) {
                let row = RowKey(table: record.table, key: key)
                let pending = try pending(row)
                gathering.add(view, kind: pending == nil ? .acknowledged : .own, isCurrent: true)
                try gather(row, view, pending, into: &gathering)
            }
            for conflict in try conflictLog.about(record) { gathering.add(conflict) }
            for version in server?.versions ?? [] {
                let state = FieldState(number: version.field, value: version.value, stamp: version.stamp)
                gathering.add(state, kind: .acknowledged, isCurrent: false)
            }
            return gathering.sorted
        }
    }

    /// What a record said that is sent without a word of it, because its making was undone before it was sent; by field.
    package func withheldWords(of record: RecordReference) throws -> [(field: Int, value: Value)] {
        try reading {
            guard let key = try records.key(table: record.table, id: record.id) else { return [] }
            return try localHistory.withheld(RowKey(table: record.table, key: key)).map { ($0.number, $0.value) }
        }
    }

    private func gather(
        _ row: RowKey, _ view: RecordState, _ pending: Int64?, into gathering: inout VersionGathering
    ) throws {
        if pending != nil, let acknowledged = try shadow.load(row, id: view.id) {
            gathering.add(acknowledged, kind: .acknowledged, isCurrent: false)
        }
        let device = try standing().device
        for entry in try outbox.chain(of: row, newest: pending) {
            let isHeld = try outbox.state(of: entry.group) == .held
            let kind = isHeld ? RecordVersion.Kind.held : .own
            var alone: RecordState?
            RecordOverlay(device: device).apply(try change(in: entry, state: view), to: &alone)
            for field in try change(in: entry, state: view).fields where alone == nil {
                let stamp = Stamp(time: field.time, device: device)
                let version = FieldState(number: field.field, value: field.value, stamp: stamp)
                gathering.add(version, kind: kind, isCurrent: false)
            }
            if let alone { gathering.add(alone, kind: kind, isCurrent: false) }
        }
        for (version, kind) in try localHistory.versions(row) {
            let there = view.field(version.number)
            // Confirmed and taken back: it says only what was there before and still is.
            if kind != .acknowledged, there.value == version.value, there.stamp < version.stamp { continue }
            gathering.add(version, kind: kind == .acknowledged ? .acknowledged : .inBetween, isCurrent: false)
        }
    }
}

/// Versions by field and stamp; the first word on one counts, so the current ones come first.
private struct VersionGathering {
    private struct Key: Hashable {
        let field: Int
        let stamp: Stamp
    }

    private var versions: [Key: RecordVersion] = [:]

    var sorted: [RecordVersion] {
        versions.values.sorted { $0.stamp != $1.stamp ? $0.stamp < $1.stamp : $0.field < $1.field }
    }

    mutating func add(_ version: FieldState, kind: RecordVersion.Kind, isCurrent: Bool) {
        let key = Key(field: version.number, stamp: version.stamp)
        if let known = versions[key] {
            let isBetter = kind == .acknowledged || kind == .held && known.kind == .own
            guard isBetter, known.kind != .acknowledged else { return }
            versions[key] = RecordVersion(
                field: known.field, value: known.value, stamp: known.stamp, kind: kind, isCurrent: known.isCurrent)
        } else {
            versions[key] = RecordVersion(
                field: version.number, value: version.value, stamp: version.stamp, kind: kind, isCurrent: isCurrent)
        }
    }

    mutating func add(_ state: RecordState, kind: RecordVersion.Kind, isCurrent: Bool) {
        for field in state.fields { add(field, kind: kind, isCurrent: isCurrent) }
        if let existence = state.existence {
            let value = Value.integer(existence.isAlive ? 1 : 0)
            let version = FieldState(number: Field.existence, value: value, stamp: existence.stamp)
            // A delete that an edit overruled is the last word on existence, and yet not what is shown.
            add(version, kind: kind, isCurrent: isCurrent && existence.isAlive == state.isLiving)
        }
    }

    mutating func add(_ conflict: Conflict) {
        for side in [conflict.a, conflict.b] {
            let field = side.value == nil ? Field.existence : conflict.field
            let version = FieldState(number: field, value: side.value ?? .integer(0), stamp: side.stamp)
            add(version, kind: .acknowledged, isCurrent: false)
        }
    }
}
