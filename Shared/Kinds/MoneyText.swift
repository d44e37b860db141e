import Terminal

/// Amounts of money as people write them, and as they are stored: in minor units.
package enum MoneyText {
    /// How many minor units a unit has.
    package static let minorUnits: Int64 = 100
    /// The currencies that are divided into hundredths (ISO 4217, 2025; without the codes of funds): amounts in others can't be
    /// recorded.
    private static let currencies = Set(
        """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP \
        CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS \
        KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB \
        PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD \
        TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
        """.split(separator: " ").map(String.init))
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

    /// Whether this is the code of a currency that is divided into hundredths, in capital letters.
    package static func isCurrency(_ text: String) -> Bool { currencies.contains(text) }

    /// The usual currency whose code was probably meant; nil where none is near.
    package static func nearCurrency(_ typed: String) -> String? {
        // Pounds first: of two that are equally near, the first is taken.
        nearestName(to: typed.uppercased(), among: ["GBP"] + signs.values.flatMap { $0 }.sorted())
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
