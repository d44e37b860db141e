import SyncCore

/// The final times of one group, and its bases in final stamps.
struct FinalStamps {
    private struct Proposal {
        var time: UInt64
        var base: Base
        /// Whether the final time must be greater than the base; not so for what a delete says that it saw of fields.
        var isAbove = true
    }

    /// Whether some base can't be: later than any stamp there is, or of a group that the device had not made yet.
    private(set) var hasImpossibleBase = false
    /// Whether a final time differs from the proposed one.
    private(set) var isCorrected = false
    /// Distinct proposed times, ascending, and beside each its final one.
    private(set) var times: [(proposed: UInt64, final: UInt64)] = []
    private let device: UInt32
    private let number: UInt64
    private let store: any HubStore
    /// Later proposed times of this device that were given final ones before a restore.
    private let ahead: [(proposed: UInt64, told: UInt64)]
    /// Times of this device that somebody told of.
    private let told: Set<UInt64>
    /// The largest packed time that a base may have, beside the device's own.
    private let latestBase: () throws -> UInt64

    /// Works out the final times, in ascending order of the proposed ones.
    ///
    /// - Parameter given: for a group that comes again after a restore, the final times that differ from the proposed
    ///   ones; nil for a new group. They stay, unless what the group stands on has a later time here.
    /// - Parameter earlier: for a new group, times that its values may have been given before a restore.
    /// - Parameter told: for a new group, times that none of its values gets but as one of these.
    /// - Parameter ahead: such times of groups that come with it, by their proposed ones.
    init(
        of group: ChangeGroup, device: UInt32, correction: inout StampCorrection, given: [UInt64: UInt64]? = nil,
        earlier: [UInt64: Set<UInt64>] = [:], told: Set<UInt64> = [],
        ahead: [(proposed: UInt64, told: UInt64)] = [], store: any HubStore,
        latestBase: @escaping () throws -> UInt64
    ) throws {
        self.device = device
        number = group.number
        self.store = store
        self.ahead = ahead
        self.told = told
        self.latestBase = latestBase
        var proposals = Self.proposals(of: group)
        if proposals.count > 1 { proposals.sort { $0.time < $1.time } }
        var bases: [Stamp] = []
        var index = 0
        while index < proposals.count {
            let time = proposals[index].time
            bases.removeAll(keepingCapacity: true)
            while index < proposals.count, proposals[index].time == time {
                let base = try checked(proposals[index].base, before: time, highest: correction.highest)
                if let base, proposals[index].isAbove { bases.append(base) }
                index += 1
            }
            let final =
                try given.map { try self.final(time, given: $0, bases: bases, correction: &correction) }
                ?? self.final(time, bases: bases, earlier: earlier[time] ?? [], correction: &correction)
            if final != time { isCorrected = true }
            times.append((time, final))
        }
    }

    /// A time that was given before stays: others point at it. Where what it stands on came in here under a later time, as an
    /// old sealed file brings it, it comes out above that all the same.
    private func final(
        _ time: UInt64, given: [UInt64: UInt64], bases: [Stamp], correction: inout StampCorrection
    ) throws -> UInt64 {
        let final = given[time] ?? time
        guard try final <= latestBase() else { throw HubError.clockBehind }
        guard bases.contains(where: { $0.time >= final }) else {
            correction.keep(final)
            return final
        }
        let highest = max(bases.map(\.time).max() ?? 0, correction.highest)
        let raised = highest == .max ? highest : highest + 1
        correction.keep(raised)
        return raised
    }

    /// The time that the value had before a restore, where that is greater than its bases and than what the group has
    /// already; of several the nearest to the one that it would get now.
    private func final(
        _ time: UInt64, bases: [Stamp], earlier: Set<UInt64>, correction: inout StampCorrection
    ) -> UInt64 {
        var trial = correction
        var natural = trial.final(proposed: time, bases: bases)
        while told.contains(natural), natural < .max {
            natural += 1
            trial.keep(natural)
        }
        let lowest = max(bases.map(\.time).max() ?? 0, times.last?.final ?? 0)
        func distance(_ time: UInt64) -> UInt64 { max(time, natural) - min(time, natural) }
        if let known = earlier.filter({ $0 > lowest }).min(by: { distance($0) < distance($1) }) {
            correction.keep(known)
            return known
        }
        if let kept = timeBefore(time, natural: natural, above: max(lowest, correction.highest)), !told.contains(kept) {
            correction.keep(kept)
            return kept
        }
        correction = trial
        return natural
    }

    /// A time below those that later work of the device had before a restore; nil where it is below them anyway, or can't
    /// be.
    private func timeBefore(_ proposed: UInt64, natural: UInt64, above lowest: UInt64) -> UInt64? {
        guard let limit = ahead.filter({ $0.proposed > proposed }).map(\.told).min(), natural >= limit, limit > 0,
            lowest < limit - 1
        else { return nil }
        return max(lowest + 1, min(proposed, limit - 1))
    }

    /// The final times that a held group was given when it arrived.
    init(of group: ChangeGroup, device: UInt32, givenIn store: any HubStore) throws {
        var given: [UInt64: UInt64] = [:]
        for proposed in Set(Self.proposals(of: group).map(\.time)) {
            given[proposed] = try store.correction(device: device, number: group.number, proposed: proposed)
        }
        self.init(of: group, device: device, given: given, store: store)
    }

    /// The final times that a group was given before.
    ///
    /// - Parameter given: those that differ from the proposed ones.
    init(of group: ChangeGroup, device: UInt32, given: [UInt64: UInt64], store: any HubStore) {
        self.device = device
        number = group.number
        self.store = store
        ahead = []
        told = []
        latestBase = { .max }
        for proposed in Set(Self.proposals(of: group).map(\.time)).sorted() {
            let final = given[proposed] ?? proposed
            if final != proposed { isCorrected = true }
            times.append((proposed, final))
        }
    }

    /// Each time in the group with what was seen then; a plain field of a creation needs no line of its own.
    private static func proposals(of group: ChangeGroup) -> [Proposal] {
        var proposals: [Proposal] = []
        for change in group.changes {
            if let creation = change.creation { proposals.append(Proposal(time: creation.time, base: .none)) }
            for field in change.fields where field.base != .none || field.time != change.creation?.time {
                proposals.append(Proposal(time: field.time, base: field.base))
            }
            if let existence = change.existence {
                proposals.append(Proposal(time: existence.time, base: existence.base))
                for seen in existence.seen {
                    proposals.append(Proposal(time: existence.time, base: seen.base, isAbove: false))
                }
            }
            for decision in change.decisions { proposals.append(Proposal(time: decision.time, base: .none)) }
        }
        return proposals
    }

    /// The stamp of a base, or nil where there is none or it can't be.
    private mutating func checked(_ base: Base, before time: UInt64, highest: UInt64) throws -> Stamp? {
        if case .own(let number, let own) = base, number > self.number || (number == self.number && own >= time) {
            hasImpossibleBase = true
            return nil
        }
        guard let stamp = try resolve(base) else { return nil }
        guard try stamp.time <= highest || stamp.time <= latestBase() else {
            hasImpossibleBase = true
            return nil
        }
        return stamp
    }

    /// The final stamp of a proposed time of this group.
    func stamp(_ proposed: UInt64) -> Stamp {
        guard isCorrected else { return Stamp(time: proposed, device: device) }
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle].proposed < proposed { low = middle + 1 } else { high = middle }
        }
        let time = low < times.count && times[low].proposed == proposed ? times[low].final : proposed
        return Stamp(time: time, device: device)
    }

    /// What a base names, in final stamps.
    func resolve(_ base: Base) throws -> Stamp? {
        switch base {
        case .none: return nil
        case .stamp(let stamp): return stamp
        case .own(let number, let time):
            if number == self.number { return stamp(time) }
            // It was not made yet.
            if number > self.number { return nil }
            #if PlantedBugs
                if PlantedBug.isChosen(.ownNumberLost) { return nil }
            #endif
            let final = try store.correction(device: device, number: number, proposed: time)
            return Stamp(time: final ?? time, device: device)
        }
    }

    /// A change with final stamps; the fields that a creation wrote later were based on the creation.
    func apply(to change: Change) throws -> FinalChange {
        let created = change.creation.map { stamp($0.time) }
        var fields: [FieldState] = []
        fields.reserveCapacity(change.fields.count)
        for field in change.fields {
            let stamp = stamp(field.time)
            var base = try resolve(field.base)
            if base == nil, let created, stamp > created { base = created }
            fields.append(FieldState(number: field.field, value: field.value, stamp: stamp, base: base))
        }
        var existence: ExistenceState?
        if let change = change.existence {
            var seen: [ExistenceState.Seen] = []
            for item in change.seen {
                if let stamp = try resolve(item.base) { seen.append(.init(field: item.field, stamp: stamp)) }
            }
            existence = ExistenceState(
                isAlive: change.isAlive, stamp: stamp(change.time), base: try resolve(change.base), seen: seen)
        }
        return FinalChange(
            table: change.table, record: change.record,
            creation: change.creation.flatMap { creation in created.map { (creation.area, $0) } },
            fields: fields, existence: existence, decisions: change.decisions.map { ($0, stamp($0.time)) })
    }
}
