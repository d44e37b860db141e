import SyncCore

/// Reads the dates of a file, where nobody is there to ask which one was meant.
///
/// Numbers alone are read in the order that was given; without one only those that have a single reading. What else
/// people write, `2 May 2023 14:30`, is read too as long as it names the year.
struct DateCellReader {
    /// What lists write where there is no date.
    private static let absences: Set<String> = ["n/a", "na", "-", "none"]

    /// The three numbers of a date, and what follows them.
    private struct Numbers {
        var first: (value: Int, digits: Int)
        var second: (value: Int, digits: Int)
        var third: (value: Int, digits: Int)
        var rest: Substring
    }

    /// How dates such as 03/04/2026 are read; nil refuses them.
    let order: DateOrder?
    private let parser: DateParser
    private let now: Int64
    private let thisYear: Int

    /// Makes a reader.
    ///
    /// - Parameter now: milliseconds since 1970.
    init(order: DateOrder?, local: LocalTime, now: Int64) {
        self.order = order
        self.now = now
        parser = DateParser(local: local)
        thisYear = local.moment(atMilliseconds: now).date.year
    }

    /// Whether the text says that there is no date.
    func isAbsent(_ text: String) -> Bool { text.utf8.count <= 4 && Self.absences.contains(text.lowercased()) }

    /// Whether the text is a date with two readings, which needs an order.
    func isAmbiguous(_ text: String) -> Bool { order == nil && Self.hasTwoReadings(text) }

    /// Whether the text is a date that reads otherwise day first than month first.
    static func hasTwoReadings(_ text: String) -> Bool {
        guard let numbers = Self.numbers(text), numbers.first.digits <= 2 else { return false }
        let (first, second) = (numbers.first.value, numbers.second.value)
        return first <= 12 && second <= 12 && first != second
    }

    /// The stored form; a date alone stays one.
    func stored(_ text: String, _ field: FieldDescription) throws(RowProblem) -> String {
        let parsed = try parsed(text, field)
        let years = LikelyYears.around(thisYear)
        guard parsed.date.year <= years.upperBound else {
            throw RowProblem("“\(field.label)” lies more than \(LikelyYears.mostAhead) years ahead.")
        }
        guard parsed.date.year >= years.lowerBound else {
            throw RowProblem("“\(field.label)” lies more than \(LikelyYears.mostBack) years back.")
        }
        return parsed.stored
    }

    private func parsed(_ text: String, _ field: FieldDescription) throws(RowProblem) -> ParsedDate {
        if let date = ParsedDate(stored: text) { return date }
        var typed = text
        if let numbers = Self.numbers(text) {
            guard let date = date(numbers) else { throw RowProblem("“\(field.label)” names a day that there is not.") }
            guard !numbers.rest.isEmpty else { return .day(date) }
            typed = "\(date) \(numbers.rest)"
        } else {
            try checkNamesYear(text, field)
        }
        do throws(DateParseError) {
            return try parser.parse(typed, now: now)
        } catch {
            throw RowProblem(Self.words(error, field))
        }
    }

    /// Why a text names no time; without the date itself, for it may be shown where others see it.
    private static func words(_ error: DateParseError, _ field: FieldDescription) -> String {
        switch error {
        case .skippedByClocks:
            "“\(field.label)” is a time that there was not: on that day the clocks went forward over it."
        case .otherWeekday: "“\(field.label)” names another weekday than that day was."
        case .noSuchDay: "“\(field.label)” names a day that there is not."
        case .noSuchTime: "“\(field.label)” names a time of day that there is not."
        case .notInThatTime: "“\(field.label)” names summer or winter time where the clocks showed the other."
        default: "“\(field.label)” is not a date."
        }
    }

    private func date(_ numbers: Numbers) -> CivilDate? {
        let (first, second, third) = (numbers.first, numbers.second, numbers.third)
        if first.digits == 4 || order == .ymd {
            return CivilDate(year: year(first), month: second.value, day: third.value)
        }
        let isMonthFirst = order == .mdy || (order == nil && second.value > 12)
        let (day, month) = isMonthFirst ? (second.value, first.value) : (first.value, second.value)
        return CivilDate(year: year(third), month: month, day: day)
    }

    private func year(_ number: (value: Int, digits: Int)) -> Int {
        number.digits == 2 ? CivilDate.year(ofTwoDigits: number.value, near: thisYear) : number.value
    }

    /// Three numbers between two separators of the same kind, one of them a year of two or four digits.
    private static func numbers(_ text: String) -> Numbers? {
        var rest = Array(text.utf8)[...]
        guard let first = number(&rest), let separator = rest.popFirst(),
            [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-")].contains(separator),
            let second = number(&rest), second.digits <= 2, rest.popFirst() == separator, let third = number(&rest),
            first.digits == 4 && third.digits <= 2 || first.digits <= 2 && (third.digits == 2 || third.digits == 4)
        else { return nil }
        guard rest.first.map({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "T") }) ?? true else { return nil }
        return Numbers(
            first: first, second: second, third: third, rest: Substring(decoding: rest.dropFirst(), as: UTF8.self))
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) -> (value: Int, digits: Int)? {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...4).contains(digits.count), let value = Digits.value(digits) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return (value, digits.count)
    }

    /// `today`, `monday` and `2 May` mean another day whenever they are read.
    private func checkNamesYear(_ text: String, _ field: FieldDescription) throws(RowProblem) {
        let day: DatePhrase.Day?
        do throws(DateParseError) {
            day = try DateReader.phrase(text, thisYear: thisYear).day
        } catch {
            throw RowProblem(Self.words(error, field))
        }
        switch day {
        case .date?: return
        case .dayOfYear?: throw RowProblem("“\(field.label)” does not name the year.")
        default: throw RowProblem("“\(field.label)” is not a date.")
        }
    }
}
