import RecordStorage
import SyncCore

/// Own work that is not in force: held at the office, or come back from there.
package struct HeldItem: Sendable {
    /// What became of it so far.
    package enum State: Sendable, Equatable {
        /// The office has it for checking.
        case held
        /// The office did not take it.
        case discarded
        /// It was taken back here.
        case withdrawn
        /// It was sent again as this group.
        case replaced(by: UInt64)
    }

    /// The number of the group.
    package let number: UInt64
    package let state: State
    /// Why the office held it.
    package let reason: HoldReason
    /// The office's words, where it gave any.
    package let why: String?
    /// When it came back, in milliseconds since 1970; nil while it is held.
    package let milliseconds: Int64?
    /// What of it is on this device.
    package let changes: [Change]
    /// Whether all of it is on this device: what belongs to areas that were lost is at the office alone.
    package let isWhole: Bool
}

/// What there is to see of held work.
extension Replica {
    /// How long the words of work are kept that is not in force, in milliseconds.
    package static let returnedWorkMilliseconds = HeldLog.keptMilliseconds

    /// Own work that is not in force, by number.
    ///
    /// - Parameter all: also what was taken back or sent again here.
    package func heldItems(all: Bool = false) throws -> [HeldItem] {
        try reading {
            let held = try outbox.held().map { try heldItem($0) }
            let returned = try heldLog.returned().map { try heldItem($0) }.filter {
                all || $0.state == .discarded
            }
            return (held + returned).sorted { $0.number < $1.number }
        }
    }

    /// The work with this number; nil where none was held.
    package func heldItem(_ number: UInt64) throws -> HeldItem? {
        try heldItems(all: true).first { $0.number == number }
    }

    private func heldItem(_ group: HeldGroup) throws -> HeldItem {
        let number = Int64(clamping: group.number)
        let changes = try outbox.entries(in: number...number).map { try content(of: $0) }
        return HeldItem(
            number: group.number, state: .held, reason: group.reason, why: nil, milliseconds: nil, changes: changes,
            isWhole: try outbox.size(of: number)?.changes == changes.count)
    }

    private func heldItem(_ group: HeldLog.Returned) throws -> HeldItem {
        let changes = try heldLog.changes(of: group.number)
        let state: HeldItem.State =
            switch group.kind {
            case .discarded: group.replacement.map { .replaced(by: UInt64(clamping: $0)) } ?? .discarded
            case .accepted, .withdrawn: group.replacement.map { .replaced(by: UInt64(clamping: $0)) } ?? .withdrawn
            }
        return HeldItem(
            number: UInt64(clamping: group.number), state: state, reason: group.reason, why: group.why,
            milliseconds: group.milliseconds, changes: changes,
            // A group without a change is one whose changes have all left.
            isWhole: !changes.isEmpty && group.changeCount == changes.count)
    }

    /// What an entry of the outbox says.
    func content(of entry: Outbox.Entry) throws -> Change {
        guard let state = try records.load(table: entry.row.table, key: entry.row.key) else {
            throw ReplicaError.damaged("a change without its record")
        }
        return try change(in: entry, state: state)
    }
}
