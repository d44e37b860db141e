/// With what a device shows that it is one of this office's although the server does not know its token: part 15.
///
/// It signs the token's hash with its key, which the office's ledger names. A server that was put back from an older copy
/// may know an older token of the device, or none.
package struct DeviceProof: Hashable, Sendable {
    /// The device's number.
    package var device: UInt32
    /// What it signs with: 32 bytes.
    package var publicKey: [UInt8]
    /// Ed25519 over `signedBytes`: 64 bytes.
    package var signature: [UInt8]

    package init(device: UInt32, publicKey: [UInt8], signature: [UInt8]) {
        self.device = device
        self.publicKey = publicKey
        self.signature = signature
    }

    /// What stands before the signed bytes, so that no other signature of the key fits here.
    private static let domain = Array("kith device proof 1\n".utf8)

    /// What the device signs: a fixed word, then `[device, hash of the token that it shows, the office's public key]`.
    ///
    /// - Parameters:
    ///   - tokenHash: BLAKE2b-256 of the token: 32 bytes.
    ///   - officeKey: 32 bytes; the proof is good at this office alone.
    package static func signedBytes(device: UInt32, tokenHash: [UInt8], officeKey: [UInt8]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.unsigned(UInt64(device))
        writer.bytes(tokenHash)
        writer.bytes(officeKey)
        return domain + writer.bytes
    }
}

extension SyncRequest {
    /// The proof that goes with the ledger of a device whose token the server does not know: `[device, key, signature]`; nil
    /// where there is none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func deviceProof() throws(CBORError) -> DeviceProof? {
        guard let part = parts[.deviceProof] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(3...3)
        let device = try reader.readUInt32()
        let key = try reader.readBytes(exactly: Self.deviceKeyLength)
        let proof = DeviceProof(
            device: device, publicKey: key, signature: try reader.readBytes(exactly: LedgerEntry.signatureLength))
        try reader.finish()
        return proof
    }

    package mutating func set(_ proof: DeviceProof) {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.unsigned(UInt64(proof.device))
        writer.bytes(proof.publicKey)
        writer.bytes(proof.signature)
        parts[.deviceProof] = writer.bytes
    }
}
