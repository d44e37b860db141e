import SyncCore

/// A row that waits for its group.
struct PendingRow {
    var planned: PlannedRow
    var identity: RowIdentity
}

/// Keeps single rows in a group: makes a record, changes it, or leaves it as it is.
struct RowKeeper {
    /// What became of a row.
    enum Outcome {
        case imported, updated, unchanged
        /// Some of what the row says was left out, as somebody has written something else since; whether `--overwrite` would take
        /// any of that.
        indirect case partly(Outcome, isForOverwriting: Bool)
        case rejected(String)
    }

    /// Why a row is not taken in whose record was erased.
    private static let erased = "The office has erased this record for good."
    private static let placeErased = "The office has erased its place for good. Name another place, or leave it out."

    private let plan: ImportPlan
    private let area: Int
    private let placesArea: Int
    private let memory: any ImportMemory
    /// Whether these are visits whose kind the file does not say: then it is that of the place.
    private let takesKindOfPlace: Bool
    private let check: RowCheck
    /// Whether the file is taken also where somebody has written something else since.
    private let overwrites: Bool
    private let standing: StandingWords
    /// Places that rows named and that no row has needed yet, by the bytes of their ids: only the first row that names a
    /// place says what is to be made.
    private var awaited: [[UInt8]: NewPlace] = [:]
    private var references: ForeignReferences
    private var teams: TeamReferences

    init(
        _ plan: ImportPlan, area: Int, placesArea: Int, foreignIDs: ForeignIDs, memory: any ImportMemory,
        teams: TeamReferences, overwrites: Bool
    ) {
        self.overwrites = overwrites
        references = ForeignReferences(plan, ids: foreignIDs)
        self.teams = teams
        self.plan = plan
        self.area = area
        self.placesArea = placesArea
        self.memory = memory
        check = RowCheck(plan)
        standing = StandingWords(plan)
        takesKindOfPlace =
            plan.kind == .visit && !plan.targets.contains { $0.field.number == VisitField.kind.rawValue }
    }

    /// Keeps a row in the group.
    mutating func keep(_ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        if let place = row.planned.newPlace { awaited[place.id.bytes] = place }
        var row = row
        if let own = row.identity.ownID {
            if try !memory.holdsNothingElse && group.record(plan.kind, id: own) != nil {
                row.identity.id = own
            } else {
                if try group.isErased(plan.kind, id: own) { return .rejected(Self.erased) }
                let awaited = awaited
                row.planned.values = try references.mapped(
                    row.planned.values, isAwaited: { awaited[$0.bytes] != nil }, in: group)
            }
        }
        return try keepKnown(row, in: &group)
    }

    /// Keeps a row whose record's id is settled, but for what an id elsewhere says.
    private mutating func keepKnown(_ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        if memory.holdsNothingElse { return try create(row.identity.id, row, in: &group) }
        var id = row.identity.id
        if let externalID = row.identity.externalID {
            id = try memory.recordID(externalID: externalID, area: area) ?? id
        }
        if let former = row.identity.formerID, try isFormer(former, row, besides: id, in: group) { id = former }
        guard let state = try group.record(plan.kind, id: id) else { return try create(id, row, in: &group) }
        if try group.isErased(plan.kind, id: id) { return .rejected(Self.erased) }
        let known = try plan.isExact ? nil : memory.row(of: id)
        let differing = row.planned.values.filter { state.field($0.field).value != $0.value }
        let content = row.identity.content
        if state.isLiving, differing.isEmpty {
            // The row says by now what somebody wrote here before it did.
            if let known, known.content != content {
                try memory.keep(remembered(row, leaving: FieldMask(), known), of: id, insteadOf: known)
            }
            return .unchanged
        }
        if !overwrites, let known, known.content == content {
            // The row says what it said before: whatever is here now was written by somebody since.
            if state.isLiving { return .unchanged }
            guard try addPlaces(of: row, in: &group) else { return .rejected(Self.placeErased) }
            let withheld = differing.filter { state.isUnwritten(state.field($0.field)) }
            try group.edit(plan.kind, state, values: withheld, restores: true)
            return .imported
        }
        if let reason = standing.reason(differing, of: state) { return .rejected(reason) }
        return try change(state, row, differing, known, in: &group)
    }

    /// Whether a row has the record that an import of a version before made of it on this machine, read in the same way. The same
    /// cells of another list were another row.
    private func isFormer(
        _ former: RecordID, _ row: PendingRow, besides id: RecordID, in group: any ImportGroup
    ) throws -> Bool {
        guard let known = try memory.row(of: former), known.content == row.identity.content else { return false }
        return try group.record(plan.kind, id: id) == nil
    }

    /// Changes a record that is here: takes what its row says anew, and leaves the rest.
    private mutating func change(
        _ state: RecordState, _ row: PendingRow, _ differing: [(field: Int, value: Value)], _ known: ImportedRow?,
        in group: inout any ImportGroup
    ) throws -> Outcome {
        let (values, id) = (row.planned.values, state.id)
        let left = standing.left(values, differing, of: state, known: known, overwrites: overwrites)
        let changed = differing.filter { !left.contains($0.field) }
        let isForOverwriting =
            !left.isEmpty && left != standing.left(values, differing, of: state, known: known, overwrites: true)
        let isRemembered = known != nil || !changed.isEmpty || !state.isLiving
        let now = remembered(row, leaving: left, known)
        if state.isLiving, changed.isEmpty {
            if isRemembered, !plan.isExact { try memory.keep(now, of: id, insteadOf: known) }
            return .partly(.unchanged, isForOverwriting: isForOverwriting)
        }
        var row = row
        row.planned.values.removeAll { left.contains($0.field) }
        var merged: [Int: Value] = [:]
        for field in state.fields { merged[field.number] = field.value }
        for (field, value) in row.planned.values { merged[field] = value }
        if let reason = check.problem({ merged[$0] ?? .null }) { return .rejected(reason) }
        guard try addPlaces(of: row, in: &group) else { return .rejected(Self.placeErased) }
        try group.edit(plan.kind, state, values: changed, restores: !state.isLiving)
        if !plan.isExact {
            try memory.keep(now, of: id, insteadOf: known)
        } else if try memory.row(of: id) == nil {
            // What a spreadsheet said of the record counts on: an export of ours says nothing of that.
            try memory.keep(ImportedRow(content: ImportedRow.untold), of: id)
        }
        let outcome: Outcome = state.isLiving ? .updated : .imported
        return left.isEmpty ? outcome : .partly(outcome, isForOverwriting: isForOverwriting)
    }

    /// What a row has said once it is kept. A later file may change what this one has set, and not what it has left to somebody.
    ///
    /// - Parameter left: the fields whose words were left out.
    private func remembered(_ row: PendingRow, leaving left: FieldMask, _ known: ImportedRow?) -> ImportedRow {
        let values = row.planned.values
        var now = known ?? ImportedRow(content: row.identity.content, values: values)
        now.content = row.identity.content
        for (field, value) in values {
            if !left.contains(field) {
                now.set(field, value)
            } else if known == nil || now.leftOut(field) {
                now.leaveOut(field)
                // The same row is told of once more.
                now.content = ImportedRow.ofNoRow
            }
        }
        return now
    }

    private mutating func create(_ id: RecordID, _ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        if try group.isErased(plan.kind, id: id) { return .rejected(Self.erased) }
        if let reason = try teams.problem(row.planned.values, in: group) { return .rejected(reason) }
        var values = row.planned.values.filter { $0.value != .null }
        if takesKindOfPlace { values += kind(of: row, saying: values) }
        guard try addPlaces(of: row, in: &group) else { return .rejected(Self.placeErased) }
        try group.create(plan.kind, id: id, area: area, values: values)
        let row = ImportedRow(content: row.identity.content, values: row.planned.values)
        try memory.keep(plan.isExact ? ImportedRow(content: ImportedRow.untold) : row, of: id)
        return .imported
    }

    /// The kind of a visit whose row does not say it: own words are those of `other`.
    private func kind(of row: PendingRow, saying values: [(field: Int, value: Value)]) -> [(field: Int, value: Value)] {
        if values.contains(where: { $0.field == VisitField.kindOther.rawValue }) {
            return [(VisitField.kind.rawValue, .text(Words.other))]
        }
        return row.planned.placeKind?.visitValues ?? []
    }

    /// Adds the places that a row names and that are not here; false, and nothing is added, where one was erased.
    private mutating func addPlaces(of row: PendingRow, in group: inout any ImportGroup) throws -> Bool {
        if awaited.isEmpty { return true }
        for case (_, .blob(let id)) in row.planned.values {
            guard let place = awaited[id] else { continue }
            if try group.isErased(.place, id: place.id) { return false }
            awaited[id] = nil
            if let state = try group.record(.place, id: place.id) {
                if !state.isLiving {
                    let values = place.values.filter {
                        $0.value != .null && state.isUnwritten(state.field($0.field))
                    }
                    try group.edit(.place, state, values: values, restores: true)
                }
            } else {
                try group.create(.place, id: place.id, area: placesArea, values: place.values)
            }
        }
        return true
    }
}
