/// What the entries of the ledger say, by kind. A person is named by the number of their first device.
package enum LedgerContent {
    /// The bytes of a token's hash: BLAKE2b-256.
    package static let tokenHashLength = 32

    /// A device was let in: `[device, person, role, token hash|null]`.
    package struct Enrolment: Hashable, Sendable {
        package var device: UInt32
        /// The first device of the person; the device itself where it is the first.
        package var person: UInt32
        package var role: Role
        /// Empty for the server itself.
        package var tokenHash: [UInt8]

        package init(device: UInt32, person: UInt32, role: Role, tokenHash: [UInt8]) {
            self.device = device
            self.person = person
            self.role = role
            self.tokenHash = tokenHash
        }
    }

    /// A person was given an area, or it was taken from them: `[person, area]`.
    package struct Grant: Hashable, Sendable {
        /// The first device of the person.
        package var person: UInt32
        package var area: Int

        package init(person: UInt32, area: Int) {
            self.person = person
            self.area = area
        }
    }

    /// A device was shut out: `[device]`.
    package struct Revocation: Hashable, Sendable {
        package var device: UInt32

        package init(device: UInt32) { self.device = device }
    }

    /// What a device signs with: `[device, public key]`.
    package struct DeviceKey: Hashable, Sendable {
        package var device: UInt32
        /// 32 bytes.
        package var publicKey: [UInt8]

        package init(device: UInt32, publicKey: [UInt8]) {
            self.device = device
            self.publicKey = publicKey
        }
    }

    /// The server will show another key on the line from some day on: `[pin]`.
    package struct ServerKey: Hashable, Sendable {
        /// SHA-256 of its SubjectPublicKeyInfo: 32 bytes.
        package var pin: [UInt8]

        package init(pin: [UInt8]) { self.pin = pin }
    }

    /// An area was made: `[number, twin of|null]`.
    package struct MadeArea: Hashable, Sendable {
        package var number: Int
        package var twinOf: Int?

        package init(number: Int, twinOf: Int?) {
            self.number = number
            self.twinOf = twinOf
        }
    }
}

extension LedgerContent.Enrolment {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 4)
        writer.unsigned(UInt64(device))
        writer.unsigned(UInt64(person))
        writer.unsigned(UInt64(role.rawValue))
        writer.bytes(tokenHash)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(4...4)
        let device = try reader.readUInt32()
        let person = try reader.readUInt32()
        guard let role = Role(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let tokenHash = try reader.readBytes()
        guard tokenHash.count <= LedgerContent.tokenHashLength else { throw reader.unexpectedItem() }
        try reader.finish()
        self.init(device: device, person: person, role: role, tokenHash: tokenHash)
    }
}

extension LedgerContent.Grant {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(person))
        writer.unsigned(UInt64(area))
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        let person = try reader.readUInt32()
        let area = try reader.readSmall()
        try reader.finish()
        self.init(person: person, area: area)
    }
}

extension LedgerContent.Revocation {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.unsigned(UInt64(device))
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(1...1)
        let device = try reader.readUInt32()
        try reader.finish()
        self.init(device: device)
    }
}

extension LedgerContent.MadeArea {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(number))
        if let twinOf { writer.unsigned(UInt64(twinOf)) } else { writer.null() }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        let number = try reader.readSmall()
        let twin = try reader.readOptional { (reader) throws(CBORError) in try reader.readSmall() }
        try reader.finish()
        self.init(number: number, twinOf: twin)
    }
}

extension LedgerContent.DeviceKey {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        writer.unsigned(UInt64(device))
        writer.bytes(publicKey)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        let device = try reader.readUInt32()
        let publicKey = try reader.readBytes(exactly: SyncRequest.deviceKeyLength)
        try reader.finish()
        self.init(device: device, publicKey: publicKey)
    }
}

extension LedgerContent.ServerKey {
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(pin)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(1...1)
        let pin = try reader.readBytes(exactly: InvitationCode.pinBytes)
        try reader.finish()
        self.init(pin: pin)
    }
}
