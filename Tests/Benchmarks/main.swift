import Foundation

// Measures Kith next to plain SQLite: `kith-bench BIN_FOLDER …`, see `make bench`.
do {
    let settings = try BenchmarkSettings(Array(CommandLine.arguments.dropFirst()))
    exit(try Benchmark(settings: settings).run() ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(error is BenchmarkSettings.UsageError ? 2 : 1)
}
