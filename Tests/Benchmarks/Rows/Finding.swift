import Terminal

/// One thing that was measured, what SQLite alone takes for it, and what is asked of it.
struct Finding {
    /// What is asked.
    enum Target {
        /// Nothing: a figure that explains others.
        case none
        /// So many times its floor at most, where less is better.
        case atMostFloor(Double)
        /// So many times its floor at least, where more is better.
        case atLeastFloor(Double)
        case atMost(Double)
        case atLeast(Double)
    }

    /// The row of the table of targets, such as `P3`.
    let row: String
    let what: String
    let unit: String
    let target: Target
    var ours = Samples()
    /// What the scripts of the peers measured for the same case in the same run.
    var peer = Samples()
    /// What C with prepared statements took.
    var plain = Samples()
    /// What a reader must know to understand the figure.
    var note = ""

    init(_ row: String, _ what: String, unit: String, target: Target = .none) {
        (self.row, self.what, self.unit, self.target) = (row, what, unit, target)
    }

    /// The floor that counts: that of the peers where there is one.
    private var floor: Double? {
        if !peer.values.isEmpty { return peer.median }
        return plain.values.isEmpty ? nil : plain.median
    }

    /// Ours, in floors.
    var ratio: Double? { floor.map { ours.median / $0 } }

    /// Whether it is met; nil where nothing was asked or measured.
    var isMet: Bool? {
        guard !ours.values.isEmpty else { return nil }
        switch target {
        case .none: return nil
        case .atMostFloor(let limit): return ratio.map { $0 <= limit }
        case .atLeastFloor(let limit): return ratio.map { $0 >= limit }
        case .atMost(let limit): return ours.median <= limit
        case .atLeast(let limit): return ours.median >= limit
        }
    }

    var verdict: String { isMet.map { $0 ? "met" : "short" } ?? "" }

    /// What is asked, in a few words.
    var targetWords: String {
        switch target {
        case .none: ""
        case .atMostFloor(let limit): "≤ \(Self.shown(limit)) ×"
        case .atLeastFloor(let limit): "≥ \(Self.shown(limit)) ×"
        case .atMost(let limit): "≤ \(Self.shown(limit)) \(unit)"
        case .atLeast(let limit): "≥ \(Self.shown(limit)) \(unit)"
        }
    }

    /// The cells of its line: row, what, ours, plain floor, peer floor, ratio, target, verdict.
    var cells: [String] {
        func cell(_ samples: Samples) -> String { samples.values.isEmpty ? "" : Self.shown(samples.median) }
        let ourText = ours.values.isEmpty ? "-" : "\(Self.shown(ours.median)) \(unit)"
        return [row, what, ourText, cell(plain), cell(peer), ratio.map { Self.shown($0) } ?? "", targetWords, verdict]
    }

    /// Everything, single runs included.
    var json: JSONValue {
        func numbers(_ samples: Samples) -> JSONValue { .array(samples.values.map { .real($0) }) }
        return [
            "row": .string(row), "what": .string(what), "unit": .string(unit),
            "median": ours.values.isEmpty ? .null : .real(ours.median), "runs": numbers(ours),
            "plain_floor": numbers(plain), "peer_floor": numbers(peer), "ratio": ratio.map { .real($0) } ?? .null,
            "target": .string(targetWords), "verdict": .string(verdict), "note": .string(note),
        ]
    }

    /// A number for people: whole from a thousand on, else with at most two places.
    static func shown(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "-" }
        if abs(number) >= 1_000 { return grouped(Int(number.rounded())) }
        let places = abs(number) >= 100 ? 0 : abs(number) >= 10 ? 1 : 2
        var factor = 1
        for _ in 0..<places { factor *= 10 }
        let scaled = Int((abs(number) * Double(factor)).rounded())
        let sign = number < 0 ? "-" : ""
        guard scaled % factor != 0 else { return sign + String(scaled / factor) }
        var fraction = String(scaled % factor)
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(sign)\(scaled / factor).\(fraction)"
    }

    private static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
