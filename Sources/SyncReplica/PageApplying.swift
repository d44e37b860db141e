import Database
import RecordStorage
import SyncCore

/// One page of an area's feed.
extension ReplyPass {
    mutating func apply(_ page: FeedPage) throws {
        for numbers in page.asSent {
            let range = Int64(clamping: numbers.lowerBound)...Int64(clamping: numbers.upperBound)
            try promote(range, area: page.area)
        }
        try apply(page.records, area: page.area)
        for conflict in page.conflicts where try !replica.isErased(conflict.table, conflict.record) {
            if try replica.conflictLog.save(conflict) { applied.newConflicts += 1 }
            toldConflicts.insert(conflict.id)
        }
    }

    // MARK: Records

    /// The most records that are added at once: where one of them is here, all are looked for one by one.
    private static let largestNewCount = 64

    /// Applies records, those of each table in their order, and new ones several at a time: to look for each of them first
    /// would cost as much as to add it.
    private mutating func apply(_ updates: [RecordUpdate], area: Int) throws {
        // Of an area that is fetched again the records are here.
        let expectsNew = refetched[area] == nil
        var new: [Int: [RecordUpdate]] = [:]
        for update in updates {
            let isNew =
                try expectsNew && update.isWhole && update.existence == nil
                && !replica.isErased(update.table, update.record)
            if isNew { new[update.table, default: []].append(update) }
            if !isNew || new[update.table]?.count == Self.largestNewCount {
                try applyNew(new.removeValue(forKey: update.table) ?? [], area: area)
            }
            if !isNew { try apply(update, area: area) }
        }
        for (_, updates) in new.sorted(by: { $0.key < $1.key }) { try applyNew(updates, area: area) }
    }

    /// Applies records of one table that are new, unless one of them is here after all.
    private mutating func applyNew(_ updates: [RecordUpdate], area: Int) throws {
        if updates.isEmpty { return }
        let states = updates.map { $0.applied(to: nil, area: area) }
        guard try replica.records.insertNew(states) else {
            for update in updates { try apply(update, area: area) }
            return
        }
        for (update, state) in zip(updates, states) {
            observe(update)
            note(update, before: nil)
            try count(nil, state)
        }
    }

    private mutating func apply(_ update: RecordUpdate, area: Int) throws {
        observe(update)
        // A server that went back to an older copy may still tell of it.
        if try replica.isErased(update.table, update.record) { return }
        guard let found = try replica.records.row(table: update.table, id: update.record) else {
            // What is left of a deleted record was collected here, or never came: nothing is to be seen of it.
            guard update.isWhole || update.isLiving else { return }
            let state = update.applied(to: nil, area: area)
            try replica.records.insert(state)
            note(update, before: nil)
            return try count(nil, state)
        }
        let row = RowKey(table: update.table, key: found.key)
        try confirm(row, areas: area, found.state.area)
        if try works[row] == nil && replica.pending(found) == nil {
            let state = found.state
            let next = update.applied(to: state, area: area)
            note(update, before: state)
            try replica.noteReplaced(state, by: next, row)
            try replica.replaceRow(row, state, by: next)
            return try count(state, next)
        }
        var before: RecordState?
        try withWork(row) { work in
            before = work.acknowledged
            work.acknowledged = update.applied(to: work.acknowledged, area: area)
        }
        note(update, before: before)
    }

    /// Counts a record where somebody else's version is new here.
    private mutating func note(_ update: RecordUpdate, before: RecordState?) {
        let isNews = update.fields.contains { $0.stamp != before?.field($0.number).stamp && isForeign($0.stamp) }
        let existence = update.existence.map { $0.stamp != before?.existence?.stamp && isForeign($0.stamp) } ?? false
        guard isNews || existence || before == nil && isForeign(update.created) else { return }
        applied.received.append(RecordReference(table: update.table, id: update.record))
    }

    private func isForeign(_ stamp: Stamp) -> Bool { stamp.device != standing.device }

    private mutating func observe(_ update: RecordUpdate) {
        highestTime = max(highestTime, update.created.time, update.existence?.stamp.time ?? 0)
        for field in update.fields { highestTime = max(highestTime, field.stamp.time) }
    }

    /// Notes in the area's digest that one acknowledged version replaces another.
    mutating func count(_ old: RecordState?, _ new: RecordState?) throws {
        if let new { digestChange[new.area, default: 0] &+= try replica.digest(new) }
        if let old { digestChange[old.area, default: 0] &-= try replica.digest(old) }
    }

    // MARK: Records with own groups

    mutating func withWork(_ row: RowKey, _ body: (inout RecordWork) -> Void) throws {
        if works[row] == nil {
            let gone = try droppedGroups ?? replica.outbox.droppedGroups()
            droppedGroups = gone
            works[row] = try replica.work(on: row)
            for group in gone { works[row]?.mark(group, as: .discarded) }
        }
        guard var work = works[row] else { return }
        // Taken out so that the arrays in it are changed in place.
        works[row] = nil
        body(&work)
        works[row] = work
    }
}

extension RecordUpdate {
    /// The record as it is after this update.
    ///
    /// - Parameter state: what was known before. Where that is nil the update is taken as the whole record; should the
    ///   server have sent too little, the digests tell.
    func applied(to state: RecordState?, area: Int) -> RecordState {
        var next = RecordState(
            table: table, id: record, area: area, created: created, fields: [], existence: existence,
            isLiving: isLiving)
        guard !isWhole, let state else {
            next.fields = fields
            // What is null since the creation is not kept; a server has no reason to send it.
            next.fields.removeAll { $0.value == .null && $0.stamp == created }
            return next
        }
        next.fields = state.fields
        // What says nothing about existence says nothing about whether the record lives either.
        next.isLiving = existence == nil ? state.isLiving : isLiving
        next.existence = existence ?? state.existence
        for field in fields { next.set(field) }
        return next
    }
}

extension Replica {
    /// What a record adds to the digest of its area; 0 for an erased one.
    func digest(_ state: RecordState) throws -> UInt128 {
        if try isErased(state.table, state.id) { return 0 }
        return RecordDigest.hash(of: state, hash: hash, scratch: &scratch)
    }

    /// Whether a record is erased as a whole, or is to be once the user has answered.
    func isErased(_ table: Int, _ id: RecordID) throws -> Bool {
        try knowsErasures && erasures.isErased(table: table, id: id)
    }

    /// Keeps in the history what a new version of a record replaces, but for what was erased.
    func noteReplaced(_ old: RecordState, by new: RecordState, _ row: RowKey) throws {
        var old = old
        if knowsErasures {
            old.fields = try old.fields.filter { try !erasures.isErased($0, table: old.table, id: old.id) }
        }
        try localHistory.noteReplaced(old, by: new, row)
    }

    func work(on row: RowKey) throws -> RecordWork {
        guard let found = try records.row(table: row.table, key: row.key) else {
            throw ReplicaError.damaged("a change without its record")
        }
        let (view, pending) = (found.state, try pending(found))
        let covers = pending == nil ? [:] : try heldLog.covers(of: row)
        let links = try outbox.chain(of: row, newest: pending).map { entry in
            RecordWork.Link(
                entry: entry, change: try change(in: entry, state: view),
                covered: covers[entry.group] ?? FieldMask())
        }
        let acknowledged = pending == nil ? view : try shadow.load(row, id: view.id)
        return RecordWork(
            row: row, view: view, pending: pending, acknowledged: acknowledged, acknowledgedBefore: acknowledged,
            links: links)
    }
}
