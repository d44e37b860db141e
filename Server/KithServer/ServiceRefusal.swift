import Compression
import Database
import SyncCore
import SyncHub

/// A request that was not carried out, as the device is told it.
struct ServiceRefusal: Error, Equatable {
    let reason: Refusal
    /// The highest group number that was taken all the same.
    let receipt: UInt64
    /// For the log; never content of a record.
    let detail: String?
    /// The office's signed order that goes with it, for a device that is to remove everything.
    var order: [UInt8]?
    /// The status of one that is not now, where it tells more than that.
    private var unavailableStatus = 503

    init(_ reason: Refusal, receipt: UInt64 = 0, detail: String? = nil) {
        self.reason = reason
        self.receipt = receipt
        self.detail = detail
    }

    /// The refusal that stands for any error; the same one for what is absent and what is forbidden.
    init(describing error: any Error) {
        switch error {
        case let refusal as ServiceRefusal: self = refusal
        case is CBORError, SealedBundle.Problem.unreadable: self.init(.malformed)
        case let problem as SealedBundle.Problem: self.init(.notFound, detail: "bundle: \(problem)")
        case CompressionError.tooLarge: self.init(.tooLarge)
        case CompressionError.unknownDictionary: self.init(.dictionary)
        case is CompressionError: self.init(.malformed)
        case HubError.invitationRefused: self.init(.invitation)
        case HubError.tooManyCopies:
            self.init(.unavailable, detail: HubError.tooManyCopies.description)
            unavailableStatus = Refusal.statusOfTooManyCopies
        case let error as HubError: self.init(.unavailable, detail: error.description)
        case let error as DatabaseError where error.kind == .full:
            self.init(.unavailable, detail: "the disk is full: no laptop's work is taken until there is room")
            unavailableStatus = Refusal.statusOfFullDisk
        case let error as DatabaseError: self.init(.unavailable, detail: String(describing: error.kind))
        default: self.init(.unavailable, detail: String(describing: type(of: error)))
        }
    }

    /// The HTTP status that goes with the reason.
    var status: Int {
        switch reason {
        case .malformed, .dictionary: 400
        case .notAllowed: 401
        case .revoked: 403
        case .notFound: 404
        case .unabridged: 409
        case .invitation: 410
        case .tooLarge: 413
        case .protocolVersion: 426
        case .unavailable: unavailableStatus
        }
    }
}
