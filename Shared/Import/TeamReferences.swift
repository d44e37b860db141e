import SyncCore

/// Keeps rows out of a team that name somebody of another one, by an id as an export has it: whoever reads the row's team would read
/// of them. Names can't lead there, for they are looked for in the row's own team.
struct TeamReferences {
    /// The most records whose team is remembered: a column names the same ones again and again.
    private static let largestKnownCount = 10_000

    private let area: Int
    private let fields: [Int: (label: String, kind: RecordKind)]
    private let kind: RecordKind
    /// Whether the file is an export of ours.
    private let isExact: Bool
    /// The field that may refer to a record of any kind.
    private let anyKind: FieldDescription?
    private let option: String
    private let name: (Int) throws -> String?
    private var known: [RecordReference: Int?] = [:]

    /// - Parameters:
    ///   - area: the area of new records.
    ///   - option: the name of the option that says another one.
    ///   - name: the name of an area.
    init(_ plan: ImportPlan, area: Int, option: String, name: @escaping (Int) throws -> String?) {
        self.area = area
        self.option = option
        self.name = name
        var fields: [Int: (label: String, kind: RecordKind)] = [:]
        for target in plan.targets where !plan.kind.isForEveryone {
            guard let table = target.field.form.referredTable, let kind = RecordKind.of(table: table),
                !kind.isForEveryone
            else { continue }
            fields[target.field.number] = (target.field.label, kind)
        }
        self.fields = fields
        kind = plan.kind
        isExact = plan.isExact
        anyKind = plan.kind.fields.first { $0.form == .anyReference }
    }

    /// Why a new record with these values does not belong in the area; nil where it does.
    mutating func problem(_ values: [(field: Int, value: Value)], in group: any ImportGroup) throws -> String? {
        if let problem = try problemOfAny(values, in: group) { return problem }
        if fields.isEmpty { return nil }
        for (number, value) in values {
            guard let field = fields[number], case .blob(let bytes) = value, let id = RecordID(bytes: bytes) else {
                continue
            }
            guard let other = try area(of: RecordReference(table: field.kind.number, id: id), field.kind, in: group)
            else {
                // An export of ours may come before what its rows name.
                if isExact { continue }
                return "“\(field.label)” is the id of a \(field.kind.name) that is not here: import it first."
            }
            if other == area { continue }
            let team = try name(other).map { "\"\($0)\"" } ?? "another one"
            return "“\(field.label)” belongs to the team \(team): import this row with --\(option) \(team)."
        }
        return nil
    }

    /// Why a new record that is about a record of any kind does not belong in the area. About nothing it would be in nobody's sight;
    /// what hangs on a concern is as restricted as the concern, which is in no file.
    private mutating func problemOfAny(
        _ values: [(field: Int, value: Value)], in group: any ImportGroup
    ) throws -> String? {
        guard let anyKind, let about = kind.referredKind(values),
            case .blob(let bytes)? = values.first(where: { $0.field == anyKind.number })?.value,
            let id = RecordID(bytes: bytes)
        else { return nil }
        if about.isRestricted { return "A note about a \(about.name) is written with: kith note ID TEXT." }
        guard let other = try area(of: RecordReference(table: about.number, id: id), about, in: group) else {
            return "The \(about.name) that it is about is not here: import it first."
        }
        guard !about.isForEveryone, other != area else { return nil }
        let team = try name(other).map { "\"\($0)\"" } ?? "another one"
        return "“\(anyKind.label)” belongs to the team \(team): import this row with --\(option) \(team)."
    }

    private mutating func area(
        of reference: RecordReference, _ kind: RecordKind, in group: any ImportGroup
    ) throws -> Int? {
        if let area = known[reference] { return area }
        let area = try group.record(kind, id: reference.id)?.area
        if known.count < Self.largestKnownCount { known[reference] = .some(area) }
        return area
    }
}
