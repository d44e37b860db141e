import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// `kith place add` and its like: a record of a kind as its `EntryForm` says.
struct RecordAdd {
    let kind: RecordKind
    /// The fields that are given by their place on the command line.
    let words: [FieldDescription]
    let options: FieldOptions

    /// - Parameter kind: what is added; visits, meetings and people have commands of their own, which save more.
    init(_ kind: RecordKind) {
        self.kind = kind
        words = kind.entry.words.compactMap { kind.field($0) }
        options = FieldOptions(kind, excluding: Set(kind.entry.words))
    }

    var command: Command<ClientContext> {
        Command(
            name: "add", summary: kind.entry.summary, discussion: kind.entry.discussion, example: kind.entry.example,
            arguments: words.map {
                Argument(
                    FieldOptions.name($0), summary($0), isPromptable: true, completes: FieldOptions.completion($0))
            },
            options: declared,
            run: { arguments, context in try GuidedEntry.run(context) { try run(arguments, context) } })
    }

    private var usualCurrency: String? {
        if case .text(let currency)? = kind.entry.usual[PaymentField.currency.rawValue] { currency } else { nil }
    }

    private var declared: [CommandOption] {
        options.declared
            + (kind.isForEveryone ? [] : [AreaChoice.option("The team that the record belongs to.")])
            + (kind.isMergeable ? [DuplicateCheck.option(kind)] : [])
    }

    private func summary(_ field: FieldDescription) -> String {
        if field.number == kind.titleField, kind.hasName { return "What the \(kind.name) is called." }
        let words = field.form.words
        return words.isEmpty ? "\(field.label)." : "\(field.label): \(words.joined(separator: ", "))."
    }

    private func run(_ arguments: ParsedArguments, _ context: ClientContext) throws {
        let saving = RecordSaving(context: context)
        try saving.checkMayWrite(kind)
        var reader = try context.fieldReader()
        if kind == .payment { reader.currency = arguments.value(of: "currency")?.uppercased() ?? usualCurrency }
        var values = try reader.values(options, arguments)
        let asks = words.contains { arguments.argument(FieldOptions.name($0)) == nil }
        for field in words { try read(field, &values, arguments, reader, context) }
        if asks { try askForRest(&values, context) }
        if kind == .promise { try readWhenPromised(&values, reader, context) }
        try fillIn(&values, context)
        if kind == .place { try KnownRisks.fillIn(&values, of: nil, context) }
        try saving.check(kind, values)
        if kind.isMergeable {
            if let meant = try meant(values, arguments, context) {
                return try DuplicateCheck(kind: kind, context: context).tell(meant)
            }
        } else if kind.hasName {
            try warnAboutSameName(values, context)
        }
        if kind == .payment { try PaymentCheck(context: context).warn(values) }
        if kind == .relationship { try tellSamePair(values, context) }
        try ContactCheck(context: context).warn(kind, values)
        let named = kind.isForEveryone ? nil : arguments.value(of: AreaChoice.optionName)
        let area = kind.isForEveryone ? nil : try saving.area(of: kind, values, named: named)
        if kind == .concern { try nameForOthers(&values, area?.area, context) }
        let id = try saving.save { work in
            try work.create(
                table: kind.number, area: area?.area ?? AreaChoice.everyone, values: values.map { ($0.key, $0.value) })
        }
        guard let id else { return }
        if let area, !kind.isRestricted { try saving.remember(area) }
        if kind.isRestricted {
            if let area { try saving.tell(area) }
            return try PassedOn.tell(id, area?.area, saving)
        }
        try RecordCommands.tell(context, "Added", kind, id)
        if kind == .place { try KnownRisks.tell(id, changed: Set(values.keys), context) }
        if kind == .consent { try tellStricter(id, values, context) }
    }

    /// Reads what has its place among the words, or asks for it.
    private func read(
        _ field: FieldDescription, _ values: inout [Int: Value], _ arguments: ParsedArguments, _ reader: FieldReader,
        _ context: ClientContext
    ) throws {
        let name = FieldOptions.name(field)
        let given = arguments.argument(name)
        if given == nil, !field.form.words.isEmpty {
            return try guidedWords(context).ask(field, option: name.uppercased(), isNeeded: true, &values)
        }
        let question = kind.hasName ? "\(field.label) of the \(kind.name)" : field.label
        let option = name.uppercased()
        let names = guidedNames(field, reader, context)
        values[field.number] = try context.answer(
            given, asking: question, option: option, others: { names?.choices($0) ?? [] }
        ) { (typed) throws -> Value in
            if given == nil, let names { return .blob(try names.find(typed, option: option).bytes) }
            do {
                return try reader.value(field, typed, option: option)
            } catch let failure as CommandFailure
                where given != nil && failure.exitCode == .notFound && words.count(where: { $0.form == field.form }) > 1
            {
                throw failure.of(option)
            }
        }
    }

    private func guidedNames(
        _ field: FieldDescription, _ reader: FieldReader, _ context: ClientContext
    ) -> GuidedNames? {
        guard case .reference(let table) = field.form, let named = RecordKind.of(table: table), named.hasName else {
            return nil
        }
        return GuidedNames(kind: named, context: context, finder: reader.finder)
    }

    /// What a person who is asked anyway is asked too; an option answers it beforehand.
    private func askForRest(_ values: inout [Int: Value], _ context: ClientContext) throws {
        if kind == .attendance { try askForGathering(&values, context) }
        if kind == .insight { try askWhereHeard(&values, context) }
        try GuidedFields(kind: kind, context: context).ask(&values)
    }

    private func guidedWords(_ context: ClientContext) -> GuidedWords {
        GuidedWords(kind: kind, prompter: context.console.prompter)
    }

    /// Asks in what somebody took part, where that is not said.
    private func askForGathering(_ values: inout [Int: Value], _ context: ClientContext) throws {
        let (visit, meeting) = (AttendanceField.visit.rawValue, AttendanceField.meeting.rawValue)
        guard values[visit] == nil, values[meeting] == nil else { return }
        let gathering = try GatheringChoice(context: context).ask(option: "--visit or --meeting")
        values[gathering.kind == .visit ? visit : meeting] = .blob(gathering.id.bytes)
    }

    /// Asks where somebody said it, where that is not said: its team follows from it, and so does whom to tell what became of it.
    private func askWhereHeard(_ values: inout [Int: Value], _ context: ClientContext) throws {
        let (visit, meeting) = (InsightField.visit.rawValue, InsightField.meeting.rawValue)
        guard values[visit] == nil, values[meeting] == nil,
            let gathering = try GatheringChoice(context: context).askIfAny(
                "From which visit or meeting?", option: "--visit or --meeting")
        else { return }
        values[gathering.kind == .visit ? visit : meeting] = .blob(gathering.id.bytes)
    }

    /// What was to be kept before today was promised earlier still, on a day that nobody can guess.
    private func readWhenPromised(
        _ values: inout [Int: Value], _ reader: FieldReader, _ context: ClientContext
    ) throws {
        let today = context.local.moment(atMilliseconds: context.clock()).date
        guard let made = kind.field(PromiseField.made.rawValue), values[made.number] == nil,
            case .text(let due)? = values[PromiseField.due.rawValue], let day = ParsedDate(stored: due)?.date,
            day < today
        else { return }
        let option = "--\(FieldOptions.name(made))"
        guard context.console.prompter.canAsk else {
            let ifToday = values.merging([made.number: .text(today.description)]) { $1 }
            do throws(CommandFailure) {
                return try RecordSaving(context: context).check(kind, ifToday)
            } catch {
                throw CommandFailure(
                    exitCode: error.exitCode, message: error.message, next: "the same command with \(option)")
            }
        }
        values[made.number] = try context.answer(nil, asking: made.label, option: option) { typed in
            try reader.value(made, typed, option: option)
        }
    }

    /// What goes without saying: that it is today, who records it, and what is usual.
    private func fillIn(_ values: inout [Int: Value], _ context: ClientContext) throws {
        let date = context.local.moment(atMilliseconds: context.clock()).date
        // What lies before a date that is given was not today, unless that one lies ahead.
        let isBefore = kind.entrySpans.contains { span in
            guard span.from == kind.entry.today, case .text(let end)? = values[span.to] else { return false }
            guard let day = ParsedDate(stored: end)?.date else { return true }
            // What is to be kept by today may well have been promised today.
            return kind.spans.contains(span) ? day <= date : day < date
        }
        if let today = kind.entry.today, values[today] == nil, !isBefore { values[today] = .text(date.description) }
        if let recorder = kind.entry.recorder, values[recorder] == nil,
            let directory = try context.laptop().replica.directory()
        {
            values[recorder] = .text(directory.person)
        }
        for (field, value) in kind.entry.usual where values[field] == nil { values[field] = value }
    }

    /// Writes down who it is where those who will read it don't have that person's record.
    private func nameForOthers(_ values: inout [Int: Value], _ twin: Int?, _ context: ClientContext) throws {
        let (person, other) = (ConcernField.person.rawValue, ConcernField.aboutOther.rawValue)
        guard values[other] == nil, case .blob(let bytes)? = values[person], let id = RecordID(bytes: bytes),
            let record = try context.reader().record(.person, id),
            let team = try context.laptop().replica.directory()?.areas.first(where: { $0.number == twin })?.twinOf,
            record.area != team
        else { return }
        values[other] = .text(try RecordPresenter(context).title(of: record))
    }

    /// Says where another consent of the same person for the same purpose is stricter, and stays in force.
    private func tellStricter(_ id: RecordID, _ values: [Int: Value], _ context: ClientContext) throws {
        guard values[ConsentField.answer.rawValue] == .text("given"),
            let person = values[ConsentField.person.rawValue], let purpose = values[ConsentField.purpose.rawValue]
        else { return }
        var own: String?
        if case .text(let words)? = values[ConsentField.purposeOther.rawValue] { own = TextMatch.key(words) }
        let stricter = try context.reader().records(.consent, where: "answer <> 'given' OR withdrawn NOT NULL").first {
            other in
            other.values[ConsentField.person.rawValue] == person
                && other.values[ConsentField.purpose.rawValue] == purpose
                && other.text(ConsentField.purposeOther).map(TextMatch.key) == own
        }
        guard let stricter else { return }
        let isWithdrawn = stricter.text(ConsentField.withdrawn) != nil
        let answer = isWithdrawn ? "withdrawn" : stricter.text(ConsentField.answer).map(Words.plain) ?? ""
        try context.console.note(
            "An earlier answer says \(answer), and counts until it is changed: "
                + "kith consent edit \(ShortID.display(stricter.id)) --answer given\(isWithdrawn ? " --clear withdrawn" : "")"
        )
    }

    // MARK: Others of that name

    private func meant(
        _ values: [Int: Value], _ arguments: ParsedArguments, _ context: ClientContext
    ) throws -> StoredRecord? {
        guard case .text(let name)? = values[kind.titleField] else { return nil }
        var district: String?
        if kind == .place, case .text(let text)? = values[PlaceField.district.rawValue] { district = text }
        return try DuplicateCheck(kind: kind, context: context)
            .meant(name, district: district, isNew: arguments.hasFlag("new"))
    }

    /// Two who know each other may do so in several ways; whoever says it again should know.
    private func tellSamePair(_ values: [Int: Value], _ context: ClientContext) throws {
        let pair = [RelationshipField.person, .other].compactMap { values[$0.rawValue] }.compactMap { value in
            if case .blob(let bytes) = value { SQLValue.blob(bytes) } else { nil }
        }
        guard pair.count == 2 else { return }
        let same = try context.reader().records(
            .relationship, where: "(person = ?1 AND other = ?2) OR (person = ?2 AND other = ?1)",
            pair)
        guard let first = same.first else { return }
        try context.console.note(
            "These two are together already: kith relationship show \(ShortID.display(first.id)). "
                + "This one is added beside it.")
    }

    /// Two may share a name; whoever adds the second one should know.
    private func warnAboutSameName(_ values: [Int: Value], _ context: ClientContext) throws {
        guard case .text(let name)? = values[kind.titleField] else { return }
        let (names, key) = (try context.reader().texts(kind, field: kind.titleField, .living), TextMatch.key(name))
        guard let same = names.first(where: { TextMatch.key($0.text) == key }) else { return }
        let label = kind.field(kind.titleField)?.name ?? "name"
        try context.console.note(
            "There is a \(kind.name) of that \(label) already: \(ShortID.display(same.id)). "
                + "This one is added beside it.")
    }
}
