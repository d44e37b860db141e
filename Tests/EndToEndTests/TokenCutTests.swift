import Foundation
import Testing

@Suite(
    "Changing a token is cut at byte k",
    .enabled(if: Wire.isPossible && SQLiteShell.isInstalled, "curl or sqlite3 is missing"))
struct TokenCutTests {
    /// The sync that tells the next token, and the first one that uses it.
    enum Step: String, CaseIterable, Sendable { case telling, using }

    private static let cutCount = 6

    @Test(
        "A lost reply, a cut, a kill of either side: the laptop is let in afterwards, and its token is changed in the end",
        arguments: Step.allCases, Ending.allCases)
    func cut(step: Step, ending: Ending) throws {
        let proxy = try CuttingProxy()
        defer { proxy.stop() }
        let office = try Office(publicPort: proxy.port)
        proxy.start(to: office.port)
        try office.open()
        let priya = try office.laptop("Priya")
        try priya.run("sync").succeeded()
        let first = try Wire.token(of: priya)
        try TokenAge.makeOld(priya)
        if step == .using { try priya.run("sync").succeeded() }
        try office.close()
        let saved = try Scratch()
        try FileManager.default.copyItem(atPath: office.folder, toPath: saved.path("office"))
        try FileManager.default.copyItem(atPath: priya.home, toPath: saved.path("home"))
        func reset() throws {
            if office.server != nil { try office.kill() }
            for (name, path) in [("office", office.folder), ("home", priya.home)] {
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.copyItem(atPath: saved.path(name), toPath: path)
            }
            try office.open()
        }
        for direction in CuttingProxy.Direction.allCases {
            try reset()
            proxy.arm(nil)
            try priya.run("sync").succeeded()
            let total = proxy.passed(direction)
            for number in 1...Self.cutCount {
                try reset()
                let byte = number * total / Self.cutCount
                try trial(office, priya, proxy, CutPlace(direction: direction, byte: byte), ending, first)
            }
        }
        try office.close()
    }

    private struct CutPlace {
        let direction: CuttingProxy.Direction
        let byte: Int
    }

    private func trial(
        _ office: Office, _ priya: Laptop, _ proxy: CuttingProxy, _ place: CutPlace, _ ending: Ending, _ first: String
    ) throws {
        let victim = Victim()
        if ending == .server, let server = office.server { victim.name(server.pid) }
        proxy.arm(
            CuttingProxy.Cut(direction: place.direction, byte: place.byte) {
                if ending != .connection { victim.kill() }
            })
        let sync = try priya.start(["sync"])
        if ending == .client { victim.name(sync.pid) }
        try sync.waitUntilSilent()
        proxy.arm(nil)
        victim.forget()
        let cut = try sync.finish()
        if ending == .server {
            try office.kill()
            try office.open()
        }
        // One to tell what was not told, one to use what was told; none is refused.
        for _ in 1...2 {
            let next = try priya.run("sync")
            #expect(next.code == 0, "\(place) \(ending)\n\(cut)\n\(next)")
        }
        let token = try Wire.token(of: priya)
        #expect(token != first, "\(place) \(ending)\n\(cut)")
        #expect(try Wire(office, token: token).sync().status == 200)
        #expect(try Wire(office, token: first).sync().status == 401, "\(place) \(ending)")
        let log = try office.run("audit", "list").succeeded().output
        #expect(log.contains("token changed") && !log.contains("token proved by key"), "\(place) \(ending)")
    }
}
