import SyncCore

/// What one operation did to one record, as the log keeps it: enough to take it back and to do it again.
struct OperationChange: Equatable {
    /// One field before and after.
    struct Step: Equatable {
        let field: Int
        let before: Value
        let after: Value
    }

    /// A word on a conflict.
    struct Verdict: Equatable {
        let conflict: UInt128
        let action: Decision.Action
        var why: String?
        /// When it was said first; nil where an earlier version wrote the row.
        var time: UInt64?
        /// What stood before; nil where an earlier version wrote the row.
        var former: Word?

        /// What does it again.
        var done: Word { Word(action: action, why: why) }

        /// What takes it back.
        var opposite: Word {
            former ?? Word(action: action == .resolve ? .reopen : .resolve, why: nil)
        }
    }

    /// That a conflict is settled, for these reasons, or open.
    struct Word: Equatable {
        let action: Decision.Action
        var why: String?
    }

    let row: RowKey
    /// For a record that the operation made: a hash of what it said then. Its values are not kept.
    var contents: UInt128?
    /// Whether the record lived after the operation, where that was another answer than before.
    var lives: Bool?
    /// Fields that were written; one that was confirmed reads before as it does after.
    var steps: [Step] = []
    var verdicts: [Verdict] = []
    /// Stamps of the versions that it wrote over, by field, when it was done, done again or taken back last.
    ///
    /// A record that was never deleted has its creation for existence.
    var found: [Int: Stamp] = [:]

    /// Whether nothing is known of it: it did nothing, or what it did has left this device.
    var isEmpty: Bool { contents == nil && lives == nil && steps.isEmpty && verdicts.isEmpty }

    /// How many bytes of values taking it back, or doing it again, may write.
    var valueBytes: Int { steps.reduce(0) { $0 + max($1.before.byteCount, $1.after.byteCount) } }

    // MARK: Bytes

    /// `[[table, key, null | contents, null | lives, [field, before, after…], [conflict, action…],
    /// [field, time, device…], [why | null, null | time, null | former action, former why | null…]]…]` in CBOR; rows of
    /// earlier versions lack the last list, or the last two.
    static func encode(_ changes: [OperationChange]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: changes.count)
        for change in changes { change.append(to: &writer) }
        return writer.bytes
    }

    /// Reads what `encode` made.
    static func decode(_ bytes: [UInt8]) throws -> [OperationChange] {
        var reader = CBORReader(bytes)
        let count = try reader.readArray()
        var changes: [OperationChange] = []
        changes.reserveCapacity(count)
        for _ in 0..<count { changes.append(try OperationChange(from: &reader)) }
        try reader.finish()
        return changes
    }

    private func append(to writer: inout CBORWriter) {
        writer.array(count: 8)
        writer.unsigned(UInt64(row.table))
        writer.integer(row.key)
        if let contents { writer.bytes(bigEndian: contents) } else { writer.null() }
        if let lives { writer.bool(lives) } else { writer.null() }
        writer.array(count: 3 * steps.count)
        for step in steps {
            writer.unsigned(UInt64(step.field))
            StoredState.append(step.before, to: &writer)
            StoredState.append(step.after, to: &writer)
        }
        writer.array(count: 2 * verdicts.count)
        for verdict in verdicts {
            writer.bytes(bigEndian: verdict.conflict)
            writer.unsigned(UInt64(verdict.action.rawValue))
        }
        writer.array(count: 3 * found.count)
        for (field, stamp) in found.sorted(by: { $0.key < $1.key }) {
            writer.unsigned(UInt64(field))
            writer.unsigned(stamp.time)
            writer.unsigned(UInt64(stamp.device))
        }
        writer.array(count: 4 * verdicts.count)
        for verdict in verdicts {
            Self.append(verdict.why, to: &writer)
            if let time = verdict.time { writer.unsigned(time) } else { writer.null() }
            if let former = verdict.former {
                writer.unsigned(UInt64(former.action.rawValue))
            } else {
                writer.null()
            }
            Self.append(verdict.former?.why, to: &writer)
        }
    }

    private static func append(_ words: String?, to writer: inout CBORWriter) {
        if let words { writer.text(words) } else { writer.null() }
    }

    private static func words(from reader: inout CBORReader) throws -> String? {
        if try reader.peek() == .null {
            try reader.readNull()
            return nil
        }
        return try reader.readText()
    }

    private static func action(from reader: inout CBORReader) throws -> Decision.Action {
        guard let action = Decision.Action(rawValue: Int(clamping: try reader.readUnsigned())) else {
            throw ReplicaError.damaged("an operation")
        }
        return action
    }

    private init(from reader: inout CBORReader) throws {
        let count = try reader.readArray()
        guard (6...8).contains(count) else { throw ReplicaError.damaged("an operation") }
        row = RowKey(table: Int(clamping: try reader.readUnsigned()), key: try reader.readInteger())
        if try reader.peek() == .null {
            try reader.readNull()
        } else {
            contents = try reader.readBigEndian()
        }
        if try reader.peek() == .null { try reader.readNull() } else { lives = try reader.readBool() }
        for _ in 0..<(try reader.readArray() / 3) {
            let field = Int(clamping: try reader.readUnsigned())
            let before = try StoredState.value(&reader)
            steps.append(Step(field: field, before: before, after: try StoredState.value(&reader)))
        }
        for _ in 0..<(try reader.readArray() / 2) {
            let conflict = try reader.readBigEndian()
            verdicts.append(Verdict(conflict: conflict, action: try Self.action(from: &reader)))
        }
        guard count > 6 else { return }
        for _ in 0..<(try reader.readArray() / 3) {
            let field = Int(clamping: try reader.readUnsigned())
            let time = try reader.readUnsigned()
            found[field] = Stamp(time: time, device: UInt32(truncatingIfNeeded: try reader.readUnsigned()))
        }
        guard count > 7 else { return }
        guard try reader.readArray() == 4 * verdicts.count else { throw ReplicaError.damaged("an operation") }
        for index in verdicts.indices {
            verdicts[index].why = try Self.words(from: &reader)
            if try reader.peek() == .null {
                try reader.readNull()
            } else {
                verdicts[index].time = try reader.readUnsigned()
            }
            var action: Decision.Action?
            if try reader.peek() == .null { try reader.readNull() } else { action = try Self.action(from: &reader) }
            let why = try Self.words(from: &reader)
            verdicts[index].former = action.map { Word(action: $0, why: why) }
        }
    }

    /// Forgets the reasons of decisions.
    mutating func forgetReasons() {
        for index in verdicts.indices {
            verdicts[index].why = nil
            verdicts[index].former?.why = nil
        }
    }

    init(row: RowKey) { self.row = row }
}

extension Replica {
    /// A hash of the values of a record, whatever their stamps.
    func contents(of state: RecordState) -> UInt128 {
        var writer = CBORWriter()
        var count = 0
        for field in state.fields where !field.value.isNull { count += 1 }
        writer.array(count: 2 * count)
        for field in state.fields where !field.value.isNull {
            writer.unsigned(UInt64(field.number))
            writer.value(field.value)
        }
        return hash(writer.bytes)
    }
}
