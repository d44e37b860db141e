import SyncCore

/// From a day on, the amount in so many days above which a payment to one person needs a conversation first.
///
/// The office writes thresholds into the library, a line each, because they change from year to year and differ from charity
/// to charity: `2026-04-06 GBP 50.00 7 May touch benefits: offer advice first`.
package struct PaymentThreshold: Hashable, Sendable {
    /// The most days that an amount is added up over.
    package static let largestDays = 3_660

    /// The first day on which it holds.
    package let from: CivilDate
    /// The currency's three letters.
    package let currency: String
    /// The amount in minor units that may be reached.
    package let amountMinor: Int64
    /// Over how many days payments are added up, the day of the payment included.
    package let days: Int
    /// What to do above it.
    package let advice: String

    /// Reads a line; nil where it is none.
    package init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
        guard words.count >= 4, let from = CivilDate(String(words[0])), MoneyText.isCurrency(String(words[1])),
            let amount = MoneyText.minorUnits(String(words[2])), let days = Int(words[3]),
            (1...Self.largestDays).contains(days)
        else { return nil }
        self.from = from
        currency = String(words[1])
        amountMinor = amount
        self.days = days
        advice = words.count > 4 ? String(words[4]) : ""
    }

    /// Reads all lines of a resource; empty ones and those that begin with `#` say nothing.
    ///
    /// - Returns: the thresholds, and the numbers of the lines that can't be read, from 1.
    package static func read(_ text: String) -> (thresholds: [PaymentThreshold], unread: [Int]) {
        var (thresholds, unread): ([PaymentThreshold], [Int]) = ([], [])
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.allSatisfy(\.isWhitespace) || line.first == "#" { continue }
            if let threshold = PaymentThreshold(line) {
                thresholds.append(threshold)
            } else {
                unread.append(index + 1)
            }
        }
        return (thresholds, unread)
    }

    /// Those that hold on a day: of each currency and number of days the latest one.
    package static func inForce(_ all: [PaymentThreshold], on day: CivilDate) -> [PaymentThreshold] {
        var latest: [String: PaymentThreshold] = [:]
        for threshold in all where threshold.from <= day {
            let key = "\(threshold.currency) \(threshold.days)"
            if let known = latest[key], known.from > threshold.from { continue }
            latest[key] = threshold
        }
        return latest.values.sorted { ($0.currency, $0.days) < ($1.currency, $1.days) }
    }
}
