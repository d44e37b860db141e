import OutreachModel
import SyncCore
import Terminal

/// Prints records that are handed to it one by one: as a JSON array piece by piece, or as a table at the end.
struct ListOutput {
    private let kind: RecordKind
    private let context: ClientContext
    private let presenter: RecordPresenter
    private let fields: [FieldDescription]
    private let isMerged: Bool
    /// Who wants no contact; nil where the kind does not tell it.
    private let wishes: ContactWishes?
    /// The day of all of them, which need not be told in each row; nil where they are of several.
    private let day: CivilDate?
    private var table: Terminal.Table
    /// Whether some record is owed to somebody who wants no contact.
    private var hasMark = false
    /// Which of the fields some record has a value in.
    private var used: Set<Int> = []
    private var count = 0

    init(_ kind: RecordKind, _ context: ClientContext, day: CivilDate? = nil) throws {
        self.kind = kind
        self.day = day
        self.context = context
        presenter = try RecordPresenter(context)
        fields = kind.listFields.compactMap { kind.field($0) }
        isMerged = kind.isMergeable ? try !presenter.identities.merged(kind).isEmpty : false
        wishes = [.person, .promise].contains(kind) ? try context.contactWishes(presenter.identities) : nil
        table = Terminal.Table(
            [.init("Id", isWhole: true)] + fields.map { .init($0.label, isWhole: $0.form == .time) }
                + [.init("Contact", isWhole: true), .init("State", isWhole: true)])
    }

    /// The fields that a record needs to be printed; nil for all.
    var neededFields: [FieldDescription]? {
        if context.isJSON { return nil }
        let identity = kind.identityFields.compactMap { kind.field($0) }
        let ownWords = fields.compactMap { kind.ownWords(of: $0) }
        let tables = kind.fields.filter { $0.form == .table }
        // Whether it is still owed.
        let outcome = kind == .promise ? [kind.field(PromiseField.outcome.rawValue)].compactMap(\.self) : []
        return fields + (identity + ownWords + tables + outcome).filter { !fields.contains($0) } + dayFields
    }

    /// How to add one; empty where this person may not.
    private var hint: String {
        get throws {
            switch kind {
            case .note: return " Add one: kith note ID"
            case .round: return " Set out: kith round start"
            default:
                let directory = try presenter.staff()
                let isAllowed =
                    switch kind {
                    case .concern: directory.areas.contains { $0.twinOf != nil && $0.canWrite }
                    case .place: directory.role != .member
                    default: !kind.isWrittenByAdmins || directory.role == .admin
                    }
                return isAllowed ? " Add one: kith \(kind.name) add" : ""
            }
        }
    }

    private var dayFields: [FieldDescription] {
        guard let day = kind.dayField, !kind.listFields.contains(day) else { return [] }
        return kind.fields.filter { $0.number == day }
    }

    /// Takes the next record.
    ///
    /// - Returns: whether more is to come: nobody may read it any more.
    mutating func add(_ stored: StoredRecord) throws -> Bool {
        let record = isMerged ? try presenter.identities.shown(stored) : stored
        count += 1
        if context.isJSON {
            try context.console.output.write(count == 1 ? "[" : ",")
            try context.console.output.write(utf8: json(record).encodedBytes())
            return !context.console.output.isAbandoned
        }
        var cells = [ShortID.display(record.id)]
        for field in fields {
            if let cell = noConsentCell(record, field) {
                used.insert(field.number)
                cells.append(cell)
                continue
            }
            if record.values[field.number] != nil { used.insert(field.number) }
            cells.append(RecordList.firstLine(try presenter.cell(record, field, on: day)))
        }
        if isMerged, let first = fields.first(where: { record.values[$0.number] != nil }),
            let index = fields.firstIndex(of: first)
        {
            cells[index + 1] += try presenter.standing(of: record)
        }
        let isMarked = wishes?.marks(record) ?? false
        hasMark = hasMark || isMarked
        cells.append(isMarked ? ContactWishes.mark : "")
        cells.append(try presenter.state(of: record).words)
        table.add(cells)
        return true
    }

    private func json(_ record: StoredRecord) throws -> JSONValue {
        let json = try presenter.json(record)
        guard wishes?.marks(record) ?? false, case .object(let members) = json else { return json }
        return .object(members + [.init("do_not_contact", .boolean(true))])
    }

    /// What stands under "Do not contact" where the record does not say it, but the consent to it is withheld.
    private func noConsentCell(_ record: StoredRecord, _ field: FieldDescription) -> String? {
        guard kind == .person, field.number == PersonField.doNotContact.rawValue,
            record.values[field.number] != .integer(1), wishes?.wantsNoContact(record.id) ?? false
        else { return nil }
        return "yes (no consent)"
    }

    /// Prints what is not printed yet; where there was nothing, what can be done about it.
    ///
    /// - Parameter isNarrowed: whether not all of the kind were asked for.
    mutating func finish(isNarrowed: Bool = false) throws {
        let console = context.console
        if context.isJSON { return try console.output.write(count == 0 ? "[]\n" : "]\n") }
        let hasLeft = try kind.isRestricted && PassedOn.note(context)
        guard count > 0 else {
            if hasLeft {
                return try console.note(
                    "None of them is on this laptop any more. To say more about one, add another that names it: "
                        + "kith concern add")
            }
            if isNarrowed, try context.reader().count(kind, where: "1", []) > 0 {
                return try console.note("None of the \(kind.plural) here fits.")
            }
            return try console.note("There are no \(kind.plural) here.\(try hint)")
        }
        table.shown.removeAll { (1...fields.count).contains($0) && !used.contains(fields[$0 - 1].number) }
        if !hasMark { table.shown.removeAll { $0 == fields.count + 1 } }
        table.fit(on: console)
        try console.show(table)
    }
}

extension Terminal.Table {
    /// Cuts what is too wide for a terminal, unless it is laid out in another way.
    mutating func fit(on console: Console) {
        let width = console.streams.tableWidth
        if !console.settings.isPlain, width >= Terminal.Table.narrowestWidth { fit(width: width) }
    }
}
