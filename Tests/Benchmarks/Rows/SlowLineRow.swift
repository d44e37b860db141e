import Foundation

/// P12: a thousand new records over 64 kbit/s with a round trip of 800 ms, and what a cut costs there.
final class SlowLineRow: BenchmarkRow {
    private static let recordCount = 1_000
    /// Where the line is cut: at so many hundredths of what a whole sync sends, another one in each turn.
    private static let cuts = [55, 35, 75, 45, 65]
    private static let slow = Relay.Line(delayMilliseconds: 400, bytesPerSecond: 8_000)

    let name = "P12"
    private var time = Finding(
        "P12", "1,000 new records over 64 kbit/s with 800 ms round trip", unit: "s", target: .atMost(25))
    private var bytes = Finding("P12", "its bytes up, handshake and TLS counted", unit: "bytes")
    private var again = Finding("P12", "sent again after a cut, of all that is sent", unit: "%", target: .atMost(10))

    var findings: [Finding] { [time, bytes, again] }

    func prepare(_ stage: Stage) throws { _ = try stage.filledOffice(Self.recordCount) }

    func turn(_ number: Int, _ stage: Stage) throws {
        let whole = try stage.onCopy(of: stage.filledOffice(Self.recordCount)) { office in
            try stage.serving(office) { server in
                let relay = try Relay(to: server.port, line: Self.slow)
                defer { relay.close() }
                try SampleOffice.setPort(relay.port, of: office.sender)
                time.ours.add(try stage.kith(["sync"], laptop: office.sender) / 1_000)
                return relay.counts.up
            }
        }
        bytes.ours.add(Double(whole))
        let sent = try sentWithCut(at: whole * Self.cuts[number % Self.cuts.count] / 100, stage)
        again.ours.add(Double(sent - whole) / Double(whole) * 100)
    }

    /// How many bytes go up in a sync that is cut and one after it that is not.
    private func sentWithCut(at limit: Int, _ stage: Stage) throws -> Int {
        try stage.onCopy(of: stage.filledOffice(Self.recordCount)) { office in
            try stage.serving(office) { server in
                var line = Self.slow
                line.cutAfterBytes = limit
                let relay = try Relay(to: server.port, line: line)
                defer { relay.close() }
                try SampleOffice.setPort(relay.port, of: office.sender)
                do {
                    try stage.kith(["sync"], laptop: office.sender)
                } catch is ChildProcess.ExitFailure {
                    // That is what a cut looks like, but for one at the very beginning of a request on a connection that
                    // was there already: libcurl makes another one, and says the whole request again.
                    try stage.kith(["sync"], laptop: office.sender)
                }
                guard relay.hasCut else { throw ChildProcess.Failure(description: "The line was not cut.") }
                let arrived = try office.serverNumber("SELECT count(*) FROM visit")
                guard arrived == Int64(Self.recordCount) else {
                    throw ChildProcess.Failure(description: "\(arrived) of \(Self.recordCount) records arrived.")
                }
                return relay.counts.up
            }
        }
    }
}
