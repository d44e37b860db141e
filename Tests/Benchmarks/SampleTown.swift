import KithClient
import OutreachModel
import SyncCore
import SyncReplica

/// Made-up records of years of work in one town, always the same ones for the same day: what the lists are measured on.
///
/// Nothing in it is real: names are words and numbers. Days count back from today, for today and due look at them.
struct SampleTown {
    /// A person with a journey, and a place where much happens.
    static let person = "Robin Alder 0"
    static let place = "Elm House 0"
    /// Words for a search: one that every tenth visit has, one that every thousandth has.
    static let (frequentWord, rareWord) = ("garden", "kestrel")

    private static let groupCount = 500
    private static let days = 3_650
    private static let firstNames = [
        "Robin", "Alex", "Sam", "Kim", "Jo", "Ashley", "Morgan", "Charlie", "Jamie", "Lee",
    ]
    private static let lastNames = ["Alder", "Brook", "Carter", "Dale", "East", "Field", "Grove", "Hill", "Ivory"]
    private static let trees = [
        "Elm", "Oak", "Ash", "Birch", "Cedar", "Hazel", "Maple", "Rowan", "Willow", "Yew", "Fir",
    ]
    private static let talk = [
        "tea", "housing", "letters", "the bus", "a cold", "work", "music", "the kitchen", "benefits", "a friend",
    ]
    private static let seed: UInt64 = 0x6B_6974_6821

    private let laptop: Laptop
    private let today: CivilDate
    private let main: Int
    private let everyone: Int
    private let visitCount: Int
    private var random = SeededNumbers(state: seed)
    private var people: [RecordID] = []
    private var places: [RecordID] = []
    private var visits: [RecordID] = []
    private var meetings: [RecordID] = []

    /// - Parameter visitCount: a fifth as many people, a twentieth as many places, and the rest in proportion.
    init(_ laptop: Laptop, today: CivilDate, visitCount: Int) throws {
        let areas = try laptop.replica.directory()?.areas ?? []
        guard let everyone = areas.first(where: { $0.name == "everyone" })?.number,
            let main = areas.first(where: { $0.name == "main" })?.number
        else { throw ChildProcess.Failure(description: "The laptop was not given its areas.") }
        self.laptop = laptop
        self.today = today
        self.visitCount = visitCount
        (self.main, self.everyone) = (main, everyone)
    }

    /// Writes everything into the laptop, as groups of many records.
    mutating func write() throws {
        places = try add(.place, visitCount / 20) { town, number in town.place(number) }
        people = try add(.person, visitCount / 5) { town, number in town.person(number) }
        visits = try add(.visit, visitCount) { town, number in town.visit(number) }
        meetings = try add(.meeting, visitCount / 20) { town, number in town.meeting(number) }
        _ = try add(.attendance, visitCount / 5) { town, number in town.attendance(number) }
        _ = try add(.role, visitCount / 10) { town, number in town.role(number) }
        _ = try add(.note, visitCount / 10) { town, number in town.note(number) }
        _ = try add(.promise, visitCount / 25) { town, number in town.promise(number) }
        _ = try add(.opportunity, visitCount / 25) { town, number in town.opportunity(number) }
        _ = try add(.insight, visitCount / 50) { town, number in town.insight(number) }
        _ = try add(.consent, visitCount / 50) { town, number in town.consent(number) }
    }

    private typealias Fields = [(field: Int, value: Value)]

    private mutating func add(
        _ kind: RecordKind, _ count: Int, _ fields: (inout SampleTown, Int) -> Fields
    ) throws -> [RecordID] {
        var ids: [RecordID] = []
        let area = kind.isForEveryone ? everyone : main
        while ids.count < count {
            let numbers = ids.count..<min(ids.count + Self.groupCount, count)
            ids += try laptop.replica.write { work in
                try numbers.map { try work.create(table: kind.number, area: area, values: fields(&self, $0)) }
            }
        }
        return ids
    }

    // MARK: Values

    /// Each field by its number.
    private func fields<Field: RawRepresentable<Int>>(_ values: [(Field, Value?)]) -> Fields {
        values.compactMap { field, value in value.map { (field.rawValue, $0) } }
    }

    private mutating func one(of ids: [RecordID]) -> Value { .blob(ids[random.next(below: ids.count)].bytes) }

    private mutating func pick(_ words: [String]) -> String { words[random.next(below: words.count)] }

    private mutating func chance(_ one: Int) -> Bool { random.next(below: one) == 0 }

    /// A day before today; now and then the day itself.
    private mutating func pastDay() -> CivilDate { today.adding(days: -random.next(below: Self.days)) }

    private mutating func pastTime() -> Value {
        let (day, minute) = (pastDay(), random.next(below: 60))
        return .text("\(day)T14:\(minute < 10 ? "0" : "")\(minute):00+00:00")
    }

    private func day(_ day: CivilDate) -> Value { .text(day.description) }

    // MARK: Records

    private mutating func place(_ number: Int) -> Fields {
        let name = number == 0 ? Self.place : "\(Self.trees[number % Self.trees.count]) House \(number)"
        return fields([
            (PlaceField.name, .text(name)), (.kind, .text(pick(Array(RecordKind.placeKinds.dropLast())))),
            (.district, .text("District \(number % 12)")),
            (.rhythmDays, chance(20) ? .integer(Int64(90 + random.next(below: 275))) : nil),
        ])
    }

    private mutating func person(_ number: Int) -> Fields {
        let (first, last) = (Self.firstNames[number % 10], Self.lastNames[number % 9])
        return fields([
            (PersonField.name, .text("\(first) \(last) \(number)")), (.knownBy, .text("alias")),
            (.pronouns, chance(2) ? .text("they/them") : nil),
            (.strengths, chance(5) ? .text("Good at \(pick(Self.talk))") : nil),
            (.doNotContact, chance(100) ? .integer(1) : nil),
            (.rhythmDays, chance(50) ? .integer(Int64(180 + random.next(below: 2_000))) : nil),
        ])
    }

    private mutating func visit(_ number: Int) -> Fields {
        let rare = number % 1_000 == 1 ? " A \(Self.rareWord) on the roof." : ""
        let frequent = number % 10 == 3 ? " Then to the \(Self.frequentWord) group." : ""
        return fields([
            (VisitField.place, one(of: places)), (.person, number % 2 == 0 ? one(of: people) : nil),
            (.started, pastTime()), (.kind, .text("residential")),
            (.summary, .text("Talked about \(pick(Self.talk)) and \(pick(Self.talk)).\(frequent)\(rare)")),
            (.outcome, .text(chance(10) ? "no_access" : "went_ahead")),
            (.headcount, .integer(Int64(random.next(below: 12)))),
        ])
    }

    private mutating func meeting(_ number: Int) -> Fields {
        fields([
            (MeetingField.place, one(of: places)), (.started, pastTime()),
            (.kind, .text(pick(Array(RecordKind.meetingKinds.dropLast())))),
            (.headcount, .integer(Int64(random.next(below: 30)))),
            (.summary, .text("Spoke about \(pick(Self.talk)); next time \(pick(Self.talk)).")),
        ])
    }

    /// Every hundredth is of the person with a journey.
    private mutating func someone(_ number: Int) -> Value {
        number < 20 ? .blob(people[0].bytes) : one(of: people)
    }

    private mutating func attendance(_ number: Int) -> Fields {
        fields([
            number % 2 == 0 ? (AttendanceField.meeting, one(of: meetings)) : (.visit, one(of: visits)),
            (.person, someone(number)), (.tookPartAs, .text("attended")),
            (.contribution, chance(3) ? .text("Knew about \(pick(Self.talk)).") : nil),
        ])
    }

    private mutating func role(_ number: Int) -> Fields {
        fields([
            (RoleField.person, someone(number * 10)), (.kind, .text("resident")), (.place, one(of: places)),
            (.started, day(pastDay())),
        ])
    }

    private mutating func note(_ number: Int) -> Fields {
        let table = Int64(number % 2 == 0 ? OutreachSchema.Number.person : OutreachSchema.Number.visit)
        return fields([
            (NoteField.aboutTable, .integer(table)),
            (.about, number % 2 == 0 ? someone(number) : one(of: visits)),
            (.text, .text("Asked about \(pick(Self.talk)) again.")),
        ])
    }

    private mutating func promise(_ number: Int) -> Fields {
        let isOpen = chance(50)
        return fields([
            (PromiseField.person, one(of: people)), (.what, .text("Bring the form about \(pick(Self.talk))")),
            (.promisedBy, .text("Sam")), (.made, day(pastDay())),
            (.due, isOpen ? day(today.adding(days: random.next(below: 40) - 20)) : day(pastDay())),
            (.kept, isOpen ? nil : day(today)), (.outcome, isOpen ? nil : .text("kept")),
        ])
    }

    private mutating func opportunity(_ number: Int) -> Fields {
        fields([
            (OpportunityField.person, someone(number * 2)), (.what, .text("Help with \(pick(Self.talk))")),
            (.offeredBy, .text("Sam")), (.offered, day(pastDay())), (.answer, .text(chance(3) ? "not_now" : "yes")),
        ])
    }

    private mutating func insight(_ number: Int) -> Fields {
        let isOpen = chance(40)
        return fields([
            (InsightField.meeting, one(of: meetings)), (.theme, .text("More about \(pick(Self.talk))")),
            (.heard, day(pastDay())), (.decision, .text(isOpen ? "pending" : "accepted")),
            (.due, isOpen ? day(today.adding(days: random.next(below: 60) - 20)) : nil),
            (.decided, isOpen ? nil : day(today)), (.fedBack, isOpen ? nil : day(today)),
        ])
    }

    private mutating func consent(_ number: Int) -> Fields {
        fields([
            (ConsentField.person, one(of: people)), (.purpose, .text("quotes")), (.answer, .text("given")),
            (.given, day(pastDay())), (.expires, day(today.adding(days: random.next(below: 2_000)))),
        ])
    }
}

/// Numbers that look random and are the same in every run (SplitMix64, Steele, Lea and Flood 2014).
struct SeededNumbers {
    var state: UInt64

    /// A number from 0 on, below a bound.
    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }
}
