import Dispatch
import SyncCore
import Synchronization

/// One connection to the office's server, which can be left alone with a request.
///
/// `@unchecked Sendable`: the link is used by one thread at a time, for who has started a request waits for its reply
/// before the line is used again.
final class OfficeLine: @unchecked Sendable {
    /// The connection.
    let link: any ServerLink
    private let queue = DispatchQueue(label: "kith.line")

    init(_ link: any ServerLink) { self.link = link }

    /// Sends a request on a thread of the line's own.
    ///
    /// - Returns: waits for the reply; to be called once.
    func start(_ request: SyncRequest) -> () throws(ClientError) -> SyncReply {
        let outcome = Outcome()
        queue.async { [self] in
            do throws(ClientError) {
                outcome.set(.success(try link.sync(request)))
            } catch {
                outcome.set(.failure(error))
            }
        }
        return { () throws(ClientError) in try outcome.wait().get() }
    }

    /// What became of a request, once that is known.
    private final class Outcome: Sendable {
        private let result = Mutex<Result<SyncReply, ClientError>>(.failure(.cutOff(reason: "no reply")))
        private let isThere = DispatchSemaphore(value: 0)

        func set(_ outcome: Result<SyncReply, ClientError>) {
            result.withLock { $0 = outcome }
            isThere.signal()
        }

        func wait() -> Result<SyncReply, ClientError> {
            isThere.wait()
            return result.withLock { $0 }
        }
    }
}
