/// What a device sends to the office without a network: one request with all that waits, in a file that the office alone
/// can read.
package struct DeviceBundle: Hashable, Sendable {
    /// What stands before the signed bytes, so that no other signature of the key fits here.
    private static let domain = Array("kith bundle from a device 1\n".utf8)

    /// The device that made it.
    package var device: UInt32
    /// When it was made by the device's clock, in milliseconds since 1970.
    package var made: Int64
    /// The request, encoded.
    package var request: [UInt8]
    /// The device's signature over `signedBytes`.
    package var signature: [UInt8]

    package init(device: UInt32, made: Int64, request: [UInt8], signature: [UInt8] = []) {
        self.device = device
        self.made = made
        self.request = request
        self.signature = signature
    }

    /// What the device signs: a fixed word, then `[device, made, request]`.
    package var signedBytes: [UInt8] {
        var writer = CBORWriter(capacity: request.count + 64)
        writer.array(count: 3)
        encodeContent(to: &writer)
        return Self.domain + writer.bytes
    }

    /// `[device, made, request, signature]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter(capacity: request.count + 160)
        writer.array(count: 4)
        encodeContent(to: &writer)
        writer.bytes(signature)
        return writer.bytes
    }

    private func encodeContent(to writer: inout CBORWriter) {
        writer.unsigned(UInt64(device))
        writer.integer(made)
        writer.bytes(request)
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes, limits: BundleLimits.reading)
        _ = try reader.readArray(4...4)
        device = try reader.readUInt32()
        made = try reader.readInteger()
        request = try reader.readBytes()
        signature = try reader.readBytes(exactly: BundleLimits.signatureLength)
        try reader.finish()
    }
}

/// What the office sends back: the replies that such a device would have had, in a file that this device alone can read.
package struct OfficeBundle: Hashable, Sendable {
    private static let domain = Array("kith bundle from the office 1\n".utf8)

    /// The device that it is for.
    package var device: UInt32
    /// When it was made, in milliseconds since 1970.
    package var made: Int64
    /// Where the device must stand for the first reply.
    package var cursors: [Cursor]
    /// The replies, encoded, in order.
    package var replies: [[UInt8]]
    /// The office's signature over `signedBytes`.
    package var signature: [UInt8]

    package init(device: UInt32, made: Int64, cursors: [Cursor], replies: [[UInt8]], signature: [UInt8] = []) {
        self.device = device
        self.made = made
        self.cursors = cursors
        self.replies = replies
        self.signature = signature
    }

    /// What the office signs: a fixed word, then `[device, made, [cursor…], [reply…]]`.
    package var signedBytes: [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 4)
        encodeContent(to: &writer)
        return Self.domain + writer.bytes
    }

    /// `[device, made, [cursor…], [reply…], signature]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 5)
        encodeContent(to: &writer)
        writer.bytes(signature)
        return writer.bytes
    }

    private func encodeContent(to writer: inout CBORWriter) {
        writer.unsigned(UInt64(device))
        writer.integer(made)
        writer.array(count: cursors.count)
        for cursor in cursors {
            writer.array(count: 3)
            writer.unsigned(UInt64(cursor.area))
            writer.unsigned(cursor.sequence)
            writer.unsigned(cursor.mark)
        }
        writer.array(count: replies.count)
        for reply in replies { writer.bytes(reply) }
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes, limits: BundleLimits.reading)
        _ = try reader.readArray(5...5)
        device = try reader.readUInt32()
        made = try reader.readInteger()
        cursors = []
        for _ in 0..<(try reader.readArray(0...SyncRequest.largestCursorCount)) {
            _ = try reader.readArray(3...3)
            let area = try reader.readSmall()
            let sequence = try reader.readNumber()
            cursors.append(Cursor(area: area, sequence: sequence, mark: try reader.readUnsigned()))
        }
        replies = []
        for _ in 0..<(try reader.readArray(0...BundleLimits.largestReplyCount)) {
            replies.append(try reader.readBytes())
        }
        signature = try reader.readBytes(exactly: BundleLimits.signatureLength)
        try reader.finish()
    }
}

/// Bounds of bundles.
package enum BundleLimits {
    /// The most bytes of a bundle's message, before it is compressed.
    package static let largestMessageBytes = 32 << 20
    /// The most groups in one bundle, and the most changes: one goes where there is no line, so it holds more than a page.
    package static let largestGroupCount = 100_000
    /// The most replies in one bundle.
    package static let largestReplyCount = 10_000
    /// The bytes of an Ed25519 signature.
    static let signatureLength = 64
    static var reading: CBORLimits { CBORLimits(lengthBytes: largestMessageBytes) }
}

/// What `POST /v1/bundle` answers to whoever carried a bundle: what became of it, and nothing of what is in it.
package enum CarryReply: String, Hashable, Sendable {
    /// The office has it.
    case taken
    /// The office keeps it until earlier groups of the same device have come.
    case waiting

    /// `[1]` or `[2]`
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.unsigned(self == .taken ? 1 : 2)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(1...1)
        switch try reader.readUnsigned() {
        case 1: self = .taken
        case 2: self = .waiting
        default: throw reader.unexpectedItem()
        }
        try reader.finish()
    }
}
