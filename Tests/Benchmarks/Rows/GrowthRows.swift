import Foundation
import KithClient

/// P14: the same sync of 100 changes with ten times as many records on the server, and again.
final class GrowthRow: BenchmarkRow {
    private static let (counts, runCount, editCount) = ([10_000, 100_000, 1_000_000], 3, 100)

    let name = "P14"
    private var times = [
        Finding("P14", "kith sync of 100 changes, 10,000 records on the server", unit: "ms"),
        Finding("P14", "the same at 100,000, beside 10,000", unit: "ms", target: .atMostFloor(1.3)),
        Finding("P14", "the same at 1,000,000, beside 100,000", unit: "ms", target: .atMostFloor(1.3)),
    ]
    private var offices: [SampleOffice] = []

    var findings: [Finding] { times }

    func prepare(_ stage: Stage) throws {
        let counts = stage.settings.isQuick ? [1_000, 10_000] : Self.counts
        for count in counts {
            // The largest is used up here: a copy would only cost the disk.
            let office = try stage.syncedOffice(count, both: false)
            offices.append(count > 100_000 ? office : try stage.copy(office))
        }
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        let notes = try stage.workload.notes(60_000, seed: 99)
        for run in 0..<Self.runCount {
            for (index, office) in offices.enumerated() {
                let laptop = try LiveLaptop(office.sender)
                let first = ((number * Self.runCount + run) * Self.editCount) % (notes.count - Self.editCount)
                try laptop.edit(laptop.ids(Self.editCount), notes[first..<(first + Self.editCount)])
                stage.settle()
                let time = try stage.serving(office) { _ in try stage.kith(["sync"], laptop: office.sender) }
                times[index].ours.add(time)
                if index + 1 < times.count { times[index + 1].plain.add(time) }
            }
        }
    }
}

/// P16: what ten edits of a note in every record leave: time of a first sync, and room on the disk.
final class HistoryRow: BenchmarkRow {
    private static let roundCount = 10

    let name = "P16"
    private var first = Finding(
        "P16", "first sync after 10 edits of every note, beside one without history", unit: "ms",
        target: .atMostFloor(1.2))
    private var server = Finding("P16", "server's file against live data and history text", unit: "MB")
    /// The target is what is left after it.
    private var compacted = Finding("P16", "the same after kith-server compact", unit: "MB", target: .atMostFloor(1.6))
    private var device = Finding(
        "P16", "laptop's file without history and search index, against plain tables", unit: "MB",
        target: .atMostFloor(1.36))
    private var perEdit = Finding("P16", "server's file for each edit of a note", unit: "bytes")
    private var office: SampleOffice?

    var findings: [Finding] { [first, server, compacted, perEdit, device] }

    private func count(_ stage: Stage) -> Int { stage.settings.isQuick ? 1_000 : 10_000 }

    func prepare(_ stage: Stage) throws {
        let count = count(stage)
        let office = try stage.copy(stage.syncedOffice(count, both: false))
        self.office = office
        let notes = try stage.workload.notes(count * Self.roundCount, seed: 99)
        stage.note("Editing \(count) notes \(Self.roundCount) times")
        try stage.serving(office) { _ in
            for round in 0..<Self.roundCount {
                let laptop = try LiveLaptop(office.sender)
                try laptop.edit(laptop.ids(count), notes[(round * count)..<((round + 1) * count)])
                try stage.kith(["sync"], laptop: office.sender)
            }
        }
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let office else { return }
        first.ours.add(try firstSync(office, stage) { try measureSizes($0, stage) })
        let count = count(stage)
        let grown = try stage.bytes(of: office) - stage.bytes(of: stage.syncedOffice(count, both: false))
        perEdit.ours.add(Double(grown) / Double(count * Self.roundCount))
        first.plain.add(try firstSync(stage.syncedOffice(count, both: false), stage) { _ in })
    }

    private func firstSync(_ source: SampleOffice, _ stage: Stage, _ after: (SampleOffice) throws -> Void) throws
        -> Double
    {
        try stage.onCopy(of: source) { office in
            let time = try stage.serving(office) { _ in try stage.kith(["sync"], laptop: office.receiver) }
            try after(office)
            return time
        }
    }

    private func measureSizes(_ office: SampleOffice, _ stage: Stage) throws {
        let hub = office.office.appendingPathComponent("hub.sqlite").path
        let content = Double(try office.contentBytes()) / 1_048_576
        server.ours.add(try Self.megabytes(hub))
        server.plain.add(content)
        let plain = stage.newPath("plain.sqlite")
        let database = HomeFolder(path: office.receiver.path).databasePath
        // Empties the laptop's log, so that its file is all there is.
        _ = try stage.plainFloor(["copy", database, plain, "0", "\(count(stage))"])
        device.ours.add(try Self.megabytes(database))
        device.plain.add(try Self.megabytes(plain))
        if let peers = stage.peers, !stage.settings.isQuick {
            device.peer.add(Double(try peers.bytes("dbbytes_10k")) / 1_048_576)
        }
        try stage.removeDatabase(plain)
        let program = stage.settings.program("kith-server")
        do {
            try ChildProcess.run(program, ["compact", "--data", office.office.path], streams: stage.streams)
            compacted.ours.add(try Self.megabytes(hub))
            compacted.plain.add(content)
        } catch {
            server.note = "kith-server compact could not be run: \(error)"
        }
    }

    private static func megabytes(_ path: String) throws -> Double {
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        return Double(bytes) / 1_048_576
    }
}

extension SampleOffice {
    /// The bytes of what people wrote: each living record's id and values, and each former value.
    func contentBytes() throws -> Int64 {
        let columns = [
            "id", "started", "ended", "kind", "purpose", "summary", "reflection", "headcount",
        ].map { "coalesce(sum(length(CAST(\($0) AS BLOB))), 0)" }.joined(separator: " + ")
        let living = try serverNumber("SELECT \(columns) FROM visit")
        return living + (try serverNumber("SELECT coalesce(sum(length(CAST(value AS BLOB))), 0) FROM version"))
    }
}
