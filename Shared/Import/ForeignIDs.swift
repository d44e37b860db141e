import SyncCore

/// The ids of records that an export of ours names and that are not here: another team's, or another office's.
///
/// Such a record is made anew under an id of its own, always the same in the same area: whoever made the first one may have sent
/// it, or send it yet, and one id names one record in one area.
struct ForeignIDs: Sendable {
    private let area: Int
    private let placesArea: Int
    private let hash: Hash128

    /// - Parameters:
    ///   - area: the area of new records.
    ///   - placesArea: the area of new records that are for everyone.
    init(area: Int, placesArea: Int, hash: Hash128) {
        self.area = area
        self.placesArea = placesArea
        self.hash = hash
    }

    /// The id here of a record with an id elsewhere.
    func id(of own: RecordID, _ kind: RecordKind) -> RecordID {
        let area = kind.isForEveryone ? placesArea : area
        return RowIdentity.recordID(hash(Array("own\u{1F}\(kind.name)\u{1F}\(area)\u{1F}".utf8) + own.bytes))
    }
}

/// Lets the references of a row that is made anew lead to records that are made anew with it.
struct ForeignReferences {
    /// The most references that are remembered: a column names the same records again and again.
    private static let largestKnownCount = 10_000

    private let ids: ForeignIDs
    private let kind: RecordKind
    /// The fields of the plan that refer to a kind of record.
    private let kinds: [Int: RecordKind]
    /// The field that may refer to a record of any kind.
    private let anyKind: Int?
    private var known: [RecordReference: RecordID] = [:]

    init(_ plan: ImportPlan, ids: ForeignIDs) {
        self.ids = ids
        kind = plan.kind
        anyKind = plan.kind.fields.first { $0.form == .anyReference }?.number
        var kinds: [Int: RecordKind] = [:]
        for target in plan.targets {
            guard let table = target.field.form.referredTable, let kind = RecordKind.of(table: table) else { continue }
            kinds[target.field.number] = kind
        }
        self.kinds = kinds
    }

    /// The values of a row, with references to what is here, or will be here.
    ///
    /// - Parameter isAwaited: whether the row itself says that a record with this id will be made.
    mutating func mapped(
        _ values: [(field: Int, value: Value)], isAwaited: (RecordID) -> Bool, in group: any ImportGroup
    ) throws -> [(field: Int, value: Value)] {
        var values = values
        for index in values.indices {
            let field = values[index].field
            guard let kind = field == anyKind ? self.kind.referredKind(values) : kinds[field],
                case .blob(let bytes) = values[index].value,
                let own = RecordID(bytes: bytes), !isAwaited(own)
            else { continue }
            values[index].value = .blob(try id(of: own, kind, in: group).bytes)
        }
        return values
    }

    private mutating func id(of own: RecordID, _ kind: RecordKind, in group: any ImportGroup) throws -> RecordID {
        let reference = RecordReference(table: kind.number, id: own)
        if let id = known[reference] { return id }
        // What was erased is not made again, here or anew: the reference stays one that leads nowhere.
        let staysSo = try group.record(kind, id: own) != nil || group.isErased(kind, id: own)
        let id = staysSo ? own : ids.id(of: own, kind)
        if known.count < Self.largestKnownCount { known[reference] = id }
        return id
    }
}
