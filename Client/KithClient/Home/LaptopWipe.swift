import Cryptography
import Database
import SyncCore
import SyncReplica
import Terminal

/// The office's order to remove everything from this laptop, which bears its signature.
struct LaptopWipe {
    private let laptop: Laptop

    /// Nil for whatever is not an order of this laptop's office for this laptop.
    init?(order: [UInt8], laptop: Laptop) throws {
        // What can't be read orders nothing.
        guard let entry = try? LedgerEntry(decoding: order), entry.kind == LedgerEntry.Kind.wipe.rawValue,
            let named = try? LedgerContent.Revocation(decoding: entry.payload),
            let office = try laptop.replica.ledger.officeKey(),
            OfficeKey.verify(entry.signature, over: entry.signedBytes, publicKey: office),
            try named.device == laptop.replica.device
        else { return nil }
        self.laptop = laptop
    }

    /// Overwrites and removes all that kith keeps here, then tells the office.
    ///
    /// While it looks and removes, no other command can save: what was saved is handed in or still here.
    ///
    /// - Parameter count: how many changes were handed in, of those that waited.
    /// - Returns: what to tell the person, for this laptop belongs to no office any more; nil, and nothing is removed, where
    ///   something is here that was not handed in.
    func carryOut(_ link: any ServerLink, handedIn count: Int) throws -> CommandFailure? {
        var request = try laptop.replica.makeRequest(limitCount: 1, limitBytes: 1)
        request.groups = []
        request.set(DeviceStanding(disk: DiskEncryption.of(laptop.home.path).rawValue, isWiped: true))
        guard try removeAll() else { return nil }
        // It is done; the answer is a refusal in any case, and without a line the office is not told.
        _ = try? link.sync(request)
        let handedIn = count == 1 ? "1 change that waited was" : "\(count) changes that waited were"
        return CommandFailure(
            exitCode: .refused,
            message:
                "The office shut this laptop out and ordered it to remove its records: nothing of them is here any "
                + "more. \(handedIn) handed in at the office before. To use it again, ask for an invitation.")
    }

    /// Removes all files unless something here was not handed in; false then.
    private func removeAll() throws -> Bool {
        let database = laptop.home.databasePath
        var isRemoved = false
        do {
            try laptop.replica.withoutOthersWriting {
                guard try laptop.replica.unsentCount == 0 else { return }
                for path in [database + "-wal", database, database + "-shm", database + "-lock"] {
                    try FileWiping.remove(path)
                }
                isRemoved = true
            }
        } catch {
            // With the file removed there is nothing in which a transaction could end.
            if !isRemoved { throw error }
        }
        guard isRemoved else { return false }
        try FileWiping.remove(laptop.home.syncLockPath)
        try UnsavedTexts(laptop.home).removeAll()
        return true
    }
}
