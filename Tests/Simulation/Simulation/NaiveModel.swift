/// What must be true at rest, told without any of the product: who wrote what, and what each writer had been shown.
///
/// Values are words. Where several people wrote the same word in one place it is not known which of them somebody saw;
/// so there are two answers to "had they seen it": surely, and possibly.
struct NaiveModel {
    private(set) var writes: [Place: [Int: Write]] = [:]
    /// By record, and by number among the writes.
    private var deletes: [Int: [Int: Delete]] = [:]
    private(set) var count = 0
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

    mutating func delete(_ record: Int, by device: Int, seen: [Place: Sighting], isPromised: Bool) {
        count += 1
        deletes[record, default: [:]][count] = Delete(device: device, seen: seen, isPromised: isPromised)
    }

    mutating func restore(_ record: Int) { restored.insert(record) }

    /// Somebody takes back what never left the device: nothing is promised of it any more, nor of what it had replaced there.
    ///
    /// - Parameter below: what there is to see in the place again.
    mutating func takeBack(_ word: String, at place: Place, by device: Int, below: Sighting) {
        let own = (writes[place] ?? [:]).filter { $0.value.device == device }
        // Done again it was written once more, and was the same word all the time.
        let same = own.filter { $0.value.word == word }
        let seen = same.values.reduce(into: Set()) { $0.formUnion($1.seen.possibly) }.subtracting(below.possibly)
        for number in seen.union(same.keys) where own[number] != nil { writes[place]?[number]?.isPromised = false }
    }

    /// Somebody takes back a deletion that never left the device.
    mutating func takeBackDelete(_ record: Int, by device: Int) {
        let own = (deletes[record] ?? [:]).filter { $0.value.device == device }
        if let newest = own.keys.max() { deletes[record]?[newest]?.isPromised = false }
    }

    /// Somebody settles or reopens a conflict; one that may be lost again is as if they had done both.
    mutating func decide(_ conflict: String, settles: Bool, isPromised: Bool = true) {
        decisions[conflict, default: []].formUnion(isPromised ? [settles] : [true, false])
    }

    /// What somebody did since then may be lost with a laptop that is put back, but for what the office has.
    mutating func forget(_ device: Int, after number: Int, except safe: Safe) {
        for (place, here) in writes {
            for (key, write) in here where key > number && write.device == device {
                if safe.words[place]?.contains(write.word) != true { writes[place]?[key]?.isPromised = false }
            }
        }
        for (record, here) in deletes where !safe.deleted.contains(record) {
            for (key, delete) in here where key > number && delete.device == device {
                deletes[record]?[key]?.isPromised = false
            }
        }
    }

    // MARK: What must be true

    func problems(_ rest: Rest) -> [String] {
        var problems = rest.stuck.map { "stuck: device \($0) still has unsent work" }
        let sent = wordsInForce(rest.groups)
        for place in writes.keys.sorted() where !rest.erased.contains(place.record) {
            checkPromises(place, rest, &problems)
            checkWinner(place, rest, sent: sent[place] ?? [], &problems)
        }
        for record in rest.living.keys.sorted() where !rest.erased.contains(record) {
            checkExistence(record, rest, &problems)
        }
        for group in rest.groups where group.records.isDisjoint(with: rest.erased) { check(group, rest, &problems) }
        for conflict in rest.conflicts where !rest.erased.contains(conflict.place.record) {
            check(conflict, rest, &problems)
        }
        for copy in rest.copies where copy.text != rest.copies.first(where: { $0.area == copy.area })?.text {
            problems.append("G3: area \(copy.area) on \(copy.name) differs from the server")
        }
        for trace in rest.traces where !(rest.mayRead[trace.device] ?? []).contains(trace.area) {
            problems.append(
                "G7: device \(trace.device) holds what device \(trace.writer) wrote in area \(trace.area)")
        }
        return problems
    }

    /// A word that its writer sent twice, and that is held once, says nothing.
    private func wordsInForce(_ groups: [Group]) -> [Place: Set<Sent>] {
        var words: [Place: Set<Sent>] = [:]
        for group in groups where group.fate == .accepted {
            for item in group.words { words[item.place, default: []].insert(Sent(group.device, item.word)) }
        }
        for group in groups where group.fate != .accepted {
            for item in group.words { words[item.place]?.remove(Sent(group.device, item.word)) }
        }
        return words
    }

    /// What was promised is on the server, or was replaced on the same device before it left, by something that is safe.
    private func checkPromises(_ place: Place, _ rest: Rest, _ problems: inout [String]) {
        let there = (rest.kept[place] ?? []).union(rest.held[place] ?? [])
        // An emptied field of a record that never left says nothing that could be lost.
        for write in written(at: place) where write.isPromised && write.word != empty && !there.contains(write.word) {
            let own = (writes[place] ?? [:]).filter { $0.value.device == write.device }
            let same = own.filter { $0.value.word == write.word }.keys
            let isReplaced = own.values.contains { there.contains($0.word) && !$0.seen.possibly.isDisjoint(with: same) }
            if !isReplaced, !rest.excused.contains(write.device) {
                problems.append("G1: \(write.word) at \(place) is lost")
            }
        }
    }

    private func written(at place: Place) -> [Write] {
        (writes[place] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    /// What stands is the latest, and nobody who lost had seen it.
    private func checkWinner(_ place: Place, _ rest: Rest, sent: Set<Sent>, _ problems: inout [String]) {
        guard let current = rest.current[place] else { return }
        let versions = rest.versions[place] ?? []
        let newest = versions.max { ($0.time, $0.device) < ($1.time, $1.device) }
        if let newest, newest.word != current, versions.allSatisfy({ restrictive(place, $0.word) == nil }) {
            problems.append("later: \(current) at \(place) stands, but \(newest.word) is later")
        }
        if versions.contains(where: { $0.time > rest.latest }) { problems.append("clock: \(place) is in the future") }
        // Of a word that somebody wrote twice it is not known which one left.
        let here = written(at: place)
        let losers = here.filter { write in
            write.word != current && rest.kept[place]?.contains(write.word) == true
                && sent.contains(Sent(write.device, write.word))
                && here.filter { $0.word == write.word && $0.device == write.device }.count == 1
        }
        let candidates = (writes[place] ?? [:]).filter { $0.value.word == current }.keys
        if !candidates.isEmpty, carried[place]?.contains(current) != true,
            candidates.allSatisfy({ number in losers.contains { $0.seen.surely.contains(number) } })
        {
            problems.append("G5: \(current) at \(place) beat a word whose writer had seen it")
        }
        for loser in losers where !isSeen(loser.word, at: place) {
            if !rest.conflicts.contains(where: { $0.place == place && [$0.a, $0.b].contains(loser.word) }) {
                problems.append("G2: \(loser.word) at \(place) lost, nobody had seen it, and no conflict names it")
            }
            if let rank = restrictive(place, loser.word), rank < restrictive(place, current) ?? .max {
                problems.append("restrictive: \(loser.word) at \(place) gave way to \(current), which had not seen it")
            }
        }
    }

    /// Whether somebody wrote after seeing a word.
    private func isSeen(_ word: String, at place: Place) -> Bool {
        let same = (writes[place] ?? [:]).filter { $0.value.word == word }.keys
        return written(at: place).contains { !$0.seen.possibly.isDisjoint(with: same) }
    }

    /// A deleted record hides only what some delete of it had seen; one whose deletes saw everything is gone.
    private func checkExistence(_ record: Int, _ rest: Rest, _ problems: inout [String]) {
        let deletes = (deletes[record] ?? [:]).values
        // The writes that what stands may come from.
        var standing: [Place: Set<Int>] = [:]
        for (place, here) in writes where place.record == record {
            let numbers = here.filter { $0.value.word == rest.current[place] }.keys
            if !numbers.isEmpty { standing[place] = Set(numbers) }
        }
        guard rest.living[record] == true else {
            let isHidden = deletes.contains { delete in
                standing.allSatisfy { !$0.value.isDisjoint(with: delete.seen[$0.key]?.possibly ?? []) }
            }
            if !isHidden { problems.append("delete: record \(record) hides what no delete of it had seen") }
            return
        }
        let mayLive =
            restored.contains(record) || !rest.excused.isEmpty
            || rest.groups.contains { $0.fate != .accepted && $0.records.contains(record) }
            || carried.keys.contains { $0.record == record && rest.current[$0] != nil }
        let promised = deletes.filter(\.isPromised)
        let isSeen = promised.allSatisfy { delete in
            standing.allSatisfy { $0.value.isSubset(of: delete.seen[$0.key]?.surely ?? []) }
        }
        if !mayLive, !promised.isEmpty, isSeen {
            problems.append("delete: record \(record) lives, and every delete of it had seen all of it")
        }
    }

    /// A held group is whole: nothing of it is in force or in the history, and of an accepted one nothing is missing.
    private func check(_ group: Group, _ rest: Rest, _ problems: inout [String]) {
        guard group.fate != .uncertain, !(group.fate == .held && rest.isRestored) else { return }
        // A word that somebody else wrote as well, or that was sent twice, says nothing.
        let others = rest.groups.filter { $0.device == group.device && !$0.isSame(as: group) }
        let telling = group.words.filter { item in
            written(at: item.place).filter { $0.word == item.word }.map(\.device) == [group.device]
                && !others.contains { $0.words.contains { $0 == item } }
        }
        let there = telling.filter { rest.kept[$0.place]?.contains($0.word) == true }.count
        if group.fate == .accepted ? there != 0 && there != telling.count : there > 0 {
            problems.append("G6: group \(group.name.number) of device \(group.name.device) is neither whole nor held")
        }
    }

    private func check(_ conflict: Conflict, _ rest: Rest, _ problems: inout [String]) {
        let isUndecided = rest.groups.contains { $0.fate != .accepted && $0.decided.contains(conflict.id) }
        if decisions[conflict.id] == [conflict.isOpen], !conflict.isWithdrawn, !isUndecided {
            problems.append("decision: conflict \(conflict.id) is not as everybody decided")
        }
        // Links are late after a restore alone: before that a false conflict is not even logged.
        guard let a = conflict.a, let b = conflict.b, !(conflict.isWithdrawn && rest.isRestored),
            conflict.place.field > 0, carried[conflict.place]?.isDisjoint(with: [a, b]) != false
        else { return }
        let here = writes[conflict.place] ?? [:]
        // Who may not hand over can't bring back the earlier work through which a later one had seen something.
        func saw(_ write: Write, _ number: Int) -> Bool {
            let between = here.filter { write.seen.surely.contains($0.key) && $0.value.seen.surely.contains(number) }
            return write.seen.surely.contains(number)
                && !([write] + between.values).contains { rest.forgetful.contains($0.device) }
        }
        let (left, right) = (here.filter { $0.value.word == a }, here.filter { $0.value.word == b })
        let areLinked = left.allSatisfy { one in
            right.allSatisfy { saw($0.value, one.key) || saw(one.value, $0.key) }
        }
        if areLinked, !left.isEmpty, !right.isEmpty {
            problems.append("exactness: \(a) and \(b) at \(conflict.place) conflict, but one had seen the other")
        }
    }
}
