import SyncCore
import Testing

@testable import OutreachModel

/// Records in memory.
private final class Records: ErasureSource {
    private(set) var states: [RecordState] = []
    var former: [RecordID: [(field: Int, value: Value)]] = [:]

    @discardableResult
    func add(_ kind: RecordKind, _ values: [Int: Value], living: Bool = true, table: Int? = nil) -> RecordID {
        let id = RecordID(milliseconds: 1, random: (0, UInt64(states.count + 1) << 30))
        let created = Stamp(time: 1, device: 1)
        states.append(
            RecordState(
                table: table ?? kind.number, id: id, area: 2, created: created,
                fields: values.sorted { $0.key < $1.key }.map {
                    FieldState(number: $0.key, value: $0.value, stamp: created)
                }, isLiving: living))
        return id
    }

    func forEachRecord(_ body: (RecordState) throws -> Void) throws { for state in states { try body(state) } }

    func formerValues(of record: RecordState) throws -> [(field: Int, value: Value)] { former[record.id] ?? [] }

    func items(_ person: RecordID, aliases: [String] = []) throws -> [RecordID: ErasureItem] {
        let preview = try ErasurePreview(person: person, aliases: aliases, in: self)
        return Dictionary(uniqueKeysWithValues: (preview?.items ?? []).map { ($0.id, $0) })
    }
}

private func reference(_ id: RecordID) -> Value { .blob(id.bytes) }

@Suite("What has to do with a person")
struct ErasurePreviewTests {
    private let records = Records()

    private func person(_ name: String, knownBy: String? = nil) -> RecordID {
        records.add(.person, [1: .text(name), 2: knownBy.map { .text($0) } ?? .null])
    }

    @Test("Names are found word by word, whatever capitals, accents and endings")
    func names() {
        let search = NameSearch(names: ["José Álvarez", "Bo"], descriptions: ["tall man"])
        for text in ["Saw jose alvarez.", "JOSÉ ÁLVAREZ’s room", "with Jose\u{301} Alvarez", "(bo)", "the tall man"] {
            #expect(search.hit(in: text) == .whole, "\(text)")
        }
        for text in ["José came", "Alvarez"] { #expect(search.hit(in: text) == .part, "\(text)") }
        for text in ["", "Josephine", "about", "a man", "Bob"] { #expect(search.hit(in: text) == .none, "\(text)") }
        #expect(
            search.redacted("Tea with José Álvarez's son and Bo, José.")
                == "Tea with [erased] son and [erased], [erased].")
        #expect(search.redacted("no name") == "no name")
    }

    @Test("References, what hangs on them, text and former values are found, each with a suggestion")
    func links() throws {
        let (alex, kim) = (person("Alex Morgan"), person("Kim"))
        let role = records.add(.role, [1: reference(alex), 2: .text("client")])
        let alone = records.add(.visit, [2: reference(alex), 3: .text("2026-11-22"), 8: .text("Tea.")])
        let shared = records.add(.visit, [2: reference(alex), 3: .text("2026-11-22"), 8: .text("Alex Morgan and Kim")])
        let kimThere = records.add(.attendance, [1: reference(shared), 3: reference(kim)])
        let note = records.add(.note, [1: .integer(4), 2: reference(alone), 3: .text("more")])
        let kimNote = records.add(.note, [1: .integer(4), 2: reference(shared), 3: .text("about Kim")])
        let meeting = records.add(.meeting, [2: .text("2026-11-21"), 10: .text("A good meeting.")])
        let part = records.add(.attendance, [2: reference(meeting), 3: reference(alex)])
        let text = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Asked after ALEX MÓRGAN.")])
        let deleted = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Alex Morgan")], living: false)
        let former = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Nobody.")])
        records.former[former] = [(8, .text("Alex Morgan was here"))]
        let perhaps = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Alex from the bank")])
        let unknown = records.add(.visit, [1: reference(alex), 2: .text("from a later version")], table: 99)
        let unrelated = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Kim")])

        let items = try records.items(alex)
        func expect(_ id: RecordID, _ link: ErasureItem.Link, _ action: ErasureAction, line: Int = #line) {
            #expect(items[id]?.link == link, "line \(line)")
            #expect(items[id]?.suggestion == action, "line \(line)")
        }
        expect(alex, .person, .erase)
        expect(role, .reference, .erase)
        expect(alone, .reference, .erase)
        expect(shared, .reference, .redact)
        expect(note, .through(alone), .erase)
        expect(kimThere, .through(shared), .keep)
        expect(kimNote, .through(shared), .keep)
        expect(part, .reference, .erase)
        expect(meeting, .tookPart, .keep)
        expect(text, .text, .redact)
        expect(deleted, .text, .erase)
        expect(former, .text, .redact)
        expect(perhaps, .partOfName, .keep)
        expect(unknown, .reference, .erase)
        #expect(items[kim] == nil && items[unrelated] == nil)
        #expect(items[shared]?.isShared == true && items[alone]?.isShared == false)
        #expect(items[former]?.isFormer == true && items[text]?.isFormer == false)
        #expect(items[shared]?.redactedFields == FieldMask(bits: 1 << 2 | 1 << 8))
        #expect(items[role]?.actions == [.erase, .keep], "a role without its person is none")
        #expect(items[alex]?.actions == [.erase])
        #expect(items[alone]?.actions == [.erase, .redact, .keep])
    }

    @Test("A word of the name is taken out where the person took part, and where a record hangs on that")
    func wordsOfTheName() throws {
        let (zebedee, kim) = (person("Zebedee Quill"), person("Kim"))
        let visit = records.add(.visit, [3: .text("2026-11-22"), 8: .text("Sat with Zebedee.")])
        records.add(.attendance, [1: reference(visit), 3: reference(zebedee)])
        let meeting = records.add(.meeting, [2: .text("2026-11-21"), 10: .text("Kim and zebedee spoke.")])
        records.add(.attendance, [2: reference(meeting), 3: reference(zebedee)])
        records.add(.attendance, [2: reference(meeting), 3: reference(kim)])
        let note = records.add(.note, [1: .integer(4), 2: reference(visit), 3: .text("Zebedee was tired")])
        let other = records.add(.note, [1: .integer(4), 2: reference(visit), 3: .text("Bring tea")])
        let shared = records.add(.visit, [2: reference(zebedee), 3: .text("2026-11-22"), 10: .integer(3)])
        let through = records.add(.note, [1: .integer(4), 2: reference(shared), 3: .text("Zebedee Quill again")])
        let perhaps = records.add(.visit, [3: .text("2026-11-20"), 8: .text("Zebedee from the bank")])
        let items = try records.items(zebedee)
        #expect(items[visit]?.link == .tookPart && items[visit]?.suggestion == .redact)
        #expect(items[visit]?.redactedFields == FieldMask(bits: 1 << 8))
        #expect(items[meeting]?.link == .tookPart && items[meeting]?.suggestion == .redact)
        #expect(items[note]?.suggestion == .redact && items[other] == nil)
        if items[shared]?.suggestion == .redact { #expect(items[through]?.suggestion == .redact) }
        #expect(items[through]?.suggestion != .keep)
        #expect(items[perhaps]?.link == .partOfName && items[perhaps]?.suggestion == .keep)
        #expect(items[perhaps]?.actions == [.erase, .redact, .keep])
    }

    @Test("What another person or a place is called by is theirs: it is suggested to stay, and other words of it go")
    func namesOfOthers() throws {
        let alex = person("Alex Morgan")
        let namesake = person("Alex Morgan")
        let relative = person("Robin Alex Morgan")
        let part = person("Kim Morgan")
        let friend = records.add(.person, [1: .text("Alex Morgan junior"), 7: .text("Football with Alex Morgan.")])
        let place = records.add(.place, [1: .text("Alex Morgan House"), 2: .text("residential")])
        let gone = records.add(.person, [1: .text("Alex Morgan")], living: false)
        let former = records.add(.place, [1: .text("The old school"), 2: .text("residential")])
        records.former[former] = [(1, .text("Alex Morgan's flat"))]
        let visit = records.add(.visit, [2: reference(alex), 1: reference(place), 3: .text("2026-11-20")])
        let role = records.add(.role, [1: reference(alex), 2: .text("client"), 4: reference(place)])
        let items = try records.items(alex)
        for id in [namesake, relative, part, place, gone] { #expect(items[id]?.suggestion == .keep, "\(id)") }
        for id in [namesake, relative, place] {
            #expect(items[id]?.actions == [.erase, .redact, .keep], "who looks at it may say so")
            #expect(items[id]?.redactedFields == FieldMask(bits: 1 << 1))
        }
        #expect(items[friend]?.suggestion == .redact)
        #expect(items[friend]?.suggestedFields == FieldMask(bits: 1 << 7))
        #expect(items[friend]?.redactedFields == FieldMask(bits: 1 << 1 | 1 << 7))
        #expect(items[former]?.suggestion == .redact, "nobody is called so any more")
        #expect(items[visit]?.suggestion == .erase && items[role]?.suggestion == .erase)
    }

    @Test("A person who was merged or moved is one person, with all names that they ever had")
    func samePerson() throws {
        let old = person("Alexandra M")
        let alex = records.add(.person, [1: .text("Alex Morgan"), 30: reference(old)])
        records.former[alex] = [(1, .text("Sandy"))]
        let visits = ["with Alexandra M", "Sandy again", "the one called Lex"].map {
            records.add(.visit, [3: .text("2026-11-20"), 8: .text($0)])
        }
        let byOld = records.add(.visit, [2: reference(old), 3: .text("2026-11-20")])
        let items = try records.items(alex, aliases: ["Lex"])
        #expect(items[old]?.link == .person && items[alex]?.link == .person)
        #expect(items[byOld]?.link == .reference)
        for visit in visits { #expect(items[visit]?.link == .text) }
        #expect(try records.items(old).keys.contains(alex))
        // Two people may have been merged by mistake.
        #expect(items[alex]?.actions == [.erase] && items[old]?.actions == [.erase, .keep])
        #expect(items[old]?.suggestion == .erase)
    }

    @Test("A person who is erased already still shows what came later")
    func later() throws {
        let gone = RecordID(milliseconds: 9, random: (1, 2))
        #expect(try ErasurePreview(person: gone, aliases: [], in: records) == nil)
        let visit = records.add(.visit, [2: reference(gone), 3: .text("2026-11-20")])
        #expect(try records.items(gone)[visit]?.link == .reference)
    }
}
