/// Times as people say them, turned into times as clocks show them: `half past 2`, `quarter to three`, `ten past nine`,
/// `2 o'clock`.
///
/// Who says no morning or afternoon means the working day: 1 to 6 are after noon, 7 to 12 are not.
enum SpokenTime {
    private static let minutes = ["five": 5, "ten": 10, "quarter": 15, "twenty": 20, "half": 30]
    private static let afternoon: Set<String> = ["pm", "afternoon", "evening"]
    private static let firstHourOfDay = 7

    /// The pieces with every spoken time, and every count of days, in figures; what is neither stays as it is.
    static func inFigures(_ tokens: [DateToken]) -> [DateToken] {
        var figures: [DateToken] = []
        var rest = tokens[...]
        while let first = rest.first {
            if let figure = SpokenSpan.take(&rest) ?? time(&rest) {
                figures += figure
            } else {
                figures.append(first)
                rest.removeFirst()
            }
        }
        return figures
    }

    // MARK: Times

    private static func time(_ rest: inout ArraySlice<DateToken>) -> [DateToken]? {
        var ahead = rest
        guard let (hour, minute) = clock(&ahead) else { return nil }
        let half = takeHalf(&ahead)
        var hourOfDay = hour
        switch half {
        case true?: hourOfDay = hour % 12 + 12
        case false?: hourOfDay = hour % 12
        case nil: hourOfDay = hour < firstHourOfDay ? hour + 12 : hour
        }
        rest = ahead
        let minuteOfDay = (hourOfDay * 60 + minute + 1_440) % 1_440
        return [
            .number(minuteOfDay / 60, digits: 2), .symbol(UInt8(ascii: ":")), .number(minuteOfDay % 60, digits: 2),
        ]
    }

    /// An hour of twelve and the minutes after it; minutes before it are negative.
    private static func clock(_ rest: inout ArraySlice<DateToken>) -> (hour: Int, minute: Int)? {
        var ahead = rest
        if let hour = takeHour(&ahead), takeWord(["oclock"], &ahead) != nil || takeOClock(&ahead) {
            rest = ahead
            return (hour, 0)
        }
        ahead = rest
        guard let minute = takeMinutes(&ahead) else { return nil }
        let isHalf = minute == 30 && rest.first == .word("half")
        let side = takeWord(["past", "to"], &ahead)
        guard side != nil || isHalf, !(isHalf && side == "to"), let hour = takeHour(&ahead) else { return nil }
        rest = ahead
        return (hour, side == "to" ? -minute : minute)
    }

    private static func takeOClock(_ rest: inout ArraySlice<DateToken>) -> Bool {
        guard rest.starts(with: [.word("o"), .word("clock")]) else { return false }
        rest.removeFirst(2)
        return true
    }

    private static func takeMinutes(_ rest: inout ArraySlice<DateToken>) -> Int? {
        let minute: Int
        switch rest.first {
        case .number(let number, let digits)? where (1...59).contains(number) && digits <= 2: minute = number
        case .word(let word)?:
            guard let number = minutes[word] else { return nil }
            minute = number
        default: return nil
        }
        rest.removeFirst()
        _ = takeWord(["minutes", "mins", "min", "minute"], &rest)
        return minute
    }

    private static func takeHour(_ rest: inout ArraySlice<DateToken>) -> Int? {
        switch rest.first {
        case .number(let number, let digits)? where (1...12).contains(number) && digits <= 2:
            rest.removeFirst()
            return number
        case .word(let word)?:
            guard let hour = DateWords.numbers[word] else { return nil }
            rest.removeFirst()
            return hour
        default: return nil
        }
    }

    /// Whether the afternoon was named, or the morning; nil where neither was.
    private static func takeHalf(_ rest: inout ArraySlice<DateToken>) -> Bool? {
        var ahead = rest
        if takeWord(["in"], &ahead) != nil { _ = takeWord(["the"], &ahead) }
        guard let word = takeWord(afternoon.union(["am", "morning"]), &ahead) else { return nil }
        rest = ahead
        return afternoon.contains(word)
    }

    private static func takeWord(_ words: Set<String>, _ rest: inout ArraySlice<DateToken>) -> String? {
        guard case .word(let word)? = rest.first, words.contains(word) else { return nil }
        rest.removeFirst()
        return word
    }
}
