import SyncCore
import SyncReplica

/// What one sync says to the office's server, with this laptop's token.
final class OfficeConversation {
    private let laptop: Laptop
    private let link: any ServerLink
    private var hasIntroduced = false

    init(_ laptop: Laptop, link: any ServerLink) {
        self.laptop = laptop
        self.link = link
    }

    /// Sends a request and returns the reply.
    ///
    /// A server that does not know the token is shown the office's ledger once: it may have been put back from a copy of
    /// before this laptop joined.
    /// - Parameter meanwhile: called once while the server works.
    /// - Throws: `ShutOut` where the server takes this laptop's unsent work for checking and nothing else.
    func send(_ request: SyncRequest, meanwhile: @escaping () -> Void) throws -> SyncReply {
        do {
            return try link.sync(request, meanwhile: meanwhile)
        } catch ClientError.shutOut(let receipt) {
            throw ShutOut(receipt: receipt)
        } catch ClientError.refused(.notAllowed) {
            guard !hasIntroduced, let introduction = try laptop.replica.introduction() else {
                throw ClientError.refused(.notAllowed)
            }
            hasIntroduced = true
            return try link.sync(introduction)
        }
    }
}
