import SyncCore
import Testing

@testable import OutreachModel

@Suite("Which record stands for which")
struct MergedRecordsTests {
    private static func id(_ number: UInt64) -> RecordID { RecordID(high: 0x7000, low: number) }

    /// Links as pairs of numbers; all targets below 100 are here.
    private func merged(_ links: [(UInt64, UInt64)], moves: [(UInt64, UInt64)] = []) -> MergedRecords {
        let all =
            links.map { MergedRecords.Link(Self.id($0.0), to: Self.id($0.1)) }
            + moves.map { MergedRecords.Link(Self.id($0.0), to: Self.id($0.1), isMove: true) }
        return MergedRecords(all) { $0.low < 100 }
    }

    @Test(
        "A chain leads to its end, a circle to the least id, a link to nothing nowhere",
        arguments: [
            ([(1, 2)], 2), ([(1, 2), (2, 3)], 3), ([(1, 2), (2, 1)], 1), ([(3, 2), (2, 3), (1, 3)], 2),
            ([(1, 1)], 1), ([(1, 100)], 1), ([(1, 2), (2, 100)], 2), ([(1, 4), (4, 5), (5, 6), (6, 4)], 4),
        ] as [([(UInt64, UInt64)], UInt64)])
    func survivors(links: [(UInt64, UInt64)], survivor: UInt64) {
        for order in [links, links.reversed()] {
            #expect(merged(order).survivor(of: Self.id(1)) == Self.id(survivor))
        }
    }

    @Test("All records of one are its members, itself first")
    func members() {
        let merged = merged([(1, 9), (2, 1), (3, 9), (5, 6)])
        #expect(merged.members(of: Self.id(2)) == [9, 1, 2, 3].map(Self.id))
        #expect(merged.members(of: Self.id(7)) == [Self.id(7)])
        #expect(merged.isShown(Self.id(9)) && !merged.isShown(Self.id(2)))
    }

    @Test("A circle is told, whoever asks")
    func circle() {
        let merged = merged([(4, 5), (5, 4), (6, 5), (7, 8)])
        for number in [4, 5, 6] as [UInt64] { #expect(merged.circle(of: Self.id(number)) == [4, 5].map(Self.id)) }
        #expect(merged.circle(of: Self.id(7)).isEmpty)
    }

    @Test("A move leads to the record in the other area where it is here, and is away where it is not")
    func moves() {
        let here = merged([(2, 1)], moves: [(1, 50)])
        #expect(here.survivor(of: Self.id(2)) == Self.id(50) && !here.isAway(Self.id(2)))
        let away = merged([(2, 1)], moves: [(1, 150)])
        #expect(away.survivor(of: Self.id(2)) == Self.id(1) && away.isAway(Self.id(2)) && away.isAway(Self.id(1)))
        #expect(!away.isShown(Self.id(1)))
        let both = merged([(1, 2)], moves: [(1, 150)])
        #expect(both.isAway(Self.id(1)) && both.survivor(of: Self.id(1)) == Self.id(1))
    }

    @Test("A chain of 100,000 merges is followed without a stack of that depth")
    func longChain() {
        let count = 100_000 as UInt64
        let links = (1...count).map { MergedRecords.Link(Self.id($0), to: Self.id($0 + 1)) }
        let merged = MergedRecords(links) { _ in true }
        #expect(merged.survivor(of: Self.id(1)) == Self.id(count + 1))
        #expect(merged.members(of: Self.id(5)).count == Int(count) + 1)
    }

    @Test("Two laptops that move a person to the same team make one record, in another team another")
    func movedID() {
        let hash = Hash128 { bytes in bytes.reduce(7) { ($0 &* 31) &+ UInt128($1) } }
        let first = MovedPerson.id(of: Self.id(1), area: 2, hash: hash)
        #expect(first == MovedPerson.id(of: Self.id(1), area: 2, hash: hash))
        #expect(
            Set([
                first, MovedPerson.id(of: Self.id(1), area: 3, hash: hash),
                MovedPerson.id(of: Self.id(2), area: 2, hash: hash),
            ]).count == 3)
    }
}

@Suite("Names that sound alike")
struct NameSoundTests {
    @Test(
        "The same name in other letters, one slip, and the same sound are alike",
        arguments: [
            ("Zoë", "zoe"), ("Jo Smith", "Joe Smith"), ("Mohammed Ali", "Muhammad Ali"), ("Smith, John", "John Smith"),
            ("Jon", "John"), ("Catherine", "Kathryn"),
            ("Stephen", "Steven"), ("Sara", "Sarah"), ("Castle House", "Castlehouse"), ("Castle House", "Castle Huose"),
            ("Castel House", "Castle House"), ("Priya", "Pria"), ("Filip", "Phillip"), ("St Mary's", "st marys"),
            ("Mohammed", "Muhammed"), ("Room 4 Abbey", "Abbey Room 4"), ("Bob", "Bobby"), ("Bob Kay", "Robert Kay"),
            ("Bill Kay", "William Kay"), ("Kay, Will", "Billy Kay"), ("Liz Marsh", "Elizabeth Marsh"),
            ("Sean Kay", "Shaun Kay"), ("Shawn Kay", "Seán Kay"), ("Jo Kay", "Joanne Kay"), ("Al Kay", "Alan Kay"),
            ("Mo Ali", "Mohammed Ali"), ("Dave", "David"),
        ])
    func alike(left: String, right: String) {
        #expect(NameSound(left).isLike(NameSound(right)) && NameSound(right).isLike(NameSound(left)))
        let shared = Set(NameSound(left).blockingHashes).intersection(NameSound(right).blockingHashes)
        #expect(!shared.isEmpty, "they would never be compared")
    }

    @Test(
        "Numbers, initials and other names tell people and places apart",
        arguments: [
            ("Place 1", "Place 2"), ("Alex B", "Alex P"), ("Jon", "Jan"), ("Sam", "Pam"), ("Alex", "Alex Marsh"),
            ("Castle House", "Castle Lodge"), ("", ""), ("...", "?!"), ("Room 14", "Room 41"), ("Mo", "Jo"),
            ("Bob Kay", "Robert Marsh"), ("Bob", "Robert Kay"), ("Bob Kay", "Bill Kay"), ("Liz Kay", "Lisa Kay"),
            ("Samuel Kay", "Samantha Kay"), ("Jack Kay", "John Kay"), ("Bob Robert", "Will Robert"), ("Sean", "Ian"),
            ("Dan Kay", "Ben Kay"), ("Kate B", "Katie P"), ("Bob Will", "Robert Bill"), ("Room 4 Bob", "Room 5 Robert"),
        ])
    func apart(left: String, right: String) {
        #expect(!NameSound(left).isLike(NameSound(right)))
    }

    @Test("Pairs are found among many without comparing all with all; other districts and areas are not paired")
    func pairs() {
        func id(_ number: Int) -> RecordID { RecordID(high: 0x7000, low: UInt64(number)) }
        var records = (0..<2_000).map { NamedRecord(id: id($0), area: 2, name: "Person number \($0)") }
        records.append(NamedRecord(id: id(5_000), area: 2, name: "Persn number 77"))
        records.append(NamedRecord(id: id(5_001), area: 3, name: "Person number 78"))
        records.append(NamedRecord(id: id(6_000), area: 1, name: "Abbey", district: "Dover"))
        records.append(NamedRecord(id: id(6_001), area: 1, name: "Abbey", district: "Deal"))
        records.append(NamedRecord(id: id(7_000), area: 1, name: "Bertie"))
        records.append(NamedRecord(id: id(7_000), area: 1, name: "Burty"))
        let pairs = ProbableDuplicates.pairs(among: records)
        #expect(pairs == [ProbableDuplicates.Pair(first: id(77), second: id(5_000))])
        #expect(ProbableDuplicates.like("abbey", district: nil, in: records) == [id(6_000), id(6_001)])
        #expect(ProbableDuplicates.like("abbey", district: "deal", in: records) == [id(6_001)])
    }

    @Test("A name that very many share is paired with its neighbours alone")
    func crowd() {
        let records = (0..<20_000).map {
            NamedRecord(id: RecordID(high: 0x7000, low: UInt64($0)), area: 2, name: "Alex")
        }
        let pairs = ProbableDuplicates.pairs(among: records)
        #expect(pairs.count <= 20_000 * 16 && pairs.count >= 19_999)
    }
}
