import Foundation
import Testing

/// What is ended after byte k of a sync.
enum Ending: String, CaseIterable, Sendable {
    case connection, client, server

    /// How many values of k there are for each direction.
    var cutCount: Int { self == .connection ? 20 : 50 }
}

@Suite("A sync that is cut after byte k")
struct CutTests {
    @Test(
        "G1 G4: every acknowledged record arrives once and no false conflict is made",
        arguments: CuttingProxy.Direction.allCases, Ending.allCases)
    func cut(direction: CuttingProxy.Direction, ending: Ending) throws {
        let stage = try CutStage()
        defer { stage.proxy.stop() }
        let total = try stage.rehearse(direction)
        try #require(total > 100_000)
        var cutCount = 0
        for byte in Self.bytes(ending.cutCount, of: total) {
            cutCount += try stage.trial(direction, byte: byte, ending) ? 1 : 0
        }
        // No two handshakes have quite the same size, so that the very last byte may lie behind the end.
        #expect(cutCount >= ending.cutCount - 1, "\(cutCount) of \(ending.cutCount) syncs of \(total) bytes were cut")
        try stage.finish()
    }

    /// Where to cut: all along, and closer at the beginning and at the end, where each byte means something else.
    private static func bytes(_ count: Int, of total: Int) -> [Int] {
        let (edge, slack) = (3_000, 1_500)
        let third = count / 3
        let first = (1...third).map { $0 * edge / third }
        let last = (1...third).map { total - slack - edge + $0 * edge / third }
        let between = (1...count - 2 * third).map { edge + $0 * (total - 2 * edge) / (count - 2 * third + 1) }
        return first + between + last
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
    private var total = 0

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
            let text = (0..<6_000).map { _ -> String in
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
        total = proxy.passed(direction)
        return total
    }

    /// Cuts one sync, starts again what ended, and checks that the next sync puts everything right.
    ///
    /// - Returns: whether there was a byte k after which it was cut.
    func trial(_ direction: CuttingProxy.Direction, byte: Int, _ ending: Ending) throws -> Bool {
        try reset()
        let victim = Victim()
        if ending == .server, let server = office.server { victim.name(server.pid) }
        proxy.arm(
            CuttingProxy.Cut(direction: direction, byte: byte) { if ending != .connection { victim.kill() } })
        let sync = try priya.start(["sync"])
        if ending == .client { victim.name(sync.pid) }
        try sync.waitUntilSilent()
        let wasCut = proxy.hasCut
        proxy.arm(nil)
        victim.forget()
        let cut = try sync.finish()
        let place = "\(direction) byte \(byte), \(ending): \(cut)"
        if ending == .client {
            #expect(cut.code == (wasCut ? -SIGKILL : 0), "\(place)")
        } else {
            // The last bytes may matter to nobody any more.
            #expect(cut.code == 4 || cut.code == 0 && byte > total / 2, "\(place)")
            #expect(cut.code == 0 || cut.errors.contains("saved here"), "\(place)")
        }
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
        return wasCut
    }

    /// After all trials, what was acknowledged survives the server's sudden end, and the other laptop has the same.
    func finish() throws {
        try office.kill()
        try office.open()
        #expect(try office.run("export", "visits").succeeded().output == expected)
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
