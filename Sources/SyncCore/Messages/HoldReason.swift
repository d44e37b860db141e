/// Why the server could not accept a group.
///
/// A newer server may have reasons that this version does not know: the group is held all the same, and the number of
/// the reason is kept and passed on.
package enum HoldReason: Hashable, Sendable, RawRepresentable {
    /// The writer may not write in that area.
    case areaNotGranted
    /// The writer's role may not decide conflicts, or not write this table here.
    case roleNotAllowed
    /// A change of a record that the server does not know.
    case recordUnknown
    /// A value of the wrong type, a text over the limit, a stamp that can't be.
    case malformed
    /// The device was revoked.
    case revoked
    /// A change that would move a record to another area.
    case areaChanged
    /// It was sent in place of a held group that came into force meanwhile.
    case replacedInForce
    /// Its merge would read more of what was there before than one group may.
    case historyTooLong
    /// A reason of a newer version, by its number.
    case unknown(Int)

    /// The reason with this number.
    package init(rawValue: Int) {
        switch rawValue {
        case 1: self = .areaNotGranted
        case 2: self = .roleNotAllowed
        case 3: self = .recordUnknown
        case 4: self = .malformed
        case 5: self = .revoked
        case 6: self = .areaChanged
        case 7: self = .replacedInForce
        case 8: self = .historyTooLong
        default: self = .unknown(rawValue)
        }
    }

    /// The number on the wire and in databases.
    package var rawValue: Int {
        switch self {
        case .areaNotGranted: 1
        case .roleNotAllowed: 2
        case .recordUnknown: 3
        case .malformed: 4
        case .revoked: 5
        case .areaChanged: 6
        case .replacedInForce: 7
        case .historyTooLong: 8
        case .unknown(let number): number
        }
    }
}
