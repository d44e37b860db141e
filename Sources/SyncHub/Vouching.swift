import SyncCore

/// Second-hand records: what a device holds of others' work, taken while the server is healed.
///
/// A version keeps its stamp. What its writer had seen is not known; the device tells which versions it saw replaced, and
/// that is taken for a link. So nothing is lost, and a conflict is logged only where nobody knows better. First-hand groups
/// that arrive later put their values and links in place.
final class Vouching {
    struct Place: Hashable {
        let table: Int
        let record: RecordID
        let field: Int
    }

    let hub: Hub
    let store: any HubStore
    let device: UInt32
    /// Whether the device's person may settle conflicts: a worker's word does not settle one second-hand either.
    private let mayDecide: Bool
    let merging: GroupMerging
    /// What the device saw replaced, and what it said where that is told.
    private(set) var seen: [Place: [(stamp: Stamp, value: Value?)]] = [:]
    private let latest: UInt64

    init(hub: Hub, device: DeviceRecord, seen: [VouchedRows.Seen]) {
        self.hub = hub
        self.device = device.number
        mayDecide = device.role.mayDecide
        store = hub.store
        merging = GroupMerging(hub: hub)
        latest = StampTime.packed(milliseconds: hub.clock() + StampCorrection.toleranceMilliseconds)
        for version in seen {
            let place = Place(table: version.table, record: version.record, field: version.field)
            self.seen[place, default: []].append((version.stamp, version.value))
        }
    }

    /// Writes the ends of the feeds.
    func finish() throws { try merging.finish() }

    /// Takes a record; one that is erased is passed over.
    ///
    /// Whatever else is wrong with it is refused loudly: the device would lose what was passed over silently.
    /// - Throws: `HubError.clockBehind`, `HubError.handoverRefused`, and what the store throws.
    func take(_ told: RecordUpdate, area: Int, onlyUnknown: Bool) throws {
        guard let update = try notDropped(notErased(told)) else { return }
        guard stamps(of: update).allSatisfy(isPossible) else { throw HubError.clockBehind }
        guard isWellFormed(update) else { throw HubError.handoverRefused }
        let stored = try store.record(table: update.table, id: update.record)
        if let stored {
            guard stored.state.area == area else { return }
            try noteFormerCreation(update.created, of: stored)
            let update = try withoutFormerWords(update, of: stored)
            let stored = onlyUnknown ? stored : try joined(update, to: stored)
            if !onlyUnknown, let news = try news(in: update, over: stored) { try vouch(news, into: stored) }
        } else {
            try vouch(whole(update, area: area), into: nil)
        }
        try takeReplaced(of: update)
    }

    private func vouch(_ change: FinalChange, into stored: StoredRecord?) throws {
        try merging.vouch(change, into: stored, by: device)
        guard let key = try store.record(table: change.table, id: change.record)?.key else { return }
        let stamps =
            change.fields.map(\.stamp) + [change.creation?.stamp, change.existence?.stamp].compactMap { $0 }
        for stamp in Set(stamps) where stamp.device != device {
            try store.addVouched(table: change.table, key: key, stamp: stamp, by: device)
        }
    }

    /// Takes a conflict with its verdict; of one that is known the later word counts.
    func take(_ conflict: Conflict) throws {
        guard [conflict.a.stamp, conflict.b.stamp, conflict.verdict?.stamp].allSatisfy({ $0.map(isPossible) ?? true })
        else { throw HubError.clockBehind }
        guard isWellFormed(conflict),
            try store.record(table: conflict.table, id: conflict.record)?.state.area == conflict.area,
            conflict.id == conflictID(conflict), try !isErased(conflict)
        else { return }
        var conflict = conflict
        if !mayDecide {
            conflict.status = .open
            conflict.verdict = nil
        }
        guard var known = try store.conflict(conflict.id) else {
            // It was withdrawn once, for the same links.
            if try hub.isExplainedFirstHand(conflict) { conflict.status = .withdrawn }
            if let key = try store.insert(conflict) { try merging.tell(StoredConflict(key: key, conflict: conflict)) }
            return try merging.settleRestrictive(table: conflict.table, record: conflict.record)
        }
        guard known.conflict.status != .withdrawn, isLater(conflict, than: known.conflict) else { return }
        known.conflict.status = conflict.status
        known.conflict.verdict = conflict.verdict
        try store.update(known.conflict, key: known.key)
        try merging.tell(known)
        try merging.settleRestrictive(table: conflict.table, record: conflict.record)
    }

    private func isLater(_ one: Conflict, than other: Conflict) -> Bool {
        if one.status == .withdrawn { return true }
        guard let verdict = one.verdict else { return false }
        return other.verdict.map { $0.stamp < verdict.stamp } ?? true
    }

    private func conflictID(_ conflict: Conflict) -> UInt128 {
        Conflict.id(
            record: conflict.record, field: conflict.field, stamps: (conflict.a.stamp, conflict.b.stamp),
            hash: hub.hash)
    }

    // MARK: What is erased

    /// A record without what orders of erasure name; nil for one that is erased as a whole.
    private func notErased(_ update: RecordUpdate) throws -> RecordUpdate? {
        let marks = try store.erasureMarks(table: update.table, record: update.record)
        if marks.isEmpty { return update }
        if marks.contains(where: { $0.fields == .all }) { return nil }
        var rest = update
        rest.fields.removeAll { field in
            marks.contains { $0.fields.contains(field.number) && field.stamp < $0.stamp }
        }
        return rest
    }

    /// A record without what this server held and then dropped: the office's word counts, whatever came of it before a
    /// restore; nil where that made the record.
    private func notDropped(_ update: RecordUpdate?) throws -> RecordUpdate? {
        guard var update else { return nil }
        let stored = try store.record(table: update.table, id: update.record)
        let dropped = try update.fields.filter { field in
            guard
                try store.wasHeld(
                    table: update.table, record: update.record, field: field.number, stamp: field.stamp)
            else { return false }
            guard let stored else { return true }
            let current = stored.state.field(field.number).stamp
            return try !isKnown(field.stamp, field: field.number, current: current, stored)
        }
        if dropped.isEmpty { return update }
        if stored == nil, dropped.contains(where: { $0.stamp == update.created }) { return nil }
        update.fields.removeAll(where: dropped.contains)
        return update
    }

    private func isErased(_ conflict: Conflict) throws -> Bool {
        try store.erasureMarks(table: conflict.table, record: conflict.record).contains {
            $0.fields == .all || $0.fields.contains(conflict.field) && conflict.a.stamp < $0.stamp
        }
    }

    // MARK: What is new

    /// A record that nobody has here: each version stands on the newest one that the device saw replaced, or on the
    /// creation.
    private func whole(_ update: RecordUpdate, area: Int) -> FinalChange {
        let fields = update.fields.map { field in
            var field = field
            if field.stamp != update.created {
                field.base = newestSeen(update, field.number, before: field.stamp) ?? update.created
            }
            return field
        }
        return FinalChange(
            table: update.table, record: update.record, creation: (area, update.created), fields: fields,
            existence: existence(update, base: nil, created: update.created), decisions: [])
    }

    /// The versions that this server lacks; nil where there are none.
    private func news(in update: RecordUpdate, over stored: StoredRecord) throws -> FinalChange? {
        var fields: [FieldState] = []
        for var field in update.fields {
            let current = stored.state.field(field.number)
            if field.stamp == current.stamp, isEmptiedHere(current), field.value != .null {
                // What the office had written in the place of an erased value.
                field.base = current.base
                fields.append(field)
                continue
            }
            if try isKnown(field.stamp, field: field.number, current: current.stamp, stored) { continue }
            if let first = try sentAgain(field, over: current, stored) {
                field.base = first.base
                try keep(field, of: stored)
                continue
            }
            field.base = try base(
                of: field.stamp, update, field.number, current: current.stamp, created: stored.state.created)
            fields.append(field)
        }
        var existence: ExistenceState?
        if let told = update.existence,
            try !isKnown(told.stamp, field: Field.existence, current: stored.state.existence?.stamp, stored)
        {
            let current = stored.state.existence?.stamp
            let created = stored.state.created
            let base = try current.flatMap {
                try self.base(of: told.stamp, update, Field.existence, current: $0, created: created)
            }
            existence = self.existence(update, base: base, created: created)
        }
        if fields.isEmpty, existence == nil { return nil }
        return FinalChange(
            table: update.table, record: update.record, creation: nil, fields: fields, existence: existence,
            decisions: [])
    }

    private func isEmptiedHere(_ field: FieldState) -> Bool {
        field.value == .null && field.stamp.device == DeviceRecord.office
    }

    func isKnown(_ stamp: Stamp, field: Int, current: Stamp?, _ stored: StoredRecord) throws -> Bool {
        if stamp == current { return true }
        return try store.version(table: stored.state.table, key: stored.key, field: field, stamp: stamp) != nil
    }

    /// What a version is taken to have seen: the current one here, where the device saw that one replaced or it is the
    /// creation, which everybody has seen.
    private func base(
        of stamp: Stamp, _ update: RecordUpdate, _ field: Int, current: Stamp, created: Stamp
    ) throws -> Stamp? {
        // Its own group is held here, and knows.
        let link = try store.heldLink(table: update.table, record: update.record, field: field, stamp: stamp)
        if let base = link?.base { return base }
        let place = Place(table: update.table, record: update.record, field: field)
        if current < stamp, current == created || seen[place]?.contains(where: { $0.stamp == current }) == true {
            return current
        }
        // A delete over the creation alone would pass for one that takes back that the record was made.
        let everybodys = field != Field.existence && created < stamp ? created : nil
        return newestSeen(update, field, before: stamp) ?? everybodys
    }

    private func newestSeen(_ update: RecordUpdate, _ field: Int, before stamp: Stamp) -> Stamp? {
        seen[Place(table: update.table, record: update.record, field: field)]?.map(\.stamp).filter { $0 < stamp }.max()
    }

    /// A delete that stood is taken to have seen every field as the device holds it; of one against which the record
    /// lives on, without a later field, nobody can say what it had seen.
    ///
    /// - Parameter created: the record's creation here, which everybody has seen. It may have come again under another time than the
    ///   device knows.
    private func existence(_ update: RecordUpdate, base: Stamp?, created: Stamp) -> ExistenceState? {
        guard var existence = update.existence else { return nil }
        existence.base = base
        if !existence.isAlive {
            let isUnseen = update.isLiving && !update.fields.contains { $0.stamp > existence.stamp }
            let fields = update.fields.filter {
                $0.stamp != created && (!update.isLiving || $0.stamp < existence.stamp)
            }
            existence.seen = isUnseen ? [] : fields.map { ExistenceState.Seen(field: $0.number, stamp: $0.stamp) }
        }
        return existence
    }

    private func stamps(of update: RecordUpdate) -> [Stamp] {
        update.fields.map(\.stamp) + [update.created, update.existence?.stamp].compactMap(\.self)
    }

    private func isWellFormed(_ update: RecordUpdate) -> Bool {
        guard update.table >= 1, FieldNumbers.areDistinct(update.fields.map(\.number)) else { return false }
        let table = hub.schema.table(update.table)
        // A field may be older than the creation, where that was sent again under a later time.
        return update.fields.allSatisfy { field in
            isStorable(field.value) && table?.field(field.number)?.type.accepts(field.value) ?? true
        }
    }

    private func isWellFormed(_ conflict: Conflict) -> Bool {
        let values = [conflict.a.value, conflict.b.value, conflict.before].compactMap(\.self)
        return conflict.a.stamp < conflict.b.stamp && values.allSatisfy(isStorable)
    }

    func isStorable(_ value: Value) -> Bool {
        value.byteCount <= Value.largestBytes && GroupForm.isStorable(value)
    }

    /// No honest stamp lies in the future.
    func isPossible(_ stamp: Stamp) -> Bool { stamp.time <= latest }
}
