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

    private let plan: ImportPlan
    private let area: Int
    private let placesArea: Int
    private let hash: Hash128
    private let signature: [UInt8]
    /// The field for the kind of a visit, where the file does not say it: then it is that of the place.
    private let visitKind: Int?

    init(_ plan: ImportPlan, area: Int, placesArea: Int, hash: Hash128) {
        self.plan = plan
        self.area = area
        self.placesArea = placesArea
        self.hash = hash
        signature = plan.signature
        let kindField = plan.kind.number == OutreachSchema.Number.visit ? VisitField.kind.rawValue : nil
        visitKind = plan.targets.contains { $0.field.number == kindField } ? nil : kindField
    }

    /// Why these values make no record; nil where they do.
    func problem(_ values: [Int: Value]) -> String? {
        let problems = plan.kind.validate(values: values)
        return problems.isEmpty ? nil : problems.map(\.description).joined(separator: " ")
    }

    /// Keeps a row in the group.
    func keep(_ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        var id = row.identity.id
        if let externalID = row.identity.externalID { id = try group.recordID(externalID: externalID) ?? id }
        guard let state = try group.record(plan.kind, id: id) else { return try create(id, row, in: &group) }
        let changed = row.planned.values.filter { state.field($0.field).value != $0.value }
        let content = signed(row.identity.content)
        if state.isLiving {
            if changed.isEmpty { return .unchanged }
            // The row says what it said before: whatever is here now was written by somebody since.
            if !plan.isExact, try group.content(of: id) == content { return .unchanged }
        }
        var merged: [Int: Value] = [:]
        for field in state.fields { merged[field.number] = field.value }
        for (field, value) in row.planned.values { merged[field] = value }
        // Later rows may name the place, whatever becomes of this one.
        if let place = row.planned.newPlace { try add(place, in: &group) }
        if let reason = problem(merged) { return .rejected(reason) }
        try group.edit(plan.kind, state, values: changed, restores: !state.isLiving)
        try group.keep(content: content, of: id)
        return state.isLiving ? .updated : .imported
    }

    private func create(_ id: RecordID, _ row: PendingRow, in group: inout any ImportGroup) throws -> Outcome {
        var values = row.planned.values.filter { $0.value != .null }
        if let visitKind, let kind = row.planned.placeKind, kind != .null { values.append((visitKind, kind)) }
        if let place = row.planned.newPlace { try add(place, in: &group) }
        try group.create(plan.kind, id: id, area: area, values: values)
        try group.keep(content: signed(row.identity.content), of: id)
        return .imported
    }

    private func add(_ place: NewPlace, in group: inout any ImportGroup) throws {
        guard let state = try group.record(.place, id: place.id) else {
            return try group.create(.place, id: place.id, area: placesArea, values: place.values)
        }
        if !state.isLiving { try group.edit(.place, state, values: [], restores: true) }
    }

    /// What a row says and what is made of it, as one number.
    private func signed(_ content: UInt64) -> UInt64 {
        var bytes = signature
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: content >> UInt64(shift)))
        }
        return UInt64(truncatingIfNeeded: hash(bytes))
    }
}
