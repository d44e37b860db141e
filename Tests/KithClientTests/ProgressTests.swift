import Foundation
import OutreachModel
import Synchronization
import Terminal
import Testing

@testable import KithClient

@Suite("How far a long command is")
struct ProgressTests {
    private let laptop: FieldLaptop

    init() throws { laptop = try FieldLaptop() }

    /// What a command writes on standard error where each look at the clock takes more than a second.
    private func shown(_ words: [String]) -> String {
        let streams = RecordedStreams(isTerminal: true, variables: ["KITH_HOME": laptop.folder])
        let office = laptop.office
        let now = Mutex(FieldLaptop.now)
        let code = KithProgram.run(
            words, streams: streams.streams,
            clock: {
                now.withLock { now in
                    now += 1_100
                    return now
                }
            }, makeLink: { _, _, _ in office })
        #expect(code == .done, "\(streams.errorOutput)")
        return streams.errorOutput
    }

    @Test("A sync says how much of what waits is sent, and how much came, over itself, and wipes it away")
    func sync() throws {
        for name in ["Castle House", "Elm Hall"] { _ = try laptop.json("place", "add", name) }
        let errors = shown(["sync"])
        #expect(errors.contains("\r\u{1B}[KSent 2 of 2, received 0\r\u{1B}[K"), "\(errors)")
        #expect(shown(["sync"]).contains("\r\u{1B}[KReceived 0\r\u{1B}[K"))
        #expect(!shown(["sync", "--quiet"]).contains("\r"))
    }

    @Test("Records that were changed several times are told once")
    func words() {
        #expect(
            SyncProgress.words(sent: 3_000, of: 60_000, received: 12_400) == "Sent 3,000 of 60,000, received 12,400")
        #expect(SyncProgress.words(sent: 9, of: 4, received: 0) == "Sent 4 of 4, received 0")
    }

    @Test("An export into a file says how many records it has read; rows on the screen are progress enough")
    func export() throws {
        let path = laptop.folder + "/places.csv"
        let rows = (1...1_100).map { "Place \($0)\n" }.joined()
        try Data(("name\n" + rows).utf8).write(to: URL(fileURLWithPath: path))
        #expect(laptop.run(["import", "places", path]).code == .done)
        let errors = shown(["export", "--sqlite", laptop.folder + "/all.sqlite"])
        #expect(errors.contains("\r\u{1B}[K1,024 records read\r\u{1B}[K"), "\(errors)")
        #expect(!shown(["export", "places"]).contains("\r"))
    }
}
