import Foundation
import Synchronization
import Testing

/// What is ended after byte k of a sync.
enum Ending: String, CaseIterable, Sendable {
    case connection, client, server
}

@Suite("A sync that is cut after byte k")
struct CutTests {
    /// How many values of k there are for each direction and each ending.
    static let cutCount = 50

    @Test(
        "G1 G4: every acknowledged record arrives once and no false conflict is made",
        arguments: CuttingProxy.Direction.allCases, Ending.allCases)
    func cut(direction: CuttingProxy.Direction, ending: Ending) throws {
        let stage = try CutStage()
        defer { stage.proxy.stop() }
        let total = try stage.rehearse(direction)
        try #require(total > Self.cutCount)
        for number in 1...Self.cutCount {
            try stage.trial(direction, byte: max(1, total * number / Self.cutCount), ending)
        }
        try stage.finish()
    }
}

/// An office and a laptop, each with about forty records that the other lacks, to be put back to that state again.
private final class CutStage {
    private static let visitCount = 8
    private static let people = ["Alex", "Bo", "Cleo", "Dee"]

    let office: Office
    let proxy: CuttingProxy
    private let priya: Laptop
    private let sam: Laptop
    private let saved: Scratch
    private var expected = ""
    private var recordCount = 0

    init() throws {
        proxy = try CuttingProxy()
        office = try Office(publicPort: proxy.port)
        proxy.start(to: office.port)
        try office.open()
        priya = try office.laptop("Priya")
        sam = try office.laptop("Sam")
        saved = try Scratch()
        try priya.run("place", "add", "Castle House", "--kind", "residential").succeeded()
        for person in Self.people { try priya.run("person", "add", person).succeeded() }
        for laptop in [priya, sam] { try laptop.run("sync").succeeded() }
        try record(on: priya, seed: 1)
        try record(on: sam, seed: 2)
        try sam.run("sync").succeeded()
        try office.close()
        try copy(office.folder, to: saved.path("office"))
        try copy(priya.home, to: saved.path("home"))
    }

    /// Eight visits with four people each: forty records, and text that does not compress.
    private func record(on laptop: Laptop, seed: UInt64) throws {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        for number in 0..<Self.visitCount {
            let text = (0..<2_000).map { _ -> String in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return String(state >> 33, radix: 36)
            }.joined()
            let words = ["visit", "add", "Castle House", "2026-11-0\(number + 1) 10:00", "--summary", text]
            try laptop.start(words + Self.people.flatMap { ["--with", $0] }).finish().succeeded()
        }
    }

    /// Syncs without a cut, keeps what everybody then has, and tells how many bytes went by.
    func rehearse(_ direction: CuttingProxy.Direction) throws -> Int {
        try reset()
        proxy.arm(nil)
        let report = try priya.json("sync")
        guard report["sent"].integer == 40, report["received"].integer == 40 else {
            throw HarnessFailure("Not forty records each way: \(report)")
        }
        expected = try office.run("export", "visits").succeeded().output
        recordCount = report["records"].integer ?? 0
        return proxy.passed(direction)
    }

    /// Cuts one sync, starts again what ended, and checks that the next sync puts everything right.
    func trial(_ direction: CuttingProxy.Direction, byte: Int, _ ending: Ending) throws {
        try reset()
        let victim = Victim()
        if ending == .server, let server = office.server { victim.name(server.pid) }
        proxy.arm(
            CuttingProxy.Cut(direction: direction, byte: byte) { if ending != .connection { victim.kill() } })
        let sync = try priya.start(["sync"])
        if ending == .client { victim.name(sync.pid) }
        try sync.waitUntilSilent()
        proxy.arm(nil)
        victim.forget()
        let cut = try sync.finish()
        let place = "\(direction) byte \(byte), \(ending): \(cut)"
        #expect(ending == .client ? [-SIGKILL, 0].contains(cut.code) : [0, 4].contains(cut.code), "\(place)")
        if ending == .server {
            try office.kill()
            try office.open()
        }
        let report = try priya.json("sync")
        #expect(report["digest"].string == report["server_digest"].string, "\(place)\n\(report)")
        #expect(report["records"].integer == recordCount, "\(place)\n\(report)")
        #expect(report["conflicts"].integer == 0 && report["held"].integer == 0, "\(place)\n\(report)")
        #expect(try office.run("export", "visits").succeeded().output == expected, "\(place)")
        #expect(try office.run("conflicts", "list", "--all", "--json").json().array?.isEmpty == true, "\(place)")
    }

    /// After all trials the other laptop has the same too.
    func finish() throws {
        try sam.run("sync").succeeded()
        try expectAgreement([priya, sam], office)
        try office.close()
    }

    private func reset() throws {
        if office.server != nil { try office.kill() }
        try copy(saved.path("office"), to: office.folder)
        try copy(saved.path("home"), to: priya.home)
        try office.open()
    }

    private func copy(_ source: String, to target: String) throws {
        if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
        try FileManager.default.copyItem(atPath: source, toPath: target)
    }
}

/// A process that is to be killed while it is surely there; whoever kills waits until it is named.
private final class Victim: Sendable {
    private let named = DispatchSemaphore(value: 0)
    private let pid = Mutex<pid_t>(0)

    func name(_ pid: pid_t) {
        self.pid.withLock { $0 = pid }
        named.signal()
    }

    /// From here on it is not killed any more: its number may become another's.
    func forget() { pid.withLock { $0 = 0 } }

    func kill() {
        named.wait()
        pid.withLock { if $0 != 0 { _ = Foundation.kill($0, SIGKILL) } }
    }
}
