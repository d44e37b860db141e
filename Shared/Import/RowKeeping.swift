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
        case rejected(String)
    }

    /// Why a row is not taken in whose record was erased.
    private static let erased = "The office has erased this record for good."

    private let plan: ImportPlan
    private let area: Int
    private let placesArea: Int
    private let memory: any ImportMemory
    /// The field for the kind of a visit, where the file does not say it: then it is that of the place.
    private let visitKind: Int?
    private let check: RowCheck

    init(_ plan: ImportPlan, area: Int, placesArea: Int, memory: any ImportMemory) {
        self.plan = plan
        self.area = area
        self.placesArea = placesArea
        self.memory = memory
        let kindField = plan.kind.number == OutreachSchema.Number.visit ? VisitField.kind.rawValue : nil
        check = RowCheck(plan)
        visitKind = plan.targets.contains { $0.field.number == kindField } ? nil : kindField
    }

    /// Keeps a row in the group.
    func keep(_ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        if memory.holdsNothingElse { return try create(row.identity.id, row, in: &group) }
        var id = row.identity.id
        if let externalID = row.identity.externalID { id = try memory.recordID(externalID: externalID) ?? id }
        guard let state = try group.record(plan.kind, id: id) else { return try create(id, row, in: &group) }
        if try group.isErased(plan.kind, id: id) { return .rejected(Self.erased) }
        let changed = row.planned.values.filter { state.field($0.field).value != $0.value }
        let content = row.identity.content
        if state.isLiving {
            if changed.isEmpty { return .unchanged }
            // The row says what it said before: whatever is here now was written by somebody since.
            if !plan.isExact, try memory.content(of: id) == content { return .unchanged }
        }
        var merged: [Int: Value] = [:]
        for field in state.fields { merged[field.number] = field.value }
        for (field, value) in row.planned.values { merged[field] = value }
        // Later rows may name the place, whatever becomes of this one.
        if let place = row.planned.newPlace { try add(place, in: &group) }
        if let reason = check.problem({ merged[$0] ?? .null }) { return .rejected(reason) }
        try group.edit(plan.kind, state, values: changed, restores: !state.isLiving)
        try memory.keep(content: content, of: id)
        return state.isLiving ? .updated : .imported
    }

    private func create(_ id: RecordID, _ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        if try group.isErased(plan.kind, id: id) { return .rejected(Self.erased) }
        var values = row.planned.values.filter { $0.value != .null }
        if let visitKind, let kind = row.planned.placeKind, kind != .null { values.append((visitKind, kind)) }
        if let place = row.planned.newPlace { try add(place, in: &group) }
        try group.create(plan.kind, id: id, area: area, values: values)
        try memory.keep(content: row.identity.content, of: id)
        return .imported
    }

    private func add(_ place: NewPlace, in group: inout any ImportGroup) throws {
        guard let state = try group.record(.place, id: place.id) else {
            return try group.create(.place, id: place.id, area: placesArea, values: place.values)
        }
        if !state.isLiving { try group.edit(.place, state, values: [], restores: true) }
    }
}
