import Database
import RecordStorage
import SyncCore

/// What one command does on this device: it becomes one group, or nothing at all.
///
/// The work is gathered here and written when the body has ended, so that an error leaves nothing half done.
package struct LocalTransaction {
    /// One record as the transaction found it and as it leaves it.
    struct RecordEdit {
        var key: Int64?
        /// What the row held; nil where the record is made here.
        var before: RecordState?
        /// The newest group that waited for the record before.
        var pending: Int64?
        var state: RecordState
        var change: Change
        var changed = FieldMask()
        /// Whether a value or a delete refers to something older than what the row held.
        var isStale = false
        /// How the conflicts stood that it speaks of.
        var former: [UInt128: OperationChange.Word] = [:]
    }

    let replica: Replica
    let areas: [Int: Directory.Area]
    let overlay: RecordOverlay
    /// Whether there was ever an order of erasure: else no record needs to be looked for among them.
    private let knowsErasures: Bool
    /// The proposed time of everything in here.
    let time: UInt64
    /// The number of the group, unless the work joins an earlier one.
    var number: Int64
    var standing: Standing
    /// One for each record, in the order in which they were touched.
    var edits: [RecordEdit] = []
    /// Where the edit of a record stands.
    private var places: [RecordReference: Int] = [:]
    /// Whether the work can be taken back; not where it takes something back itself.
    var isOperation = true

    init(_ replica: Replica) throws {
        guard var standing = try Standing.load(from: replica.database) else { throw ReplicaError.notJoined }
        time = try standing.clock.next(nowMilliseconds: replica.correctedClock())
        number = standing.lastGroup + 1
        areas = try replica.directoryTable.areas()
        overlay = RecordOverlay(device: standing.device)
        knowsErasures = try !replica.erasures.isEmpty()
        self.standing = standing
        self.replica = replica
    }

    /// The record as this transaction leaves it so far, or nil where there is none.
    package func record(table: Int, id: RecordID) throws -> RecordState? {
        let reference = RecordReference(table: table, id: id)
        if let place = places[reference] { return edits[place].state }
        return try replica.records.find(table: table, id: id)?.state
    }

    /// As `record`, but a deleted one says what it will say once it is brought back.
    package func restorable(table: Int, id: RecordID) throws -> RecordState? {
        guard var state = try record(table: table, id: id) else { return nil }
        guard !state.isLiving, let key = try replica.records.key(table: table, id: id) else { return state }
        for version in try withheldWords(of: state, key: key) { state.set(version) }
        return state
    }

    /// Makes a record and returns its id.
    ///
    /// - Parameters:
    ///   - values: fields by number, at most one value each; fields that are not named are null.
    ///   - id: an id that the caller chose, as an import does; none that is in use.
    ///   - wasLookedFor: whether the caller has seen that no record has that id.
    /// - Throws: `ReplicaError` where a value does not fit, or the area may not be written.
    @discardableResult
    package mutating func create(
        table: Int, area: Int, values: [(field: Int, value: Value)], id chosen: RecordID? = nil,
        wasLookedFor: Bool = false
    ) throws -> RecordID {
        let declared = try declaration(table)
        try checkWritable(area)
        try checkPlace(declared, area)
        if let chosen, !wasLookedFor, try record(table: table, id: chosen) != nil {
            throw ReplicaError.recordExists(chosen)
        }
        if let chosen { try checkNotErased(table, chosen) }
        let id = chosen ?? RecordID(milliseconds: replica.clock(), random: (replica.random(), replica.random()))
        var fields: [FieldChange] = []
        fields.reserveCapacity(values.count)
        for (number, value) in values {
            try check(value, number, declared)
            if value != .null { fields.append(FieldChange(field: number, value: value, time: time, base: .none)) }
        }
        let isSorted = fields.indices.dropFirst().allSatisfy { fields[$0 - 1].field < fields[$0].field }
        if !isSorted { fields.sort { $0.field < $1.field } }
        for index in fields.indices.dropFirst() where fields[index].field == fields[index - 1].field {
            throw ReplicaError.repeatedField(table: declared.name, field: fields[index].field)
        }
        let created = Stamp(time: time, device: standing.device)
        let state = RecordState(
            table: table, id: id, area: area, created: created,
            fields: fields.map { FieldState(number: $0.field, value: $0.value, stamp: created) })
        let change = Change(table: table, record: id, creation: Creation(area: area, time: time), fields: fields)
        try add(RecordEdit(state: state, change: change), RecordReference(table: table, id: id))
        return id
    }

    /// Changes fields of a record; values that are what the writer saw are no change.
    ///
    /// - Parameter seen: what the prompt or editor showed; without it, what is there now.
    /// - Throws: `ReplicaError` where a value does not fit, or the record is absent, deleted or not to be written.
    package mutating func edit(
        table: Int, record id: RecordID, values: [(field: Int, value: Value)], seen: RecordSnapshot? = nil
    ) throws {
        let declared = try declaration(table)
        let reference = RecordReference(table: table, id: id)
        var (edit, current) = try open(reference)
        guard edit.state.isLiving else { throw ReplicaError.recordDeleted(id) }
        for (number, value) in values {
            try check(value, number, declared)
            if value == (seen?.state ?? edit.state).field(number).value { continue }
            try set(number, value, seen: seen, current: current, in: &edit)
        }
        try add(edit, reference)
    }

    /// Writes fields once more as they were shown, so that whoever changes one without having seen this makes a conflict.
    ///
    /// - Throws: `ReplicaError` where the record is absent, deleted or not to be written.
    package mutating func confirm(
        table: Int, record id: RecordID, fields: [Int], seen: RecordSnapshot? = nil
    ) throws {
        let reference = RecordReference(table: table, id: id)
        var (edit, current) = try open(reference)
        guard edit.state.isLiving else { throw ReplicaError.recordDeleted(id) }
        for number in fields {
            let value = (seen?.state ?? edit.state).field(number).value
            try set(number, value, seen: seen, current: current, in: &edit)
        }
        try add(edit, reference)
    }

    /// Deletes a record; what it hides and the delete had not seen keeps the record alive.
    ///
    /// - Parameter seen: what the prompt showed; without it, what is there now.
    /// - Throws: `ReplicaError` where the record is absent, deleted already or not to be written.
    package mutating func delete(table: Int, record id: RecordID, seen: RecordSnapshot? = nil) throws {
        let reference = RecordReference(table: table, id: id)
        var (edit, current) = try open(reference)
        guard edit.state.isLiving else { throw ReplicaError.recordDeleted(id) }
        try delete(&edit, seen: seen, current: current)
        try add(edit, reference)
    }

    /// Deletes a new record of which nothing has left the device: that it was made is taken back, and nothing that anybody
    /// else says under the same id.
    mutating func unmake(_ row: RowKey, record id: RecordID) throws {
        let reference = RecordReference(table: row.table, id: id)
        var (edit, current) = try open(reference)
        try delete(&edit, seen: nil, current: current)
        if let making = try replica.outbox.chain(of: row, newest: edit.pending).first {
            edit.change.existence?.base = .own(
                number: UInt64(clamping: making.group), time: edit.state.created.time)
        }
        try add(edit, reference)
    }

    /// Brings a deleted record back.
    ///
    /// - Parameter rewritten: fields that the caller writes anew: of these no withheld words are brought back.
    /// - Throws: `ReplicaError` where the record is absent, not deleted or not to be written.
    package mutating func restore(
        table: Int, record id: RecordID, seen: RecordSnapshot? = nil, rewriting rewritten: FieldMask = FieldMask()
    ) throws {
        let reference = RecordReference(table: table, id: id)
        var (edit, current) = try open(reference)
        guard !edit.state.isLiving else { throw ReplicaError.recordNotDeleted(id) }
        try restore(&edit, seen: seen, current: current)
        try bringBackWords(&edit, current: current, except: rewritten)
        try add(edit, reference)
    }
}

extension LocalTransaction {
    // MARK: Single steps

    /// Writes one field, whether or not the value differs.
    mutating func set(
        _ number: Int, _ value: Value, seen: RecordSnapshot?, current: RecordSnapshot?, in edit: inout RecordEdit
    ) throws {
        if let index = edit.change.fields.firstIndex(where: { $0.field == number }) {
            // First base, last value.
            edit.change.fields[index].value = value
        } else {
            let now = current?.base(of: number) ?? .none
            var base = try seen.map { try known($0, number, edit) } ?? now
            if seen != nil { try checkNotErased(base, number, edit) }
            #if PlantedBugs
                if PlantedBug.isChosen(.baseAtSave) { base = now }
            #endif
            if base != now { edit.isStale = true }
            base = try takenBack(number, of: edit, above: base) ?? base
            let change = FieldChange(field: number, value: value, time: time, base: base)
            let index = edit.change.fields.firstIndex { $0.field > number } ?? edit.change.fields.endIndex
            edit.change.fields.insert(change, at: index)
        }
        edit.state.set(FieldState(number: number, value: value, stamp: stamp))
        edit.changed.insert(number)
    }

    func delete(_ edit: inout RecordEdit, seen: RecordSnapshot?, current: RecordSnapshot?) throws {
        let shown = seen ?? current
        let base = try edit.change.existence?.base ?? shown.map { try knownExistence($0, edit) } ?? .none
        var fields: [ExistenceChange.Seen] = []
        let written = edit.state.fields.filter { $0.stamp != edit.state.created }.map(\.number)
        for field in Set(written + (shown?.writtenFields ?? [])).sorted() {
            if edit.change.fields.contains(where: { $0.field == field }) {
                let own = Base.own(number: UInt64(clamping: number), time: time)
                fields.append(ExistenceChange.Seen(field: field, base: own))
            } else if let shown {
                fields.append(ExistenceChange.Seen(field: field, base: try known(shown, field, edit)))
            }
        }
        if let shown { try addTakenBack(to: &fields, edit, shown) }
        edit.change.existence = ExistenceChange(isAlive: false, time: time, base: base, seen: fields)
        edit.state.existence = ExistenceState(isAlive: false, stamp: stamp, base: nil, seen: [])
        edit.state.isLiving = isUnseen(fields, edit, current)
        edit.changed.insert(Field.existence)
    }

    func restore(_ edit: inout RecordEdit, seen: RecordSnapshot?, current: RecordSnapshot?) throws {
        let base = try edit.change.existence?.base ?? (seen ?? current).map { try knownExistence($0, edit) } ?? .none
        edit.change.existence = ExistenceChange(isAlive: true, time: time, base: base, seen: [])
        edit.state.existence = ExistenceState(isAlive: true, stamp: stamp, base: nil, seen: [])
        edit.state.isLiving = true
        edit.changed.insert(Field.existence)
    }

    /// Writes again what a record said that was sent without a word.
    private mutating func bringBackWords(
        _ edit: inout RecordEdit, current: RecordSnapshot?, except rewritten: FieldMask
    ) throws {
        guard let key = edit.key else { return }
        for version in try withheldWords(of: edit.state, key: key) where !rewritten.contains(version.number) {
            try set(version.number, version.value, seen: nil, current: current, in: &edit)
        }
    }

    /// What a record said that was sent without a word, but for fields that somebody has written since.
    func withheldWords(of state: RecordState, key: Int64) throws -> [FieldState] {
        try replica.localHistory.withheld(RowKey(table: state.table, key: key)).filter {
            state.isUnwritten(state.field($0.number))
        }
    }

    /// Whether the row holds a version that is not among those that a delete names.
    private func isUnseen(
        _ seen: [ExistenceChange.Seen], _ edit: RecordEdit, _ current: RecordSnapshot?
    ) -> Bool {
        edit.state.fields.contains { field in
            guard field.stamp != edit.state.created, field.stamp != stamp else { return false }
            return !seen.contains { $0.field == field.number && $0.base == current?.base(of: field.number) }
        }
    }

    private var stamp: Stamp { Stamp(time: time, device: standing.device) }

    // MARK: Records of the transaction

    /// A record with what there is to see of it, for changing; nil is a record that is made in this transaction.
    func open(_ reference: RecordReference) throws -> (edit: RecordEdit, current: RecordSnapshot?) {
        if let place = places[reference] {
            let edit = edits[place]
            guard let before = edit.before, let key = edit.key else { return (edit, nil) }
            let row = RowKey(table: reference.table, key: key)
            return (edit, try replica.snapshot(of: before, row: row, pending: edit.pending))
        }
        guard let (key, state) = try replica.records.find(table: reference.table, id: reference.id) else {
            throw ReplicaError.recordNotFound(reference.id)
        }
        try checkWritable(state.area)
        try checkNotErased(reference.table, reference.id)
        let row = RowKey(table: reference.table, key: key)
        let pending = try replica.pending(row)
        let edit = RecordEdit(
            key: key, before: state, pending: pending, state: state,
            change: Change(table: reference.table, record: reference.id, fields: []))
        return (edit, try replica.snapshot(of: state, row: row, pending: pending))
    }

    mutating func add(_ edit: RecordEdit, _ reference: RecordReference) throws {
        let change = edit.change
        guard change.creation != nil || !change.fields.isEmpty || change.existence != nil || !change.decisions.isEmpty
        else { return }
        if let place = places[reference] {
            edits[place] = edit
        } else {
            guard edits.count < ChangeGroup.largestCount else { throw ReplicaError.tooManyChanges }
            places[reference] = edits.count
            edits.append(edit)
        }
    }

    // MARK: Checks

    private func declaration(_ table: Int) throws -> Table {
        guard let declared = replica.schema.table(table) else { throw ReplicaError.unknownTable(table) }
        return declared
    }

    private func checkWritable(_ area: Int) throws {
        guard areas[area]?.canWrite == true else { throw ReplicaError.areaNotWritable(area) }
    }

    /// What only a restricted twin may hold is made nowhere else.
    private func checkPlace(_ table: Table, _ area: Int) throws {
        guard !table.isRestricted || areas[area]?.twinOf != nil else { throw ReplicaError.areaNotWritable(area) }
    }

    /// Whether the office has erased a record, or has ordered to: it takes no more changes.
    package func isErased(table: Int, id: RecordID) throws -> Bool {
        try knowsErasures && replica.erasures.isErased(table: table, id: id)
    }

    /// What is erased, or will be, takes no more changes: they would be lost.
    private func checkNotErased(_ table: Int, _ id: RecordID) throws {
        if try isErased(table: table, id: id) { throw ReplicaError.recordErased(id) }
    }

    /// What was written over erased words would be erased with them, for it had not seen what the office left.
    private func checkNotErased(_ base: Base, _ field: Int, _ edit: RecordEdit) throws {
        guard knowsErasures else { return }
        let seen: Stamp
        switch base {
        case .none: return
        case .stamp(let stamp): seen = stamp
        case .own(_, let time): seen = Stamp(time: time, device: standing.device)
        }
        let version = FieldState(number: field, value: .null, stamp: seen)
        if try replica.erasures.isErased(version, table: edit.state.table, id: edit.state.id) {
            throw ReplicaError.wordsErased(edit.state.id)
        }
    }

    func check(_ value: Value, _ number: Int, _ table: Table) throws {
        guard let field = table.field(number) else {
            throw ReplicaError.unknownField(table: table.name, field: number)
        }
        guard field.type.accepts(value) else { throw ReplicaError.wrongType(table: table.name, field: field.name) }
        // SQLite would store a NaN as null.
        if case .real(let real) = value, real.isNaN {
            throw ReplicaError.wrongType(table: table.name, field: field.name)
        }
        guard value.byteCount <= Value.largestBytes else {
            throw ReplicaError.valueTooLarge(table: table.name, field: field.name, bytes: value.byteCount)
        }
    }
}
