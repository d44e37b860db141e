import SyncCore

/// Taking held groups back, alone or for others in their place.
extension Push {
    /// Takes held groups back that another one is to replace; false, and nothing is changed, where the office has
    /// accepted one of them meanwhile, for then that work is in force already.
    func makeRoom(_ replaced: [UInt64]) throws -> Bool {
        for number in replaced where number <= last {
            if try heldGroup(number) != nil { continue }
            let outcome = try store.heldOutcome(device: device.number, number: number)?.kind
            guard outcome == .discarded || outcome == .withdrawn else { return false }
        }
        for number in replaced { try withdraw(number) }
        return true
    }

    /// Whether a replacement stands for what it replaces, or waits in its place; true where there is to be none.
    func isInPlace(_ replacement: UInt64?) throws -> Bool {
        guard let replacement else { return true }
        guard replacement <= last else { return false }
        if let held = try heldGroup(replacement) { return held.reason != .replacedInForce }
        let outcome = try store.heldOutcome(device: device.number, number: replacement)?.kind
        return outcome == nil || outcome == .accepted
    }

    /// Whether a group that arrives is taken back with all that is taken back with it. Where the office has accepted some of that
    /// meanwhile, its word counts for what builds on it too.
    func isTakenBack(_ number: UInt64, by withdrawals: [HeldGroupsRequest.Withdrawal]) throws -> Bool {
        guard let own = withdrawals.first(where: { $0.number == number }) else { return false }
        return try !withdrawals.contains { other in
            guard other.replacement == own.replacement, other.number < number else { return false }
            return try heldGroup(other.number) == nil
                && store.heldOutcome(device: device.number, number: other.number)?.kind == .accepted
        }
    }

    func withdraw(_ number: UInt64) throws {
        guard let group = try heldGroup(number) else { return }
        try hub.end(group, as: .withdrawn, why: nil)
    }

    func heldGroup(_ number: UInt64) throws -> QuarantinedGroup? {
        try store.quarantined(device: device.number, number: number)
    }
}
