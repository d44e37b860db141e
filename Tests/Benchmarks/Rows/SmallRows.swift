import Foundation
import KithClient
import SyncReplica

/// P1: `kith visit add` as a process, on a laptop with 10,000 visits.
final class AddRow: BenchmarkRow {
    private static let runCount = 10
    private static let recordCount = 10_000

    let name = "P1"
    private var add = Finding("P1", "kith visit add, whole process", unit: "ms", target: .atMostFloor(2))
    private var version = Finding("P1", "of these kith --version, so starting alone", unit: "ms")
    private var plain: PlainTable?

    var findings: [Finding] { [add, version] }

    func prepare(_ stage: Stage) throws {
        plain = try PlainTable(laptop: stage.filledOffice(Self.recordCount).sender)
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let plain else { return }
        let (table, script) = (stage.newPath("add.sqlite"), stage.newPath("add.sql"))
        try plain.insertInProcess(table)
        try plain.prepareOneRow(script: script)
        try stage.onCopy(of: stage.filledOffice(Self.recordCount)) { office in
            var streams = stage.streams
            streams.input = script
            for run in 0..<Self.runCount {
                let minute = 10 + run
                add.ours.add(
                    try stage.kith(
                        [
                            "visit", "add", SampleOffice.place, "2026-11-22 14:\(minute)", "--summary",
                            "Tea with the residents.", "--no-input",
                        ], laptop: office.sender))
                add.plain.add(
                    try Stopwatch.milliseconds {
                        try ChildProcess("sqlite3", ["-batch", "-bail", table], streams: streams).finish()
                    })
                version.ours.add(try stage.kith(["--version"], laptop: office.sender))
            }
        }
        try stage.removeDatabase(table)
    }
}

/// P2: writes that are tracked, in process.
final class WriteRow: BenchmarkRow {
    private static let count = 10_000

    let name = "P2"
    let peerCases = ["W1_tx1", "W1_tx100"]
    private var writes = [
        Finding("P2", "10,000 tracked writes, each alone, in process", unit: "ms", target: .atMostFloor(1.1)),
        Finding("P2", "10,000 tracked writes, 100 a transaction, in process", unit: "ms", target: .atMostFloor(1.5)),
    ]

    var findings: [Finding] { writes }

    func turn(_ number: Int, _ stage: Stage) throws {
        let count = stage.settings.isQuick ? 1_000 : Self.count
        let records = try stage.workload.records(count)
        let source = HomeFolder(path: try stage.filledOffice(Self.count).sender.path).databasePath
        for (index, per) in [1, 100].enumerated() {
            let plain = stage.newPath("writes.sqlite")
            writes[index].plain.add(try stage.plainFloor(["insert", source, plain, "\(per)", "\(count)"]))
            try stage.removeDatabase(plain)
            if let peers = stage.peers, !stage.settings.isQuick {
                writes[index].peer.add(try peers.last(peerCases[index]))
            }
            try stage.onCopy(of: stage.emptyOffice()) { office in
                let laptop = try Laptop(
                    home: HomeFolder(path: office.sender.path), creating: false, clock: LiveLaptop.now)
                let team = try LiveLaptop.areas(of: laptop).team
                let time = try Stopwatch.milliseconds {
                    for first in stride(from: 0, to: count, by: per) {
                        try laptop.replica.write { work in
                            for record in records[first..<(first + per)] { try record.create(in: &work, area: team) }
                        }
                    }
                    try laptop.tidy()
                }
                writes[index].ours.add(time)
            }
        }
    }
}

/// P11: a sync with nothing to say.
final class IdleRow: BenchmarkRow {
    private static let (runCount, processCount) = (20, 50)
    private static let recordCount = 10_000

    let name = "P11"
    private var time = Finding("P11", "a sync with nothing to say, in process", unit: "ms", target: .atMost(1))
    private var up = Finding("P11", "its bytes up, with HTTP headers and TLS", unit: "bytes", target: .atMost(400))
    private var down = Finding("P11", "its bytes down, with HTTP headers and TLS", unit: "bytes", target: .atMost(400))
    private var process = Finding("P11", "kith sync with nothing to say, whole process, new connection", unit: "ms")
    private var processor = Finding("P11", "processor time of the server for that, handshake included", unit: "ms")
    private var processUp = Finding("P11", "its bytes up, handshake counted", unit: "bytes")
    private var processDown = Finding("P11", "its bytes down, handshake counted", unit: "bytes")
    private var office: SampleOffice?

    var findings: [Finding] { [time, up, down, process, processor, processUp, processDown] }

    func prepare(_ stage: Stage) throws { office = try stage.copy(stage.syncedOffice(Self.recordCount)) }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let office else { return }
        try stage.serving(office) { server in
            let laptop = try LiveLaptop(office.receiver)
            try laptop.sync()
            for _ in 0..<Self.runCount { time.ours.add(try Stopwatch.milliseconds { try laptop.sync() }) }
            let begun = server.processorSeconds ?? 0
            for _ in 0..<Self.processCount { process.ours.add(try stage.kith(["sync"], laptop: office.sender)) }
            let used = (server.processorSeconds ?? 0) - begun
            processor.ours.add(used * 1_000 / Double(Self.processCount))
            let relay = try Relay(to: server.port)
            defer { relay.close() }
            let counted = try LiveLaptop(office.receiver, port: relay.port)
            try counted.sync()
            // What follows the handshake came with the first answer.
            let before = relay.counts
            try counted.sync()
            up.ours.add(Double(relay.counts.up - before.up))
            down.ours.add(Double(relay.counts.down - before.down))
            let start = relay.counts
            try SampleOffice.setPort(relay.port, of: office.sender)
            try stage.kith(["sync"], laptop: office.sender)
            try SampleOffice.setPort(server.port, of: office.sender)
            processUp.ours.add(Double(relay.counts.up - start.up))
            processDown.ours.add(Double(relay.counts.down - start.down))
        }
    }
}

/// P13: the body of a sync that brings one new visit.
final class VisitBytesRow: BenchmarkRow {
    private static let recordCount = 10_000

    let name = "P13"
    private var body = Finding(
        "P13", "request body of a sync with one new visit and a note of 120 characters", unit: "bytes",
        target: .atMost(200))
    private var share = Finding("P13", "the same against gzip of its JSON", unit: "bytes", target: .atMostFloor(0.5))
    private var office: SampleOffice?

    var findings: [Finding] { [body, share] }

    func prepare(_ stage: Stage) throws { office = try stage.copy(stage.syncedOffice(Self.recordCount)) }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let office else { return }
        // Another visit in each turn, none of them among those that are there.
        let seed = 1_000
        guard let record = try stage.workload.records(number + 1, seed: seed).last else { return }
        let json = stage.newPath("visit.json")
        try stage.workload.json(number, seed: seed).write(toFile: json, atomically: false, encoding: .utf8)
        try ChildProcess.run("gzip", ["-9", "-n", json], streams: stage.streams)
        let gzip = try FileManager.default.attributesOfItem(atPath: json + ".gz")[.size] as? Int ?? 0
        try stage.serving(office) { server in
            let laptop = try Laptop(
                home: HomeFolder(path: office.sender.path), creating: false, clock: LiveLaptop.now)
            let team = try LiveLaptop.areas(of: laptop).team
            try laptop.replica.write { work in try record.create(in: &work, area: team) }
            try stage.kith(["sync"], laptop: office.sender)
            let bytes = try server.syncs().filter { $0.groups > 0 }.reduce(0) { $0 + $1.bytesIn }
            body.ours.add(Double(bytes))
            share.ours.add(Double(bytes))
            share.plain.add(Double(gzip))
        }
    }
}
