import SyncCore

/// A database of a device that was copied, or put back from an older copy, gets an identity of its own: a number and a
/// token. What both have in common stays under the old number.
extension Hub {
    /// The number of the copy that shows a token; the same one however often it is asked for. Inside the transaction that
    /// is open.
    ///
    /// - Throws: `HubError.invitationRefused` for a device that was shut out, and where the token is another device's;
    ///   `HubError.tooManyCopies`.
    func identity(of copy: DeviceRecord, tokenHash: [UInt8]) throws -> UInt32 {
        guard !copy.isRevoked else { throw HubError.invitationRefused }
        if let known = try store.device(tokenHash: tokenHash) {
            // After a restore it may be known from the ledger, which does not say whose copy it is.
            guard known.person == copy.person else { throw HubError.invitationRefused }
            if try known.number > copy.number && store.original(ofDevice: known.number) == nil {
                try store.setOriginal(copy.number, ofDevice: known.number)
            }
            return known.number
        }
        // One that a device has changed since is nobody's any more, and must not be another's.
        guard try !store.isKnown(tokenHash: tokenHash) else { throw HubError.invitationRefused }
        guard try mayCopy(copy.number) else { throw HubError.tooManyCopies }
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

    /// The most identities that copies of one device's database are given, in all and in a day: each is carried by every
    /// laptop for ever, in the ledger and among the names.
    package static let largestCopyCount = 32
    package static let largestDailyCopyCount = 8
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Whether a copy of a device may be given an identity: there are not too many of it, or of what it is a copy of.
    private func mayCopy(_ number: UInt32) throws -> Bool {
        var originals: [UInt32: UInt32] = [:]
        for device in try store.devices() { originals[device.number] = try store.original(ofDevice: device.number) }
        func root(of number: UInt32) -> UInt32 {
            var root = number
            // An original was there before its copy, so that the walk ends.
            while let next = originals[root], next < root { root = next }
            return root
        }
        let copies = Set(originals.keys.filter { root(of: $0) == root(of: number) })
        let since = clock() - Self.dayMilliseconds
        let enrolments = try store.ledgerEntries(ofKind: LedgerEntry.Kind.enrolment.rawValue)
        let dailyCount = try enrolments.count {
            try $0.time > since && copies.contains(LedgerContent.Enrolment(decoding: $0.payload).device)
        }
        return copies.count < Self.largestCopyCount && dailyCount < Self.largestDailyCopyCount
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
