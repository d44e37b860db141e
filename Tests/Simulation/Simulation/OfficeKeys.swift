import Cryptography
import SyncCore

/// The office's key for the ledger, and how devices check it.
struct OfficeKeys {
    let signer: OfficeSigner
    let verifier: OfficeVerifier

    /// The real thing: Ed25519.
    init(seed: UInt8) throws {
        let key = try OfficeKey(seed: [UInt8](repeating: seed, count: OfficeKey.seedLength))
        signer = OfficeSigner(publicKey: key.publicKey) { key.sign($0) }
        verifier = OfficeVerifier { OfficeKey.verify($1, over: $0, publicKey: $2) }
    }

    private init(signer: OfficeSigner, verifier: OfficeVerifier) {
        self.signer = signer
        self.verifier = verifier
    }

    /// A hash in place of a signature, for most seeds: signing and checking would take a third of a run.
    static let pretended = OfficeKeys(
        signer: OfficeSigner(publicKey: [UInt8](repeating: 1, count: OfficeKey.seedLength)) { pretendedSignature($0) },
        verifier: OfficeVerifier { message, signature, _ in signature == pretendedSignature(message) })

    private static func pretendedSignature(_ message: [UInt8]) -> [UInt8] {
        let hash = BLAKE2b.hash256(message)
        return hash + hash
    }
}
