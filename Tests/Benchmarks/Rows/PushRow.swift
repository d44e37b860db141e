import Database
import Foundation
import KithClient

/// P3, P4 and the upload of P13: new records go to an empty server, and come to an empty laptop.
final class PushRow: BenchmarkRow {
    private static let counts = [10_000, 100_000]

    let name = "P3 P4 P13"
    let peerCases = ["rowcopy_10k", "rowcopy_100k"]
    private var pushes = [
        Finding("P3", "push of 10,000 new records, kith sync as a process", unit: "ms", target: .atMostFloor(2.5)),
        Finding("P3", "push of 100,000 new records", unit: "ms", target: .atMostFloor(1.5)),
    ]
    private var pulls = [
        Finding("P4", "an empty laptop fetches 10,000", unit: "ms"),
        Finding("P4", "an empty laptop fetches those 100,000", unit: "ms", target: .atMostFloor(0.95)),
    ]
    private var upload = Finding("P13", "upload for each record of P3, average", unit: "bytes", target: .atMost(77))
    private var room = Finding("P3", "server's file for each new record", unit: "bytes")
    private var processor = Finding("P3", "processor time of the server for each new record", unit: "µs")
    private var reading = Finding("P4", "processor time of the server for each record that it sends", unit: "µs")
    private var usable = Finding("P4", "until kith visit list shows records of that fetch", unit: "ms")

    var findings: [Finding] { pushes + [processor, room] + pulls + [reading, usable, upload] }

    func prepare(_ stage: Stage) throws {
        for count in counts(stage) { _ = try stage.filledOffice(count) }
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        for (index, count) in counts(stage).enumerated() {
            try stage.onCopy(of: stage.filledOffice(count)) { office in
                try floors(index, count, office, stage)
                stage.settle()
                let before = try stage.bytes(of: office)
                try stage.serving(office) { server in
                    let begun = server.processorSeconds ?? 0
                    pushes[index].ours.add(try stage.kith(["sync"], laptop: office.sender))
                    if index == 1 {
                        let bytes = try server.syncs().reduce(0) { $0 + $1.bytesIn }
                        upload.ours.add(Double(bytes) / Double(count))
                        processor.ours.add(((server.processorSeconds ?? 0) - begun) * 1e6 / Double(count))
                    }
                    let used = server.processorSeconds ?? 0
                    pulls[index].ours.add(try stage.kith(["sync"], laptop: office.receiver))
                    if index == 1 { reading.ours.add(((server.processorSeconds ?? 0) - used) * 1e6 / Double(count)) }
                }
                if index == 1 { room.ours.add(Double(try stage.bytes(of: office) - before) / Double(count)) }
                try check(office, count)
            }
        }
        try measureUsable(stage, counts(stage).last ?? 0)
    }

    private func counts(_ stage: Stage) -> [Int] { stage.settings.isQuick ? [Self.counts[0]] : Self.counts }

    private func floors(_ index: Int, _ count: Int, _ office: SampleOffice, _ stage: Stage) throws {
        let target = stage.newPath("copy.sqlite")
        let source = HomeFolder(path: office.sender.path).databasePath
        let time = try stage.plainFloor(["copy", source, target, "0", "\(count)"])
        try stage.removeDatabase(target)
        let peer = try stage.peers?.last(peerCases[index])
        for finding in [\PushRow.pushes, \PushRow.pulls] {
            self[keyPath: finding][index].plain.add(time)
            if let peer { self[keyPath: finding][index].peer.add(peer) }
        }
    }

    /// How long a person waits for the first records while the rest still comes.
    private func measureUsable(_ stage: Stage, _ count: Int) throws {
        try stage.onCopy(of: stage.syncedOffice(count, both: false)) { office in
            try stage.serving(office) { _ in
                var streams = stage.streams
                streams.output += "-sync"
                streams.errors += "-sync"
                var isShown = false
                let start = ContinuousClock.now
                let sync = try stage.startKith(["sync"], laptop: office.receiver, streams: streams)
                while !isShown {
                    let list = try stage.startKith(
                        ["visit", "list", "--limit", "5", "--json"], laptop: office.receiver)
                    try list.finish()
                    isShown = try String(contentsOfFile: stage.streams.output, encoding: .utf8).contains("summary")
                    guard ContinuousClock.now - start < .seconds(60) else { break }
                }
                usable.ours.add(Stopwatch.milliseconds(since: start))
                try sync.finish()
                usable.note = "whole fetch beside it: \(Finding.shown(Stopwatch.milliseconds(since: start))) ms"
                guard isShown else { throw ChildProcess.Failure(description: "The list never showed a record.") }
            }
        }
    }

    /// A number is worth nothing where not everything arrived.
    private func check(_ office: SampleOffice, _ count: Int) throws {
        let arrived = try SampleOffice.database(of: office.receiver)
            .integer("SELECT count(*) FROM visit WHERE living = 1")
        guard arrived == Int64(count) else {
            throw ChildProcess.Failure(description: "\(arrived ?? 0) of \(count) records arrived.")
        }
    }
}
