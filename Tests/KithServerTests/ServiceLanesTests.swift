import Dispatch
import Foundation
import Synchronization
import Testing

@testable import KithServer

@Suite("Lanes of the service")
struct ServiceLanesTests {
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

    @Test("While one device's long request is served, others are served, and its own next ones wait in their order")
    func beside() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kith-lanes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder that is gone already is no failure.
        defer { try? FileManager.default.removeItem(at: folder) }
        let keyFile = OfficeKeyFile(path: folder.appendingPathComponent("office-key").path)
        let path = folder.appendingPathComponent("hub.sqlite").path
        let first = try HubConnection(path: path, keyFile: keyFile, creates: ["main"])
        let second = try HubConnection(path: path, keyFile: keyFile)
        let lanes = ServiceLanes(
            [first, second].enumerated().map {
                ServiceLane(connection: $0.element, number: $0.offset, bodyLimitBytes: 1 << 20)
            })
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
