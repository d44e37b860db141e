extension CivilDate {
    /// How many years ahead a year of two digits may lie: what is written so is mostly past.
    private static let mostYearsAhead = 20

    /// The year that two digits stand for: the last one with them that is at most 20 years ahead. In 2026, `46` is 2046 and
    /// `47` is 1947.
    static func year(ofTwoDigits number: Int, near thisYear: Int) -> Int {
        let latest = thisYear + mostYearsAhead
        let year = latest / 100 * 100 + number
        return year > latest ? year - 100 : year
    }
}
