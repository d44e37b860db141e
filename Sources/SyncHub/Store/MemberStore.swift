import SyncCore

/// The part of a hub's store for areas, people, devices and invitations.
package protocol MemberStore: AnyObject {
    /// All areas, by number.
    func areas() throws -> [Area]
    /// Adds an area.
    func addArea(_ area: Area) throws
    /// The role of a person, or nil where there is no such person.
    func role(ofPerson name: String) throws -> Role?
    /// Adds a person with a role.
    func addPerson(_ name: String, role: Role) throws
    /// Gives a person who is known another role.
    func set(role: Role, ofPerson name: String) throws
    /// Gives an area to a person.
    func grant(_ area: Int, toPerson name: String) throws
    /// Takes an area from a person.
    func revokeGrant(_ area: Int, fromPerson name: String) throws
    /// All devices, by number.
    func devices() throws -> [DeviceRecord]
    /// A device; nil where there is none with this number.
    func device(_ number: UInt32) throws -> DeviceRecord?
    /// The device that has a token with this hash: the one of its enrolment, unless another is in use; the one in use; or
    /// the next one.
    func device(tokenHash: [UInt8]) throws -> DeviceRecord?
    /// Whether a token is some device's, or was when it was let in.
    func isKnown(tokenHash: [UInt8]) throws -> Bool
    /// What a token is that took the place of a first one, or will; nil for all others.
    func changedToken(_ hash: [UInt8]) throws -> ChangedToken?
    /// The hash of the token that a device told and has not used yet.
    func nextToken(ofDevice number: UInt32) throws -> [UInt8]?
    /// Keeps the next token of a device, in place of one that was told before; nothing where it is in use already.
    func setNextToken(_ hash: [UInt8], ofDevice number: UInt32) throws
    /// Makes a token the only one of its device.
    func setToken(_ hash: [UInt8], ofDevice number: UInt32) throws
    /// Adds a device of a person who exists.
    func addDevice(_ device: DeviceRecord, tokenHash: [UInt8]?) throws
    /// Keeps the number of a device's last group and the latest packed time that it was given.
    func setProgress(ofDevice number: UInt32, lastGroup: UInt64, highestTime: UInt64) throws
    /// Notes when a device was last heard of, in milliseconds of Unix time.
    func setSeen(ofDevice number: UInt32, milliseconds: Int64) throws
    /// Gives a device another name.
    func rename(device number: UInt32, to name: String) throws
    /// Gives a person another name, with all that is theirs; nobody must have it.
    func rename(person: String, to name: String) throws
    /// Notes how many lines of the ledger a device has.
    func setLedgerCount(_ count: UInt64, ofDevice number: UInt32) throws
    /// Shuts a device out.
    func setRevoked(device number: UInt32) throws
    /// Notes that a device's database is a copy of another one's.
    func setOriginal(_ original: UInt32, ofDevice number: UInt32) throws
    /// The device whose database was copied to make this one; nil for all others.
    func original(ofDevice number: UInt32) throws -> UInt32?
    /// The devices whose databases were copied to make others, by the number of the copy.
    func originals() throws -> [UInt32: UInt32]
    /// An invitation; nil where there is none with this secret.
    func invitation(secretHash: [UInt8]) throws -> Invitation?
    /// The invitations with a role that nobody has used.
    func unusedInvitations(role: Role) throws -> [Invitation]
    /// The invitations of a person that nobody has used.
    func unusedInvitations(ofPerson name: String) throws -> [Invitation]
    /// Says which areas come with an invitation.
    func setAreas(_ areas: Set<Int>, ofInvitation secretHash: [UInt8]) throws
    /// Adds an invitation.
    func addInvitation(_ invitation: Invitation) throws
    /// Notes who used an invitation, and how many attempts failed.
    func setUse(ofInvitation secretHash: [UInt8], usedBy: UInt32?, failures: Int) throws
    /// What a device said last of itself.
    func standing(ofDevice number: UInt32) throws -> ReportedStanding?
    /// Keeps what a device says of itself, in place of what it said before.
    func setStanding(_ reported: ReportedStanding, ofDevice number: UInt32) throws
}
