/// `reply = [notice, epoch, clock, receipt, highest time, corrected, [[number, reason]…], directory|null, [page…], parts]`.
extension SyncReply {
    private static let largestHeldCount = 1_000_000
    private static let largestPageCount = 10_000

    /// The deterministic encoding of the reply.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        let parts = parts.beside(directory)
        writer.array(count: 9 + parts.elementCount)
        writer.unsigned(UInt64(notice.rawValue))
        writer.bytes(epoch)
        writer.integer(clockMilliseconds)
        writer.unsigned(receipt)
        writer.unsigned(highestTime)
        writer.bool(isClockCorrected)
        writer.array(count: held.count)
        for group in held {
            writer.array(count: 2)
            writer.unsigned(group.number)
            writer.unsigned(UInt64(group.reason.rawValue))
        }
        if let directory { directory.encode(to: &writer) } else { writer.null() }
        writer.array(count: pages.count)
        for page in pages { page.encode(to: &writer) }
        parts.encode(to: &writer)
        return writer.bytes
    }

    /// Reads a reply; anything that is not exactly one is an error.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(9...10)
        guard let notice = Notice(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let epoch = try reader.readBytes(exactly: 16)
        let clock = try reader.readInteger()
        let receipt = try reader.readNumber()
        let highest = try reader.readUnsigned()
        let corrected = try reader.readBool()
        var held: [HeldGroup] = []
        for _ in 0..<(try reader.readArray(0...Self.largestHeldCount)) {
            _ = try reader.readArray(2...2)
            let number = try reader.readNumber()
            held.append(HeldGroup(number: number, reason: HoldReason(rawValue: try reader.readSmall())))
        }
        var directory = try reader.readOptional { (reader) throws(CBORError) in try Directory(from: &reader) }
        var pages: [FeedPage] = []
        for _ in 0..<(try reader.readArray(0...Self.largestPageCount)) { pages.append(try FeedPage(from: &reader)) }
        var parts = try MessageParts(from: &reader, isPresent: count == 10)
        try reader.finish()
        try parts.complete(&directory)
        self.init(
            notice: notice, epoch: epoch, clockMilliseconds: clock, receipt: receipt, highestTime: highest,
            isClockCorrected: corrected, held: held, directory: directory, pages: pages, parts: parts)
    }
}

/// `page = [area, sequence, mark, complete, digest|null, origin, [first, last…], [record…], [conflict…]]`; an empty
/// page leaves out what follows the digest.
extension FeedPage {
    private static let largestItemCount = 1_000_000

    func encode(to writer: inout CBORWriter) {
        let isEmpty = asSent.isEmpty && records.isEmpty && conflicts.isEmpty
        let origin = records.first?.created.time ?? conflicts.first?.a.stamp.time ?? 0
        writer.array(count: isEmpty ? 5 : 9)
        writer.unsigned(UInt64(area))
        writer.unsigned(sequence)
        writer.unsigned(mark)
        writer.bool(isComplete)
        if let digest { writer.hash(digest) } else { writer.null() }
        if isEmpty { return }
        writer.unsigned(origin)
        writer.array(count: 2 * asSent.count)
        for range in asSent {
            writer.unsigned(range.lowerBound)
            writer.unsigned(range.upperBound)
        }
        writer.array(count: records.count)
        for record in records { record.encode(to: &writer, origin: origin) }
        writer.array(count: conflicts.count)
        for conflict in conflicts { conflict.encode(to: &writer, origin: origin) }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        let count = try reader.readArray(5...9)
        guard count == 5 || count == 9 else { throw reader.unexpectedItem() }
        let area = try reader.readSmall()
        let sequence = try reader.readNumber()
        let mark = try reader.readUnsigned()
        let isComplete = try reader.readBool()
        let digest = try reader.readOptional { (reader) throws(CBORError) in try reader.readHash() }
        self.init(area: area, sequence: sequence, mark: mark, isComplete: isComplete, digest: digest)
        if count == 5 { return }
        let origin = try reader.readUnsigned()
        let rangeCount = try reader.readArray(0...Self.largestItemCount)
        guard rangeCount.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        for _ in 0..<rangeCount / 2 {
            let first = try reader.readNumber()
            let last = try reader.readNumber()
            guard first <= last else { throw reader.unexpectedItem() }
            asSent.append(first...last)
        }
        for _ in 0..<(try reader.readArray(0...Self.largestItemCount)) {
            records.append(try RecordUpdate(from: &reader, origin: origin))
        }
        for _ in 0..<(try reader.readArray(0...Self.largestItemCount)) {
            conflicts.append(try Conflict(from: &reader, area: area, origin: origin))
        }
    }
}

/// `directory = [version, role, person, [[number, name, person]…], [[number, name, rights, twin of|null]…]]`; rights:
/// 1 read, 2 write, 3 both.
extension Directory {
    private static let largestDeviceCount = 100_000
    private static let largestAreaCount = 10_000

    func encode(to writer: inout CBORWriter) {
        writer.array(count: 5)
        writer.unsigned(version)
        writer.unsigned(UInt64(role.rawValue))
        writer.text(person)
        writer.array(count: devices.count)
        for device in devices {
            writer.array(count: 3)
            writer.unsigned(UInt64(device.number))
            writer.text(device.name)
            writer.text(device.person)
        }
        writer.array(count: areas.count)
        for area in areas {
            writer.array(count: 4)
            writer.unsigned(UInt64(area.number))
            writer.text(area.name)
            writer.unsigned((area.canRead ? 1 : 0) + (area.canWrite ? 2 : 0))
            if let twin = area.twinOf { writer.unsigned(UInt64(twin)) } else { writer.null() }
        }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        _ = try reader.readArray(5...5)
        let version = try reader.readUnsigned()
        guard let role = Role(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let person = try reader.readText()
        var devices: [Device] = []
        for _ in 0..<(try reader.readArray(0...Self.largestDeviceCount)) {
            _ = try reader.readArray(3...3)
            let number = try reader.readUInt32()
            let name = try reader.readText()
            devices.append(Device(number: number, name: name, person: try reader.readText()))
        }
        var areas: [Area] = []
        for _ in 0..<(try reader.readArray(0...Self.largestAreaCount)) {
            _ = try reader.readArray(4...4)
            let number = try reader.readSmall()
            let name = try reader.readText()
            let rights = try reader.readSmall(limit: 3)
            let twin = try reader.readOptional { (reader) throws(CBORError) in try reader.readSmall() }
            areas.append(
                Area(number: number, name: name, canRead: rights & 1 != 0, canWrite: rights & 2 != 0, twinOf: twin))
        }
        self.init(version: version, role: role, person: person, devices: devices, areas: areas)
    }

    /// The deterministic encoding, as a device keeps it.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        encode(to: &writer)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try Directory(from: &reader)
        try reader.finish()
    }
}
