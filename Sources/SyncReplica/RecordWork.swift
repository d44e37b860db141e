import SyncCore

/// One record with own groups, while a reply is applied.
struct RecordWork {
    enum Fate {
        case stays
        /// The server accepted it as it was sent.
        case promoted
        /// The server's rows say what became of it.
        case settled
        /// It will not come into force.
        case discarded
    }

    struct Link {
        var entry: Outbox.Entry
        var change: Change
        var fate = Fate.stays
        /// What of it lies no longer over the row.
        var covered = FieldMask()
    }

    let row: RowKey
    /// What the row of the record holds: the acknowledged version with the own changes over it.
    let view: RecordState
    let pending: Int64?
    /// The server's version, as this reply changes it; nil where the server has none.
    var acknowledged: RecordState?
    let acknowledgedBefore: RecordState?
    /// Own changes, oldest first.
    var links: [Link]

    /// Whether the server shows nothing of the record to this device, which made it itself.
    var standsOnOwnMaking: Bool { acknowledged == nil && links.contains { $0.change.creation != nil } }

    mutating func mark(_ group: Int64, as fate: Fate) {
        for index in links.indices where links[index].entry.group == group && links[index].fate == .stays {
            links[index].fate = fate
        }
    }
}
