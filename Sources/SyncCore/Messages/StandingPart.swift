/// How a device stands outside its records: `[disk, wiped]`, part 11 of a request.
package struct DeviceStanding: Hashable, Sendable {
    /// Whether its disk is encrypted: 0 not known, 1 yes, 2 no.
    package var disk: Int
    /// Whether it has removed everything by the office's order.
    package var isWiped: Bool

    package init(disk: Int, isWiped: Bool) {
        self.disk = disk
        self.isWiped = isWiped
    }
}

extension SyncRequest {
    /// How the device stands; nil where it does not say.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func standing() throws(CBORError) -> DeviceStanding? {
        guard let part = parts[.standing] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(2...2)
        let disk = try reader.readSmall()
        let standing = DeviceStanding(disk: disk, isWiped: try reader.readBool())
        try reader.finish()
        return standing
    }

    package mutating func set(_ standing: DeviceStanding) {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(standing.disk))
        writer.bool(standing.isWiped)
        parts[.standing] = writer.bytes
    }
}
