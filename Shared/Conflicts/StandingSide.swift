import SyncCore

extension Conflict {
    /// The conflict, with the side named as kept that stands in the record.
    ///
    /// What the merge kept is written down once; a strict answer that was lifted, or a link that came late, may have put the
    /// other side into force since. Deletes, and fields that were written again, stay as they were written down.
    package func standing(in record: RecordState?) -> Conflict {
        guard field != Field.existence, a.value != nil, b.value != nil, let stamp = record?.field(field).stamp else {
            return self
        }
        var conflict = self
        if stamp == a.stamp {
            conflict.kept = .a
        } else if stamp == b.stamp {
            conflict.kept = .b
        }
        return conflict
    }
}
