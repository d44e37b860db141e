/// The tables that an application syncs, as a value.
///
/// The engine never names a table: it is given one of these. Numbers, not names, travel on the wire, so a name may
/// change; a number is never used again for something else.
public struct Schema: Sendable, Equatable {
    /// Grows by one with each change of the tables.
    public let version: Int
    /// The tables, each with its own number.
    public let tables: [Table]

    /// Makes a schema; numbers and names of tables must be unique.
    public init(version: Int, tables: [Table]) {
        precondition(Set(tables.map(\.number)).count == tables.count, "two tables share a number")
        precondition(Set(tables.map(\.name)).count == tables.count, "two tables share a name")
        self.version = version
        self.tables = tables
    }

    /// The table with this number, or nil where this version does not know it.
    public func table(_ number: Int) -> Table? {
        for index in tables.indices where tables[index].number == number { return tables[index] }
        return nil
    }

    /// The table with this name.
    public func table(named name: String) -> Table? { tables.first { $0.name == name } }
}

/// One kind of record.
public struct Table: Sendable, Equatable {
    /// From 1; stable over versions.
    public let number: Int
    /// The name of the SQL table: lower-case letters and underscores.
    public let name: String
    /// The fields in the order of their columns.
    public let fields: [Field]
    /// Whether its records are made in restricted twins alone.
    public let isRestricted: Bool

    /// Makes a table; field numbers and names must be unique, numbers from 1 to `Field.largestNumber`.
    public init(_ number: Int, _ name: String, _ fields: [Field], isRestricted: Bool = false) {
        precondition(number >= 1, "table numbers start at 1")
        precondition(fields.allSatisfy { (1...Field.largestNumber).contains($0.number) }, "field number out of range")
        precondition(Set(fields.map(\.number)).count == fields.count, "two fields share a number")
        precondition(Set(fields.map(\.name)).count == fields.count, "two fields share a name")
        self.number = number
        self.name = name
        self.fields = fields
        self.isRestricted = isRestricted
    }

    /// The field with this number, or nil where this version does not know it.
    public func field(_ number: Int) -> Field? {
        // By index: a search by closure would copy each field that it passes.
        for index in fields.indices where fields[index].number == number { return fields[index] }
        return nil
    }

    /// The field with this name.
    public func field(named name: String) -> Field? { fields.first { $0.name == name } }
}

/// One column of a table.
public struct Field: Sendable, Equatable {
    /// The number of the reserved field of deletes and restores.
    public static let existence = 0
    /// The largest field number; a set of fields fits in the bits of a 64-bit integer.
    public static let largestNumber = 62

    /// From 1 to `largestNumber`; stable over versions.
    public let number: Int
    /// The name of the SQL column.
    public let name: String
    /// What the column holds beside null.
    public let type: FieldType
    /// What happens when two writers had not seen each other.
    public let policy: MergePolicy

    /// Makes a field.
    public init(_ number: Int, _ name: String, _ type: FieldType = .text, policy: MergePolicy = .lastWriterWins) {
        self.number = number
        self.name = name
        self.type = type
        self.policy = policy
    }
}

/// The type of a field.
public enum FieldType: Sendable, Equatable {
    case integer, real, text, blob

    /// Whether a value may stand in a field of this type; null always may.
    public func accepts(_ value: Value) -> Bool {
        switch (self, value) {
        case (_, .null), (.integer, .integer), (.real, .real), (.text, .text), (.blob, .blob): true
        default: false
        }
    }
}

/// What happens to two different values whose writers had not seen each other.
public enum MergePolicy: Sendable, Equatable {
    /// The later stamp stays, the other value goes to the conflict log.
    case lastWriterWins
    /// The value that stands earlier in the list stays whichever is later; values outside the list give way to it.
    case mostRestrictive([Value])
    /// As `lastWriterWins`, and the conflict stands on top of the list until somebody decides.
    case needsDecision
}
