import SyncCore

/// A database of a device that was copied, or put back from an older copy, gets an identity of its own: a number and a
/// token. What both have in common stays under the old number.
extension Hub {
    /// The number of the copy that shows a token; the same one however often it is asked for. Inside the transaction that
    /// is open.
    ///
    /// - Throws: `HubError.deviceRevoked` for a device that was shut out, and where the token is another device's.
    func identity(of copy: DeviceRecord, tokenHash: [UInt8]) throws -> UInt32 {
        guard !copy.isRevoked else { throw HubError.invitationRefused }
        if let known = try store.device(tokenHash: tokenHash) {
            // After a restore it may be known from the ledger, which does not say whose copy it is.
            guard known.person == copy.person else { throw HubError.invitationRefused }
            return known.number
        }
        let device = DeviceRecord(
            number: try nextDeviceNumber(), name: try nameOfCopy(copy.name), person: copy.person, role: copy.role)
        try store.addDevice(device, tokenHash: tokenHash)
        try store.setOriginal(copy.number, ofDevice: device.number)
        try recordEnrolment(device)
        try audit(.copied, by: copy.number, subject: Self.subject(UInt64(device.number)))
        // It asks in this history, so that it has nothing more to bring back.
        try noteReported(device.number)
        try store.setCounter(.directoryVersion, try store.counter(.directoryVersion) + 1)
        return device.number
    }

    /// A name that tells the two apart.
    private func nameOfCopy(_ name: String) throws -> String {
        let names = Set(try store.devices().map(\.name))
        var count = 2
        while names.contains("\(name) (\(count))") { count += 1 }
        return "\(name) (\(count))"
    }

    /// The device whose database was copied to make this one; nil for all others.
    package func original(of device: UInt32) throws -> UInt32? {
        try store.readTransaction { try store.original(ofDevice: device) }
    }
}
