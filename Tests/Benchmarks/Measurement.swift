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

    init(_ name: String, floors: [String]) {
        self.name = name
        self.floors = floors.map { Floor(name: $0) }
    }

    /// A row for each floor: name, ours, floor, its time, ratio, memory.
    var rows: [[String]] {
        floors.enumerated().map { index, floor in
            [
                index == 0 ? name : "", index == 0 ? Self.shown(ours.median) : "", floor.name,
                Self.shown(floor.samples.median), Self.shown(ours.median / floor.samples.median),
                index == 0 && peakBytes > 0 ? Self.shown(Double(peakBytes) / 1_048_576) : "",
            ]
        }
    }

    /// Everything, single runs included.
    var json: JSONValue {
        [
            "name": .string(name), "median_ms": .real(ours.median),
            "runs_ms": .array(ours.milliseconds.map { .real($0) }),
            "peak_bytes": JSONValue(peakBytes),
            "floors": .array(
                floors.map { floor in
                    [
                        "name": .string(floor.name), "median_ms": .real(floor.samples.median),
                        "runs_ms": .array(floor.samples.milliseconds.map { .real($0) }),
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
