import Foundation
import KithClient

/// P17: how long the programs take to build, how large they are, and what memory a large sync takes.
final class BuildRow: BenchmarkRow {
    let name = "P17"
    private var build = Finding("P17", "clean release build of both programs", unit: "s", target: .atMost(60))
    private var client = Finding("P17", "kith, stripped, Swift runtime inside", unit: "MB", target: .atMost(15))
    private var server = Finding("P17", "kith-server, stripped, Swift runtime inside", unit: "MB", target: .atMost(15))
    private var push = Finding("P17", "memory of kith sync that sends 100,000 records", unit: "MB", target: .atMost(64))
    private var pull = Finding(
        "P17", "memory of kith sync that fetches 100,000 records", unit: "MB", target: .atMost(64))
    private var office = Finding("P17", "memory of the server meanwhile", unit: "MB")

    var findings: [Finding] { [build, client, server, push, pull, office] }

    func turn(_ number: Int, _ stage: Stage) throws {
        try measureMemory(stage)
        // The same each time, and long.
        guard number == 1 else { return }
        client.ours.add(try strippedMegabytes("kith", stage))
        server.ours.add(try strippedMegabytes("kith-server", stage))
        if !stage.settings.isQuick { build.ours.add(try measureBuild(stage)) }
        build.note = "once; with nothing in the folder of the build"
    }

    private func measureMemory(_ stage: Stage) throws {
        let count = stage.settings.isQuick ? 10_000 : 100_000
        try stage.onCopy(of: stage.filledOffice(count)) { office in
            try stage.serving(office) { server in
                push.ours.add(try Self.peak { try stage.startKith(["sync"], laptop: office.sender) })
                pull.ours.add(try Self.peak { try stage.startKith(["sync"], laptop: office.receiver) })
                self.office.ours.add(Double(server.peakBytes ?? 0) / 1_048_576)
            }
        }
    }

    private static func peak(_ start: () throws -> ChildProcess) throws -> Double {
        Double(try start().finishWatchingMemory()) / 1_048_576
    }

    private func strippedMegabytes(_ name: String, _ stage: Stage) throws -> Double {
        let copy = stage.newPath(name)
        try FileManager.default.copyItem(atPath: stage.settings.program(name), toPath: copy)
        try ChildProcess.run("strip", [copy], streams: stage.streams)
        let bytes = try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int ?? 0
        return Double(bytes) / 1_048_576
    }

    private func measureBuild(_ stage: Stage) throws -> Double {
        let folder = stage.newPath("build")
        let time = try Stopwatch.milliseconds {
            for product in ["kith", "kith-server"] {
                var arguments = ["build", "-c", "release", "--scratch-path", folder, "--product", product]
                #if !canImport(Darwin)
                    arguments.append("--static-swift-stdlib")
                #endif
                try ChildProcess.run("swift", arguments, streams: stage.streams)
            }
        }
        try FileManager.default.removeItem(atPath: folder)
        return time / 1_000
    }
}
