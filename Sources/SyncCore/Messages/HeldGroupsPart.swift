/// What became of one of the device's groups that was held for checking.
package struct HeldOutcome: Hashable, Sendable {
    package enum Kind: Int, Sendable, CaseIterable {
        /// The office took it: it is in force.
        case accepted = 1
        /// The office decided not to take it.
        case discarded = 2
        /// Its author took it back, or sent other work in its place.
        case withdrawn = 3
    }

    /// Counts up on the server; a device asks for those behind the last one that it knows.
    package var id: UInt64
    package var number: UInt64
    package var kind: Kind
    /// Why the group was held.
    package var reason: HoldReason
    /// Why it was decided so, in the words of who decided.
    package var why: String?
    /// When it was decided, in milliseconds since 1970.
    package var milliseconds: Int64

    package init(id: UInt64, number: UInt64, kind: Kind, reason: HoldReason, why: String?, milliseconds: Int64) {
        self.id = id
        self.number = number
        self.kind = kind
        self.reason = reason
        self.why = why
        self.milliseconds = milliseconds
    }
}

/// What a device asks about its held groups.
package struct HeldGroupsRequest: Hashable, Sendable {
    /// The most withdrawals in one request.
    package static let largestCount = 10_000

    /// A held group that its author takes back.
    package struct Withdrawal: Hashable, Sendable {
        package var number: UInt64
        /// The group that takes its place: neither both nor none of the two come into force.
        package var replacement: UInt64?

        package init(number: UInt64, replacement: UInt64?) {
            self.number = number
            self.replacement = replacement
        }
    }

    /// The last outcome that this device has taken note of; 0 for none.
    package var lastOutcome: UInt64
    /// Everything that was not confirmed yet, by ascending number.
    package var withdrawals: [Withdrawal]

    package init(lastOutcome: UInt64, withdrawals: [Withdrawal]) {
        self.lastOutcome = lastOutcome
        self.withdrawals = withdrawals
    }
}

/// `part 6 = [last outcome, [number, replacement|0, …]]`.
extension SyncRequest {
    /// What the device asks about its held groups; nil where it asks nothing, as a program that knows no such question.
    package func heldGroups() throws(CBORError) -> HeldGroupsRequest? {
        guard let item = parts[.heldGroups] else { return nil }
        var reader = CBORReader(item)
        _ = try reader.readArray(2...2)
        var request = HeldGroupsRequest(lastOutcome: try reader.readNumber(), withdrawals: [])
        let count = try reader.readArray(0...2 * HeldGroupsRequest.largestCount)
        guard count.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        for _ in 0..<count / 2 {
            let number = try reader.readNumber()
            let replacement = try reader.readNumber()
            guard replacement == 0 || replacement > number else { throw reader.unexpectedItem() }
            request.withdrawals.append(
                HeldGroupsRequest.Withdrawal(number: number, replacement: replacement == 0 ? nil : replacement))
        }
        try reader.finish()
        return request
    }

    /// Sets what the device asks about its held groups.
    package mutating func set(heldGroups request: HeldGroupsRequest) {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(request.lastOutcome)
        writer.array(count: 2 * request.withdrawals.count)
        for withdrawal in request.withdrawals {
            writer.unsigned(withdrawal.number)
            writer.unsigned(withdrawal.replacement ?? 0)
        }
        parts[.heldGroups] = writer.bytes
    }
}

/// `part 6 = [[id, number, kind, reason, why|null, milliseconds]…]`, by ascending id.
extension SyncReply {
    /// The most outcomes in one reply.
    package static let largestOutcomeCount = 1_000

    /// What became of held groups since the outcome that the device knows; none where the server says nothing of it.
    package func heldOutcomes() throws(CBORError) -> [HeldOutcome] {
        guard let item = parts[.heldGroups] else { return [] }
        var reader = CBORReader(item)
        var outcomes: [HeldOutcome] = []
        for _ in 0..<(try reader.readArray(0...Self.largestOutcomeCount)) {
            _ = try reader.readArray(6...6)
            let id = try reader.readNumber()
            let number = try reader.readNumber()
            guard let kind = HeldOutcome.Kind(rawValue: try reader.readSmall()),
                id > outcomes.last?.id ?? 0
            else { throw reader.unexpectedItem() }
            let reason = HoldReason(rawValue: try reader.readSmall())
            let why = try reader.readOptional { (reader) throws(CBORError) in try reader.readText() }
            outcomes.append(
                HeldOutcome(
                    id: id, number: number, kind: kind, reason: reason, why: why,
                    milliseconds: try reader.readInteger()))
        }
        try reader.finish()
        return outcomes
    }

    /// Sets what became of held groups; says nothing where there is nothing to say.
    package mutating func set(heldOutcomes outcomes: [HeldOutcome]) {
        if outcomes.isEmpty { return parts[.heldGroups] = nil }
        var writer = CBORWriter()
        writer.array(count: outcomes.count)
        for outcome in outcomes {
            writer.array(count: 6)
            writer.unsigned(outcome.id)
            writer.unsigned(outcome.number)
            writer.unsigned(UInt64(outcome.kind.rawValue))
            writer.unsigned(UInt64(outcome.reason.rawValue))
            if let why = outcome.why { writer.text(why) } else { writer.null() }
            writer.integer(outcome.milliseconds)
        }
        parts[.heldGroups] = writer.bytes
    }
}
