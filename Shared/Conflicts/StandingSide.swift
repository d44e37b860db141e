import SyncCore

extension Conflict {
    /// Which value of the field stands in a record.
    enum Standing {
        /// One of the sides, and what the conflict says of it.
        case side(Conflict)
        /// Neither: somebody wrote something else since.
        case other(Side)
        /// It can't be said: the record is not here, or it is about deleting.
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
    /// whoever brought the other value back may have put the other side into force since. Deletes stay as they were
    /// written down.
    func standingValue(in record: RecordState?) -> Standing {
        guard field != Field.existence, a.value != nil, b.value != nil, let now = record?.field(field) else {
            return .unknown
        }
        if now.stamp == a.stamp { return .side(keeping(.a)) }
        if now.stamp == b.stamp { return .side(keeping(.b)) }
        // Written after both.
        guard now.stamp > b.stamp else { return .unknown }
        if now.value == a.value { return .side(keeping(.a)) }
        if now.value == b.value { return .side(keeping(.b)) }
        return .other(Side(value: now.value, stamp: now.stamp))
    }

    private func keeping(_ side: Kept) -> Conflict {
        var conflict = self
        conflict.kept = side
        return conflict
    }
}
