import SyncCore
import Terminal

/// One world of the merge model, as `record-worlds` wrote it down.
struct ModelWorld {
    enum Mode: String {
        /// The model's own devices; what they sent goes to the shipped server.
        case server
        /// The same edits are made on shipped laptops.
        case laptop
    }

    /// A value in a place, by who wrote it when.
    struct Version: Hashable, Comparable, CustomStringConvertible {
        let record: Int
        /// 0 is existence.
        let field: Int
        /// For existence 1 is alive.
        let value: Int
        let stamp: Stamp

        static func < (left: Version, right: Version) -> Bool {
            (left.record, left.field, left.stamp) < (right.record, right.field, right.stamp)
        }

        var description: String { "\(value) at \(record).\(field) by \(stamp.device) at \(stamp.time)" }
    }

    /// Two values of a place whose writers had not seen each other.
    struct Clash: Hashable, CustomStringConvertible {
        let record: Int
        let field: Int
        let earlier: Stamp
        let later: Stamp
        let keepsEarlier: Bool

        var description: String {
            "\(record).\(field) by \(earlier.device) at \(earlier.time) and by \(later.device) at \(later.time), "
                + "\(keepsEarlier ? "the first" : "the second") stays"
        }
    }

    /// A line that is not what `record-worlds` writes.
    struct Unreadable: Error {}

    let seed: Int
    let mode: Mode
    let deviceCount: Int
    /// What the clocks of laptops show less the true time, in milliseconds.
    let clockErrors: [Int64]
    /// How many of the model's edits no program offers, so that they were left out.
    let leftOutCount: Int
    let steps: [[JSONValue]]
    let current: [Version]
    let versions: [Version]
    let clashes: Set<Clash>
    let living: [Int: Bool]

    init(line: String) throws {
        let json = try JSONParser.parse(Array(line.utf8))
        guard case .string(let name)? = json["mode"], let mode = Mode(rawValue: name) else { throw Unreadable() }
        self.mode = mode
        seed = try (json["seed"] ?? .null).number()
        deviceCount = try (json["devices"] ?? .null).number()
        clockErrors = try (json["errors"] ?? .null).items().map { Int64(try $0.number()) }
        leftOutCount = try (json["leftOut"] ?? .null).number()
        steps = try (json["steps"] ?? .null).items().map { try $0.items() }
        current = try Self.versions(json["current"] ?? .null)
        versions = try Self.versions(json["versions"] ?? .null)
        clashes = Set(try (json["conflicts"] ?? .null).items().map { try Self.clash($0.numbers()) })
        var living: [Int: Bool] = [:]
        for pair in try (json["living"] ?? .null).items().map({ try $0.numbers() }) {
            living[pair[0]] = pair[1] == 1
        }
        self.living = living
    }

    static func versions(_ list: JSONValue) throws -> [Version] {
        try list.items().map { item in
            let numbers = try item.numbers()
            guard numbers.count == 5 else { throw Unreadable() }
            return Version(
                record: numbers[0], field: numbers[1], value: numbers[2], stamp: stamp(numbers[3], numbers[4]))
        }
    }

    static func stamp(_ time: Int, _ device: Int) -> Stamp { Stamp(time: UInt64(time), device: UInt32(device)) }

    private static func clash(_ numbers: [Int]) throws -> Clash {
        guard numbers.count == 7 else { throw Unreadable() }
        return Clash(
            record: numbers[0], field: numbers[1], earlier: stamp(numbers[2], numbers[3]),
            later: stamp(numbers[4], numbers[5]), keepsEarlier: numbers[6] == 1)
    }
}

extension JSONValue {
    /// The number that this is.
    ///
    /// - Throws: `ModelWorld.Unreadable` where it is none.
    func number() throws -> Int {
        guard case .integer(let number) = self else { throw ModelWorld.Unreadable() }
        return Int(number)
    }

    /// What is in this list.
    func items() throws -> [JSONValue] {
        guard case .array(let items) = self else { throw ModelWorld.Unreadable() }
        return items
    }

    func numbers() throws -> [Int] { try items().map { try $0.number() } }
}
