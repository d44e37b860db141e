import Terminal

/// One thing that was measured, and the least that plain SQLite takes for it.
struct Measurement {
    /// Something that does less than Kith, for comparison.
    struct Floor {
        let name: String
        var samples = Samples()
    }

    let name: String
    var ours = Samples()
    var floors: [Floor]
    /// The most memory that one run held, in bytes; 0 where nobody looked.
    var peakBytes = 0

    /// How many times the first floor it may take, where that was set.
    let target: Double?
    /// The most milliseconds that it may take; nil where only the ratio counts.
    var limitMilliseconds: Double?
    /// The most memory in bytes that it may hold; nil where none was set.
    var limitBytes: Int?

    init(_ name: String, floors: [String], target: Double? = nil) {
        self.name = name
        self.target = target
        self.floors = floors.map { Floor(name: $0) }
    }

    /// A row for each floor: name, ours, floor, its time, ratio, target, whether it is met, memory.
    var rows: [[String]] {
        floors.enumerated().map { index, floor in
            [
                index == 0 ? name : "", index == 0 ? Self.shown(ours.median) : "", floor.name,
                Self.shown(floor.samples.median), Self.shown(ours.median / floor.samples.median),
                index == 0 ? targets : "", index == 0 ? verdict : "",
                index == 0 && peakBytes > 0 ? Self.shown(Double(peakBytes) / 1_048_576) : "",
            ]
        }
    }

    /// Everything that is asked of it, in a few words.
    private var targets: String {
        let parts = [
            target.map { Self.shown($0) }, limitMilliseconds.map { "\(Int($0)) ms" },
            limitBytes.map { "\($0 >> 20) MB" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// Whether all that is asked of it is met: nothing where nothing is.
    private var verdict: String {
        guard let target, let floor = floors.first else { return "" }
        let isMet =
            ours.median <= target * floor.samples.median && ours.median <= limitMilliseconds ?? .infinity
            && peakBytes <= limitBytes ?? .max
        return isMet ? "met" : "SHORT"
    }

    /// Everything, single runs included.
    var json: JSONValue {
        [
            "name": .string(name), "median_ms": .real(ours.median),
            "runs_ms": .array(ours.values.map { .real($0) }),
            "peak_bytes": JSONValue(peakBytes), "target": target.map { .real($0) } ?? .null,
            "limit_ms": limitMilliseconds.map { .real($0) } ?? .null,
            "limit_bytes": limitBytes.map { JSONValue($0) } ?? .null, "verdict": .string(verdict),
            "floors": .array(
                floors.map { floor in
                    [
                        "name": .string(floor.name), "median_ms": .real(floor.samples.median),
                        "runs_ms": .array(floor.samples.values.map { .real($0) }),
                        "ratio": .real(ours.median / floor.samples.median),
                    ]
                }),
        ]
    }

    /// A number with two places.
    static func shown(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
