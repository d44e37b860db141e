import SyncCore

/// What can go wrong on the laptop's side beside what the database and the engine report themselves.
package enum ClientError: Error, Hashable, Sendable {
    /// The environment names no folder to keep anything in.
    case noHome
    /// A folder or file can't be made or opened, with the system's reason.
    case folder(path: String, reason: String)
    /// Nobody has joined an office from here.
    case notJoined
    /// This folder belongs to an office already.
    case alreadyJoined
    /// Another process syncs this laptop now.
    case syncIsRunning
    /// The server can't be reached, with the reason.
    case offline(reason: String)
    /// The connection ended while the two talked.
    case cutOff(reason: String)
    /// Something else answers at the address: its key is not the one of the invitation.
    case wrongKey
    /// The server answered that it won't.
    case refused(Refusal)
    /// There is no room on the server's disk: nothing was taken.
    case officeDiskFull
    /// Copies of this laptop's folder have been given as many identities as there may be: nothing was taken.
    case tooManyCopies
    /// The office does not let this laptop sync any more; its groups up to this number are handed in there.
    case shutOut(receipt: UInt64, order: [UInt8]? = nil)
    /// What the server answered can't be read.
    case unreadableReply(status: Int)
    /// The records here and at the office differ although everything was exchanged.
    case recordsDiffer(areas: [String])
}
