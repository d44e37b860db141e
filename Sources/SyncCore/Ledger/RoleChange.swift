extension LedgerContent {
    /// A person has another role from now on, on all their devices: `[person, role]`.
    package struct RoleChange: Hashable, Sendable {
        /// The first device of the person.
        package var person: UInt32
        package var role: Role

        package init(person: UInt32, role: Role) {
            self.person = person
            self.role = role
        }

        /// The deterministic encoding.
        package func encoded() -> [UInt8] {
            var writer = CBORWriter()
            writer.array(count: 2)
            writer.unsigned(UInt64(person))
            writer.unsigned(UInt64(role.rawValue))
            return writer.bytes
        }

        /// Reads what `encoded` made; a role that only a later version knows is refused.
        package init(decoding bytes: [UInt8]) throws(CBORError) {
            var reader = CBORReader(bytes)
            _ = try reader.readArray(2...2)
            let person = try reader.readUInt32()
            guard let role = Role(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
            try reader.finish()
            self.init(person: person, role: role)
        }
    }
}
