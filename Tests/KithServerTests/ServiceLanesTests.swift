import Compression
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import KithServer

@Suite("Lanes of the service")
struct ServiceLanesTests {
    /// A new office with lanes of its service.
    private static func office(laneCount: Int) throws -> (folder: URL, lanes: [ServiceLane]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-lanes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let keyFile = OfficeKeyFile(path: folder.appendingPathComponent("office-key").path)
        let path = folder.appendingPathComponent("hub.sqlite").path
        let lanes = try (0..<laneCount).map { number in
            let connection = try HubConnection(path: path, keyFile: keyFile, creates: number == 0 ? ["main"] : nil)
            return ServiceLane(connection: connection, number: number, bodyLimitBytes: 1 << 20)
        }
        return (folder, lanes)
    }

    @Test(
        "A device is served at home unless another lane has less to do",
        arguments: [
            ([0, 0], 0, 0), ([0, 0], 1, 1), ([1, 0], 0, 1), ([0, 1], 1, 0), ([2, 2], 1, 1), ([3, 1, 2], 0, 1),
            ([3, 1, 1], 2, 2), ([5], 0, 0),
        ])
    func freest(waiting: [Int], home: Int, expected: Int) {
        #expect(ServiceLanes.freest(of: waiting, home: home) == expected)
    }

    @Test(
        "Where many wait, the answer to a push brings little beside the receipt, and never more than was asked for",
        arguments: [(1 << 18, 1, 1 << 18), (1 << 18, 4, 1 << 18), (1 << 18, 5, 4_096), (300, 50, 300), (0, 50, 0)])
    func crowd(asked: Int, waiting: Int, expected: Int) {
        #expect(SyncService.pageBytes(asked: asked, waiting: waiting) == expected)
    }

    @Test("A crowded lane compresses its answers quickly, and hard again once few wait")
    func crowdedAnswers() throws {
        let office = try Self.office(laneCount: 1)
        // A folder that is gone already is no failure.
        defer { try? FileManager.default.removeItem(at: office.folder) }
        let lane = office.lanes[0]
        let message = (0..<200).flatMap { Array("visit \($0) of \($0 * 7_919 % 1_000): the roof. ".utf8) }
        let mayBegin = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        let sizes = Mutex<[Int]>([])
        lane.run { _ in mayBegin.wait() }
        for _ in 0..<ServiceLane.crowdCount {
            done.enter()
            lane.run { lane in
                // A context that could not be made shows as a size that is no one's.
                let size = try? lane.encode(message, allowsDictionary: true).bytes.count
                sizes.withLock { $0.append(size ?? 0) }
                done.leave()
            }
        }
        mayBegin.signal()
        done.wait()
        let codec = try BodyCodec()
        let hurried = try codec.encode(message, allowsDictionary: true, isHurried: true).bytes.count
        let patient = try codec.encode(message, allowsDictionary: true).bytes.count
        #expect(patient < hurried)
        let expected = [hurried] + Array(repeating: patient, count: ServiceLane.crowdCount - 1)
        #expect(sizes.withLock { $0 } == expected)
    }

    @Test("While one device's long request is served, others are served, and its own next ones wait in their order")
    func beside() throws {
        let office = try Self.office(laneCount: 2)
        // A folder that is gone already is no failure.
        defer { try? FileManager.default.removeItem(at: office.folder) }
        let lanes = ServiceLanes(office.lanes)
        let mayEnd = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        let taken = Mutex<[String]>([])
        func run(_ name: String, for sender: String, until end: DispatchSemaphore? = nil) {
            done.enter()
            lanes.run(for: sender) { _ in
                end?.wait()
                taken.withLock { $0.append(name) }
                done.leave()
            }
        }
        run("long", for: "greedy", until: mayEnd)
        run("next", for: "greedy")
        for number in 0..<8 {
            let served = DispatchSemaphore(value: 0)
            lanes.run(for: "laptop \(number)") { _ in served.signal() }
            // Ends only if it does not wait behind the long one.
            served.wait()
        }
        run("last", for: "greedy")
        mayEnd.signal()
        done.wait()
        #expect(taken.withLock { $0 } == ["long", "next", "last"])
    }
}
