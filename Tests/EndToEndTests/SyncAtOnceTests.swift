import Foundation
import Synchronization
import Testing

@Suite("While a sync runs")
struct SyncAtOnceTests {
    /// What other commands did while one sync was surely under way.
    private final class Meanwhile: Sendable {
        private let outcomes = Mutex<[Result<Outcome, any Error>]>([])

        func run(_ words: [String], home: String) {
            let outcome = Result { try Child(Programs.client, words, environment: ["KITH_HOME": home]).finish() }
            outcomes.withLock { $0.append(outcome) }
        }

        func all() throws -> [Outcome] { try outcomes.withLock { try $0.map { try $0.get() } } }
    }

    @Test(
        "A second sync says so, also by another way to the same folder; what is saved meanwhile waits and is not lost")
    func atOnce() throws {
        let proxy = try CuttingProxy()
        defer { proxy.stop() }
        let office = try Office(publicPort: proxy.port)
        proxy.start(to: office.port)
        try office.open()
        let priya = try office.laptop("Priya")
        let link = priya.scratch.path("another-way")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: priya.home)
        let same = try Laptop("Priya", home: link)
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        let meanwhile = Meanwhile()
        let home = priya.home
        // The first byte that passes shows that the first sync has its lock; its line is cut when the others are done.
        proxy.arm(
            CuttingProxy.Cut(direction: .toServer, byte: 1) {
                meanwhile.run(["sync"], home: home)
                meanwhile.run(["sync"], home: link)
                meanwhile.run(["place", "add", "Harbour", "--kind", "outreach_project"], home: link)
            })
        let first = try priya.run("sync")
        #expect(first.code == 4 && first.errors.contains("saved here"), "\(first)")
        let others = try meanwhile.all()
        try #require(others.count == 3)
        for second in others.prefix(2) {
            #expect(second.code == 1 && second.errors.contains("Another sync of this laptop is running"), "\(second)")
        }
        #expect(others[2].code == 0, "\(others[2])")
        proxy.arm(nil)
        let report = try same.json("sync")
        #expect(report["sent"].integer == 2, "\(report)")
        try expectAgreement([priya], office)
        #expect(try office.run("export", "places").output.split(separator: "\n").count == 3)
        try office.close()
    }
}
