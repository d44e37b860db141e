import OutreachModel
import SyncCore
import SyncHub
import Terminal

/// A preview of an erasure for people and for programs.
struct ErasureListing {
    private let preview: ErasurePreview
    private let held: [QuarantinedGroup]
    private let connection: HubConnection
    private let areas: [Int: String]
    private let openConflicts: Int

    init(_ preview: ErasurePreview, held: [QuarantinedGroup], _ connection: HubConnection) throws {
        self.preview = preview
        self.held = held
        self.connection = connection
        areas = Dictionary(uniqueKeysWithValues: try connection.hub.areas().map { ($0.number, $0.name) })
        let ids = Set(preview.items.filter { $0.link != .partOfName }.map(\.id))
        openConflicts = try connection.hub.conflicts(openOnly: true).count { ids.contains($0.record) }
    }

    /// - Parameter choice: what options say of the records; what they leave open is told as it is suggested.
    func show(_ choice: ErasureChoice, on console: Console) throws {
        if console.settings.isJSON { return try console.show(json(choice)) }
        for (heading, items) in sections where !items.isEmpty {
            try console.showHeading(heading)
            var table = Table([
                Table.Column("ID"), Table.Column("Kind"), Table.Column("Date"), Table.Column("Area"),
                Table.Column(choice.isGiven ? "Then" : "Suggested"), Table.Column("What"),
            ])
            for item in items {
                table.add([
                    ShortID.display(item.id), kind(item), date(item), areas[item.area] ?? "?",
                    Self.words(choice.actions[item.id] ?? item.suggestion), line(item),
                ])
            }
            try console.show(table)
            try console.show("")
        }
        try console.show("Records: \(preview.items.count { $0.link != .partOfName || $0.suggestion != .keep })")
        try console.show("Open conflicts about them: \(openConflicts)")
        let groups = held.map { String($0.id) }.joined(separator: ", ")
        try console.show("Held groups that name them: \(held.isEmpty ? "none" : groups)")
    }

    private var sections: [(String, [ErasureItem])] {
        [
            ("The person", preview.items.filter { $0.link == .person }),
            ("Refers to the person", preview.items.filter { $0.link == .reference }),
            ("The person took part", preview.items.filter { $0.link == .tookPart }),
            ("Refers to one of these", preview.items.filter { if case .through = $0.link { true } else { false } }),
            ("Names the person", preview.items.filter { $0.link == .text }),
            ("Has a word of the name, perhaps of somebody else", preview.items.filter { $0.link == .partOfName }),
        ]
    }

    private func json(_ choice: ErasureChoice) -> JSONValue {
        [
            "person": .string(preview.person.description),
            "records": .array(
                preview.items.map { item in
                    [
                        "id": .string(item.id.description), "kind": .string(kind(item)),
                        "area": .string(areas[item.area] ?? "?"), "date": .string(date(item)),
                        "link": .string(Self.word(item.link)), "deleted": .boolean(!item.isLiving),
                        "shared": .boolean(item.isShared), "former_only": .boolean(item.isFormer),
                        "suggested": .string(item.suggestion.rawValue),
                        "chosen": JSONValue(choice.actions[item.id]?.rawValue),
                        "choices": .array(item.actions.map { .string($0.rawValue) }), "line": .string(line(item)),
                    ]
                }),
            "open_conflicts": JSONValue(openConflicts), "held_groups": .array(held.map { .integer($0.id) }),
        ]
    }

    /// The question about one record.
    func question(_ item: ErasureItem) -> String {
        "\(kind(item)) \(ShortID.display(item.id)), \(date(item)): \(line(item))"
    }

    // MARK: Words

    static func words(_ action: ErasureAction) -> String {
        switch action {
        case .erase: "erase"
        case .redact: "take the person out"
        case .keep: "keep"
        }
    }

    private static func word(_ link: ErasureItem.Link) -> String {
        switch link {
        case .person: "person"
        case .reference: "reference"
        case .through: "through"
        case .tookPart: "took_part"
        case .text: "text"
        case .partOfName: "part_of_name"
        }
    }

    private func kind(_ item: ErasureItem) -> String { item.kind?.name ?? "table_\(item.table)" }

    /// The date that the record speaks of, or when it was made.
    private func date(_ item: ErasureItem) -> String {
        let local = LocalTime()
        for field in item.kind?.fields ?? [] where field.form == .time {
            if case .text(let text) = item.state.field(field.number).value, let parsed = ParsedDate(stored: text) {
                return parsed.date.description
            }
        }
        return local.moment(atMilliseconds: item.state.created.milliseconds).date.description
    }

    /// What the record says, in one line and whole: there is no way back from what is decided on it.
    private func line(_ item: ErasureItem) -> String {
        var parts = item.isLiving ? [] : ["(deleted)"]
        if item.isFormer { parts.append("(in former values)") }
        if item.isShared { parts.append("(others took part)") }
        let kind = item.kind
        for number in kind?.listFields ?? [] {
            guard let field = kind?.field(number), field.form != .time else { continue }
            if let words = shown(item.state.field(number).value, field) { parts.append(words) }
        }
        return String(parts.joined(separator: ", ").map { $0.isNewline ? " " : $0 })
    }

    private func shown(_ value: Value, _ field: FieldDescription) -> String? {
        if case .reference(let table) = field.form, case .blob(let bytes) = value, let id = RecordID(bytes: bytes),
            let kind = RecordKind.of(table: table)
        {
            // A name is a help for the eye; where it can't be read the id is shown.
            let state = try? connection.hub.record(table: table, id: id)
            if case .text(let name)? = state?.field(kind.titleField).value { return name }
        }
        return field.shown(value, in: LocalTime())
    }
}
