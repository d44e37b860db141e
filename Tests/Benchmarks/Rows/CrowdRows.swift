import Foundation
import KithClient
import OutreachModel
import SyncCore
import Synchronization

/// P9: many devices with 20 new records each, all at once: handshake, push, first page of what the others sent.
final class RushRow: BenchmarkRow {
    private static let recordCount = 20
    private static let retryMicroseconds: UInt32 = 50_000
    private static let longestMilliseconds = 60_000.0

    let name = "P9"
    let peerCases = ["W6_50x20"]
    private var rate = Finding(
        "P9", "50 devices with 20 new records each at once, syncs a second", unit: "/s", target: .atLeast(500))
    private var slowest = Finding("P9", "99 of 100 of these within", unit: "ms", target: .atMost(100))
    private var rate500 = Finding("P9", "500 devices at once, syncs a second", unit: "/s")
    private var slowest500 = Finding("P9", "99 of 100 of these within", unit: "ms", target: .atMost(3_000))
    private var refused = Finding("P9", "of 500 refused for good", unit: "devices", target: .atMost(0))
    private var missing = Finding("P9", "acknowledged records that are missing", unit: "records", target: .atMost(0))
    private var memory = Finding("P9", "memory of the server with 500", unit: "MB", target: .atMost(256))
    private var retries = Finding("P9", "attempts of the 500 that had to be made again", unit: "attempts")

    var findings: [Finding] { [rate, slowest, rate500, slowest500, refused, missing, memory, retries] }

    func prepare(_ stage: Stage) throws { _ = try stage.crowd() }

    func turn(_ number: Int, _ stage: Stage) throws {
        let few = try rush(50, stage)
        rate.ours.add(few.rate)
        slowest.ours.add(few.times.share(0.99))
        if let peers = stage.peers { rate.peer.add(50 / (try peers.last(peerCases[0]) / 1_000)) }
        let many = try rush(min(500, stage.crowd().members.count), stage)
        rate500.ours.add(many.rate)
        slowest500.ours.add(many.times.share(0.99))
        refused.ours.add(Double(many.refused))
        missing.ours.add(Double(few.missing + many.missing))
        memory.ours.add(Double(many.peakBytes) / 1_048_576)
        retries.ours.add(Double(many.retries))
    }

    private struct Outcome {
        var times = Samples()
        var rate = 0.0
        var refused = 0
        var retries = 0
        var missing = 0
        var peakBytes = 0
    }

    private func rush(_ count: Int, _ stage: Stage) throws -> Outcome {
        let crowd = try stage.crowd()
        let records = try stage.workload.records(count * Self.recordCount)
        return try stage.onCopy(of: crowd.office) { office in
            try stage.serving(office) { server in
                let requests = (0..<count).map { member in
                    let own = records[(member * Self.recordCount)..<((member + 1) * Self.recordCount)]
                    let time = StampTime.packed(milliseconds: LiveLaptop.now())
                    return crowd.request(
                        groups: own.enumerated().map {
                            crowd.creation($0.element, number: UInt64($0.offset + 1), time: time + UInt64($0.offset))
                        })
                }
                let state = Mutex((times: [Double](), retries: 0, refused: Set<Int>()))
                let time = Together.run(count) { member in
                    let link = crowd.link(of: member, port: server.port)
                    let start = ContinuousClock.now
                    while true {
                        // Whatever went wrong, a laptop tries again.
                        if let reply = try? link.sync(requests[member]), reply.receipt == Self.recordCount {
                            let time = Stopwatch.milliseconds(since: start)
                            return state.withLock { $0.times.append(time) }
                        }
                        guard Stopwatch.milliseconds(since: start) < Self.longestMilliseconds else {
                            state.withLock { _ = $0.refused.insert(member) }
                            return
                        }
                        state.withLock { $0.retries += 1 }
                        usleep(Self.retryMicroseconds)
                    }
                }
                var outcome = Outcome()
                state.withLock { state in
                    for time in state.times { outcome.times.add(time) }
                    (outcome.retries, outcome.refused) = (state.retries, state.refused.count)
                }
                outcome.rate = Double(outcome.times.values.count) / time * 1_000
                outcome.peakBytes = server.peakBytes ?? 0
                outcome.missing = try missing(office, records, refused: state.withLock(\.refused))
                return outcome
            }
        }
    }

    /// Looks for each record that was acknowledged.
    private func missing(_ office: SampleOffice, _ records: [WorkRecord], refused: Set<Int>) throws -> Int {
        let there = try office.visitIDs()
        return records.enumerated().filter { index, record in
            !refused.contains(index / Self.recordCount) && !there.contains(record.id)
        }.count
    }
}

/// P8: pushes of one changed record, 64 connections at once, each push durable before it is answered.
final class DurableRow: BenchmarkRow {
    private static let clientCount = 64
    private static let milliseconds = 3_000.0

    let name = "P8"
    private var rate = Finding(
        "P8", "durable pushes of one changed record, 64 clients", unit: "/s", target: .atLeastFloor(5))
    private var slowest = Finding("P8", "99 of 100 of these within", unit: "ms", target: .atMost(20))

    var findings: [Finding] { [rate, slowest] }

    func prepare(_ stage: Stage) throws { _ = try stage.crowd() }

    func turn(_ number: Int, _ stage: Stage) throws {
        let crowd = try stage.crowd()
        let plain = stage.newPath("commits.sqlite")
        let source = HomeFolder(path: try stage.filledOffice(10_000).sender.path).databasePath
        _ = try stage.plainFloor(["copy", source, plain, "0", "10000"])
        let count = 2_000
        rate.plain.add(Double(count) / (try stage.plainFloor(["commits", "\(count)", plain]) / 1_000))
        try stage.removeDatabase(plain)
        let records = try stage.workload.records(Self.clientCount)
        let notes = try stage.workload.notes(10_000, seed: 99)
        try stage.onCopy(of: crowd.office) { office in
            try stage.serving(office) { server in
                let state = Mutex((times: [Double](), failure: (any Error)?.none))
                let clients = records.indices.map { PushingClient(crowd, member: $0, port: server.port) }
                for (client, record) in zip(clients, records) { try client.begin(record) }
                // Each client is used by one thread alone.
                nonisolated(unsafe) let pushing = clients
                let time = Together.run(Self.clientCount) { member in
                    let start = ContinuousClock.now
                    var times: [Double] = []
                    do {
                        while Stopwatch.milliseconds(since: start) < Self.milliseconds {
                            let note = notes[(member * 131 + times.count) % notes.count]
                            times.append(try Stopwatch.milliseconds { try unsafe pushing[member].push(note) })
                        }
                    } catch {
                        state.withLock { $0.failure = error }
                    }
                    state.withLock { $0.times += times }
                }
                let (times, failure) = state.withLock { ($0.times, $0.failure) }
                if let failure { throw failure }
                var samples = Samples()
                for time in times { samples.add(time) }
                rate.ours.add(Double(times.count) / time * 1_000)
                slowest.ours.add(samples.share(0.99))
            }
        }
    }
}

/// A device that changes one record again and again.
final class PushingClient {
    private let crowd: Crowd
    private let member: Int
    private let link: HTTPServerLink
    private var cursors: [Cursor] = []
    private var number: UInt64 = 0
    private var record: RecordID?
    private var stamp: UInt64 = 0

    init(_ crowd: Crowd, member: Int, port: UInt16) {
        (self.crowd, self.member) = (crowd, member)
        link = crowd.link(of: member, port: port)
    }

    /// Makes the record.
    func begin(_ record: WorkRecord) throws {
        self.record = record.id
        stamp = StampTime.packed(milliseconds: LiveLaptop.now())
        number = 1
        try send(crowd.creation(record, number: number, time: stamp))
    }

    /// Changes the record and waits until the server says that the change is on its disk.
    func push(_ note: Value) throws {
        guard let record else { return }
        number += 1
        let base = Base.stamp(Stamp(time: stamp, device: crowd.members[member].device))
        stamp = max(stamp + 1, StampTime.packed(milliseconds: LiveLaptop.now()))
        let field = FieldChange(field: VisitField.summary.rawValue, value: note, time: stamp, base: base)
        try send(
            ChangeGroup(
                number: number,
                changes: [Change(table: OutreachSchema.Number.visit, record: record, fields: [field])]))
    }

    private func send(_ group: ChangeGroup) throws {
        let reply = try link.sync(crowd.request(cursors: cursors, groups: [group]))
        guard reply.receipt == number, !reply.isClockCorrected, reply.held.isEmpty else {
            throw ChildProcess.Failure(description: "The server did not take group \(number) as it was.")
        }
        cursors = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
    }
}

/// P10: a thousand devices that have nothing to say, each once a minute, connections kept alive.
final class QuietRow: BenchmarkRow {
    private static let windowCount = 5

    let name = "P10"
    private var share = Finding(
        "P10", "1,000 devices with nothing to say, one sync a minute each: of a core", unit: "%", target: .atMost(2))
    private var memory = Finding("P10", "memory of the server with their connections", unit: "MB")
    private var each = Finding("P10", "processor time of the server for such a sync", unit: "ms")

    var findings: [Finding] { [share, memory, each] }

    func prepare(_ stage: Stage) throws { _ = try stage.crowd() }

    /// Once, in five windows: it takes a minute.
    func turn(_ number: Int, _ stage: Stage) throws {
        guard number == 1 else { return }
        let crowd = try stage.crowd()
        let seconds = stage.settings.isQuick ? 1.0 : 12.0
        let perWindow = Int(1_000 * seconds / 60)
        try stage.onCopy(of: crowd.office) { office in
            try stage.serving(office) { server in
                let links = crowd.members.indices.map { crowd.link(of: $0, port: server.port) }
                nonisolated(unsafe) let kept = links
                let cursors = Mutex([Int: [Cursor]]())
                let failure = Mutex((any Error)?.none)
                func sync(_ member: Int) {
                    do {
                        let known = cursors.withLock { $0[member] ?? [] }
                        let reply = try unsafe kept[member].sync(crowd.request(cursors: known))
                        let new = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
                        cursors.withLock { $0[member] = new }
                    } catch {
                        failure.withLock { $0 = error }
                    }
                }
                for member in links.indices { sync(member) }
                var next = 0
                for _ in 0..<Self.windowCount {
                    let (begin, start) = (server.processorSeconds ?? 0, ContinuousClock.now)
                    for index in 0..<perWindow {
                        sync(next % links.count)
                        next += 1
                        let due = Double(index + 1) / Double(perWindow) * seconds * 1_000
                        let wait = due - Stopwatch.milliseconds(since: start)
                        if wait > 0 { usleep(UInt32(wait * 1_000)) }
                    }
                    let used = (server.processorSeconds ?? 0) - begin
                    share.ours.add(used / (Stopwatch.milliseconds(since: start) / 1_000) * 100)
                    each.ours.add(used * 1_000 / Double(perWindow))
                }
                memory.ours.add(Double(server.peakBytes ?? 0) / 1_048_576)
                if let failure = failure.withLock({ $0 }) { throw failure }
            }
        }
    }
}
