import Compression
import Dispatch
import SyncCore
import Synchronization

/// A thread of the service with its own connection and compression contexts.
///
/// `@unchecked Sendable`: everything but the queue is used on the queue alone.
final class ServiceLane: @unchecked Sendable {
    let connection: HubConnection
    private let codec: BodyCodec?
    private let queue: DispatchQueue
    private let steps = Mutex(0)
    private let bodyLimitBytes: Int

    /// - Parameter bodyLimitBytes: the most bytes of a body after decompression.
    init(connection: HubConnection, number: Int, bodyLimitBytes: Int) {
        self.bodyLimitBytes = bodyLimitBytes
        self.connection = connection
        queue = DispatchQueue(label: "kith.lane.\(number)")
        // A context that could not be made is reported at the first use, as an error of that request.
        codec = try? BodyCodec()
    }

    /// How many steps wait for it, with the one that it does.
    var waitingCount: Int { steps.withLock { $0 } }

    /// Does a step once those before it are done.
    func run(_ step: @escaping @Sendable (ServiceLane) -> Void) {
        steps.withLock { $0 += 1 }
        queue.async {
            step(self)
            self.steps.withLock { $0 -= 1 }
        }
    }

    /// From this many steps on, with the one that it does, the lane is crowded: then its time counts more than bytes.
    static let crowdCount = 5

    /// Writes an answer down; quickly where the lane is crowded.
    func encode(_ message: [UInt8], allowsDictionary: Bool) throws -> BodyCodec.Body {
        guard let codec else { throw ServiceRefusal(.unavailable) }
        return try codec.encode(
            message, allowsDictionary: allowsDictionary, isHurried: waitingCount >= Self.crowdCount)
    }

    /// Reads a body.
    ///
    /// - Parameter coding: as its header names it.
    /// - Throws: `.dictionary` for a dictionary that is not here.
    func decode(_ bytes: [UInt8], coding header: String?) throws -> [UInt8] {
        guard let coding = BodyCoding(header: header) else {
            throw ServiceRefusal(BodyCoding.isDictionary(header) ? .dictionary : .malformed)
        }
        guard coding != .plain else { return bytes }
        guard let codec else { throw ServiceRefusal(.unavailable) }
        return try codec.decode(BodyCodec.Body(bytes: bytes, coding: coding), limitBytes: bodyLimitBytes)
    }
}
