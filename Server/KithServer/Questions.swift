import HTTPServing
import SyncCore
import SyncHub

/// What devices ask without changing anything: about one record, or about the audit log.
extension SyncService {
    // MARK: History

    /// Answers what is asked of one record's versions: what they are, or when they came.
    ///
    /// - Parameter ask: gives the encoded answer; nil where the record is absent or not for the device to read.
    func versions(
        _ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange,
        _ ask: (Hub, HistoryRequest, UInt32) throws -> [UInt8]?
    ) throws {
        let device = try authenticate(request, on: lane, exchange: exchange)
        if device.isRevoked { throw ServiceRefusal(.revoked) }
        let message = try HistoryRequest(decoding: try body(of: request, on: lane))
        guard let answer = try ask(lane.connection.hub, message, device.number) else {
            throw ServiceRefusal(.notFound)
        }
        self.answer(answer, on: lane, exchange: exchange)
    }

    // MARK: Audit log

    /// Gives lines of the audit log to those whose role is to read it; to others it is absent.
    func audit(_ request: HTTPRequest, on lane: ServiceLane, exchange: Exchange) throws {
        let device = try authenticate(request, on: lane, exchange: exchange)
        if device.isRevoked { throw ServiceRefusal(.revoked) }
        let message = try AuditRequest(decoding: try body(of: request, on: lane))
        guard message.protocolVersion == SyncRequest.currentProtocol else { throw ServiceRefusal(.protocolVersion) }
        guard device.role == .auditor || device.role == .admin else { throw ServiceRefusal(.notFound) }
        let hub = lane.connection.hub
        let entries = try hub.auditEntries(after: message.after, limit: AuditReply.largestCount)
        answer(AuditReply(epoch: try hub.epoch, entries: entries).encoded(), on: lane, exchange: exchange)
    }
}
