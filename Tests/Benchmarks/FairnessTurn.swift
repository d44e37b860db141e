import Cryptography
import Foundation
import HTTPFetching
import OutreachModel
import SyncCore
import Synchronization

/// How long small syncs of several laptops take beside one that asks for all that it can get: on as many connections as a
/// device may have, pages of a thousand new records on one, and the whole of its team's records again and again on the others.
///
/// The greedy laptop is of another team, so that nobody else is sent its records.
struct FairnessTurn {
    private static let laptopCount = 6
    private static let syncCount = 400
    /// Between two syncs of one laptop, in microseconds.
    private static let pauseMicroseconds: UInt32 = 25_000
    private static let greedyConnectionCount = 4
    private static let greedyPageCount = 4_000
    private static let pageChangeCount = 1_000

    let settings: BenchmarkSettings
    let scratch: URL

    /// The row: ninety-five of a hundred syncs are faster than this, in milliseconds.
    static var measurement: Measurement {
        Measurement("small sync beside a greedy laptop, p95", floors: ["the same without it"], target: 2)
    }

    /// Adds one value to each side.
    func run(_ measurement: inout Measurement) throws {
        let folder = scratch.appendingPathComponent("fairness", isDirectory: true)
        let streams = ChildProcess.Streams(folder: scratch)
        let program = settings.program("kith-server")
        try ChildProcess.run(
            program, ["init", "--data", folder.path, "--area", "north", "--area", "south"], streams: streams)
        let server = try ServerProcess(program: program, office: folder, scratch: scratch)
        do {
            let laptops = try (0..<Self.laptopCount).map {
                try BenchLaptop(number: $0, area: "north", office: folder, program: program, streams: streams)
            }
            let greedy = try BenchLaptop(
                number: 100, area: "south", office: folder, program: program, streams: streams)
            // The first syncs make connections and wake what sleeps.
            _ = Self.syncAll(laptops)
            measurement.floors[0].samples.add(Self.syncAll(laptops).share(0.95))
            let isOver = Flag()
            let done = DispatchGroup()
            for connection in 0..<Self.greedyConnectionCount {
                let crowd = GreedyConnection(greedy, isPushing: connection == 0)
                Thread.detach(into: done) { crowd.run(until: isOver) }
            }
            measurement.ours.add(Self.syncAll(laptops).share(0.95))
            isOver.raise()
            done.wait()
        } catch {
            try server.stop()
            throw error
        }
        try server.stop()
        try FileManager.default.removeItem(at: folder)
    }

    /// The times of all syncs of all laptops at once, in milliseconds.
    private static func syncAll(_ laptops: [BenchLaptop]) -> Samples {
        let times = Mutex<[Double]>([])
        let done = DispatchGroup()
        for laptop in laptops {
            Thread.detach(into: done) {
                let own = laptop.sync(count: syncCount, pauseMicroseconds: pauseMicroseconds)
                times.withLock { $0 += own }
            }
        }
        done.wait()
        var samples = Samples()
        for time in times.withLock({ $0 }) { samples.add(time) }
        return samples
    }

    /// What a greedy laptop does on one of its connections.
    private struct GreedyConnection: Sendable {
        let laptop: BenchLaptop
        let isPushing: Bool

        init(_ laptop: BenchLaptop, isPushing: Bool) {
            self.laptop = laptop
            self.isPushing = isPushing
        }

        func run(until isOver: Flag) {
            let line = laptop.line()
            let pull = laptop.request([], cursors: []).encoded()
            var page: UInt64 = 0
            while !isOver.isRaised, page < UInt64(greedyPageCount) {
                var body = pull
                if isPushing {
                    let first = page * UInt64(pageChangeCount) + 1
                    body = laptop.request(
                        (first..<first + UInt64(pageChangeCount)).map { laptop.group($0) }, cursors: []
                    ).encoded()
                    page += 1
                }
                // A refusal is the server's right; it asks again.
                _ = try? line.post(path: "/v1/sync", headers: laptop.headers, body: body)
            }
        }
    }
}

/// A laptop as the server sees it: a token, numbers, cursors; no records of its own.
final class BenchLaptop: Sendable {
    private struct State {
        var last: UInt64 = 0
        var cursors: [Cursor] = []
    }

    let headers: [(String, String)]
    private let code: InvitationCode
    private let reply: JoinReply
    private let area: Int
    private let state = Mutex(State())

    init(number: Int, area: String, office: URL, program: String, streams: ChildProcess.Streams) throws {
        let text = try ChildProcess.run(
            program,
            ["invite", "--data", office.path, "--name", "Worker \(number)", "--role", "worker", "--area", area],
            streams: streams)
        code = try InvitationCode(
            decoding: text.trimmingCharacters(in: .whitespacesAndNewlines), hash: BLAKE2b.hash256)
        let fetcher = HTTPFetcher(host: code.host, port: code.port, pin: code.pin)
        let answer = try fetcher.post(
            path: "/v1/join", headers: [("Content-Type", "application/cbor")],
            body: JoinRequest(secret: code.secret, device: "laptop \(number)").encoded())
        reply = try JoinReply(decoding: answer.body)
        guard let found = reply.directory.areas.first(where: { $0.name == area })?.number else {
            throw ChildProcess.Failure(description: "The laptop was not given its area.")
        }
        self.area = found
        headers = [
            ("Content-Type", "application/cbor"), ("Authorization", "Bearer \(Base64URL.encode(reply.token))"),
        ]
    }

    /// A connection of its own.
    func line() -> HTTPFetcher { HTTPFetcher(host: code.host, port: code.port, pin: code.pin) }

    func request(_ groups: [ChangeGroup], cursors: [Cursor]) -> SyncRequest {
        SyncRequest(
            schemaVersion: OutreachSchema.current.version, epoch: reply.epoch,
            clockMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000), lowestOwnGroup: 1,
            directoryVersion: reply.directory.version, cursors: cursors, groups: groups)
    }

    /// A visit that nobody has written yet.
    func group(_ number: UInt64) -> ChangeGroup {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1_000)
        let time = UInt64(milliseconds) << 16 + number % 65_536
        let fields: [(VisitField, Value)] = [
            (.started, .text("2026-11-20T14:30:00+00:00")), (.kind, .text("residential")),
            (.summary, .text("Tea with \(number % 7) residents; visit \(number) of the round.")),
            (.outcome, .text("went_ahead")), (.headcount, .integer(Int64(number % 12))),
        ]
        let change = Change(
            table: OutreachSchema.Number.visit,
            record: RecordID(milliseconds: milliseconds, random: (.random(in: 0 ... .max), .random(in: 0 ... .max))),
            creation: Creation(area: area, time: time),
            fields: fields.map { FieldChange(field: $0.0.rawValue, value: $0.1, time: time, base: .none) })
        return ChangeGroup(number: number, changes: [change])
    }

    /// Sends one visit at a time and takes what is new; returns how long each sync took, in milliseconds.
    func sync(count: Int, pauseMicroseconds: UInt32) -> [Double] {
        let line = line()
        var times: [Double] = []
        for _ in 0..<count {
            usleep(pauseMicroseconds)
            let body = state.withLock { state in
                state.last += 1
                return request([group(state.last)], cursors: state.cursors).encoded()
            }
            var answer: FetchReply?
            // One that failed took for ever.
            let time = Stopwatch.milliseconds {
                answer = try? line.post(path: "/v1/sync", headers: headers, body: body)
            }
            guard let answer, answer.status == 200, let reply = try? SyncReply(decoding: answer.body) else {
                times.append(.infinity)
                continue
            }
            times.append(time)
            state.withLock { state in
                state.cursors = reply.pages.map { Cursor(area: $0.area, sequence: $0.sequence, mark: $0.mark) }
            }
        }
        return times
    }
}

/// Something that one thread says and others see.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

extension Thread {
    /// Runs a body on a thread of its own, as a part of a group.
    fileprivate static func detach(into group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        Thread.detachNewThread {
            body()
            group.leave()
        }
    }
}
