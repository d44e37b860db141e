/// The announcement of a server's next key as a text: for a laptop that was away while the key was changed, and can't reach
/// the server any more to hear of it.
///
/// The text is `kithserver1-` and base 32 (`RecordID.alphabet`) of: version byte 1, the line of the ledger, and the first four
/// bytes of a hash of all that. It is no secret: the office's signature makes it good, whoever carries it.
package enum ServerKeyCode {
    private static let prefix = "kithserver1-"
    private static let version: UInt8 = 1
    private static let checksumBytes = 4

    /// The text to hand over, in lower case, with a dash after every fifth letter.
    ///
    /// - Parameter hash: BLAKE2b with 32 bytes of output (RFC 7693).
    package static func encoded(_ line: LedgerEntry, hash: ([UInt8]) -> [UInt8]) -> String {
        var bytes = [version] + line.encoded()
        bytes += hash(bytes).prefix(checksumBytes)
        return prefix + Base32.grouped(bytes)
    }

    /// Reads a code; upper case, spaces and missing or extra dashes do no harm. The signature is the caller's to check.
    ///
    /// - Parameters:
    ///   - text: what was typed or pasted, at most `InvitationCode.largestTextBytes`.
    ///   - hash: BLAKE2b with 32 bytes of output (RFC 7693).
    package static func decoded(
        _ text: String, hash: ([UInt8]) -> [UInt8]
    ) throws(InvitationCode.Problem) -> LedgerEntry {
        guard text.utf8.count <= InvitationCode.largestTextBytes else { throw .notACode }
        let folded = Base32.folded(text)
        let start = Array(prefix.utf8.dropLast())
        guard folded.starts(with: start) else { throw .notACode }
        guard let bytes = Base32.bytes(of: folded.dropFirst(start.count)) else { throw .mistyped }
        let content = Array(bytes.dropLast(checksumBytes))
        guard let first = content.first,
            bytes.suffix(checksumBytes).elementsEqual(hash(content).prefix(checksumBytes))
        else { throw .mistyped }
        guard first == version else { throw .newerVersion }
        do throws(CBORError) {
            return try LedgerEntry(decoding: Array(content.dropFirst()))
        } catch {
            throw .mistyped
        }
    }
}
