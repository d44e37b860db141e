import RecordStorage
import SyncCore

/// The content of held groups as one new group: last values, each with what was seen of the held ones as its base.
struct RemadeWork {
    private(set) var changes: [Change] = []
    private(set) var decisionsLeftOut = 0
    private let selection: HeldSelection
    private let replica: Replica
    private let area: Int?
    private let areas: [Int: Directory.Area]
    private var standing: Standing
    private let time: UInt64
    /// A delete has seen what its own group writes, which is earlier.
    private let deletionTime: UInt64
    private var newIDs: [RecordID: RecordID] = [:]

    init(_ selection: HeldSelection, replica: Replica, area: Int?) throws {
        self.selection = selection
        self.replica = replica
        self.area = area
        areas = try replica.directoryTable.areas()
        var standing = try replica.standing()
        let now = try replica.correctedClock()
        time = standing.clock.next(nowMilliseconds: now)
        deletionTime = standing.clock.next(nowMilliseconds: now)
        self.standing = standing
    }

    /// Makes the changes.
    mutating func remake() throws {
        let pieces = pieces()
        for piece in pieces where try needsNewID(piece) {
            newIDs[piece.record] = RecordID(
                milliseconds: replica.clock(), random: (replica.random(), replica.random()))
        }
        for piece in try pieces + namingPieces(beside: pieces) {
            if let change = try piece.area == nil ? edit(piece) : creation(piece) { changes.append(change) }
        }
        guard !changes.isEmpty else {
            throw ReplicaError.nothingToSend(UInt64(clamping: selection.parts.first?.number ?? 0))
        }
        guard changes.count <= ChangeGroup.largestCount else { throw ReplicaError.tooManyChanges }
    }

    /// Whether a record can't be made under the id that it has: it shall belong elsewhere, or the id is taken elsewhere.
    ///
    /// Of a group whose making was held for that, nobody here knows which record it was; where the office has it under this id in
    /// an area of this device, it was another one.
    private func needsNewID(_ piece: RemadePiece) throws -> Bool {
        guard let old = piece.area else { return false }
        if target(of: piece) != old { return true }
        guard selection.takenElsewhere.contains(RecordReference(table: piece.table, id: piece.record)) else {
            return false
        }
        return try shown(piece)?.isAcknowledged != true
    }

    /// What is left to write in records that the office has already, where they name one whose id is taken elsewhere: they would
    /// lead to a record of others.
    private func namingPieces(beside pieces: [RemadePiece]) throws -> [RemadePiece] {
        let taken = selection.takenElsewhere.map(\.id).filter { newIDs[$0] != nil }
        if taken.isEmpty { return [] }
        let known = Set(pieces.map { RecordReference(table: $0.table, id: $0.record) })
        var found: [RecordReference: RemadePiece] = [:]
        for naming in try replica.fields(naming: Set(taken), limit: max(0, ChangeGroup.largestCount - pieces.count)) {
            guard !known.contains(naming.record),
                let state = try replica.records.find(table: naming.record.table, id: naming.record.id)?.state,
                areas[state.area]?.canWrite == true
            else { continue }
            let piece = RemadePiece(table: naming.record.table, record: naming.record.id)
            found[naming.record, default: piece].fields[naming.field] = RemadePiece.Written(
                value: .blob(naming.named.bytes), number: 0, time: time, isShown: false)
        }
        return found.sorted { $0.key.id < $1.key.id }.map(\.value)
    }

    /// What the groups did, record by record, in the order in which they came.
    private func pieces() -> [RemadePiece] {
        var pieces: [RemadePiece] = []
        var places: [RecordReference: Int] = [:]
        for part in selection.parts {
            for change in part.changes {
                let reference = RecordReference(table: change.table, id: change.record)
                let index = places[reference] ?? pieces.count
                if index == pieces.count { pieces.append(RemadePiece(table: change.table, record: change.record)) }
                places[reference] = index
                pieces[index].add(change, of: part)
            }
        }
        return pieces
    }

    // MARK: Changes

    /// A record that only the held groups make; nil where they also delete it.
    private mutating func creation(_ piece: RemadePiece) throws -> Change? {
        if piece.existence?.change.isAlive == false { return nil }
        if newIDs[piece.record] == nil, let shown = try shown(piece) {
            return shown.isAcknowledged ? try edit(piece) : whole(shown.state, seen: shown.seen)
        }
        let target = target(of: piece)
        guard areas[target]?.canWrite == true else { throw ReplicaError.areaNotWritable(target) }
        guard !isRestricted(piece) || areas[target]?.twinOf != nil else { throw ReplicaError.areaNotWritable(target) }
        let isSame = newIDs[piece.record] == nil
        let fields = piece.fields.filter { $0.value.value != .null }.map { field, written in
            FieldChange(
                field: field, value: mapped(written.value), time: time,
                // Should the held work come into force all the same, this has seen it; what lost its number can't.
                base: isSame && written.number <= standing.lastGroup
                    ? .own(number: UInt64(clamping: written.number), time: written.time) : .none)
        }
        return Change(
            table: piece.table, record: newIDs[piece.record] ?? piece.record,
            creation: Creation(area: target, time: time), fields: fields.sorted { $0.field < $1.field })
    }

    /// The area that a new record goes to. What lay where few may read stays with few: it goes to the twin of the team that
    /// is named, a note about a concern as the concern itself.
    private func target(of piece: RemadePiece) -> Int {
        guard let area else { return piece.area ?? 0 }
        guard isRestricted(piece), areas[area]?.twinOf == nil else { return area }
        return areas.values.first { $0.twinOf == area }?.number ?? area
    }

    private func isRestricted(_ piece: RemadePiece) -> Bool {
        replica.schema.table(piece.table)?.isRestricted ?? false || piece.area.flatMap { areas[$0]?.twinOf } != nil
    }

    /// A record that the server has; nil where nothing is left to say, or the record is gone.
    private mutating func edit(_ piece: RemadePiece) throws -> Change? {
        guard let (key, state) = try replica.records.find(table: piece.table, id: piece.record) else { return nil }
        guard areas[state.area]?.canWrite == true else { throw ReplicaError.areaNotWritable(state.area) }
        let row = RowKey(table: piece.table, key: key)
        let pending = try replica.pending(row)
        if try pending != nil && replica.shadow.load(row, id: piece.record) == nil && !isMadeApart(state, row, pending)
        {
            return whole(state, seen: nil)
        }
        let seen = try replica.snapshot(of: state, row: row, pending: pending)
        var change = Change(table: piece.table, record: piece.record, fields: [])
        guard piece.isShown || state.isLiving else { return nil }
        for (field, written) in piece.fields.sorted(by: { $0.key < $1.key }) {
            let value = mapped(written.value)
            let current = state.field(field)
            // Held work lies over the row, unless later work has written there; what came back is written over it anew.
            guard
                written.isShown
                    ? current.stamp == Stamp(time: written.time, device: standing.device) : current.value != value
            else { continue }
            change.fields.append(FieldChange(field: field, value: value, time: time, base: seen.base(of: field)))
        }
        if let (existence, isShown) = piece.existence,
            isShown
                ? state.existence?.stamp == Stamp(time: existence.time, device: standing.device)
                : state.isLiving != existence.isAlive
        {
            change.existence = ExistenceChange(
                isAlive: existence.isAlive, time: existence.isAlive ? time : deletionTime, base: seen.existenceBase,
                seen: existence.isAlive ? [] : own(change, over: seen))
        }
        let mayDecide = standing.role.mayDecide
        change.decisions = mayDecide ? piece.decisions.map { $0.made(at: time) } : []
        if !mayDecide { decisionsLeftOut += piece.decisions.count }
        return change.fields.isEmpty && change.existence == nil && change.decisions.isEmpty ? nil : change
    }

    /// Whether another group of this device, which will come into force, makes the record.
    private func isMadeApart(_ state: RecordState, _ row: RowKey, _ pending: Int64?) throws -> Bool {
        let gone = try replica.outbox.droppedGroups().union(selection.parts.map(\.number))
        return try replica.outbox.chain(of: row, newest: pending).contains { entry in
            try !gone.contains(entry.group) && replica.change(in: entry, state: state).creation != nil
        }
    }

    /// A record as it is shown here, and whether the server has a version of it; nil where it is not shown.
    private func shown(
        _ piece: RemadePiece
    ) throws -> (state: RecordState, seen: RecordSnapshot, isAcknowledged: Bool)? {
        guard let (key, state) = try replica.records.find(table: piece.table, id: piece.record), state.isLiving
        else { return nil }
        let row = RowKey(table: piece.table, key: key)
        let pending = try replica.pending(row)
        let isAcknowledged = try pending == nil || replica.shadow.load(row, id: piece.record) != nil
        return (state, try replica.snapshot(of: state, row: row, pending: pending), isAcknowledged)
    }

    /// A record made anew as it is shown here.
    ///
    /// - Parameter seen: what its values stand on; nil where the server has lost that.
    private func whole(_ state: RecordState, seen: RecordSnapshot?) -> Change? {
        guard state.isLiving else { return nil }
        return Change(
            table: state.table, record: state.id, creation: Creation(area: state.area, time: time),
            fields: state.fields.filter { $0.value != .null }.map {
                FieldChange(
                    field: $0.number, value: mapped($0.value), time: time, base: seen?.base(of: $0.number) ?? .none)
            })
    }

    /// What a delete in this change has seen: what is shown, and the change's own values.
    private func own(_ change: Change, over seen: RecordSnapshot) -> [ExistenceChange.Seen] {
        let written = Set(change.fields.map(\.field))
        let number = UInt64(clamping: standing.lastGroup + 1)
        return seen.seenFields.filter { !written.contains($0.field) }
            + written.sorted().map { ExistenceChange.Seen(field: $0, base: .own(number: number, time: time)) }
    }

    /// The value, with the new id of a record that gets one.
    private func mapped(_ value: Value) -> Value {
        guard case .blob(let bytes) = value, let id = RecordID(bytes: bytes), let new = newIDs[id] else { return value }
        return .blob(new.bytes)
    }

    // MARK: Saving

    /// Writes rows and outbox, and returns the number of the new group.
    mutating func save() throws -> Int64 {
        let number = standing.lastGroup + 1
        var size = Outbox.Size(changes: changes.count, bytes: ChangeGroup.frameBytes)
        for change in changes { size.bytes += change.estimatedBytes }
        guard size.bytes <= ChangeGroup.largestBytes else { throw ReplicaError.groupTooLarge(bytes: size.bytes) }
        try replica.outbox.insertGroup(number, size: size)
        for change in changes { try save(change, in: number) }
        standing.lastGroup = number
        try standing.save(to: replica.database)
        return number
    }

    private func save(_ change: Change, in number: Int64) throws {
        let overlay = RecordOverlay(device: standing.device)
        var next: RecordState?
        let found = try replica.records.find(table: change.table, id: change.record)
        if change.creation == nil { next = found?.state }
        overlay.apply(change, to: &next)
        guard let next else { throw ReplicaError.damaged("a change without its record") }
        guard let (key, state) = found else {
            let detail = change.isPlainCreation ? [] : replica.outboxDetail(change, group: number)
            let key = try replica.records.insert(next, pending: number)
            let row = RowKey(table: change.table, key: key)
            return try replica.outbox.insert(Outbox.Entry(group: number, row: row, previous: nil, detail: detail))
        }
        let row = RowKey(table: change.table, key: key)
        let pending = try replica.pending(row)
        if let pending {
            // Values that stand in the row alone are kept before it takes others.
            for entry in try replica.outbox.chain(of: row, newest: pending) {
                try replica.keepValues(of: entry.group, row: row, state: state)
            }
        } else {
            try replica.shadow.save(state, row)
        }
        try replica.replaceRow(row, state, by: next)
        try replica.records.setPending(number, table: change.table, key: key)
        // In full, also for a creation: the row may get back the time of the held group that made it first.
        let detail = replica.outboxDetail(change, group: number)
        try replica.outbox.insert(Outbox.Entry(group: number, row: row, previous: pending, detail: detail))
        for decision in change.decisions { try replica.conflictLog.decide(decision, group: number) }
    }
}

extension Decision {
    fileprivate func made(at time: UInt64) -> Decision {
        Decision(conflict: conflict, action: action, why: why, time: time)
    }
}
