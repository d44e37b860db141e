import SyncCore

/// The unit of access, sequence, digest and cursor, as the server keeps it.
package struct Area: Hashable, Sendable {
    /// The area that every device but an auditor's reads: places and the library.
    package static let everyone = 1
    /// What is added to an area's name for its restricted twin.
    package static let twinSuffix = " (restricted)"

    package var number: Int
    package var name: String
    /// The area whose restricted twin this is.
    package var twinOf: Int?

    package init(number: Int, name: String, twinOf: Int? = nil) {
        self.number = number
        self.name = name
        self.twinOf = twinOf
    }
}

/// Where an area's feed ends, and what its records add up to there.
package struct AreaHead: Hashable, Sendable {
    package var area: Int
    /// The sequence of the last feed entry; 0 before the first.
    package var sequence: UInt64
    /// The wrapping sum of the hashes of all living records.
    package var digest: UInt128

    package init(area: Int, sequence: UInt64, digest: UInt128) {
        self.area = area
        self.sequence = sequence
        self.digest = digest
    }
}

/// What a device may do in one area.
package struct AreaAccess: Hashable, Sendable {
    package var canRead: Bool
    package var canWrite: Bool
    /// The only tables that may be written here; nil means all of them.
    package var writableTables: Set<Int>?
    /// Tables of which nobody makes a record here, because only a restricted twin may hold them.
    package var misplacedTables: Set<Int> = []

    static let nothing = AreaAccess(canRead: false, canWrite: false)
    static let everything = AreaAccess(canRead: true, canWrite: true)

    package init(canRead: Bool, canWrite: Bool, writableTables: Set<Int>? = nil) {
        self.canRead = canRead
        self.canWrite = canWrite
        self.writableTables = writableTables
    }

    /// What a role allows in an area.
    ///
    /// - Parameters:
    ///   - grants: the areas that the person was given; those of an admin are not asked for.
    ///   - tablesInEveryone: what workers and leads may write in the area `everyone`.
    package static func of(
        role: Role, in area: Area, grants: Set<Int>, tablesInEveryone: Set<Int>
    ) -> AreaAccess {
        switch role {
        case .admin: return .everything
        case .auditor: return .nothing
        case .worker, .lead, .member: break
        }
        if area.number == Area.everyone {
            if role == .member { return AreaAccess(canRead: true, canWrite: false) }
            return AreaAccess(
                canRead: true, canWrite: !tablesInEveryone.isEmpty, writableTables: tablesInEveryone)
        }
        guard let base = area.twinOf else { return grants.contains(area.number) ? .everything : .nothing }
        guard grants.contains(base) else { return .nothing }
        switch role {
        case .lead: return .everything
        case .worker: return AreaAccess(canRead: false, canWrite: true)
        case .member, .admin, .auditor: return .nothing
        }
    }
}
