import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith visit add` and `kith meeting add`: a place, a time, and who took part.
struct GatheringAdd {
    let kind: RecordKind
    let place: Int
    /// The field of whom it is about where there need be no place; nil for what needs neither.
    let person: Int?
    let started: Int
    let kindField: Int
    let summary: Int
    /// The field of an attendance that points back here.
    let attendance: AttendanceField

    static let visit = GatheringAdd(
        kind: .visit, place: VisitField.place.rawValue, person: VisitField.person.rawValue,
        started: VisitField.started.rawValue, kindField: VisitField.kind.rawValue,
        summary: VisitField.summary.rawValue, attendance: .visit)
    static let meeting = GatheringAdd(
        kind: .meeting, place: MeetingField.place.rawValue, person: nil, started: MeetingField.started.rawValue,
        kindField: MeetingField.kind.rawValue, summary: MeetingField.summary.rawValue, attendance: .meeting)

    /// What is written down while it is added is its summary, whatever people call it. To a record that is there a note is
    /// added beside it: `edit` has no such name.
    private var options: FieldOptions { FieldOptions(kind, excluding: [place], secondNames: [summary: "note"]) }

    var command: Command<ClientContext> {
        Command(
            name: "add", summary: kind.entry.summary,
            discussion: "The date is read as people write it: today, yesterday 14:30, mon 9am, 22/11/2026 2pm. "
                + (person == nil
                    ? "A meeting needs no place: leave it out and say --started."
                    : "Who was met somewhere else is named in place of the place: --person Alex --started today."),
            example: kind.entry.example,
            arguments: [
                Argument("place", "Name or id of the place; \"\" for none.", isPromptable: true),
                Argument("when", "When it started, as --started says it too.", isPromptable: true),
            ],
            options: options.declared + [
                .text("with", "PERSON", "Who took part.", isRepeatable: true),
                AreaChoice.option("The team that the record belongs to."),
            ],
            run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let reader = try context.fieldReader()
        // When it started is told in any case: by its option, its word or an answer.
        var values = try reader.values(
            options, arguments, otherDates: arguments.value(of: "started") == nil ? 1 : 0)
        let isEnded = arguments.value(of: "ended") != nil
        let given = try givenWords(arguments, isStarted: values[started] != nil)
        let asks = given.when == nil || (given.place == nil && !isCompleteWithoutPlace(values))
        if let id = try findPlace(given.place, values, context, reader) {
            values[place] = .blob(id.bytes)
            try takeKind(of: id, &values, context)
        }
        try askForPerson(&values, context, reader)
        if values[started] == nil {
            let when = try context.answer(given.when, asking: "When", option: "WHEN") { typed in
                try reader.time(typed, option: "WHEN", label: isEnded ? "Started" : nil).stored
            }
            values[started] = .text(when)
        }
        var people = try people(named: arguments.values(of: "with"), values, reader)
        if asks, context.console.prompter.canAsk {
            let guided = GuidedFields(kind: kind, context: context)
            // Whoever goes to see somebody has said whom they met.
            let isToPerson = person.map { values[$0] != nil } ?? false
            if people.isEmpty, !isToPerson { people = try guided.people(option: "--with", reader.finder) }
            try guided.ask(&values)
        }
        let saving = RecordSaving(context: context)
        try saving.check(kind, values)
        try ContactCheck(context: context).warn(kind, values, with: people)
        let area = try saving.area(of: kind, values, with: people, named: arguments.value(of: AreaChoice.optionName))
        guard let id = try save(values, people, area.area, saving) else { return }
        try saving.remember(area)
        try RecordCommands.tell(context, "Recorded", kind, id)
    }

    /// Who took part; where several people are named, a failure says whose name it is about.
    private func people(named words: [String], _ values: [Int: Value], _ reader: FieldReader) throws -> [RecordID] {
        let isOneOfSeveral = words.count > 1 || person.map { values[$0] != nil } ?? false
        var people: [RecordID] = []
        for typed in words {
            do {
                let person = try reader.finder.find(.person, named: typed).id
                if !people.contains(person) { people.append(person) }
            } catch let failure as CommandFailure where isOneOfSeveral {
                throw failure.of("--with \(typed)")
            }
        }
        return people
    }

    /// The place and the time as they were given; with `--started` the only word is the place.
    private func givenWords(
        _ arguments: ParsedArguments, isStarted: Bool
    ) throws(CommandFailure) -> (place: String?, when: String?) {
        let when = arguments.argument("when")
        guard when == nil || !isStarted else {
            throw CommandFailure(
                exitCode: .usage, message: "WHEN and --started say the same: give one of them. Nothing was saved.")
        }
        return (arguments.argument("place"), when ?? arguments.value(of: "started"))
    }

    /// Whether what is here needs no place to be saved.
    private func isCompleteWithoutPlace(_ values: [Int: Value]) -> Bool {
        guard values[started] != nil else { return false }
        return person.map { values[$0] != nil } ?? true
    }

    /// The place; nil where there is none, because it was in the street, or nobody knows it.
    private func findPlace(
        _ given: String?, _ values: [Int: Value], _ context: ClientContext, _ reader: FieldReader
    ) throws -> RecordID? {
        if let given {
            return given.isEmpty ? nil : try reader.finder.find(.place, named: given).id
        }
        let isNeeded = person.map { values[$0] == nil } ?? false
        guard !isCompleteWithoutPlace(values), context.console.prompter.canAsk || isNeeded else { return nil }
        let names = GuidedNames(kind: .place, context: context, finder: reader.finder)
        let option = isNeeded ? "PLACE or --person" : "PLACE"
        return try context.answerIfAny(
            asking: isNeeded ? "Place (leave empty to name a person)" : "Place (may stay empty)", option: option,
            others: { names.choices($0) }
        ) { try names.find($0, option: option) }
    }

    /// A visit is of the kind of its place, with that kind's own words, unless either is said.
    private func takeKind(of place: RecordID, _ values: inout [Int: Value], _ context: ClientContext) throws {
        guard kind == .visit, values[kindField] == nil else { return }
        if values[VisitField.kindOther.rawValue] != nil {
            values[kindField] = .text(Words.other)
            return
        }
        guard let place = try context.reader().record(.place, place) else { return }
        for (field, value) in PlaceKind(place.values).visitValues { values[field] = value }
    }

    /// Asks who was met where there is no place to tell.
    private func askForPerson(_ values: inout [Int: Value], _ context: ClientContext, _ reader: FieldReader) throws {
        guard let person, values[person] == nil, values[place] == nil else { return }
        let names = GuidedNames(kind: .person, context: context, finder: reader.finder)
        let id = try context.answer(nil, asking: "Person", option: "--person", others: { names.choices($0) }) { typed in
            try names.find(typed, option: "--person")
        }
        values[person] = .blob(id.bytes)
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
