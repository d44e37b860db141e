import SyncCore

/// Changing what a device signs in with.
///
/// A device has the token of its enrolment, which the ledger names by its hash, until it changes it. The next token is good
/// beside the present one from when it was told until it is used for the first time; then it is the only one.
extension Hub {
    /// Takes note of a device's next token, in place of another one that was told before; inside a transaction.
    ///
    /// A token that is another device's is passed over: then it is not confirmed.
    func note(nextToken hash: [UInt8], of number: UInt32) throws {
        let known = try store.device(tokenHash: hash)
        guard try known?.number == number || known == nil && !store.isKnown(tokenHash: hash) else { return }
        try store.setNextToken(hash, ofDevice: number)
    }

    /// Whether a device has told this token and has not used it yet.
    package func isNextToken(_ hash: [UInt8]) throws -> Bool {
        try store.readTransaction { try store.changedToken(hash)?.isNext == true }
    }

    /// Makes a next token that was used the only one of its device; in a transaction of its own.
    package func takeNextToken(_ hash: [UInt8]) throws {
        try store.transaction {
            guard let token = try store.changedToken(hash), token.isNext else { return }
            try store.setToken(hash, ofDevice: token.device)
            try audit(.tokenChanged, by: token.device)
        }
    }

    // MARK: A device whose token nobody knows

    /// Whether some lines of the ledger say that a device signs with the key of a proof.
    func names(_ proof: DeviceProof, in entries: [LedgerEntry]) throws -> Bool {
        let content = LedgerContent.DeviceKey(device: proof.device, publicKey: proof.publicKey)
        return try entries.contains {
            try $0.kind == LedgerEntry.Kind.deviceKey.rawValue
                && LedgerContent.DeviceKey(decoding: $0.payload) == content
        }
    }

    /// Takes the token of a device that shows by its key who it is: this server was put back from a copy of before it
    /// changed its token, or before it joined; or the device's own files were put back. Inside a transaction.
    ///
    /// - Parameter proof: its signature was checked by the caller.
    /// - Returns: whether this server knows the device by that key.
    func take(tokenHash: [UInt8], _ proof: DeviceProof) throws -> Bool {
        guard try store.device(proof.device) != nil, try store.deviceKey(ofDevice: proof.device) == proof.publicKey
        else {
            return false
        }
        try store.setToken(tokenHash, ofDevice: proof.device)
        try audit(.tokenProved, by: proof.device)
        return true
    }
}

/// A token that took the place of a device's first one, or will.
package struct ChangedToken: Hashable, Sendable {
    package var device: UInt32
    /// Whether it was told and not used yet.
    package var isNext: Bool

    package init(device: UInt32, isNext: Bool) {
        self.device = device
        self.isNext = isNext
    }
}
