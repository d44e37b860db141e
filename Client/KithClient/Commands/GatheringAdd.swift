import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit add` and `kith meeting add`: a place, a time, and who took part.
struct GatheringAdd {
    let kind: RecordKind
    let place: Int
    let started: Int
    let kindField: Int
    let summary: Int
    /// The field of an attendance that points back here.
    let attendance: AttendanceField

    static let visit = GatheringAdd(
        kind: .visit, place: VisitField.place.rawValue, started: VisitField.started.rawValue,
        kindField: VisitField.kind.rawValue, summary: VisitField.summary.rawValue, attendance: .visit)
    static let meeting = GatheringAdd(
        kind: .meeting, place: MeetingField.place.rawValue, started: MeetingField.started.rawValue,
        kindField: MeetingField.kind.rawValue, summary: MeetingField.summary.rawValue, attendance: .meeting)

    private var options: FieldOptions { FieldOptions(kind, excluding: [place, started]) }

    var command: Command<ClientContext> {
        Command(
            name: "add", summary: kind.entry.summary,
            discussion: "The date is read as people write it: today, yesterday 14:30, mon 9am, 22/11/2026 2pm.",
            example: kind.entry.example,
            arguments: [
                Argument("place", "Name or id of the place.", isPromptable: true),
                Argument("when", "When it started.", isPromptable: true),
            ],
            options: options.declared + [
                .text("with", "PERSON", "Who took part.", isRepeatable: true),
                AreaChoice.option("The team that the record belongs to."),
            ],
            run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let reader = try context.fieldReader()
        let asks = arguments.argument("place") == nil || arguments.argument("when") == nil
        var values = try reader.values(options, arguments)
        let placeID = try findPlace(arguments, context, reader)
        values[place] = .blob(placeID.bytes)
        let when = try context.answer(arguments.argument("when"), asking: "When", option: "WHEN") { typed in
            try reader.time(typed, option: "WHEN").stored
        }
        values[started] = .text(when)
        if kind.number == OutreachSchema.Number.visit, values[kindField] == nil {
            values[kindField] = try context.reader().record(.place, placeID)?.values[PlaceField.kind.rawValue]
        }
        if asks { try askForRest(&values, context) }
        var people: [RecordID] = []
        for typed in arguments.values(of: "with") {
            let person = try reader.finder.find(.person, named: typed).id
            if !people.contains(person) { people.append(person) }
        }
        let saving = RecordSaving(context: context)
        try saving.check(kind, values)
        let area = try saving.area(of: kind, values, with: people, named: arguments.value(of: "area"))
        guard let id = try save(values, people, area.area, saving) else { return }
        try saving.remember(area, named: arguments.value(of: "area"))
        try RecordCommands.tell(context, "Recorded", kind, id)
    }

    private func findPlace(
        _ arguments: ParsedArguments, _ context: ClientContext, _ reader: FieldReader
    ) throws -> RecordID {
        try context.answer(arguments.argument("place"), asking: "Place", option: "PLACE") { typed in
            try reader.finder.find(.place, named: typed).id
        }
    }

    /// What a person who is asked anyway is asked too; an option answers it beforehand.
    private func askForRest(_ values: inout [Int: Value], _ context: ClientContext) throws {
        let prompter = context.console.prompter
        guard prompter.canAsk else { return }
        if values[kindField] == nil, kind.number == OutreachSchema.Number.meeting {
            let choices = RecordKind.meetingKinds.map { Prompter.Choice($0, label: Words.plain($0)) }
            values[kindField] = .text(try prompter.choice("Kind", option: "--kind", among: choices))
        }
        if values[summary] == nil {
            let text = try prompter.text("Summary (may stay empty)", option: "--summary", allowsEmpty: true)
            if !text.isEmpty { values[summary] = .text(text) }
        }
    }

    private func save(
        _ values: [Int: Value], _ people: [RecordID], _ area: Int, _ saving: RecordSaving
    ) throws -> RecordID? {
        try saving.save { work in
            let id = try work.create(table: kind.number, area: area, values: values.map { ($0.key, $0.value) })
            for person in people {
                try work.create(
                    table: OutreachSchema.Number.attendance, area: area,
                    values: [
                        (attendance.rawValue, .blob(id.bytes)),
                        (AttendanceField.person.rawValue, .blob(person.bytes)),
                        (AttendanceField.tookPartAs.rawValue, .text("attended")),
                    ])
            }
            return id
        }
    }
}
