/// How the bytes of a message are written down, as `Content-Encoding` names it.
package enum BodyCoding: String, Hashable, Sendable {
    /// As they are; the header is left out.
    case plain = ""
    /// One zstd frame (RFC 8878) without a dictionary.
    case zstd = "zstd"
    /// One zstd frame with ``WireDictionary``, without its first four bytes, its dictionary's number and a checksum.
    case dictionary = "kith1"

    /// The coding that a header names.
    ///
    /// - Returns: nil for one that is not known here.
    package init?(header: String?) {
        guard let header else {
            self = .plain
            return
        }
        guard !header.isEmpty, let coding = BodyCoding(rawValue: header) else { return nil }
        self = coding
    }

    /// The names of what may come back, as `Accept-Encoding` lists them.
    package static let accepted = "zstd, \(BodyCoding.dictionary.rawValue)"

    /// Whether a list of names has the dictionary.
    package static func allowsDictionary(_ header: String?) -> Bool {
        header?.split(separator: ",").contains { $0.drop { $0 == " " } == BodyCoding.dictionary.rawValue } ?? false
    }

    /// Whether a name is that of a dictionary that another version may have.
    package static func isDictionary(_ header: String?) -> Bool {
        header?.hasPrefix("kith") ?? false
    }
}

/// Writes messages down in as few bytes as are worth the time, and reads them; one thread at a time uses it.
///
/// Nothing is kept from one message to the next: what is in one never shows in the length of another.
package final class BodyCodec {
    /// A body: its bytes, and how they are written down.
    package struct Body: Hashable, Sendable {
        package var bytes: [UInt8]
        package var coding: BodyCoding

        package init(bytes: [UInt8], coding: BodyCoding) {
            self.bytes = bytes
            self.coding = coding
        }
    }

    /// Longer messages hold enough to learn from, and are compressed without the dictionary.
    package static let largestDictionaryBytes = 64 << 10
    /// Shorter messages are written as they are.
    package static let smallestBytes = 24

    /// The first four bytes of every zstd frame, which a coding that says so leaves out.
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    private let fast: Compressor
    private let small: Compressor
    private let decompressor: Decompressor

    /// Makes a codec.
    ///
    /// - Throws: `.refused` if memory is short.
    package init() throws(CompressionError) {
        fast = try Compressor()
        small = try Compressor(isBare: true)
        decompressor = try Decompressor()
    }

    /// Prepares what all codecs share, for who must not be kept waiting at the first message.
    package static func prepare() {
        // Where memory is short, the first message says so.
        _ = (WireDictionary.shared, WireDictionary.quick)
    }

    /// Writes a message down; as it is where that is shortest.
    ///
    /// - Parameters:
    ///   - allowsDictionary: whether the other side has the dictionary.
    ///   - isHurried: whether time counts more than bytes.
    package func encode(
        _ message: [UInt8], allowsDictionary: Bool, isHurried: Bool = false
    ) throws(CompressionError) -> Body {
        let plain = Body(bytes: message, coding: .plain)
        guard message.count >= Self.smallestBytes else { return plain }
        let body: Body
        if allowsDictionary, message.count <= Self.largestDictionaryBytes {
            let dictionary = try (isHurried ? WireDictionary.quick : WireDictionary.shared).get()
            let frame = try small.compress(message, dictionary: dictionary)
            body = Body(bytes: Array(frame.dropFirst(Self.magic.count)), coding: .dictionary)
        } else {
            body = Body(bytes: try fast.compress(message), coding: .zstd)
        }
        return body.bytes.count < message.count ? body : plain
    }

    /// Reads a body.
    ///
    /// - Parameter limitBytes: the largest message that is accepted, and the most memory that it may take.
    /// - Throws: as ``Decompressor``; a plain body is checked against the limit too.
    package func decode(_ body: Body, limitBytes: Int) throws(CompressionError) -> [UInt8] {
        switch body.coding {
        case .plain:
            guard body.bytes.count <= limitBytes else { throw CompressionError.tooLarge(limitBytes: limitBytes) }
            return body.bytes
        case .zstd: return try decompressor.decompress(body.bytes, limitBytes: limitBytes)
        case .dictionary:
            return try decompressor.decompress(
                Self.magic + body.bytes, limitBytes: limitBytes, dictionary: try WireDictionary.shared.get())
        }
    }
}
