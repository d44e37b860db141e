import SyncCore

/// What people agree to today, as their consents say together: the most restrictive wins.
package struct ConsentRegister {
    /// What a person said to a purpose.
    package enum Standing: Hashable, Sendable {
        /// They agreed, and it has not ended.
        case given
        /// They took it back, or said no.
        case withheld
        /// They agreed once, and it has ended.
        case ended
        /// Nobody has asked, or nothing is recorded here.
        case unknown
    }

    private struct Key: Hashable {
        let person: RecordID
        let purpose: String
    }

    private let today: CivilDate
    private var standings: [Key: Standing] = [:]
    private let people: MergedRecords

    /// Makes an empty register.
    ///
    /// - Parameters:
    ///   - today: the day on which something is to be used.
    ///   - people: which person's record stands for which, so that what either record says counts for both.
    package init(today: CivilDate, people: MergedRecords) {
        self.today = today
        self.people = people
    }

    /// Adds a living consent.
    ///
    /// - Parameter values: by field number.
    package mutating func add(_ values: [Int: Value]) {
        guard case .blob(let bytes)? = values[ConsentField.person.rawValue], let person = RecordID(bytes: bytes),
            case .text(let purpose)? = values[ConsentField.purpose.rawValue]
        else { return }
        let key = Key(person: people.survivor(of: person), purpose: purpose)
        let standing = standing(values)
        let known = standings[key] ?? .unknown
        standings[key] = Self.rank(standing) < Self.rank(known) ? standing : known
    }

    /// What a person said to a purpose, `quotes` or `sharing`.
    ///
    /// Of somebody who was moved to where this place does not see them, a permission is unknown here: they may have
    /// taken it back there since. A no that is known here stays a no.
    package func standing(_ person: RecordID, _ purpose: String) -> Standing {
        let standing = standings[Key(person: people.survivor(of: person), purpose: purpose)] ?? .unknown
        return standing == .given && people.isAway(person) ? .unknown : standing
    }

    /// Of several, the strictest; then one that holds, before one that has ended.
    private static func rank(_ standing: Standing) -> Int {
        switch standing {
        case .withheld: 0
        case .given: 1
        case .ended: 2
        case .unknown: 3
        }
    }

    private func standing(_ values: [Int: Value]) -> Standing {
        // A day of withdrawal counts whatever the answer says: the two merge each for itself.
        guard case .text("given")? = values[ConsentField.answer.rawValue],
            (values[ConsentField.withdrawn.rawValue] ?? .null).isNull
        else { return .withheld }
        guard case .text(let text)? = values[ConsentField.expires.rawValue] else { return .given }
        // What can't be read as a day is no permission.
        guard let expires = ParsedDate(stored: text)?.date else { return .ended }
        return expires < today ? .ended : .given
    }
}

/// Leaves a person's own words out of what goes to others, unless they agreed.
package final class QuoteGuard {
    /// What stands where words were left out; an import of it changes nothing there.
    package static let leftOut = "(left out: no consent)"

    /// How many texts were left out so far.
    package private(set) var leftOutCount = 0
    private let fields: [Int]
    private let person: Int?
    private let mayQuote: Int?
    private let purpose: String
    private let register: ConsentRegister

    /// Makes a guard for records of a kind.
    ///
    /// - Parameter purpose: what the words are to be used for: `quotes` or `sharing`.
    /// - Returns: nil where the kind has no field for a person's own words.
    package init?(_ kind: RecordKind, purpose: String = "quotes", register: ConsentRegister) {
        fields = kind.fields.filter(\.isQuote).map(\.number)
        guard !fields.isEmpty else { return nil }
        person = kind.field(named: "person")?.number
        mayQuote = kind.field(named: "may_quote")?.number
        self.purpose = purpose
        self.register = register
    }

    /// The values of a record as they may go out.
    package func guarded(_ values: [Int: Value]) -> [Int: Value] {
        var guarded = values
        for field in fields {
            guard case .text(let text)? = values[field], !OptionalAnswer.codes.contains(text), !isAllowed(values) else {
                continue
            }
            guarded[field] = .text(Self.leftOut)
            leftOutCount += 1
        }
        return guarded
    }

    private func isAllowed(_ values: [Int: Value]) -> Bool {
        let person = person.flatMap { values[$0]?.reference }
        let standing = person.map { register.standing($0, purpose) } ?? .unknown
        let answer = mayQuote.flatMap { values[$0] }.map(OptionalAnswer.init) ?? .notAsked
        if standing == .withheld || answer == .given("no") || answer == .declined { return false }
        // What was said with the words speaks for somebody who is not named; whoever is named is asked themselves.
        return standing == .given || (person == nil && answer == .given("yes"))
    }
}
