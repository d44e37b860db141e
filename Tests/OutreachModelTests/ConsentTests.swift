import OutreachModel
import SyncCore
import Testing

@Suite("Consent and people's own words")
struct ConsentTests {
    private static let alex = RecordID(milliseconds: 1, random: (0, 1))
    private static let merged = RecordID(milliseconds: 2, random: (0, 2))
    private static let elsewhere = RecordID(milliseconds: 3, random: (0, 3))
    private static let today = CivilDate(daysSince1970: 20_000)

    private func consent(
        _ answer: String, person: RecordID = alex, purpose: String = "quotes", expires: CivilDate? = nil
    ) -> [Int: Value] {
        var values: [Int: Value] = [
            ConsentField.person.rawValue: .blob(person.bytes), ConsentField.purpose.rawValue: .text(purpose),
            ConsentField.answer.rawValue: .text(answer),
        ]
        if let expires { values[ConsentField.expires.rawValue] = .text(expires.description) }
        return values
    }

    /// - Parameter away: who was moved to where this place does not see them.
    private func register(_ consents: [[Int: Value]], away: RecordID? = nil) -> ConsentRegister {
        var links = [MergedRecords.Link(Self.merged, to: Self.alex)]
        if let away { links.append(MergedRecords.Link(away, to: Self.elsewhere, isMove: true)) }
        var register = ConsentRegister(today: Self.today, people: MergedRecords(links) { $0 != Self.elsewhere })
        for consent in consents { register.add(consent) }
        return register
    }

    @Test(
        "Of several answers the strictest counts, in whatever order they come",
        arguments: [
            (["given"], ConsentRegister.Standing.given), (["given", "withdrawn"], .withheld),
            (["withdrawn", "given"], .withheld), (["refused", "given", "given"], .withheld), ([], .unknown),
            (["a word of a later version"], .withheld),
        ])
    func strictest(answers: [String], standing: ConsentRegister.Standing) {
        #expect(register(answers.map { consent($0) }).standing(Self.alex, "quotes") == standing)
    }

    @Test("A consent holds through its last day, for its own purpose and person, and for whoever was merged")
    func bounds() {
        let last = register([consent("given", expires: Self.today)])
        #expect(last.standing(Self.alex, "quotes") == .given)
        #expect(last.standing(Self.alex, "sharing") == .unknown)
        let past = register([consent("given", expires: Self.today.adding(days: -1))])
        #expect(past.standing(Self.alex, "quotes") == .ended)
        let other = register([consent("given"), consent("withdrawn", person: Self.merged)])
        #expect(other.standing(Self.alex, "quotes") == .withheld)
        #expect(other.standing(Self.merged, "quotes") == .withheld)
    }

    @Test(
        "Words of somebody who is named leave only with their consent; a no that was said with the words keeps them in",
        arguments: [
            (["given"], nil, true), ([], nil, false), (["withdrawn"], "yes", false), (["given"], "no", false),
            ([], "yes", false), (["given"], "declined", false), ([], "not_asked", false),
        ] as [([String], String?, Bool)])
    func words(answers: [String], mayQuote: String?, isAllowed: Bool) throws {
        let quotes = try #require(QuoteGuard(.insight, register: register(answers.map { consent($0) })))
        var values: [Int: Value] = [
            InsightField.person.rawValue: .blob(Self.alex.bytes), InsightField.theme.rawValue: .text("Stairs"),
            InsightField.words.rawValue: .text("I nearly fell"),
        ]
        if let mayQuote { values[InsightField.mayQuote.rawValue] = .text(mayQuote) }
        let guarded = quotes.guarded(values)
        #expect(guarded[InsightField.theme.rawValue] == .text("Stairs"))
        #expect((guarded[InsightField.words.rawValue] == .text("I nearly fell")) == isAllowed)
        #expect(quotes.leftOutCount == (isAllowed ? 0 : 1))
    }

    @Test("A consent of somebody who was moved to where nobody here sees them is no permission; a no stays a no")
    func away() throws {
        for person in [Self.alex, Self.merged] {
            let given = register([consent("given", person: person)], away: Self.alex)
            #expect(given.standing(person, "quotes") == .unknown)
            let quotes = try #require(QuoteGuard(.insight, register: given))
            let words: [Int: Value] = [
                InsightField.person.rawValue: .blob(person.bytes), InsightField.words.rawValue: .text("They slam"),
                InsightField.mayQuote.rawValue: .text("yes"),
            ]
            #expect(quotes.guarded(words)[InsightField.words.rawValue] == .text(QuoteGuard.leftOut))
            #expect(quotes.leftOutCount == 1)
        }
        #expect(register([consent("withdrawn")], away: Self.alex).standing(Self.alex, "quotes") == .withheld)
    }

    @Test("A day of withdrawal counts, whatever the answer says")
    func withdrawalDay() {
        var values = consent("given")
        values[ConsentField.withdrawn.rawValue] = .text("2026-11-22")
        #expect(register([values]).standing(Self.alex, "quotes") == .withheld)
    }

    @Test("Words of nobody who is named stay in unless it was said that they may be quoted")
    func nobody() throws {
        let quotes = try #require(QuoteGuard(.insight, register: register([])))
        #expect(
            quotes.guarded([InsightField.words.rawValue: .text("x")])[InsightField.words.rawValue]
                == .text(QuoteGuard.leftOut))
        let agreed: [Int: Value] = [
            InsightField.words.rawValue: .text("x"), InsightField.mayQuote.rawValue: .text("yes"),
        ]
        #expect(quotes.guarded(agreed)[InsightField.words.rawValue] == .text("x"))
        #expect(QuoteGuard(.visit, register: register([])) == nil, "a visit has no field for them")
    }
}
