import SyncCore

extension Conflict {
    /// Which value of the field stands in a record.
    enum Standing {
        /// One of the sides, and what the conflict says of it.
        case side(Conflict)
        /// Neither: somebody wrote something else since.
        case other(Side)
        /// It can't be said: the record is not here, or neither side is known in it.
        case unknown
    }

    /// The conflict, with the side named as kept that stands in the record; where neither does, or it can't be said, what
    /// the merge kept.
    package func standing(in record: RecordState?) -> Conflict {
        if case .side(let conflict) = standingValue(in: record) { conflict } else { self }
    }

    /// What stands in the record.
    ///
    /// What the merge kept is written down once; a strict answer that was lifted, a link that came late, a decision, or
    /// whoever brought the other value back may have put the other side into force since. A side that deleted the record
    /// stands where it does not live.
    func standingValue(in record: RecordState?) -> Standing {
        guard let record else { return .unknown }
        if deletes(a) || deletes(b) { return standingExistence(of: record) }
        let now = record.field(field)
        if now.stamp == a.stamp { return .side(keeping(.a)) }
        if now.stamp == b.stamp { return .side(keeping(.b)) }
        // Written after both.
        guard now.stamp > b.stamp else { return .unknown }
        if now.value == a.value { return .side(keeping(.a)) }
        if now.value == b.value { return .side(keeping(.b)) }
        return .other(Side(value: now.value, stamp: now.stamp))
    }

    /// What somebody has written after the conflict was settled, and stands now; nil where what was decided stands, or that can't be
    /// said.
    func writtenSince(in record: RecordState?) -> Side? {
        guard let record, let verdict, verdict.action == .resolve else { return nil }
        let written = record.field(field)
        let isAboutDeletion = deletes(a) || deletes(b)
        // A decision writes what it chose, also where that stood already.
        let existence = isAboutDeletion ? record.existence?.stamp : nil
        guard written.stamp != verdict.stamp, existence != verdict.stamp else { return nil }
        let latest = max(written.stamp, existence ?? written.stamp)
        guard latest > verdict.stamp else { return nil }
        return Side(value: record.isLiving ? written.value : nil, stamp: latest)
    }

    private func standingExistence(of record: RecordState) -> Standing {
        guard deletes(a) != deletes(b) else { return .unknown }
        let (deleting, other) = deletes(a) ? (Kept.a, b) : (Kept.b, a)
        guard record.isLiving else { return .side(keeping(deleting)) }
        let living = deleting == .a ? Kept.b : .a
        guard field != Field.existence else { return .side(keeping(living)) }
        let now = record.field(field)
        return now.value == other.value
            ? .side(keeping(living)) : .other(Side(value: now.value, stamp: now.stamp))
    }

    private func deletes(_ side: Side) -> Bool {
        side.value == nil || field == Field.existence && side.value == .integer(0)
    }

    private func keeping(_ side: Kept) -> Conflict {
        var conflict = self
        conflict.kept = side
        return conflict
    }
}
