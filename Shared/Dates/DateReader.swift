/// Reads the pieces of a typed date from left to right into a phrase.
struct DateReader {
    private let tokens: [DateToken]
    private var index = 0
    private var phrase = DatePhrase()

    private static let colon = DateToken.symbol(UInt8(ascii: ":"))
    private static let dot = DateToken.symbol(UInt8(ascii: "."))
    private static let slash = DateToken.symbol(UInt8(ascii: "/"))
    private static let dash = DateToken.symbol(UInt8(ascii: "-"))
    private static let dateSeparators = [slash, dash, dot]
    private static let plus = DateToken.symbol(UInt8(ascii: "+"))
    private static let directions: [String: DatePhrase.Direction] = ["last": .last, "next": .next, "this": .this]
    /// The most days, hours or minutes that `ago` and `in` may count.
    private static let largestCount = 10_000
    /// How many digits that has.
    static let digitsOfLargestCount = 5

    /// The year it is: years of two digits lie near it.
    private let thisYear: Int

    private init(_ tokens: [DateToken], thisYear: Int) {
        self.tokens = tokens
        self.thisYear = thisYear
    }

    /// Reads a whole text.
    static func phrase(_ text: String, thisYear: Int) throws(DateParseError) -> DatePhrase {
        var reader = DateReader(SpokenTime.inFigures(try DateToken.split(text)), thisYear: thisYear)
        guard !reader.tokens.isEmpty else { throw .notUnderstood }
        while let token = reader.peek() {
            reader.index += 1
            switch token {
            case .number(let number, let digits): try reader.readNumber(number, digits: digits)
            case .word(let word): try reader.readWord(word)
            case Self.plus: try reader.readOffset(sign: 1)
            case Self.dash: try reader.readOffset(sign: -1)
            case .symbol: throw .notUnderstood
            }
        }
        try reader.checkPart()
        return reader.phrase
    }

    // MARK: Pieces

    private func peek(_ ahead: Int = 0) -> DateToken? {
        index + ahead < tokens.count ? tokens[index + ahead] : nil
    }

    private func peekWord(_ ahead: Int = 0) -> String? {
        if case .word(let word)? = peek(ahead) { word } else { nil }
    }

    private mutating func take(_ token: DateToken) -> Bool {
        guard peek() == token else { return false }
        index += 1
        return true
    }

    private mutating func takeNumber(digits allowed: ClosedRange<Int>) -> (value: Int, digits: Int)? {
        guard case .number(let number, let digits)? = peek(), allowed.contains(digits) else { return nil }
        index += 1
        return (number, digits)
    }

    // MARK: Words

    private mutating func readWord(_ word: String) throws(DateParseError) {
        if DateWords.fillers.contains(word) { return }
        if word == "now" { return try phrase.set(minutesAgo: 0) }
        if word == "tonight" {
            try phrase.set(.daysFromToday(0))
            return try phrase.set(.evening)
        }
        if let days = DateWords.relativeDays[word] { return try phrase.set(.daysFromToday(days)) }
        if let time = DateWords.times[word] { return try phrase.set(time) }
        if let zone = DateWords.zones[word] { return try phrase.set(zone) }
        if let weekday = DateWords.weekday(word) { return try readWeekday(weekday, .nearest) }
        if let part = DateWords.parts[word] { return try phrase.set(part) }
        if let following = peekWord(), try readDirected(word, following) { return }
        if word == "in" { return try readAhead() }
        if word == "end" { return try readEndOfMonth() }
        if word == "t", phrase.day != nil, phrase.time == nil, case .number? = peek() { return }
        if let month = DateWords.month(word), let day = takeNumber(digits: 1...2) {
            if let ordinal = peekWord(), DateWords.ordinals.contains(ordinal) { index += 1 }
            return try setDate(day: day.value, month: month, year: takeYear())
        }
        throw .notUnderstood
    }

    /// `last friday`, `next friday`, `this friday`, `this morning`, `last night`; `tonight` needs no second word.
    private mutating func readDirected(_ word: String, _ following: String) throws(DateParseError) -> Bool {
        guard let direction = Self.directions[word] else { return false }
        if let weekday = DateWords.weekday(following) {
            index += 1
            try readWeekday(weekday, direction)
            return true
        }
        guard direction == .this && DateWords.parts[following] != nil || direction == .last && following == "night"
        else {
            return false
        }
        try phrase.set(.daysFromToday(direction == .this ? 0 : -1))
        return true
    }

    /// `in 3 days`, `in 2 hours`, `in 1 weeks on friday`: as the spoken forms are written out.
    private mutating func readAhead() throws(DateParseError) {
        guard let count = takeNumber(digits: 1...Self.digitsOfLargestCount)?.value, count <= Self.largestCount,
            let unit = peekWord()
        else { throw .notUnderstood }
        index += 1
        if unit == "weeks", peekWord() == "on", let weekday = peekWord(1).flatMap(DateWords.weekday) {
            index += 2
            return try phrase.set(.weekday(weekday, .ahead(weeks: count)))
        }
        try setSpan(count, unit)
    }

    /// So many days, minutes or months from now; negative where they lie behind.
    private mutating func setSpan(_ count: Int, _ unit: String) throws(DateParseError) {
        if let days = DateWords.daysOfUnit[unit] { return try phrase.set(.daysFromToday(days * count)) }
        if let minutes = DateWords.minutesOfUnit[unit] { return try phrase.set(minutesAgo: -minutes * count) }
        guard let months = DateWords.monthsOfUnit[unit] else { throw .notUnderstood }
        try phrase.set(.monthsFromToday(months * count))
    }

    /// `end of the month`, `end of next month`.
    private mutating func readEndOfMonth() throws(DateParseError) {
        while let word = peekWord(), DateWords.fillers.contains(word) { index += 1 }
        let isNext = take(.word("next"))
        if !isNext { _ = take(.word("this")) }
        guard take(.word("month")) else { throw .notUnderstood }
        try phrase.set(.endOfMonth(after: isNext ? 1 : 0))
    }

    /// A part of a day belongs to a day, and a time beside it lies in it.
    private func checkPart() throws(DateParseError) {
        guard let part = phrase.part else { return }
        guard phrase.day != nil, phrase.time.map(part.holds) ?? true else { throw .notUnderstood }
    }

    /// A weekday beside a date, `Sunday 22 November`, only confirms it.
    private mutating func readWeekday(_ weekday: Int, _ direction: DatePhrase.Direction) throws(DateParseError) {
        switch phrase.day {
        case .date?, .dayOfYear?: try phrase.confirm(weekday: weekday)
        default: try phrase.set(.weekday(weekday, direction))
        }
    }

    // MARK: Numbers

    private mutating func readNumber(_ number: Int, digits: Int) throws(DateParseError) {
        if let word = peekWord() { return try readNumber(number, before: word) }
        if let month = peekWord(1).flatMap(DateWords.month), let separator = peek(),
            Self.dateSeparators.contains(separator)
        {
            return try readDate(number, separator: separator, month: month)
        }
        switch peek() {
        case Self.colon: try readTime(hour: number)
        case Self.dot: try readDotted(number)
        case Self.slash: try readDate(number, separator: Self.slash, yearIsOptional: true)
        case Self.dash where digits == 4: try readYearFirst(number)
        case Self.dash: try readDate(number, separator: Self.dash, yearIsOptional: false)
        default: throw .notUnderstood
        }
    }

    private mutating func readNumber(_ number: Int, before word: String) throws(DateParseError) {
        if word == "am" || word == "pm" { return try setTime(hour: number, minute: 0, second: 0) }
        if peekWord(1) == "ago", number <= Self.largestCount {
            index += 2
            return try setSpan(-number, word)
        }
        if DateWords.ordinals.contains(word) { index += 1 }
        if peekWord() == "of" { index += 1 }
        guard let name = peekWord(), let month = DateWords.month(name) else { throw .notUnderstood }
        index += 1
        try setDate(day: number, month: month, year: takeYear())
    }

    /// `2.30pm` or `22.11.2026`.
    private mutating func readDotted(_ number: Int) throws(DateParseError) {
        if peek(2) == Self.dot {
            try readDate(number, separator: Self.dot, yearIsOptional: false)
        } else {
            try readTime(hour: number)
        }
    }

    private mutating func readTime(hour: Int) throws(DateParseError) {
        index += 1
        guard let minute = takeNumber(digits: 2...2) else { throw .noSuchTime }
        var second = 0
        if take(Self.colon) {
            guard let given = takeNumber(digits: 2...2) else { throw .noSuchTime }
            second = given.value
            if take(Self.dot), takeNumber(digits: 1...9) == nil { throw .noSuchTime }
        }
        try setTime(hour: hour, minute: minute.value, second: second)
    }

    private mutating func setTime(hour: Int, minute: Int, second: Int) throws(DateParseError) {
        var hour = hour
        if let half = peekWord(), half == "am" || half == "pm" {
            index += 1
            guard (1...12).contains(hour) else { throw .noSuchTime }
            hour = hour % 12 + (half == "pm" ? 12 : 0)
        }
        guard let time = ClockTime(hour: hour, minute: minute, second: second) else { throw .noSuchTime }
        try phrase.set(time)
    }

    private mutating func readYearFirst(_ year: Int) throws(DateParseError) {
        index += 1
        guard let month = takeNumber(digits: 1...2), take(Self.dash), let day = takeNumber(digits: 1...2) else {
            throw .notUnderstood
        }
        try setDate(day: day.value, month: month.value, year: year)
    }

    private mutating func readDate(
        _ day: Int, separator: DateToken, yearIsOptional: Bool
    ) throws(DateParseError) {
        index += 1
        guard let month = takeNumber(digits: 1...2) else { throw .notUnderstood }
        var year: Int?
        if take(separator) {
            guard let given = takeNumber(digits: 2...4), given.digits != 3 else { throw .notUnderstood }
            year = given.digits == 2 ? CivilDate.year(ofTwoDigits: given.value, near: thisYear) : given.value
        }
        guard year != nil || yearIsOptional else { throw .notUnderstood }
        try setDate(day: day, month: month.value, year: year)
    }

    /// `22-Nov-26` and `22-Nov`, as spreadsheets write dates.
    private mutating func readDate(_ day: Int, separator: DateToken, month: Int) throws(DateParseError) {
        index += 2
        guard take(separator) else { return try setDate(day: day, month: month, year: nil) }
        guard let year = takeYear() else { throw .notUnderstood }
        try setDate(day: day, month: month, year: year)
    }

    /// The year behind a month in words: four digits, or two that are not the start of a time.
    private mutating func takeYear() -> Int? {
        if let year = takeNumber(digits: 4...4) { return year.value }
        switch peek(1) {
        case Self.colon?, Self.dot?, .word("am")?, .word("pm")?: return nil
        default: return takeNumber(digits: 2...2).map { CivilDate.year(ofTwoDigits: $0.value, near: thisYear) }
        }
    }

    private mutating func setDate(day: Int, month: Int, year: Int?) throws(DateParseError) {
        guard (1...12).contains(month) else { throw .noSuchMonth }
        guard day >= 1, day <= CivilDate.daysIn(month: month, year: year ?? 2_000) else {
            throw .noSuchDay(month: month, year: year)
        }
        guard CivilDate.years.contains(year ?? 2_000) else { throw .noSuchYear }
        if case .weekday(let weekday, .nearest)? = phrase.day {
            phrase.day = nil
            try phrase.confirm(weekday: weekday)
        }
        if let year {
            try phrase.set(.date(year: year, month: month, day: day))
        } else {
            try phrase.set(.dayOfYear(month: month, day: day))
        }
    }

    // MARK: Offset

    /// `+01:00`, `+0100` or `+01`, after a time.
    private mutating func readOffset(sign: Int) throws(DateParseError) {
        guard phrase.time != nil, let first = takeNumber(digits: 2...4), first.digits != 3 else {
            throw .notUnderstood
        }
        var hours = first.value
        var minutes = 0
        if first.digits == 4 {
            (hours, minutes) = (first.value / 100, first.value % 100)
        } else if take(Self.colon) {
            guard let given = takeNumber(digits: 2...2) else { throw .notUnderstood }
            minutes = given.value
        }
        guard hours <= 23, minutes <= 59 else { throw .notUnderstood }
        try phrase.set(.offset(minutes: sign * (hours * 60 + minutes)))
    }
}
