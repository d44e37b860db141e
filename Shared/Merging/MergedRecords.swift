import SyncCore

/// Which record of a kind stands for which, worked out from the fields that name another record of the same somebody.
///
/// A merge counts as long as the record that it leads to is here and lives: where that was deleted, or is not here, a
/// record stands for itself again, so that no deletion hides more than it names. A record that was moved is not shown
/// beside the one that it became, and is *away* where this place does not see that one.
package struct MergedRecords: Sendable {
    /// A living record that names another.
    package struct Link: Sendable {
        let id: RecordID
        let target: RecordID
        let isMove: Bool

        /// Makes a link.
        ///
        /// - Parameter isMove: whether the record was moved into another area, not merged.
        package init(_ id: RecordID, to target: RecordID, isMove: Bool = false) {
            self.id = id
            self.target = target
            self.isMove = isMove
        }
    }

    /// Gathers the links of the living records of a kind.
    package struct Gathering {
        private let fields: [(number: Int, isMove: Bool)]
        private var links: [Link] = []

        /// Begins with none.
        package init(_ kind: RecordKind) {
            let fields = [(kind.mergedInto, false), (kind.movedTo, true)]
            self.fields = fields.compactMap { number, isMove in number.map { ($0, isMove) } }
        }

        /// Adds what a record names; its values are by field number.
        package mutating func add(_ id: RecordID, _ values: [Int: Value]) {
            for field in fields {
                guard case .blob(let bytes)? = values[field.number], let target = RecordID(bytes: bytes) else {
                    continue
                }
                links.append(Link(id, to: target, isMove: field.isMove))
            }
        }

        /// What stands for what.
        package func merged(isLiving: (RecordID) -> Bool) -> MergedRecords { MergedRecords(links, isLiving: isLiving) }
    }

    private var survivors: [RecordID: RecordID] = [:]
    private var groups: [RecordID: [RecordID]] = [:]
    private var away: Set<RecordID> = []
    private var cycles: [RecordID: [RecordID]] = [:]

    /// Whether no record stands for another.
    package var isEmpty: Bool { survivors.isEmpty && away.isEmpty }

    /// Works out what stands for what.
    ///
    /// - Parameters:
    ///   - links: those of living records alone, in any order.
    ///   - isLiving: whether a record is here and lives; asked for targets.
    package init(_ links: [Link], isLiving: (RecordID) throws -> Bool) rethrows {
        var next: [RecordID: RecordID] = [:]
        for link in links where link.isMove {
            if try isLiving(link.target) { next[link.id] = link.target } else { away.insert(link.id) }
        }
        for link in links where !link.isMove && next[link.id] == nil && !away.contains(link.id) {
            if try isLiving(link.target) { next[link.id] = link.target }
        }
        for id in next.keys { follow(id, next) }
        for (id, survivor) in survivors where id != survivor { groups[survivor, default: []].append(id) }
        for survivor in groups.keys { groups[survivor]?.sort() }
    }

    /// Walks from a record to the one that stands for it, and remembers it for all on the way.
    ///
    /// Two laptops that merge in opposite directions make a circle; then the record in it with the least id stands
    /// for all, on every laptop.
    private mutating func follow(_ first: RecordID, _ next: [RecordID: RecordID]) {
        var path: [RecordID] = []
        var places: [RecordID: Int] = [:]
        var last = first
        while survivors[last] == nil, places[last] == nil, let target = next[last] {
            places[last] = path.count
            path.append(last)
            last = target
        }
        var survivor = survivors[last] ?? last
        if survivors[last] == nil, let start = places[last] {
            let circle = path[start...].sorted()
            survivor = circle[0]
            if circle.count > 1 { cycles[survivor] = circle }
        }
        for id in path { survivors[id] = survivor }
    }

    /// The record that stands for this one; itself where it was not merged.
    package func survivor(of id: RecordID) -> RecordID { survivors[id] ?? id }

    /// The records that somebody or something is kept under: the one that stands for all first, the others by id.
    package func members(of id: RecordID) -> [RecordID] {
        let survivor = survivor(of: id)
        return [survivor] + (groups[survivor] ?? [])
    }

    /// Whether the record was moved, itself or by what stands for it, to where this place does not see it.
    package func isAway(_ id: RecordID) -> Bool { away.contains(survivor(of: id)) }

    /// Whether the record is shown in its own name.
    package func isShown(_ id: RecordID) -> Bool { survivor(of: id) == id && !away.contains(id) }

    /// The records that were merged into each other in a circle, for the one that stands for them; empty for others.
    package func circle(of id: RecordID) -> [RecordID] { cycles[survivor(of: id)] ?? [] }
}
