/// What a device sends to `POST /v1/join`, with the invitation's secret.
package struct JoinRequest: Hashable, Sendable {
    package var protocolVersion: Int
    /// The one-time secret of the invitation: 16 bytes.
    package var secret: [UInt8]
    /// The name of the device, at most 200 bytes.
    package var device: String
    package var parts: MessageParts

    package init(
        protocolVersion: Int = SyncRequest.currentProtocol, secret: [UInt8], device: String,
        parts: MessageParts = MessageParts()
    ) {
        self.protocolVersion = protocolVersion
        self.secret = secret
        self.device = device
        self.parts = parts
    }
}

/// The server's answer to an accepted invitation.
package struct JoinReply: Hashable, Sendable {
    /// The device's number in stamps.
    package var device: UInt32
    /// The secret that the device shows at each request: 32 bytes.
    package var token: [UInt8]
    package var epoch: [UInt8]
    package var directory: Directory
    package var parts: MessageParts

    package init(
        device: UInt32, token: [UInt8], epoch: [UInt8], directory: Directory, parts: MessageParts = MessageParts()
    ) {
        self.device = device
        self.token = token
        self.epoch = epoch
        self.directory = directory
        self.parts = parts
    }
}

/// What a device sends to `POST /v1/history`: all versions of one record, please.
package struct HistoryRequest: Hashable, Sendable {
    package var table: Int
    package var record: RecordID
    /// Whether the answer about arrivals shall name who vouches for versions; a server of a version before refuses that.
    package var asksForVouchers: Bool

    package init(table: Int, record: RecordID, asksForVouchers: Bool = false) {
        self.table = table
        self.record = record
        self.asksForVouchers = asksForVouchers
    }
}

/// Versions of one record, current and former, oldest first.
package struct HistoryReply: Hashable, Sendable {
    package struct Version: Hashable, Sendable {
        /// 0 for deletes and restores, whose value is the integer 0 or 1.
        package var field: Int
        package var value: Value
        package var stamp: Stamp
        package var isCurrent: Bool

        package init(field: Int, value: Value, stamp: Stamp, isCurrent: Bool) {
            self.field = field
            self.value = value
            self.stamp = stamp
            self.isCurrent = isCurrent
        }
    }

    package var versions: [Version]

    package init(versions: [Version]) { self.versions = versions }
}

/// Why the server refused a request, as the body of a reply that is not 2xx.
package enum Refusal: Int, Sendable {
    /// The credentials are missing, wrong or revoked.
    case notAllowed = 1
    /// The invitation is wrong, used, expired or void.
    case invitation = 2
    /// The body is not a message of this protocol.
    case malformed = 3
    /// The server does not speak this version of the protocol.
    case protocolVersion = 4
    /// The device was revoked: its unsent work may still be deposited.
    case revoked = 5
    /// The server could not do it now; nothing was taken.
    case unavailable = 6
    /// The same, for what is absent and for what is forbidden.
    case notFound = 7
    /// The body is larger than the server takes.
    case tooLarge = 8
    /// The body names a compression dictionary that the server does not have: send again without.
    case dictionary = 9
    /// The server does not hold what a request in short form leaves out: say all of it.
    case unabridged = 10

    /// The HTTP status (RFC 4918) that tells, beside `unavailable`, that there is no room on the server's disk.
    package static let statusOfFullDisk = 507
    /// The HTTP status (RFC 6585) that tells, beside `unavailable`, that copies of a device's database have been given as many
    /// identities as there may be.
    package static let statusOfTooManyCopies = 429
}
