import SyncCore

/// What a decision on a held group came to.
package struct HeldDecision: Hashable, Sendable {
    /// The groups that it was about: the one that was named, and those that live by a record that it makes.
    package var groups: [QuarantinedGroup]
    /// Groups that build on these and stay held for a reason of their own.
    package var left: [QuarantinedGroup]
    /// How many conflicts came into the log.
    package var conflictCount: Int

    package init(groups: [QuarantinedGroup], left: [QuarantinedGroup], conflictCount: Int) {
        self.groups = groups
        self.left = left
        self.conflictCount = conflictCount
    }
}

/// The office's word on held groups; what it says also counts while `serve` runs.
extension Hub {
    /// Puts a held group into force, with the final stamps that it was given when it arrived.
    ///
    /// The office overrules what the person may not do: write there, in that role, from a revoked device. Held edits of
    /// records that the group makes come into force with it, in their order. Inside a transaction of the caller.
    ///
    /// - Parameter why: the office's words, for the author; at most `Value.largestBytes`.
    /// - Throws: `HubError.quarantineUnknown`, `heldNotAcceptable`, `heldNeedsEarlier`, `reasonTooLarge`.
    package func acceptHeld(_ id: Int64, why: String?) throws -> HeldDecision {
        try check(why: why)
        let held = try HeldWork(id, hub: self)
        let merging = GroupMerging(hub: self)
        var decision = HeldDecision(groups: [], left: [], conflictCount: 0)
        for (group, content) in held.chain {
            // What is here from another copy of its laptop by now.
            let new = try CopiedWords(of: group.device, store: store).rest(of: content)
            let content = new.group
            switch try verdict(on: content, held: group) {
            case .accept(let stored):
                let finals = try FinalStamps(of: content, device: group.device, givenIn: store)
                try merging.tell(new.known, to: group.device, number: group.number)
                try merging.merge(
                    content, of: group.device, into: stored, finals: finals, isWhole: new.known.isEmpty)
                for change in content.changes {
                    try forgetVouchers(of: finals.apply(to: change))
                    try withdrawExplained(table: change.table, record: change.record, merging: merging)
                }
                try end(group, as: .accepted, why: why)
                decision.groups.append(group)
            case .hold(let reason):
                guard group.id != id else { throw try refusal(of: held, reason) }
                var stays = group
                stays.reason = reason
                decision.left.append(stays)
            }
        }
        try merging.finish()
        decision.conflictCount = merging.conflictCount
        return decision
    }

    /// Drops a held group for good: its content is gone from the server, its author is told.
    ///
    /// Held edits of records that the group makes, and that nobody else has, are dropped with it. Inside a transaction of
    /// the caller.
    ///
    /// - Parameter why: the office's words, for the author; at most `Value.largestBytes`.
    /// - Throws: `HubError.quarantineUnknown`, `reasonTooLarge`.
    package func discardHeld(_ id: Int64, why: String?) throws -> HeldDecision {
        try check(why: why)
        let groups = try HeldWork(id, hub: self).chain.map(\.group)
        for group in groups { try end(group, as: .discarded, why: why) }
        // Where somebody was erased it may be for their name that it is discarded.
        if try !store.erasures().isEmpty { try store.noteGaps() }
        return HeldDecision(groups: groups, left: [], conflictCount: 0)
    }

    /// The held groups that a decision on one of them would take along, itself first.
    ///
    /// - Throws: `HubError.quarantineUnknown`.
    package func heldTogether(with id: Int64) throws -> [QuarantinedGroup] {
        try store.readTransaction { try HeldWork(id, hub: self).chain.map(\.group) }
    }

    /// Whether the office could accept a held group as it is now; nil where it could.
    package func obstacle(toAccepting id: Int64) throws -> HubError? {
        try store.readTransaction {
            let held = try HeldWork(id, hub: self)
            guard let first = held.chain.first,
                case .hold(let reason) = try verdict(on: first.content, held: first.group)
            else { return nil }
            return try refusal(of: held, reason)
        }
    }

    /// Takes a group out of quarantine and notes what became of it; its links stay.
    ///
    /// - Parameter milliseconds: when that was decided; nil for now.
    func end(
        _ group: QuarantinedGroup, as kind: HeldOutcome.Kind, why: String?, milliseconds: Int64? = nil
    ) throws {
        if why != nil { try noteRecords(of: group) }
        try store.removeQuarantined(group.id)
        try audit(
            kind == .accepted ? .heldAccepted : .heldDropped,
            by: kind == .withdrawn ? group.device : DeviceRecord.office,
            subject: Self.subject(UInt64(group.device)), detail: group.number)
        try store.addHeldOutcome(
            HeldOutcome(
                id: 0, number: group.number, kind: kind, reason: group.reason, why: why,
                milliseconds: milliseconds ?? clock()),
            device: group.device)
    }

    /// Notes what the words of a decision may be about; nothing for a group that can't be read.
    private func noteRecords(of group: QuarantinedGroup) throws {
        // Words about what can't be read go with the first order of erasure, whomever it is about.
        guard let body = try store.quarantinedBody(group.id), let content = try? ChangeGroup(decoding: body) else {
            return
        }
        for change in content.changes {
            try store.addReasonRecord(
                GroupName(device: group.device, number: group.number), table: change.table, record: change.record)
        }
    }

    private func check(why: String?) throws {
        if let why, why.utf8.count > Value.largestBytes { throw HubError.reasonTooLarge(bytes: why.utf8.count) }
    }

    private func verdict(on content: ChangeGroup, held group: QuarantinedGroup) throws -> GroupCheck.Verdict {
        // Its final stamps may be none: a base of it can't be.
        if group.reason == .malformed { return .hold(.malformed) }
        let device = try knownDevice(group.device)
        let check = GroupCheck(
            form: form, store: store, device: device, access: access(of: device, areas: try store.areas()),
            isOverruled: true)
        return try check.verdict(on: content)
    }

    private func refusal(of held: HeldWork, _ reason: HoldReason) throws -> HubError {
        let id = held.id
        guard reason == .recordUnknown, let maker = try held.maker() else { return .heldNotAcceptable(id, reason) }
        return .heldNeedsEarlier(id, earlier: maker.id)
    }
}

/// A held group, and those of the same device that live by the records that it makes.
struct HeldWork {
    let id: Int64
    /// By ascending number, the named group first.
    private(set) var chain: [(group: QuarantinedGroup, content: ChangeGroup)] = []
    private let hub: Hub

    init(_ id: Int64, hub: Hub) throws {
        self.id = id
        self.hub = hub
        guard let named = try hub.store.quarantined(id: id) else { throw HubError.quarantineUnknown(id) }
        var made: Set<RecordID> = []
        for group in try Self.ofDevice(named.device, hub) where group.number >= named.number {
            let content = try hub.quarantineGroup(group.id)
            let isPart = content.changes.contains { $0.creation == nil && made.contains($0.record) }
            guard group.id == id || isPart else { continue }
            for change in content.changes where change.creation != nil {
                if try hub.store.record(table: change.table, id: change.record) == nil { made.insert(change.record) }
            }
            chain.append((group, content))
        }
    }

    /// The earlier held group that makes a record which the named one only changes.
    func maker() throws -> QuarantinedGroup? {
        guard let (named, content) = chain.first else { return nil }
        let unknown = Set(content.changes.filter { $0.creation == nil }.map(\.record))
        return try Self.ofDevice(named.device, hub).first { group in
            guard group.number < named.number else { return false }
            return try hub.quarantineGroup(group.id).changes.contains {
                $0.creation != nil && unknown.contains($0.record)
            }
        }
    }

    private static func ofDevice(_ device: UInt32, _ hub: Hub) throws -> [QuarantinedGroup] {
        try hub.store.quarantined(device: device).sorted { $0.number < $1.number }
    }
}
