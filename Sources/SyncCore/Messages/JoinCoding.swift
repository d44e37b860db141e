/// `join = [protocol, secret, device name, parts]`.
extension JoinRequest {
    /// The most bytes in the name of a device.
    package static let largestNameBytes = 200

    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3 + parts.elementCount)
        writer.unsigned(UInt64(protocolVersion))
        writer.bytes(secret)
        writer.text(device)
        parts.encode(to: &writer)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(3...4)
        let version = try reader.readSmall()
        let secret = try reader.readBytes(exactly: 16)
        let device = try reader.readText()
        guard !device.isEmpty, device.utf8.count <= Self.largestNameBytes else { throw reader.unexpectedItem() }
        let parts = try MessageParts(from: &reader, isPresent: count == 4)
        try reader.finish()
        self.init(protocolVersion: version, secret: secret, device: device, parts: parts)
    }
}

/// `joined = [device number, token, epoch, directory, parts]`.
extension JoinReply {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        let parts = parts.beside(directory)
        writer.array(count: 4 + parts.elementCount)
        writer.unsigned(UInt64(device))
        writer.bytes(token)
        writer.bytes(epoch)
        directory.encode(to: &writer)
        parts.encode(to: &writer)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(4...5)
        let device = try reader.readUInt32()
        let token = try reader.readBytes(exactly: 32)
        let epoch = try reader.readBytes(exactly: 16)
        let directory = try Directory(from: &reader)
        var parts = try MessageParts(from: &reader, isPresent: count == 5)
        try reader.finish()
        var complete: Directory? = directory
        try parts.complete(&complete)
        self.init(device: device, token: token, epoch: epoch, directory: complete ?? directory, parts: parts)
    }
}

/// `history request = [table, id]`.
extension HistoryRequest {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: asksForVouchers ? 3 : 2)
        writer.unsigned(UInt64(table))
        writer.id(record)
        if asksForVouchers { writer.bool(true) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(2...3)
        let table = try reader.readSmall()
        let record = try reader.readID()
        let asksForVouchers = count == 3 ? try reader.readBool() : false
        try reader.finish()
        self.init(table: table, record: record, asksForVouchers: asksForVouchers)
    }
}

/// `history = [[field, value, time, device, current]…]`.
extension HistoryReply {
    private static let largestCount = 1_000_000

    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: versions.count)
        for version in versions {
            writer.array(count: 5)
            writer.unsigned(UInt64(version.field))
            writer.value(version.value)
            writer.stamp(version.stamp, origin: 0)
            writer.bool(version.isCurrent)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        var versions: [Version] = []
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) {
            _ = try reader.readArray(5...5)
            let field = try reader.readField(allowingExistence: true)
            let value = try reader.readValue()
            let stamp = try reader.readStamp(origin: 0)
            versions.append(Version(field: field, value: value, stamp: stamp, isCurrent: try reader.readBool()))
        }
        try reader.finish()
        self.init(versions: versions)
    }
}

/// `refusal = [code, receipt]`.
extension Refusal {
    /// - Parameter receipt: the highest group number that was taken, where a revoked device deposited its work.
    package func encoded(receipt: UInt64 = 0) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(rawValue))
        writer.unsigned(receipt)
        return writer.bytes
    }

    package static func decode(_ bytes: [UInt8]) throws(CBORError) -> (refusal: Refusal, receipt: UInt64) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        guard let refusal = Refusal(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let receipt = try reader.readNumber()
        try reader.finish()
        return (refusal, receipt)
    }
}
