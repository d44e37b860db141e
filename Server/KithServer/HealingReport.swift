import SyncHub
import Terminal

/// What the office is told while its server, put back from an older copy, is given back what it lost.
struct HealingReport {
    private let state: HealingState?
    private let missing: [DeviceRecord]
    private let vouchedCount: Int

    init(_ hub: Hub) throws {
        let state = try hub.healing()
        self.state = state
        vouchedCount = try hub.vouchedCount()
        missing = try hub.devices().filter {
            $0.number != DeviceRecord.office && !$0.isRevoked && state?.reported[$0.number] == nil
        }
    }

    /// Whether a device has brought back what it holds; nil where nothing is missing.
    func hasReported(_ device: DeviceRecord) -> Bool? { state.map { $0.reported[device.number] != nil } }

    /// Lines for people; none where all is well.
    var lines: [String] {
        var lines: [String] = []
        if let state {
            lines.append(
                "This server was put back from an older copy, noticed \(TimeText.local(state.begunMilliseconds)). "
                    + "Devices that have given back what they hold: \(state.reported.count); "
                    + "still missing: \(missing.count).")
            for device in missing {
                lines.append("  \(device.name) of \(device.person) has not reported back. Ask for: kith sync")
            }
        }
        if vouchedCount > 0 {
            lines.append(
                "\(vouchedCount) \(vouchedCount == 1 ? "version stands" : "versions stand") on the word of a device that "
                    + "did not write \(vouchedCount == 1 ? "it" : "them"), until the writer's device syncs.")
        }
        return lines
    }

    var json: JSONValue {
        guard let state else { return .null }
        return [
            "since": .string(TimeText.rfc3339(state.begunMilliseconds)),
            "reported": .array(state.reported.keys.sorted().map { .integer(Int64($0)) }),
            "missing": .array(missing.map { .integer(Int64($0.number)) }), "vouched": JSONValue(vouchedCount),
        ]
    }
}
