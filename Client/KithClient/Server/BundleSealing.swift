import Compression
import Cryptography
import SyncCore
import SyncReplica
import Terminal

/// Seals what waits here for the office, and opens what the office sealed for this laptop.
struct BundleSealing {
    let laptop: Laptop
    /// Milliseconds since 1970.
    let now: Int64
    /// How much less is tried where a file became too large.
    private static let attemptCount = 12

    /// The bytes of a file, and what is in it.
    func bundle() throws -> (bytes: [UInt8], request: SyncRequest) {
        let key = try laptop.signingKey()
        guard let office = try laptop.replica.ledger.officeKey(), let device = try laptop.replica.device else {
            throw CommandFailure(
                exitCode: .failed,
                message: "This laptop does not know its office's key yet, so nothing can be sealed. Everything stays "
                    + "saved here.", next: "kith sync")
        }
        let receiver = try SealingKey.publicKey(ofSigner: office)
        let compressor = try Compressor()
        var limit = BundleLimits.largestMessageBytes / 2
        for _ in 0..<Self.attemptCount {
            var request = try laptop.replica.bundleRequest(limitBytes: limit)
            request.set(deviceKey: key.publicKey)
            var message = DeviceBundle(device: device, made: now, request: request.encoded())
            message.signature = key.sign(message.signedBytes)
            let bytes = try SealedMessage.seal(try compressor.compress(message.encoded()), to: receiver)
            if bytes.count <= SealedMessage.largestBytes {
                // Before it can be carried anywhere: its answer is believed by this alone.
                try laptop.keep(madeFile: BLAKE2b.hash256(message.signedBytes))
                return (bytes, request)
            }
            limit /= 2
        }
        throw CommandFailure(
            exitCode: .failed, message: "What waits here is too large for a sealed file. Everything stays saved here.",
            next: "kith sync")
    }

    /// What the office says in a file that is for this laptop.
    ///
    /// - Throws: a failure that says that nothing was changed, for whatever is not exactly such a file.
    func open(_ bytes: [UInt8], path: String) throws -> (cursors: [Cursor], replies: [SyncReply]) {
        let refused = CommandFailure(
            exitCode: .refused,
            message: "\(path) is no answer of your office for this laptop, or it was changed on its way. Nothing was "
                + "changed. Ask the office for it again.")
        guard let office = try laptop.replica.ledger.officeKey(),
            let compressed = SealedMessage.open(bytes, with: try laptop.signingKey().sealingKey())
        else { throw refused }
        // Whatever fails from here on is a file that this office has not made for this laptop.
        guard
            let message = try? Decompressor().decompress(compressed, limitBytes: BundleLimits.largestMessageBytes),
            let bundle = try? OfficeBundle(decoding: message),
            OfficeKey.verify(bundle.signature, over: bundle.signedBytes, publicKey: office),
            try bundle.device == laptop.replica.device,
            let replies = try? bundle.replies.map({ try SyncReply(decoding: $0) })
        else { throw refused }
        return (bundle.cursors, replies)
    }
}
