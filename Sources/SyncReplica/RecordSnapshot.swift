import SyncCore

/// A record as a prompt or an editor showed it, with what an edit made there may claim to have seen.
///
/// It stays right whatever is sent, received or settled while the editor is open.
package struct RecordSnapshot: Sendable, Equatable {
    /// What was shown.
    package let state: RecordState
    /// Versions that are the device's own and were not acknowledged; field 0 is existence.
    let own: [Int: Base]
    /// What stands for fields that are not named: the creation.
    let creation: Base
    /// What each waiting version stands on; field 0 is existence.
    private let links: [Link]

    private struct Link: Equatable {
        let field: Int
        let version: Base
        let base: Base
    }

    /// - Parameters:
    ///   - device: whose changes the chain has; others may have written in the same millisecond.
    ///   - chain: the changes that wait for this record with their group numbers, oldest first.
    init(_ state: RecordState, device: UInt32, chain: [(group: UInt64, change: Change)]) {
        self.state = state
        var own: [Int: Base] = [:]
        var creation = Base.stamp(state.created)
        var links: [Link] = []
        for (group, change) in chain {
            func link(_ field: Int, time: UInt64, base: Base) {
                links.append(Link(field: field, version: .own(number: group, time: time), base: base))
            }
            for field in change.fields { link(field.field, time: field.time, base: field.base) }
            if let existence = change.existence { link(Field.existence, time: existence.time, base: existence.base) }
            if let made = change.creation, Stamp(time: made.time, device: device) == state.created {
                creation = .own(number: group, time: made.time)
            }
            // What does not show any more was written again by later work, which is acknowledged.
            for field in change.fields
            where state.field(field.field).stamp == Stamp(time: field.time, device: device) {
                own[field.field] = .own(number: group, time: field.time)
            }
            if let existence = change.existence, state.existence?.stamp == Stamp(time: existence.time, device: device) {
                own[Field.existence] = .own(number: group, time: existence.time)
            }
        }
        self.own = own
        self.creation = creation
        self.links = links
    }

    /// What a waiting version of a field stands on; nil for any other version.
    func base(under version: Base, field: Int) -> Base? {
        links.first { $0.field == field && $0.version == version }?.base
    }

    /// What the writer of a new value for this field had seen there.
    func base(of field: Int) -> Base {
        if let base = own[field] { return base }
        let stamp = state.field(field).stamp
        return stamp == state.created ? creation : .stamp(stamp)
    }

    /// What a delete or restore had seen of existence.
    var existenceBase: Base {
        if let base = own[Field.existence] { return base }
        return state.existence.map { .stamp($0.stamp) } ?? .none
    }

    /// The fields that were written after the creation, ascending.
    ///
    /// An own edit that waits may bear the very time that the server gave to the creation.
    var writtenFields: [Int] {
        var numbers = Set(state.fields.filter { $0.stamp != state.created }.map(\.number))
        for (number, base) in own where number != Field.existence && base != creation { numbers.insert(number) }
        return numbers.sorted()
    }

    /// What a delete says that it saw: every field that was written after the creation.
    var seenFields: [ExistenceChange.Seen] {
        writtenFields.map { ExistenceChange.Seen(field: $0, base: base(of: $0)) }
    }
}
