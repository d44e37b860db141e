/// Amounts of money as people write them, and as they are stored: in minor units.
package enum MoneyText {
    /// How many minor units a unit has.
    package static let minorUnits: Int64 = 100
    /// Currencies that are not divided into hundredths (ISO 4217, 2024): their amounts can't be recorded.
    private static let otherwiseDivided: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF", "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
    ]
    /// Signs that may stand before an amount, and the currencies that they stand for.
    private static let signs: [Character: Set<String>] = [
        "£": ["GBP"], "€": ["EUR"], "$": ["USD", "AUD", "CAD", "HKD", "NZD", "SGD"],
    ]

    /// The sign before an amount that is not one of its currency; nil where there is none.
    package static func wrongSign(_ typed: String, currency: String) -> Character? {
        guard let sign = typed.first, let currencies = signs[sign], !currencies.contains(currency) else { return nil }
        return sign
    }

    /// The minor units of an amount: `20`, `20.5`, `20.50`, `£1,020.50`; nil where it is none.
    package static func minorUnits(_ typed: String) -> Int64? {
        var text = typed[...]
        if let first = text.first, signs[first] != nil { text = text.dropFirst() }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap(wholeUnits), whole <= FieldForm.largestMinorUnits else { return nil }
        guard parts.count == 2 else { return whole * minorUnits }
        let digits = parts[1].utf8
        guard (1...2).contains(digits.count), let fraction = Int64(parts[1]), fraction >= 0, parts[1].first != "+"
        else { return nil }
        return whole * minorUnits + (digits.count == 1 ? fraction * 10 : fraction)
    }

    /// The amount with two decimals: `20.50`.
    package static func shown(_ minor: Int64) -> String {
        let cents = (minor % minorUnits).magnitude
        return "\(minor / minorUnits).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// Whether these are three capital letters of a currency that is divided into hundredths.
    package static func isCurrency(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            && !otherwiseDivided.contains(text)
    }

    /// Digits, in groups of three or none: `1020`, `1,020`.
    private static func wholeUnits(_ text: Substring) -> Int64? {
        let groups = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let first = groups.first, !first.isEmpty, groups.count == 1 || first.utf8.count <= 3,
            groups.dropFirst().allSatisfy({ $0.utf8.count == 3 }),
            groups.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
        else { return nil }
        return Int64(groups.joined())
    }
}
