/// The key with which a device signs: part 14.
///
/// A device says its public key until the server has confirmed that it knows it. The first key that a device says is its
/// key; the office writes it into the ledger.
extension SyncRequest {
    /// The bytes of an Ed25519 public key.
    package static let deviceKeyLength = 32

    /// The device's public key; nil where it says nothing.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func deviceKey() throws(CBORError) -> [UInt8]? { try parts[.deviceKey].map(DeviceKeyPart.read) }

    /// Says the device's public key.
    package mutating func set(deviceKey key: [UInt8]) { parts[.deviceKey] = DeviceKeyPart.item(key) }
}

extension JoinRequest {
    /// The device's public key; nil from a device that has none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func deviceKey() throws(CBORError) -> [UInt8]? { try parts[.deviceKey].map(DeviceKeyPart.read) }

    /// Says the device's public key.
    package mutating func set(deviceKey key: [UInt8]) { parts[.deviceKey] = DeviceKeyPart.item(key) }
}

extension SyncReply {
    /// The public key that the server knows the device by, where the request said one; nil otherwise.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func knownDeviceKey() throws(CBORError) -> [UInt8]? { try parts[.deviceKey].map(DeviceKeyPart.read) }

    package mutating func set(knownDeviceKey key: [UInt8]) { parts[.deviceKey] = DeviceKeyPart.item(key) }
}

/// `[key]`
private enum DeviceKeyPart {
    static func read(_ item: [UInt8]) throws(CBORError) -> [UInt8] {
        var reader = CBORReader(item)
        _ = try reader.readArray(1...1)
        let key = try reader.readBytes(exactly: SyncRequest.deviceKeyLength)
        try reader.finish()
        return key
    }

    static func item(_ key: [UInt8]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(key)
        return writer.bytes
    }
}
