/// A message as one file that its receiver alone can read, and that shows its size but roughly: sealed stream key, header of
/// an encrypted stream, and pieces that end where the stream says so. A changed, cut or longer file does not open.
package enum SealedMessage {
    /// What a file begins with.
    package static let magic = Array("kith bundle 1\n".utf8)
    /// The most bytes of a file.
    package static let largestBytes = 8 << 20
    /// The size of a message is filled up to a multiple of this.
    static let paddingBytes = 16 << 10
    private static let pieceBytes = 64 << 10
    private static let lengthBytes = 8
    private static var headBytes: Int {
        magic.count + StreamSealer.keyLength + SealingKey.overheadBytes + StreamSealer.headerLength
    }

    /// Seals a message.
    ///
    /// - Parameter publicKey: the receiver's sealing key.
    /// - Returns: the bytes of the file; more than `largestBytes` for a message that is too large to be taken.
    package static func seal(_ message: [UInt8], to publicKey: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let key = try SecureRandom.bytes(StreamSealer.keyLength)
        var stream = try StreamSealer(key: key)
        var bytes = magic
        bytes += try SealingKey.seal(key, to: publicKey)
        bytes += stream.header
        var padded = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: message.count >> (8 * (lengthBytes - 1 - $0))) }
        padded += message
        padded += [UInt8](repeating: 0, count: (paddingBytes - padded.count % paddingBytes) % paddingBytes)
        var rest = padded[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceBytes))
            rest = rest.dropFirst(pieceBytes)
            bytes += stream.seal(piece, isLast: rest.isEmpty)
        }
        return bytes
    }

    /// Opens a file.
    ///
    /// - Returns: the message; nil for whatever is not exactly a message that was sealed to this key.
    package static func open(_ bytes: [UInt8], with key: SealingKey) -> [UInt8]? {
        guard bytes.count <= largestBytes, bytes.count > headBytes, bytes.starts(with: magic) else { return nil }
        var rest = bytes[magic.count...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        guard let streamKey = key.open(take(StreamSealer.keyLength + SealingKey.overheadBytes)),
            var stream = StreamOpener(key: streamKey, header: take(StreamSealer.headerLength))
        else { return nil }
        var padded: [UInt8] = []
        while !rest.isEmpty {
            guard let piece = stream.open(take(pieceBytes + StreamSealer.overheadBytes)) else { return nil }
            padded += piece
        }
        guard stream.hasEnded, padded.count >= lengthBytes else { return nil }
        let count = padded.prefix(lengthBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard count <= UInt64(padded.count - lengthBytes) else { return nil }
        return Array(padded[lengthBytes...].prefix(Int(count)))
    }
}
