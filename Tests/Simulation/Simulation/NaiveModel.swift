/// What must be true at rest, told without any of the product: who wrote what, and what each writer had been shown.
///
/// Values are words. Where several people wrote the same word in one place it is not known which of them somebody saw;
/// so there are two answers to "had they seen it": surely, and possibly.
struct NaiveModel {
    struct Place: Hashable, Comparable, CustomStringConvertible {
        let record: Int
        let field: Int

        static func < (left: Place, right: Place) -> Bool { (left.record, left.field) < (right.record, right.field) }
        var description: String { "record \(record) field \(field)" }
    }

    /// What somebody had seen in a place: numbers of writes.
    struct Sighting {
        var surely: Set<Int> = []
        var possibly: Set<Int> = []
    }

    struct Write {
        let device: Int
        let word: String
        let seen: Sighting
        /// Whether the writer was told that it is saved.
        var isPromised: Bool
    }

    private(set) var writes: [Place: [Int: Write]] = [:]
    private(set) var count = 0
    /// What each delete of a record had seen, by place.
    private var deletes: [Int: [[Place: Sighting]]] = [:]
    private var restored: Set<Int> = []
    private var decisions: [String: Set<Bool>] = [:]
    /// Words that waited when a database was copied: one copy may send them, and the other join them with later ones.
    var carried: [Place: Set<String>] = [:]
    /// Of two concurrent words the one with the smaller rank stays, whichever is later; nil for no rank.
    let restrictive: (Place, String) -> Int?
    /// The word of an empty field.
    let empty: String

    init(empty: String, restrictive: @escaping (Place, String) -> Int?) {
        self.empty = empty
        self.restrictive = restrictive
    }

    // MARK: What people do

    /// What somebody has seen who is shown this word.
    func sighting(_ place: Place, _ word: String) -> Sighting {
        var result: Sighting?
        for (number, write) in writes[place] ?? [:] where write.word == word {
            let surely = write.seen.surely.union([number])
            result = Sighting(
                surely: result.map { $0.surely.intersection(surely) } ?? surely,
                possibly: (result?.possibly ?? []).union(write.seen.possibly).union([number]))
        }
        // A field may be empty since the record was made, which nobody wrote.
        if word == empty { result?.surely = [] }
        return result ?? Sighting()
    }

    mutating func write(_ word: String, at place: Place, by device: Int, seen: Sighting, isPromised: Bool = true) {
        count += 1
        writes[place, default: [:]][count] = Write(device: device, word: word, seen: seen, isPromised: isPromised)
    }

    mutating func delete(_ record: Int, seen: [Place: Sighting]) { deletes[record, default: []].append(seen) }

    mutating func restore(_ record: Int) { restored.insert(record) }

    mutating func decide(_ conflict: String, settles: Bool) { decisions[conflict, default: []].insert(settles) }

    /// What somebody wrote since then may be lost with a laptop that is put back, but for words that the office has.
    mutating func forget(_ device: Int, after number: Int, except safe: [Place: Set<String>]) {
        for (place, here) in writes {
            for (key, write) in here where key > number && write.device == device && write.isPromised {
                guard safe[place]?.contains(write.word) != true else { continue }
                writes[place]?[key]?.isPromised = false
            }
        }
    }

    /// What waits in a place of a record that a device has not sent: all that was written there, and that nothing was.
    func words(of device: Int, at place: Place) -> Set<String> {
        Set((writes[place] ?? [:]).values.filter { $0.device == device }.map(\.word)).union([empty])
    }

    // MARK: What must be true

    func problems(_ rest: Rest) -> [String] {
        var problems: [String] = []
        for device in rest.stuck { problems.append("stuck: device \(device) still has unsent work") }
        var sent: [Place: Set<Sent>] = [:]
        // A word that its writer sent twice, and that is held once, says nothing.
        for group in rest.groups.sorted(by: { $0.fate == .accepted && $1.fate != .accepted }) {
            for item in group.words {
                let word = Sent(device: group.device, word: item.word)
                if group.fate != .accepted {
                    sent[item.place]?.remove(word)
                } else {
                    sent[item.place, default: []].insert(word)
                }
            }
        }
        for place in writes.keys.sorted() where !rest.erased.contains(place.record) {
            check(place, rest, sent: sent, &problems)
        }
        for record in rest.living.keys.sorted() where !rest.erased.contains(record) {
            checkExistence(record, rest, &problems)
        }
        for group in rest.groups where group.records.isDisjoint(with: rest.erased) { check(group, rest, &problems) }
        let undecided = Set(rest.groups.filter { $0.fate != .accepted }.flatMap(\.decided))
        for conflict in rest.conflicts {
            check(conflict, isUndecided: undecided.contains(conflict.id), rest, &problems)
        }
        checkCopies(rest, &problems)
        for trace in rest.traces where !(rest.mayRead[trace.device] ?? []).contains(trace.area) {
            problems.append(
                "G7: device \(trace.device) holds what device \(trace.writer) wrote in area \(trace.area)")
        }
        return problems
    }

    private func check(
        _ place: Place, _ rest: Rest, sent: [Place: Set<Sent>], _ problems: inout [String]
    ) {
        let here = writes[place] ?? [:]
        let kept = rest.kept[place] ?? []
        for (_, write) in here.sorted(by: { $0.key < $1.key }) where !rest.excused.contains(write.device) {
            // An emptied field of a record that never left says nothing that could be lost.
            if write.isPromised, write.word != empty, !isSafe(write, here, kept.union(rest.held[place] ?? [])) {
                problems.append("G1: \(write.word) at \(place) is lost")
            }
        }
        guard let current = rest.current[place] else { return }
        let versions = rest.versions[place] ?? []
        let newest = versions.max { ($0.time, $0.device) < ($1.time, $1.device) }
        if let newest, newest.word != current, versions.allSatisfy({ restrictive(place, $0.word) == nil }) {
            problems.append("later: \(current) at \(place) stands, but \(newest.word) is later")
        }
        if versions.contains(where: { $0.time > rest.latest }) { problems.append("clock: \(place) is in the future") }
        let sent = sent[place] ?? []
        // Of a word that somebody wrote twice it is not known which one left.
        let accepted = here.filter { number, write in
            kept.contains(write.word) && sent.contains(Sent(device: write.device, word: write.word))
                && !here.contains { $0.key != number && $0.value.word == write.word && $0.value.device == write.device }
        }
        let candidates = here.filter { $0.value.word == current }
        if !candidates.isEmpty, carried[place]?.contains(current) != true,
            candidates.allSatisfy({ isSeen($0.key, byOther: current, accepted) })
        {
            problems.append("G5: \(current) at \(place) beat a word whose writer had seen it")
        }
        checkLosers(place, current, accepted, here, rest, &problems)
    }

    private func isSeen(_ number: Int, byOther word: String, _ accepted: [Int: Write]) -> Bool {
        accepted.values.contains { $0.word != word && $0.seen.surely.contains(number) }
    }

    /// On the server, or replaced on the same device before it left, by something that is safe.
    private func isSafe(_ write: Write, _ here: [Int: Write], _ there: Set<String>) -> Bool {
        if there.contains(write.word) { return true }
        let numbers = Set(here.filter { $0.value.word == write.word && $0.value.device == write.device }.keys)
        return here.values.contains {
            $0.device == write.device && there.contains($0.word) && !$0.seen.possibly.isDisjoint(with: numbers)
        }
    }

    private func checkLosers(
        _ place: Place, _ current: String, _ accepted: [Int: Write], _ here: [Int: Write], _ rest: Rest,
        _ problems: inout [String]
    ) {
        let logged = Set(rest.conflicts.filter { $0.place == place }.flatMap { [$0.a, $0.b] }.compactMap { $0 })
        for (_, write) in accepted.sorted(by: { $0.key < $1.key }) where write.word != current {
            let same = Set(here.filter { $0.value.word == write.word }.keys)
            let isSeen = here.values.contains { !$0.seen.possibly.isDisjoint(with: same) }
            if isSeen { continue }
            if !logged.contains(write.word) {
                problems.append("G2: \(write.word) at \(place) lost, nobody had seen it, and no conflict names it")
            }
            if let rank = restrictive(place, write.word), rank < restrictive(place, current) ?? .max {
                problems.append("restrictive: \(write.word) at \(place) gave way to \(current), which had not seen it")
            }
        }
    }

    /// A deleted record hides only what some delete of it had seen; one whose deletes saw everything is gone.
    private func checkExistence(_ record: Int, _ rest: Rest, _ problems: inout [String]) {
        let lives = rest.living[record] == true
        let deletes = deletes[record] ?? []
        let places = writes.keys.filter { $0.record == record && rest.current[$0] != nil }.sorted()
        let numbers = places.map { place in
            (place, Set((writes[place] ?? [:]).filter { $0.value.word == rest.current[place] }.keys))
        }.filter { !$0.1.isEmpty }
        if !lives,
            !deletes.contains(where: { delete in
                numbers.allSatisfy { !$0.1.isDisjoint(with: delete[$0.0]?.possibly ?? []) }
            })
        {
            problems.append("delete: record \(record) hides what no delete of it had seen")
        }
        let isHeld = rest.groups.contains { $0.fate != .accepted && $0.records.contains(record) }
        if lives, !deletes.isEmpty, !restored.contains(record), !isHeld, rest.excused.isEmpty,
            !places.contains(where: { carried[$0] != nil }),
            deletes.allSatisfy({ delete in
                numbers.allSatisfy { $0.1.isSubset(of: delete[$0.0]?.surely ?? []) }
            })
        {
            problems.append("delete: record \(record) lives, and every delete of it had seen all of it")
        }
    }

    /// A held group is whole: nothing of it is in force or in the history, and of an accepted one nothing is missing.
    private func check(_ group: Group, _ rest: Rest, _ problems: inout [String]) {
        // A word that somebody else wrote as well, or that was sent twice, says nothing.
        let others = rest.groups.filter { $0.device == group.device && $0.name != group.name }
        let telling = group.words.filter { item in
            (writes[item.place] ?? [:]).values.filter { $0.word == item.word }.count == 1
                && !others.contains { $0.words.contains { $0 == item } }
        }
        let there = telling.filter { rest.kept[$0.place]?.contains($0.word) == true }.count
        guard group.fate != .uncertain, !(group.fate == .held && rest.isRestored) else { return }
        if group.fate == .accepted ? there != 0 && there != telling.count : there > 0 {
            problems.append("G6: group \(group.name.number) of device \(group.name.device) is neither whole nor held")
        }
    }

    private func check(_ conflict: Conflict, isUndecided: Bool, _ rest: Rest, _ problems: inout [String]) {
        if rest.erased.contains(conflict.place.record) { return }
        let said = decisions[conflict.id] ?? []
        if said.count == 1, said.contains(conflict.isOpen), !conflict.isWithdrawn, !isUndecided {
            problems.append("decision: conflict \(conflict.id) is not as everybody decided")
        }
        // Links are late after a restore alone: before that a false conflict is not even logged.
        guard let a = conflict.a, let b = conflict.b, !(conflict.isWithdrawn && rest.isRestored),
            conflict.place.field > 0, carried[conflict.place]?.isDisjoint(with: [a, b]) != false
        else { return }
        let here = writes[conflict.place] ?? [:]
        let (left, right) = (here.filter { $0.value.word == a }, here.filter { $0.value.word == b })
        let isFalse =
            !left.isEmpty && !right.isEmpty
            && left.allSatisfy { one in
                right.allSatisfy { $0.value.seen.surely.contains(one.key) || one.value.seen.surely.contains($0.key) }
            }
        if isFalse {
            problems.append("exactness: \(a) and \(b) at \(conflict.place) conflict, but one had seen the other")
        }
    }

    private func checkCopies(_ rest: Rest, _ problems: inout [String]) {
        var first: [Int: String] = [:]
        for copy in rest.copies {
            guard let server = first[copy.area] else {
                first[copy.area] = copy.text
                continue
            }
            if server != copy.text { problems.append("G3: area \(copy.area) on \(copy.name) differs from the server") }
        }
    }
}
