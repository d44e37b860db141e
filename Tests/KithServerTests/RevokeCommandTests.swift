import Foundation
import SyncCore
import SyncHub
import Terminal
import Testing

@testable import KithServer

@Suite("kith-server revoke and wipe, and copies")
struct RevokeCommandTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/kith-revoke-\(UUID().uuidString)"

    private func run(_ words: String..., answer: String? = nil) -> (code: ExitCode, output: String, errors: String) {
        let streams = RecordedStreams(input: answer ?? "", isTerminal: answer != nil)
        let code = ServerProgram.program.run(
            words + ["--data", folder + "/office"], streams: streams.streams, makeContext: ServerProgram.context,
            describe: ServerProgram.failure)
        return (code, streams.output, streams.errorOutput)
    }

    private func connect() throws -> HubConnection {
        try HubConnection(
            path: folder + "/office/hub.sqlite", keyFile: OfficeKeyFile(path: folder + "/office/office-key"))
    }

    /// An office with Priya's laptop and a copy of it; their numbers.
    private func makeOffice() throws -> (original: UInt32, copy: UInt32) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(run("init", "--area", "main").code == .done)
        let connection = try connect()
        let hub = connection.hub
        try hub.invite(person: "Priya", role: .worker, areas: [2], expires: .max, secretHash: [1])
        let original = try hub.join(secretHash: [1], deviceName: "Priya's laptop", tokenHash: [1])
        var request = SyncRequest(
            schemaVersion: 1, epoch: try hub.epoch, clockMilliseconds: WallClock.milliseconds(), lowestOwnGroup: .max,
            directoryVersion: 0, pageBytes: 1 << 16, cursors: [], groups: [])
        request.set(wantedToken: [UInt8](repeating: 7, count: 32))
        let acceptance = try connection.store.transaction { try hub.accept(request, from: original) }
        return (original, try #require(acceptance.identity?.device))
    }

    private func isRevoked(_ number: UInt32) throws -> Bool? {
        try connect().hub.devices().first { $0.number == number }?.isRevoked
    }

    @Test("At a terminal it is asked before an area is taken, with what follows")
    func taking() throws {
        // Harmless where it fails: the folder is a temporary one.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try makeOffice()
        let kept = run("areas", "take", "Priya", "main", answer: "n\n")
        #expect(kept.code == .failed && kept.errors.hasSuffix("Nothing was changed.\n"), "\(kept)")
        #expect(kept.errors.contains("all records of main leave"), "\(kept)")
        #expect(run("areas", "take", "Priya", "main", answer: "y\n").code == .done)
        #expect(run("areas", "take", "Priya", "main", answer: "").code == .notFound)
    }

    @Test(
        "Nothing is shut out with a device unasked: its copy is named, and one of two options is needed",
        arguments: ["revoke", "wipe"])
    func copyIsNamed(command: String) throws {
        // Harmless where it fails: the folder is a temporary one.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (original, copy) = try makeOffice()
        let refused = run(command, "\(original)", "--yes")
        #expect(refused.code == .usage && refused.errors.contains("\(copy) "))
        #expect(refused.errors.contains("--with-copies") && refused.errors.contains("--alone"))
        #expect(run(command, "\(original)", "--yes", "--alone", "--with-copies").code == .usage)
        #expect(try isRevoked(original) == false && isRevoked(copy) == false)
        #expect(run(command, "\(original)", "--yes", "--alone").code == .done)
        #expect(try isRevoked(original) == true && isRevoked(copy) == false)
        let both = run(command, "\(original)", "--yes", "--with-copies")
        #expect(both.code == .done)
        #expect(try isRevoked(copy) == true)
    }
}
