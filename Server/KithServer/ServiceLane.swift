import Compression
import Dispatch
import SyncCore

/// A thread of the service with its own connection and compression contexts.
///
/// `@unchecked Sendable`: everything but the queue is used on the queue alone.
final class ServiceLane: @unchecked Sendable {
    let queue: DispatchQueue
    let connection: HubConnection
    private let compressor: Compressor?
    private let decompressor: Decompressor?

    private let bodyLimitBytes: Int

    /// - Parameter bodyLimitBytes: the most bytes of a body after decompression.
    init(connection: HubConnection, number: Int, bodyLimitBytes: Int) {
        self.bodyLimitBytes = bodyLimitBytes
        self.connection = connection
        queue = DispatchQueue(label: "kith.lane.\(number)")
        // A context that could not be made is reported at the first use, as an error of that request.
        compressor = try? Compressor()
        decompressor = try? Decompressor()
    }

    func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        guard let compressor else { throw ServiceRefusal(.unavailable) }
        return try compressor.compress(bytes)
    }

    func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
        guard let decompressor else { throw ServiceRefusal(.unavailable) }
        return try decompressor.decompress(bytes, limitBytes: bodyLimitBytes)
    }
}
