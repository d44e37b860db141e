import SyncCore
import SyncReplica

/// Where the office's server is, and which key it must show.
package struct ServerAddress: Hashable, Sendable {
    /// Name or address, an IPv6 address without brackets.
    package var host: String
    /// The port, from 1.
    package var port: UInt16
    /// SHA-256 of the server's SubjectPublicKeyInfo: 32 bytes.
    package var pin: [UInt8]
    /// The same of a key that the office announced and that may be in use already; nil where there is none.
    package var nextPin: [UInt8]?

    /// Makes an address.
    package init(host: String, port: UInt16, pin: [UInt8], nextPin: [UInt8]? = nil) {
        self.host = host
        self.port = port
        self.pin = pin
        self.nextPin = nextPin
    }
}

/// A conversation with the office's server: each call is one question and its answer.
///
/// Calls throw `ClientError`: `.offline`, `.cutOff`, `.wrongKey`, `.refused` or `.unreadableReply`.
package protocol ServerLink {
    /// Whether this link may be used on another thread, and beside others to the same server at the same time.
    var isOneOfSeveral: Bool { get }
    /// The pin of the key that the server has shown; nil before it answered.
    var seenPin: [UInt8]? { get }
    /// What the last exchange took on the line; nil before there was one, and where the link does not measure.
    var lastExchange: LineExchange? { get }
    /// Whether anything that it was given may have been written to the line: false where no connection came about.
    var mayHaveSent: Bool { get }
    /// Uses up an invitation.
    func join(_ request: JoinRequest) throws(ClientError) -> JoinReply
    /// Exchanges one page in each direction.
    func sync(_ request: SyncRequest) throws(ClientError) -> SyncReply
    /// The same, and calls a function once while the server works, or at least before this returns a reply.
    func sync(_ request: SyncRequest, meanwhile: @escaping () -> Void) throws(ClientError) -> SyncReply
    /// Fetches all versions of one record.
    func history(_ request: HistoryRequest) throws(ClientError) -> HistoryReply
    /// Fetches when the versions of one record came to the office.
    func arrivals(_ request: HistoryRequest) throws(ClientError) -> ArrivalReply
    /// Fetches lines of the office's audit log.
    func audit(_ request: AuditRequest) throws(ClientError) -> AuditReply
    /// Hands in a sealed file.
    func carry(_ bundle: [UInt8]) throws(ClientError) -> CarryReply
}

extension ServerLink {
    package var isOneOfSeveral: Bool { false }
    package var seenPin: [UInt8]? { nil }
    package var mayHaveSent: Bool { true }
    package func arrivals(_ request: HistoryRequest) throws(ClientError) -> ArrivalReply {
        throw .refused(.notFound)
    }
    package var lastExchange: LineExchange? { nil }
    package func audit(_ request: AuditRequest) throws(ClientError) -> AuditReply { throw .refused(.notFound) }
    package func carry(_ bundle: [UInt8]) throws(ClientError) -> CarryReply { throw .refused(.notFound) }

    package func sync(_ request: SyncRequest, meanwhile: @escaping () -> Void) throws(ClientError) -> SyncReply {
        meanwhile()
        return try sync(request)
    }
}

/// Makes the link to a server; tests bring one that needs no network.
///
/// - Parameters: the server, the device's token (nil before it joined), and how long to wait for a connection and for a
///   silent server, in milliseconds (nil: as long as slow lines need).
package typealias ServerLinkMaker = @Sendable (ServerAddress, [UInt8]?, Int?) -> any ServerLink
