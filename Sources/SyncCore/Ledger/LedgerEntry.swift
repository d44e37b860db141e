/// One line of the office's ledger: who was let in, given and taken what, shut out, what was erased. It names ids alone.
///
/// Each entry covers the hash of the one before it and is signed with the office key, so that whoever holds a part of
/// the ledger can show that it is whole, in order, and this office's.
package struct LedgerEntry: Hashable, Sendable {
    /// What an entry speaks of; other numbers are kept and passed on.
    package enum Kind: Int, Sendable, CaseIterable {
        /// A device was let in: `LedgerContent.Enrolment`.
        case enrolment = 1
        /// A person was given an area: `LedgerContent.Grant`.
        case grant = 2
        /// An area was taken from a person: `LedgerContent.Grant`.
        case take = 3
        /// A device was shut out: `LedgerContent.Revocation`.
        case revocation = 4
        /// An area was made: `LedgerContent.MadeArea`.
        case area = 5
        /// Records were erased.
        case erasure = 6
        /// A device is to remove everything that it holds.
        case wipe = 7
        /// A device signs with this key from now on: `LedgerContent.DeviceKey`.
        case deviceKey = 8
        /// The server will show this key on the line from some day on: `LedgerContent.ServerKey`.
        case serverKey = 9
        /// A person has another role: `LedgerContent.RoleChange`.
        case role = 10
    }

    /// The bytes of an Ed25519 signature.
    package static let signatureLength = 64
    /// The most bytes of a payload.
    package static let largestPayloadBytes = 64 << 10
    /// What stands before the signed bytes, so that no other signature of the key fits here.
    private static let domain = Array("kith ledger entry 1\n".utf8)

    /// 1, 2, 3 … without gaps.
    package var number: UInt64
    /// A `Kind`, or a number that only a later version knows.
    package var kind: Int
    /// When it was written, in milliseconds since 1970.
    package var time: Int64
    /// The hash of the entry before; 0 for the first.
    package var previous: UInt128
    /// What the kind says: one CBOR item.
    package var payload: [UInt8]
    /// Over `signedBytes`.
    package var signature: [UInt8]

    package init(
        number: UInt64, kind: Int, time: Int64, previous: UInt128, payload: [UInt8], signature: [UInt8] = []
    ) {
        self.number = number
        self.kind = kind
        self.time = time
        self.previous = previous
        self.payload = payload
        self.signature = signature
    }

    /// What the office signs: a fixed word, then `[number, kind, time, previous, payload]`.
    package var signedBytes: [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 5)
        encodeContent(to: &writer)
        return Self.domain + writer.bytes
    }

    /// The hash that the next entry covers: of the whole encoded entry, its signature included.
    package func hash(_ hash: Hash128) -> UInt128 { hash(encoded()) }

    /// Whether this entry can follow another one, or nil for the start.
    package func follows(_ last: LedgerEntry?, hash: Hash128) -> Bool {
        number == (last?.number ?? 0) + 1 && previous == (last?.hash(hash) ?? 0)
    }
}

/// `entry = [number, kind, time, previous, payload, signature]`.
extension LedgerEntry {
    /// The deterministic encoding.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        encode(to: &writer)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try LedgerEntry(from: &reader)
        try reader.finish()
    }

    func encode(to writer: inout CBORWriter) {
        writer.array(count: 6)
        encodeContent(to: &writer)
        writer.bytes(signature)
    }

    private func encodeContent(to writer: inout CBORWriter) {
        writer.unsigned(number)
        writer.unsigned(UInt64(kind))
        writer.integer(time)
        writer.hash(previous)
        writer.bytes(payload)
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        _ = try reader.readArray(6...6)
        let number = try reader.readNumber()
        let kind = try reader.readSmall()
        let time = try reader.readInteger()
        let previous = try reader.readHash()
        let payload = try reader.readBytes()
        guard payload.count <= Self.largestPayloadBytes else { throw reader.unexpectedItem() }
        let signature = try reader.readBytes(exactly: Self.signatureLength)
        self.init(
            number: number, kind: kind, time: time, previous: previous, payload: payload, signature: signature)
    }
}

/// The office's key as the server uses it: signs, and says which public key belongs to it.
package struct OfficeSigner: Sendable {
    /// 32 bytes.
    package let publicKey: [UInt8]
    private let function: @Sendable ([UInt8]) throws -> [UInt8]

    /// - Parameter sign: the Ed25519 signature over some bytes.
    package init(publicKey: [UInt8], sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
        self.publicKey = publicKey
        function = sign
    }

    package func sign(_ message: [UInt8]) throws -> [UInt8] { try function(message) }
}

/// Checks signatures of an office; without any key of its own.
package struct OfficeVerifier: Sendable {
    /// The bytes of a public key.
    package static let publicKeyLength = 32

    private let function: @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool

    /// - Parameter verify: whether the second is the Ed25519 signature over the first by the third, a public key.
    package init(_ verify: @escaping @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool) { function = verify }

    /// Whether an entry bears the signature of the office with this public key.
    package func verify(_ entry: LedgerEntry, publicKey: [UInt8]) -> Bool {
        function(entry.signedBytes, entry.signature, publicKey)
    }

    /// Whether some bytes bear the signature of the office with this public key.
    package func verify(_ signature: [UInt8], over bytes: [UInt8], publicKey: [UInt8]) -> Bool {
        function(bytes, signature, publicKey)
    }
}
