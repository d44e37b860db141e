import Foundation
import KithClient
import SyncCore

/// P5 and P15: what was changed on one laptop, or on two at once, comes to the other, with 100,000 records everywhere.
final class EditRow: BenchmarkRow {
    private static let (fewCount, manyCount) = (100, 1_000)

    let name = "P5 P15"
    let peerCases = ["W4_3x100upd", "W5_3x1000upd"]
    private var few = Finding(
        "P5", "100 changed notes reach another laptop: edit, kith sync, kith sync", unit: "ms",
        target: .atMostFloor(2.4))
    private var fewInProcess = Finding("P5", "the same in process, connections kept", unit: "ms")
    private var up = Finding(
        "P5", "bytes up of the first sync, handshake and TLS counted", unit: "bytes", target: .atMost(7_168))
    private var down = Finding("P5", "bytes down of the second sync, the same", unit: "bytes", target: .atMost(7_168))
    private var upBody = Finding("P5", "of these the body up", unit: "bytes")
    private var downBody = Finding("P5", "of these the body down", unit: "bytes")
    private var many = Finding(
        "P15", "the same 1,000 notes changed on two laptops: edits, kith sync on one, the other, the first", unit: "ms",
        target: .atMostFloor(2.5))
    private var manyInProcess = Finding("P15", "the same in process, connections kept", unit: "ms")

    private var office: SampleOffice?
    private var plainPaths: [String] = []
    private var notes: [Value] = []
    private var used = 0

    var findings: [Finding] { [few, fewInProcess, up, down, upBody, downBody, many, manyInProcess] }

    func prepare(_ stage: Stage) throws {
        let synced = try stage.syncedOffice(stage.settings.isQuick ? 10_000 : 100_000)
        let office = try stage.copy(synced)
        self.office = office
        notes = try stage.workload.notes(60_000, seed: 99)
        for _ in 0..<3 {
            let path = stage.newPath("plain.sqlite")
            let source = HomeFolder(path: office.sender.path).databasePath
            _ = try stage.plainFloor(["copy", source, path, "0", "100000"])
            plainPaths.append(path)
        }
    }

    func turn(_ number: Int, _ stage: Stage) throws {
        guard let office else { return }
        few.plain.add(try stage.plainFloor(["update", "\(Self.fewCount)", "\(number)"] + plainPaths))
        many.plain.add(try stage.plainFloor(["update", "\(Self.manyCount)", "\(number)"] + plainPaths))
        if let peers = stage.peers {
            few.peer.add(try peers.last(peerCases[0]))
            many.peer.add(try peers.last(peerCases[1]))
        }
        stage.settle()
        try stage.serving(office) { server in
            few.ours.add(try editFew(office) { try stage.kith(["sync"], laptop: $0) })
            try measureBytes(office, server, stage)
            let known = try office.serverNumber("SELECT count(*) FROM conflict")
            many.ours.add(try editMany(office) { try stage.kith(["sync"], laptop: $0) })
            try checkKept(office, since: known)
            try measureInProcess(office)
            // What was synced in this process has not been told yet: the next turn must not time that.
            for laptop in [office.sender, office.receiver] { try stage.kith(["sync"], laptop: laptop) }
        }
    }

    /// The next notes that nothing has had yet.
    private func next(_ count: Int) -> ArraySlice<Value> {
        if used + count > notes.count { used = 0 }
        defer { used += count }
        return notes[used..<(used + count)]
    }

    private func editFew(_ office: SampleOffice, _ sync: (URL) throws -> Void) throws -> Double {
        let values = next(Self.fewCount)
        let sender = try LiveLaptop(office.sender)
        let ids = try sender.ids(Self.fewCount)
        return try Stopwatch.milliseconds {
            try sender.edit(ids, values)
            try sync(office.sender)
            try sync(office.receiver)
        }
    }

    private func editMany(_ office: SampleOffice, _ sync: (URL) throws -> Void) throws -> Double {
        let values = [next(Self.manyCount), next(Self.manyCount)]
        let laptops = try [LiveLaptop(office.sender), LiveLaptop(office.receiver)]
        let ids = try laptops[0].ids(Self.manyCount)
        return try Stopwatch.milliseconds {
            for (laptop, values) in zip(laptops, values) { try laptop.edit(ids, values) }
            for laptop in [office.sender, office.receiver, office.sender] { try sync(laptop) }
        }
    }

    private func measureInProcess(_ office: SampleOffice) throws {
        let laptops = try [LiveLaptop(office.sender), LiveLaptop(office.receiver)]
        for laptop in laptops { try laptop.sync() }
        let ids = try laptops[0].ids(Self.manyCount)
        let values = [next(Self.manyCount), next(Self.manyCount)]
        manyInProcess.ours.add(
            try Stopwatch.milliseconds {
                for (laptop, values) in zip(laptops, values) { try laptop.edit(ids, values) }
                for index in [0, 1, 0] { try laptops[index].sync() }
            })
        let fewIDs = try laptops[0].ids(Self.fewCount)
        let fewValues = next(Self.fewCount)
        fewInProcess.ours.add(
            try Stopwatch.milliseconds {
                try laptops[0].edit(fewIDs, fewValues)
                for laptop in laptops { try laptop.sync() }
            })
    }

    /// The same once more over a line that counts.
    private func measureBytes(_ office: SampleOffice, _ server: ServerProcess, _ stage: Stage) throws {
        let relay = try Relay(to: server.port)
        defer { relay.close() }
        for laptop in [office.sender, office.receiver] { try SampleOffice.setPort(relay.port, of: laptop) }
        var counts: [(up: Int, down: Int)] = [relay.counts]
        let known = try server.syncs().count
        _ = try editFew(office) { laptop in
            try stage.kith(["sync"], laptop: laptop)
            counts.append(relay.counts)
        }
        for laptop in [office.sender, office.receiver] { try SampleOffice.setPort(server.port, of: laptop) }
        up.ours.add(Double(counts[1].up - counts[0].up))
        down.ours.add(Double(counts[2].down - counts[1].down))
        let syncs = try server.syncs().dropFirst(known)
        upBody.ours.add(Double(syncs.filter { $0.groups > 0 }.reduce(0) { $0 + $1.bytesIn }))
        downBody.ours.add(Double(syncs.map(\.bytesOut).max() ?? 0))
    }

    /// Every losing value must be in the conflict log.
    private func checkKept(_ office: SampleOffice, since known: Int64) throws {
        let kept = try office.serverNumber("SELECT count(*) FROM conflict") - known
        guard kept == Int64(Self.manyCount) else {
            throw ChildProcess.Failure(description: "\(kept) of \(Self.manyCount) losing values were kept.")
        }
        many.note = "every losing value is in the conflict log (counted in each turn)"
    }
}
