import Cryptography
import Database
import SyncCore
import SyncReplica

/// Which keys of the office's server this laptop believes.
///
/// It is the one that it saw last, and beside it the newest that the office announced since, in a line that bears the office's
/// signature. Once that one was seen the other is good no more.
extension Laptop {
    /// The announcements that this laptop knows: those of the ledger, whose signatures were checked as they came, and one that
    /// was typed in.
    func serverKeys() throws -> ServerKeys {
        let lines = try replica.ledger.entries(after: 0, kind: .serverKey)
        return ServerKeys(lines + (try settings.serverKeyLine().map { [$0] } ?? []))
    }

    /// The key that may take the place of the one that is pinned; nil where none was announced.
    func nextPin(after pin: [UInt8]) throws -> [UInt8]? { try serverKeys().next(after: pin) }

    /// Takes note of the key that the server showed: from now on no other is believed but one that is announced later.
    func keep(seenPin pin: [UInt8]) throws {
        guard try settings.office()?.address.pin != pin else { return }
        try database.transaction { try settings.keep(pin: pin) }
    }

    /// What became of an announcement that was typed in.
    enum TypedServerKey {
        /// It is not this office's.
        case foreign
        /// A newer one is known here, or the key was seen already.
        case known
        /// It is believed from now on.
        case taken
    }

    /// Takes an announcement that did not come over the line.
    ///
    /// - Parameter isTrial: leaves everything as it is.
    func take(typed line: LedgerEntry, isTrial: Bool) throws -> TypedServerKey {
        guard line.kind == LedgerEntry.Kind.serverKey.rawValue, let office = try replica.ledger.officeKey(),
            OfficeKey.verify(line.signature, over: line.signedBytes, publicKey: office),
            // A form that only a later version has says nothing here.
            let pin = try? LedgerContent.ServerKey(decoding: line.payload).pin
        else { return .foreign }
        let keys = try serverKeys()
        if try pin == settings.office()?.address.pin { return .known }
        if let last = keys.lastTime, line.time <= last { return keys.lastPin == pin ? .taken : .known }
        if !isTrial { try database.transaction { try settings.keep(serverKeyLine: line) } }
        return .taken
    }
}
