import SyncCore

/// What the hub refuses. Nothing was changed; no case carries names or contents of records.
package enum HubError: Error, Hashable, CustomStringConvertible {
    /// The store already holds a server.
    case alreadyCreated
    /// The store holds no server yet.
    case notCreated
    case areaUnknown(Int)
    case areaExists
    /// A restricted twin comes with its area and can't be given by itself.
    case areaIsTwin(Int)
    case personUnknown
    /// The person already has a device under another role.
    case personHasOtherRole
    /// An admin has every area, so that none can be taken.
    case adminKeepsAreas
    /// The secret is wrong, used or expired; deliberately one answer for all.
    case invitationRefused
    case invitationExists
    case deviceUnknown(UInt32)
    /// The server itself can't be revoked.
    case officeStays
    /// Nobody else could decide conflicts and read concerns everywhere.
    case lastAdmin
    case conflictUnknown
    /// The conflict has no such side, or is not about a value.
    case choiceImpossible
    case quarantineUnknown(Int64)
    /// A ledger that this office did not sign.
    case ledgerRefused
    /// After a restore a number was given again that a device has already.
    case numberTaken
    /// What a device hands over contradicts itself.
    case handoverRefused
    /// The device began a new history by its word alone a short while ago.
    case claimedLately
    /// Copies of one device's database have been given as many identities as there may be, today or in all.
    case tooManyCopies
    /// What a device hands over bears times that this server's clock has not reached.
    case clockBehind
    /// The office can't overrule this reason.
    case heldNotAcceptable(Int64, HoldReason)
    /// It changes a record that another held group makes.
    case heldNeedsEarlier(Int64, earlier: Int64)
    case reasonTooLarge(bytes: Int)
    /// A stored row holds bytes that this program did not write.
    case damagedRow(table: String)

    package var description: String {
        switch self {
        case .alreadyCreated:
            "This folder already holds a server. Nothing was changed. Use another folder, or start it: kith-server serve"
        case .notCreated: "This folder holds no server yet. Nothing was changed. Make one first: kith-server init"
        case .areaUnknown(let number):
            "There is no area \(number). Nothing was changed. See which there are: kith-server areas list"
        case .areaExists: "An area of this name exists. Nothing was changed. Choose another name."
        case .areaIsTwin(let number):
            "Area \(number) is restricted and comes with its area. Nothing was changed. Give the area itself."
        case .personUnknown:
            "Nobody of this name has joined. Nothing was changed. See who there is: kith-server devices"
        case .personHasOtherRole:
            "This person already has another role. Nothing was changed. Invite them with the role that they have."
        case .adminKeepsAreas:
            "An admin has every area. Nothing was changed. Shut a device out instead: kith-server revoke"
        case .invitationRefused:
            "This invitation is wrong, used or expired. Nothing was changed. Ask the office for a new one."
        case .invitationExists: "This invitation exists already. Nothing was changed. Make it again."
        case .deviceUnknown(let number):
            "There is no device \(number). Nothing was changed. See which there are: kith-server devices"
        case .officeStays: "Device 0 is the server itself and can't be revoked. Nothing was changed."
        case .lastAdmin:
            "This is the last device of an admin. Nothing was changed. Invite another admin first, or the same one with "
                + "another laptop and then say --keep-invitations: kith-server invite --role admin --name NAME"
        case .conflictUnknown:
            "There is no such conflict. Nothing was changed. See which there are: kith-server conflicts list"
        case .choiceImpossible:
            "This conflict has no such side. Nothing was changed. Look at it: kith-server conflicts show"
        case .quarantineUnknown(let id):
            "There is no held group \(id). Nothing was changed. See which there are: kith-server quarantine list"
        case .heldNotAcceptable(let id, let reason):
            "Held group \(id) can't be accepted: \(Self.words(reason)). It stays held, nothing is lost. "
                + "Look at it: kith-server quarantine show \(id)"
        case .heldNeedsEarlier(let id, let earlier):
            "Held group \(id) changes a record that held group \(earlier) makes. Nothing was changed. "
                + "Accept that one, and this comes with it: kith-server quarantine accept \(earlier)"
        case .reasonTooLarge(let bytes):
            "The words for --why take \(bytes) bytes, the limit is \(Value.largestBytes). Nothing was changed."
        case .ledgerRefused:
            "This ledger does not bear the signature of this office. Nothing was changed. Look who sent it: kith-server devices"
        case .numberTaken:
            "A number that was given after the restore belongs to somebody else already. Nothing was changed. "
                + "Revoke what joined or was made since: kith-server devices"
        case .handoverRefused:
            "What a device handed over can't be. Nothing was changed. See which devices there are: kith-server devices"
        case .claimedLately:
            "The device began a new history by its word alone within the last hour. Nothing was changed. It can do so again later."
        case .tooManyCopies:
            "A laptop's folder was copied too often to be given one more identity. Nothing was changed."
        case .clockBehind:
            "A laptop brings back records with times that this server's clock has not reached. Nothing was changed, "
                + "the laptop keeps them. Set the server's clock, then let the laptop sync again."
        case .damagedRow(let table):
            "A row of the server's table \(table) is damaged. Nothing was changed. Restore a backup: kith-server restore"
        }
    }
    private static func words(_ reason: HoldReason) -> String {
        switch reason {
        case .malformed: "it holds a value or a time that can't be"
        case .areaChanged: "a record of another area has the id of one that it makes"
        case .recordUnknown: "it changes a record or a conflict that the server does not have"
        case .areaNotGranted: "there is no such area"
        case .roleNotAllowed, .revoked, .replacedInForce, .historyTooLong, .unknown: "it does not fit"
        }
    }
}
