import Foundation

// Measures Kith next to plain SQLite: `kith-bench BIN_FOLDER [--visits N] [--turns N]`, see `make bench`.
do {
    let settings = try BenchmarkSettings(Array(CommandLine.arguments.dropFirst()))
    try Benchmark(settings: settings).run()
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(error is BenchmarkSettings.UsageError ? 2 : 1)
}
