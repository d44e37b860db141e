import OutreachModel
import SyncCore

/// Messages of the shape that goes over the line between laptop and server, about people who do not exist.
///
/// Everything is drawn from one seed, so that the same text always makes the same messages.
struct SampleMessages {
    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// 2024-01-01 in milliseconds since 1970; the messages are of the four years from then on.
    private static let start: Int64 = 1_704_067_200_000
    private static let spanMilliseconds: Int64 = 4 * 365 * 86_400_000
    /// How often a kind of record comes up.
    private static let weights: [(kind: RecordKind, weight: Int)] = [
        (.visit, 30), (.meeting, 12), (.attendance, 12), (.note, 8), (.person, 8), (.promise, 6), (.insight, 5),
        (.opportunity, 4), (.role, 3), (.relationship, 2), (.consent, 3), (.payment, 2), (.place, 2), (.round, 2),
        (.concern, 1), (.resource, 1),
    ]
    private static let names = [
        "Alex", "Robin", "Kim", "Sam", "Jo", "Lee", "Priya", "Dee", "Mia", "Noor", "Femi", "Castle House", "The Mill",
        "Day centre", "Station Road 12", "Riverside", "Harbour Court", "Market Square", "Team room", "St Anne's Hall",
    ]

    private let sentences: [String]
    private var dice: Dice

    /// - Parameter sentences: what people write, a sentence each.
    init(sentences: [String], seed: UInt64) {
        self.sentences = sentences
        dice = Dice(state: seed)
    }

    /// The next message: most are requests with little to say, the others replies.
    mutating func next() throws -> [UInt8] {
        switch roll(10) {
        case 0..<6:
            let whole = request(groupCount: roll(6) == 0 ? 0 : 1 + (roll(4) == 0 ? roll(6) : 0))
            let check = hash()
            // A server that holds the same is told the short form.
            return (roll(8) == 0 ? nil : try whole.shortened(Hash128 { _ in check }))?.encoded() ?? whole.encoded()
        default: return reply(recordCount: roll(3) == 0 ? 0 : 1 + roll(4)).encoded()
        }
    }

    // MARK: Messages

    private mutating func request(groupCount: Int) -> SyncRequest {
        let now = moment()
        let first = UInt64(1 + roll(3_000))
        let groups = (0..<groupCount).map { index in
            let time = StampTime.packed(milliseconds: now - Int64(roll(60_000)))
            return ChangeGroup(
                number: first + UInt64(index), changes: (0...(roll(5) / 4)).map { _ in change(at: time) })
        }
        var request = SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: bytes(16), clockMilliseconds: now,
            lowestOwnGroup: first, directoryVersion: UInt64(1 + roll(40)), cursors: cursors(), groups: groups)
        request.set(LedgerProgress(count: UInt64(1 + roll(100)), hash: hash(), hasKey: true))
        request.set(HealingRequest(receipt: first - 1))
        request.setFetchReport(FetchReport())
        request.set(heldGroups: HeldGroupsRequest(lastOutcome: 0, withdrawals: []))
        request.set(auditHead: AuditHead(number: UInt64(1 + roll(500)), hash: hash()))
        request.set(DeviceStanding(disk: 1 + roll(2), isWiped: false))
        request.set(stretches: [])
        return request
    }

    private mutating func reply(recordCount: Int) -> SyncReply {
        let now = moment()
        var reply = SyncReply(
            epoch: bytes(16), clockMilliseconds: now, receipt: UInt64(roll(3_000)),
            highestTime: StampTime.packed(milliseconds: now))
        let cursors = cursors()
        let chosen = roll(cursors.count)
        for (index, cursor) in cursors.enumerated() {
            let records = index == chosen ? (0..<recordCount).map { _ in update(at: now) } : []
            reply.pages.append(
                FeedPage(
                    area: cursor.area, sequence: cursor.sequence, mark: cursor.mark, isComplete: true, digest: hash(),
                    asSent: roll(3) == 0 ? [UInt64(1 + roll(900))...UInt64(900 + roll(9))] : [], records: records,
                    conflicts: []))
        }
        if roll(4) == 0 { reply.set(auditHead: AuditHead(number: UInt64(1 + roll(500)), hash: hash())) }
        return reply
    }

    private mutating func cursors() -> [Cursor] {
        (1...(2 + roll(2))).map { area in
            let isNew = roll(4) == 0
            return Cursor(area: area, sequence: isNew ? 0 : UInt64(1 + roll(30_000)), mark: isNew ? 0 : dice.next())
        }
    }

    // MARK: Records

    private mutating func change(at time: UInt64) -> Change {
        let kind = kind()
        let fields = values(of: kind)
        guard roll(4) == 0 else {
            return Change(
                table: kind.number, record: id(), creation: Creation(area: 2, time: time),
                fields: fields.map { FieldChange(field: $0.number, value: $0.value, time: time, base: .none) })
        }
        let base = Base.stamp(Stamp(time: StampTime.packed(milliseconds: moment()), device: UInt32(1 + roll(30))))
        return Change(
            table: kind.number, record: id(),
            fields: fields.suffix(1).map { FieldChange(field: $0.number, value: $0.value, time: time, base: base) })
    }

    private mutating func update(at now: Int64) -> RecordUpdate {
        let kind = kind()
        let created = Stamp(
            time: StampTime.packed(milliseconds: now - Int64(roll(90_000_000))), device: UInt32(1 + roll(30)))
        let isWhole = roll(4) != 0
        let later = Stamp(time: StampTime.packed(milliseconds: now), device: UInt32(1 + roll(30)))
        let values = values(of: kind)
        let fields = (isWhole ? values : values.suffix(1)).map {
            FieldState(number: $0.number, value: $0.value, stamp: isWhole ? created : later, base: nil)
        }
        return RecordUpdate(
            table: kind.number, record: id(), created: created, isWhole: isWhole, fields: fields, existence: nil,
            isLiving: true)
    }

    private mutating func kind() -> RecordKind {
        var rest = roll(Self.weights.reduce(0) { $0 + $1.weight })
        for (kind, weight) in Self.weights {
            if rest < weight { return kind }
            rest -= weight
        }
        return .visit
    }

    /// Values of some fields of a kind, by ascending number.
    private mutating func values(of kind: RecordKind) -> [(number: Int, value: Value)] {
        var values: [(number: Int, value: Value)] = []
        for field in kind.fields.sorted(by: { $0.number < $1.number }) {
            let isUsual = field.isRequired || kind.listFields.contains(field.number)
            guard isUsual ? roll(6) > 0 : roll(3) == 0 else { continue }
            values.append((field.number, value(of: field.form)))
        }
        return values
    }

    private mutating func value(of form: FieldForm) -> Value {
        switch form {
        case .text: .text(roll(4) == 0 ? pick(Self.names) : text())
        case .words, .answer: form.words.isEmpty ? .text(text()) : .text(pick(form.words))
        case .time: .text(time())
        case .money: .integer(Int64(100 * roll(50)))
        case .currency: .text("GBP")
        case .count, .rhythm: .integer(Int64(roll(40)))
        case .flag: .integer(Int64(roll(2)))
        case .reference, .anyReference: .blob(id().bytes)
        case .table: .integer(Int64(1 + roll(16)))
        }
    }

    private mutating func text() -> String {
        (0...(roll(5) / 3)).map { _ in pick(sentences) }.joined(separator: " ")
    }

    private mutating func time() -> String {
        let seconds = moment() / 1_000 / 300 * 300
        let day = CivilDate(daysSince1970: Int(seconds / 86_400))
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(seconds % 86_400 / 3_600)):\(two(seconds % 3_600 / 60)):00"
        return "\(day)T\(clock)\(day.month > 3 && day.month < 11 ? "+01:00" : "+00:00")"
    }

    // MARK: Dice

    private mutating func roll(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }
    private mutating func pick(_ list: [String]) -> String { list[roll(list.count)] }
    private mutating func moment() -> Int64 { Self.start + Int64(dice.next() % UInt64(Self.spanMilliseconds)) }
    private mutating func id() -> RecordID { RecordID(milliseconds: moment(), random: (dice.next(), dice.next())) }
    private mutating func hash() -> UInt128 { UInt128(dice.next()) << 64 | UInt128(dice.next()) }
    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next() >> 33) }
    }
}
