import OutreachModel
import SyncCore
import Terminal

/// The options of a kind of record, one for each field, and what was given for them.
struct FieldOptions {
    let kind: RecordKind
    /// Fields that come as arguments, or that the command fills in itself.
    let excluded: Set<Int>
    /// Second names of options, by the number of the field.
    let secondNames: [Int: String]

    init(_ kind: RecordKind, excluding excluded: Set<Int> = [], secondNames: [Int: String] = [:]) {
        self.kind = kind
        self.excluded = excluded
        self.secondNames = secondNames
    }

    /// The fields that have an option; those that say which record stands for which are written by merge and move.
    var fields: [FieldDescription] {
        let identity = kind.identityFields
        return kind.fields.filter { field in
            !identity.contains(field.number) && !excluded.contains(field.number) && field.form != .table
                && field.form != .anyReference
        }
    }

    /// The declarations for the command.
    var declared: [CommandOption] {
        fields.map {
            .text(
                Self.name($0), Self.placeholder($0), Self.summary($0), isPromptable: true,
                completes: Self.completion($0), secondName: secondNames[$0.number])
        }
    }

    /// What a shell offers for a field; nil where the placeholder says it.
    static func completion(_ field: FieldDescription) -> Completion? {
        field.form.words.isEmpty ? nil : .words(field.form.words)
    }

    /// `--access-notes` for the column `access_notes`, without the dashes; `--amount` for `amount_minor`, because people
    /// don't type minor units.
    static func name(_ field: FieldDescription) -> String {
        let underscore = UInt8(ascii: "_")
        var name = field.name.utf8[...]
        if field.form == .money { name = name.dropLast(name.reversed().prefix { $0 != underscore }.count + 1) }
        return String(decoding: name.map { $0 == underscore ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    private static func placeholder(_ field: FieldDescription) -> String {
        switch field.form {
        case .text: "TEXT"
        case .words, .answer: field.form.words.isEmpty ? "TEXT" : "WORD"
        case .time: "WHEN"
        case .count, .rhythm: "N"
        case .money: "AMOUNT"
        case .currency: "CODE"
        case .flag: "yes|no"
        case .reference(let table): RecordKind.of(table: table)?.name.uppercased() ?? "ID"
        case .anyReference, .table: "ID"
        }
    }

    private static func summary(_ field: FieldDescription) -> String {
        let words = field.form.words
        return words.isEmpty ? "\(field.label)." : "\(field.label): \(words.joined(separator: ", "))."
    }
}

/// Turns what a person typed for a field into the value to store, and tells how a date was understood.
struct FieldReader {
    let console: Console
    let finder: RecordFinder
    let local: LocalTime
    /// Milliseconds since 1970.
    let now: Int64
    /// The currency that a sign before an amount must stand for; nil where there is no amount.
    var currency: String?

    /// The values of all fields that were given, by number.
    ///
    /// Throws a usage error for a value that does not fit, exit code 3 for a name that fits nothing or several.
    ///
    /// - Parameters:
    ///   - known: the values that a record has already.
    ///   - otherDates: how many dates the command is given beside the options; of several each is told with its field.
    func values(
        _ options: FieldOptions, _ arguments: ParsedArguments, beside known: [Int: Value] = [:], otherDates: Int = 0
    ) throws -> [Int: Value] {
        var values: [Int: Value] = [:]
        let given = options.fields.filter { arguments.value(of: FieldOptions.name($0)) != nil }
        let namesDates = given.count { $0.form == .time } + otherDates > 1
        for field in given {
            guard let typed = arguments.value(of: FieldOptions.name(field)) else { continue }
            let option = "--\(FieldOptions.name(field))"
            do {
                let start = options.kind.start(of: field, in: known.merging(values) { $1 })
                values[field.number] = try value(
                    field, typed, option: option, after: start, namesDate: namesDates)
            } catch let failure as CommandFailure
                where failure.exitCode == .notFound && given.count(where: { $0.form == field.form }) > 1
            {
                throw failure.of(option)
            }
        }
        return values
    }

    /// The value for one field.
    ///
    /// - Parameters:
    ///   - option: how the error names it, such as `--summary` or `WHEN`.
    ///   - start: when that began of which the field says the end.
    ///   - namesDate: whether a date is told with the field that it is of.
    func value(
        _ field: FieldDescription, _ typed: String, option: String, after start: Moment? = nil, namesDate: Bool = false
    ) throws -> Value {
        switch field.form {
        case .text: return .text(field.isName ? TidyName.tidied(typed) : typed)
        case .words: return .text(try word(field, typed, option))
        case .answer(let words): return .text(try answer(field, words, typed, option))
        case .time:
            let leaning = field.isAhead ? DateParser.Leaning.future : .past
            let label = namesDate ? field.label : nil
            return .text(try time(typed, option: option, leaning: leaning, after: start, label: label).stored)
        case .money: return .integer(try money(typed, option))
        case .currency: return .text(typed.uppercased())
        case .count: return .integer(try number(typed, in: 0...1_000_000, option))
        case .rhythm: return .integer(try number(typed, in: 1...FieldForm.longestRhythmDays, option))
        case .flag: return .integer(try flag(typed, option))
        case .reference(let table):
            guard let kind = RecordKind.of(table: table) else { throw usage("\(option) can't be given here.") }
            if table == OutreachSchema.Number.place || table == OutreachSchema.Number.person {
                return .blob(try finder.find(kind, named: typed).id.bytes)
            }
            return .blob(try finder.find(kind, id: typed).id.bytes)
        case .anyReference, .table: throw usage("\(option) can't be given here.")
        }
    }

    /// Reads a date and says on standard error how it was understood.
    ///
    /// - Parameters:
    ///   - leaning: on which side of today a weekday or a day without a year is looked for.
    ///   - start: from when a time alone is counted that lies ahead; nil: from now.
    ///   - label: what it is the date of, where another is told too.
    func time(
        _ typed: String, option: String, leaning: DateParser.Leaning = .past, after start: Moment? = nil,
        label: String? = nil
    ) throws(CommandFailure) -> ParsedDate {
        let parsed: ParsedDate
        do throws(DateParseError) {
            parsed = try DateParser(local: local).parse(
                typed, now: now, leaning: leaning, after: start?.milliseconds)
        } catch {
            throw usage("\(option): \(error)")
        }
        let today = local.moment(atMilliseconds: now).date
        guard LikelyYears.around(today.year).contains(parsed.date.year) else {
            throw usage("\(option): \(parsed.date.year) is not a year of anybody's work. Is the year right?")
        }
        if !console.settings.isJSON { try console.note((label.map { "\($0): " } ?? "") + parsed.echo(in: local)) }
        try console.prompter.transcript.settle(option, typed, as: parsed.stored)
        return parsed
    }

    /// Reads the days from which and until which something is shown; throws where the second lies before the first.
    func days(since: String?, until: String?) throws(CommandFailure) -> (since: CivilDate?, until: CivilDate?) {
        var days: (since: CivilDate?, until: CivilDate?)
        if let since { days.since = try time(since, option: "--since").date }
        if let until {
            // A span ends after it began: of two mondays the first one after that. What can't be read is refused below.
            let past = try? DateParser(local: local).parse(until, now: now, leaning: .past).date
            let isBefore = days.since.flatMap { since in past.map { $0 < since } } ?? false
            days.until = try time(until, option: "--until", leaning: isBefore ? .future : .past).date
        }
        if let since = days.since, let until = days.until, until < since {
            throw CommandFailure(
                exitCode: .usage, message: "--until lies before --since: there is no day between. Nothing was changed.")
        }
        return days
    }

    private func word(_ field: FieldDescription, _ typed: String, _ option: String) throws(CommandFailure) -> String {
        if let word = field.word(typed) { return word }
        throw usage("\(option) is one of: \(field.form.words.joined(separator: ", ")).")
    }

    private func answer(
        _ field: FieldDescription, _ words: [String], _ typed: String, _ option: String
    ) throws(CommandFailure) -> String {
        if !words.isEmpty { return try word(field, typed, option) }
        let key = TextMatch.key(Words.plain(typed))
        return OptionalAnswer.codes.first { TextMatch.key(Words.plain($0)) == key } ?? typed
    }

    private func money(_ typed: String, _ option: String) throws(CommandFailure) -> Int64 {
        if let currency, let sign = MoneyText.wrongSign(typed, currency: currency) {
            throw usage("\(option) is in \(sign), and the currency is \(currency): say --currency, such as EUR.")
        }
        if let minor = MoneyText.minorUnits(typed) { return minor }
        throw usage("\(option) is an amount such as 20 or 20.50.")
    }

    private func number(
        _ typed: String, in range: ClosedRange<Int64>, _ option: String
    ) throws(CommandFailure) -> Int64 {
        if let number = Int64(typed), range.contains(number) { return number }
        throw usage("\(option) is a whole number from \(range.lowerBound) to \(range.upperBound).")
    }

    private func flag(_ typed: String, _ option: String) throws(CommandFailure) -> Int64 {
        switch typed.lowercased() {
        case "yes", "y", "true", "1": return 1
        case "no", "n", "false", "0": return 0
        default: throw usage("\(option) is yes or no.")
        }
    }

    private func usage(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .usage, message: "\(message) Nothing was saved.")
    }
}
